"""The gate of the desk: every request below /desk passes here first, and is refused unless a row of `rights` lets it in.

Law: denied by default. One cookie, for the desk only, which no script reads and no other host can set; each form carries
a token made of it, so that a page from elsewhere cannot send one. No browser keeps what the desk answers.
Source: RFC 6265bis, "The __Host- Prefix"; OWASP, "Cross-Site Request Forgery Prevention", HMAC tokens.
"""

from hashlib import blake2b
from hmac import compare_digest
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, make_response, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.desk import FORM_FIELD, FORM_HEADER, Visit, desk_language, page, visit
from bot.entrance import Entrance
from bot.ports import StoreFailed
from bot.presence import SignedIn, new_token
from bot.rights import allows, is_for_anybody
from locator.api import Clock, refused
from locator.files import guard
from locator.language import mark
from locator.settings import Settings

COOKIE: Final = "__Host-desk"
SIGN_IN: Final = "/desk/sign-in"
_FOR_SCRIPTS: Final = "/desk/api/"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LARGEST: Final = 512 * 1024  # bytes that somebody who is signed in may send
_BUSY_S: Final = 5
_REFUSALS: Final = {
    400: mark(
        "This page is too old, or is not ours. Nothing was changed. Please go back, load it again, and send it once more."
    ),
    403: mark("Your role does not include this. Please ask who runs the desk."),
    413: mark("This is too long to be taken in. Nothing was changed. Please make it shorter."),
    503: mark(
        "The desk cannot reach its database just now. Nothing was changed. Please try again in a moment."
    ),
}
_FOR_PROGRAMS: Final = {
    400: f"The form token is missing or wrong; load the page again, and send its token as {FORM_HEADER}.",
    401: "Sign in first.",
    403: "The role does not include this.",
    413: "The body is too large.",
    503: "The database cannot be reached; try again after Retry-After.",
}


class Gate:
    """Stands before all routes below /desk of an app, and leaves the others alone."""

    def __init__(self, entrance: Entrance, secret: bytes, settings: Settings, now: Clock) -> None:
        """`now` gives an aware datetime."""
        self._entrance = entrance
        self._secret = secret
        self._guarded = guard(settings)
        self._now = now

    def open(self, app: Flask, *blueprints: Blueprint) -> None:
        """Let these parts of the desk be reached."""
        app.before_request(self._admit)
        app.after_request(self._seal)
        for blueprint in blueprints:
            blueprint.register_error_handler(StoreFailed, lambda _: _refuse(503))
            app.register_blueprint(blueprint)

    def _admit(self) -> Response | None:
        """None lets it in."""
        if not _is_at_the_desk():
            return None
        token = request.cookies.get(COOKIE) or new_token()
        try:
            g.desk_visit = self._visit(token, self._entrance.find(token, self._now()))
        except StoreFailed:
            g.desk_visit = self._visit(token, None)
            return _refuse(503)
        return _refusal(visit())

    def _visit(self, token: str, signed_in: SignedIn | None) -> Visit:
        spoken = signed_in.language if signed_in else request.args.get("lang", "")
        form_token = blake2b(
            token.encode(errors="replace"), key=self._secret[:64], digest_size=16, person=b"desk form"
        )
        return Visit(token, signed_in, form_token.hexdigest(), desk_language(spoken))

    def _seal(self, answer: Response) -> Response:
        if not _is_at_the_desk():
            return answer
        answer.headers["Cache-Control"] = "no-store"
        return self._guarded(answer)


def hand_out(answer: Response, token: str) -> Response:
    """Give the browser its token, which it forgets when it is closed."""
    answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax")
    return answer


def take_back(answer: Response) -> Response:
    """Have the browser forget its token."""
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax")
    return answer


# -- who may not go in, and what they are told --


def _is_at_the_desk() -> bool:
    rule = request.url_rule.rule if request.url_rule else ""
    return rule == "/desk" or rule.startswith("/desk/")


def _refusal(this: Visit) -> Response | None:
    endpoint, verb = str(request.endpoint), request.method
    if not is_for_anybody(endpoint, verb):
        if this.signed_in is None:
            return _to_sign_in()
        if not allows(this.signed_in.staff.role, endpoint, verb):
            return _refuse(403)
        request.max_content_length = _LARGEST
    return None if verb in _SAFE else _forgery(this)


def _forgery(this: Visit) -> Response | None:
    try:
        sent = request.headers.get(FORM_HEADER) or request.form.get(FORM_FIELD, "")
    except RequestEntityTooLarge:
        return _refuse(413)
    is_ours = compare_digest(sent.encode(errors="replace"), this.form_token.encode())
    return None if is_ours else _refuse(400)


def _to_sign_in() -> Response:
    """And from there back to the page, if it was one."""
    if _is_for_scripts():
        return refused(401, [], _FOR_PROGRAMS[401])
    back = urlencode({"next": request.path}) if request.method == "GET" else ""
    return make_response(redirect(f"{SIGN_IN}?{back}" if back else SIGN_IN))


def _refuse(status: int) -> Response:
    if _is_for_scripts():
        answer = refused(status, [], _FOR_PROGRAMS[status])
    else:
        answer = page("desk-refused.html", status=status, why=visit().language.say(_REFUSALS[status]))
    if status == 503:
        answer.headers["Retry-After"] = str(_BUSY_S)
    return answer


def _is_for_scripts() -> bool:
    return request.path.startswith(_FOR_SCRIPTS)

"""Signing in and out of the desk, and what each may change of their own account.

Law: who is told that something was wrong is not told which part of it. What was typed is never shown again.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import urlencode

import segno
from flask import Blueprint, Response, make_response, redirect, request
from markupsafe import Markup
from pyotp import TOTP

from bot.desk import desk_language, just_done, page, staff, visit
from bot.entrance import Entrance, Given, Refused
from bot.gate import SIGN_IN, hand_out, take_back
from bot.pace import TooFast
from bot.staff import LONGEST_PASSWORD, SHORTEST_PASSWORD
from locator.api import Clock
from locator.errors import BadInput
from locator.language import CHINESE, mark

_HOME: Final = "/desk"
_WAY_BACK: Final = re.compile(rf"{_HOME}(?:/[A-Za-z0-9][A-Za-z0-9_~.-]*)*")
_ISSUER: Final = "泸渝社保卡通"  # what the app calls us
_QR_MODULE: Final = 5  # pixels

_WRONG: Final = mark("The name, the password or the code is not right. Please try again.")
_WRONG_OWN: Final = mark("The password or the code is not right. Nothing was changed.")
_WRONG_CODE: Final = mark("This code is not right. Please begin anew, and type the newest code of the app.")
_UNFIT: Final = mark("A password has {least} to {most} characters. Nothing was changed.")
_NOT_ALIKE: Final = mark("The new password was not typed the same twice. Nothing was changed.")
_TOO_OFTEN: Final = mark("That was tried too often. Please wait {seconds} seconds, then try again.")
_SAID: Final = {
    "out": mark("You have signed out."),
    "password": mark("Your password was changed. Please sign in with the new one."),
    "code-on": mark("From now on it takes a code to sign in."),
    "code-off": mark("It takes no code any more to sign in."),
}
Draw = Callable[..., Response]


def make_signin(entrance: Entrance, now: Clock) -> Blueprint:
    """The pages. `now` gives an aware datetime."""
    pages = Blueprint("signin", __name__, template_folder="templates", url_prefix=_HOME)
    _add_door(pages, entrance, now)
    _add_account(pages, entrance, now)
    return pages


def _add_door(pages: Blueprint, entrance: Entrance, now: Clock) -> None:
    @pages.get("/sign-in")
    def door() -> Response:
        return _to(_way_back()) if visit().signed_in else _door()

    @pages.post("/sign-in")
    def sign_in() -> Response:
        def enter() -> Response:
            given = _given(request.form.get("name", ""), request.form.get("password", ""))
            return hand_out(_to(_way_back()), entrance.sign_in(given, now()))

        return _tried(enter, _door, _WRONG)

    @pages.post("/sign-out")
    def sign_out() -> Response:
        entrance.sign_out(visit().token, now())
        return take_back(_to_door("out"))

    @pages.post("/language")
    def speak() -> Response:
        entrance.speak(staff().name, desk_language(request.form.get("lang", "")).code)
        return _to(_way_back())


def _add_account(pages: Blueprint, entrance: Entrance, now: Clock) -> None:
    drawn = partial(_account, entrance)

    @pages.get("/account")
    def account() -> Response:
        return drawn()

    @pages.post("/account/password")
    def change_password() -> Response:
        new, again = (request.form.get(name, "") for name in ("new", "again"))
        if new != again:
            return drawn(visit().language.say(_NOT_ALIKE), 422)

        def change() -> Response:
            entrance.change_password(_own(), new, now())
            return take_back(_to_door("password"))

        return _tried(change, drawn, _WRONG_OWN)

    _add_codes(pages, entrance, now, drawn)


def _add_codes(pages: Blueprint, entrance: Entrance, now: Clock, drawn: Draw) -> None:
    @pages.post("/account/code")
    def offer_code() -> Response:
        return _tried(lambda: _offer(entrance.offer_code(_own(), now())), drawn, _WRONG_OWN)

    @pages.post("/account/code/begin")
    def begin_code() -> Response:
        if entrance.begin_code(staff().name, request.form.get("code", ""), now()):
            return _to(f"{_HOME}/account?said=code-on")
        return drawn(visit().language.say(_WRONG_CODE), 422)

    @pages.post("/account/code/end")
    def end_code() -> Response:
        def end() -> Response:
            entrance.end_code(_own(), now())
            return _to(f"{_HOME}/account?said=code-off")

        return _tried(end, drawn, _WRONG_OWN)


# -- what came in --


def _own() -> Given:
    return _given(staff().name, request.form.get("password", ""))


def _given(name: str, password: str) -> Given:
    return Given(name, password, request.form.get("code", ""), request.remote_addr or "")


def _way_back() -> str:
    """Where somebody wanted to go; nowhere but to the desk."""
    wanted = request.values.get("next", "")
    return wanted if _WAY_BACK.fullmatch(wanted) else _HOME


# -- what is shown --


def _tried(act: Callable[[], Response], again: Draw, wrong: str) -> Response:
    """What comes of it; or the page again, with what to do."""
    say = visit().language.say
    try:
        return act()
    except Refused:
        return again(say(wrong), 422)
    except BadInput:
        return again(say(_UNFIT, least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD), 422)
    except TooFast as error:
        answer = again(say(_TOO_OFTEN, seconds=error.wait_s), 429)
        answer.headers["Retry-After"] = str(error.wait_s)
        return answer


def _door(problem: str = "", status: int = 200) -> Response:
    drawn = page("sign-in.html", status=status, problem=problem, said=just_done(_SAID), url=_door_url)
    return hand_out(drawn, visit().token)


def _account(entrance: Entrance, problem: str = "", status: int = 200) -> Response:
    return page(
        "account.html",
        status=status,
        problem=problem,
        said=just_done(_SAID),
        has_code=entrance.has_code(staff().name),
        least=SHORTEST_PASSWORD,
        most=LONGEST_PASSWORD,
    )


def _offer(secret: str) -> Response:
    """Shown this once: as a code to be photographed, and to be typed."""
    url = TOTP(secret).provisioning_uri(name=staff().name, issuer_name=_ISSUER)
    drawing = segno.make(url, error="m").svg_inline(scale=_QR_MODULE, omitsize=True, border=4, light="#fff")
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return page("account-code.html", qr=Markup(drawing), secret=groups)  # noqa: S704 - segno's own


def _to(url: str) -> Response:
    return make_response(redirect(url, 303))


def _to_door(said: str) -> Response:
    return _to(_door_url(visit().language.code, said=said))


def _door_url(language: str, **fields: str) -> str:
    """The page to sign in at, in a language, and with the way back."""
    told = dict(fields)
    if _way_back() != _HOME:
        told["next"] = _way_back()
    if language != CHINESE.code:
        told["lang"] = language
    return f"{SIGN_IN}?{urlencode(told)}" if told else SIGN_IN

"""The chat as pages: /chat, which is a plain form until scripts take it over, and its panel on the first page.

Law: what somebody wrote comes in a POST body only; the answer to it is not stored by anybody, and no link carries it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

from bot.adviser import Advising
from bot.button import BETWEEN, Kind, NoSuchButton, Pick, Stale
from bot.pace import TooFast
from bot.ports import LONGEST_TEXT, Mail, Reused, StoreFailed
from bot.settings import HERE
from bot.spoken import ON_PAGES
from bot.talk import Expired, NoSuchMessage, Talk
from locator.cards import card_labels
from locator.errors import BadInput
from locator.files import OWN, guard
from locator.frame import Look, look_of, texts
from locator.language import Language, mark
from locator.offline import OFFLINE
from locator.pages import Panel
from locator.settings import Settings

FILES: Final = OWN.beside("bot", HERE / "static")
_EXAMPLES: Final = ("lost", "activate", "fee")  # entries that show what can be asked
_SHOWN: Final = 3
_PATH: Final = "/chat"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LETTER: Final = re.compile("[0-9]{1,15}")
_OPINIONS: Final[Mapping[str, bool]] = MappingProxyType({"yes": True, "no": False})
_BUSY_S: Final = 5
_URL: Final = re.compile(r"(.*?)\s*(https?://\S+)")


class Web(NamedTuple):
    """What an app puts in place."""

    pages: Blueprint
    panel: Panel


class Sent(NamedTuple):
    """The form as it came."""

    token: str = ""
    id: str = ""
    text: str = ""
    choice: str = ""
    label: str = ""  # what the button said
    helpful: str = ""
    letters: str = ""  # whether there are any
    read: int = 0  # the id of the newest letter they were shown

    @property
    def asked(self) -> str:
        return self.label if self.choice else self.text


class Shown(NamedTuple):
    """What a page shows besides the form."""

    token: str
    asked: str = ""
    reply: Mapping[str, Any] | None = None
    thanks: str = ""
    problem: str = ""
    draft: str = ""  # goes back into the box
    status: int = 200
    wait_s: int = 0
    mail: Mail | None = None  # something came from the staff, or may


def make_web(talk: Talk, adviser: Advising, settings: Settings, keeps_days: int) -> Web:
    """`keeps_days`: how long a conversation is kept."""
    face = Face(talk, adviser, settings, keeps_days)
    pages = Blueprint("chat", __name__, template_folder="templates")
    pages.after_request(guard(settings))
    pages.add_app_template_filter(_parted, "parted")

    @pages.get(_PATH)
    def start() -> Response:
        return face.page(Shown(talk.visitor()), look_of(request.args))

    @pages.post(_PATH)
    def converse() -> Response:
        look = look_of(request.args)
        return face.page(face.answer(_sent(), _spoken(look)), look)

    @pages.get("/static/bot/<path:name>")
    def file(name: str) -> Response:
        return FILES.answer(f"bot/{name}")

    return Web(pages, face.panel)


def web_files() -> tuple[str, ...]:
    """All files of these pages, as addresses. Those of the desk are nobody's else."""
    names = sorted(path.name for path in (HERE / "static").glob("*.*"))
    return tuple(FILES.url(f"bot/{name}") for name in names if not name.startswith("desk"))


@dataclass(frozen=True)
class Face:
    """What the pages answer from."""

    talk: Talk
    adviser: Advising
    settings: Settings
    keeps_days: int

    def answer(self, sent: Sent | None, language: Language) -> Shown:
        """The message's reply, or what to do instead; what was typed is not lost."""
        try:
            if sent is None:
                raise RequestEntityTooLarge
            shown = Shown(sent.token) if sent.letters else self._answer(sent, language)
            mail = self.talk.letters(shown.token, sent.read)
            return shown._replace(mail=mail) if mail.letters or mail.waits or sent.letters else shown
        except tuple(_REFUSALS) as refusal:
            return self._refused(sent or Sent(), refusal, language)

    def page(self, shown: Shown, look: Look) -> Response:
        reply = shown.reply and self._reply(shown.reply, shown.token, look.url(_PATH))
        came = shown.mail.letters if shown.mail else ()
        page = render_template(
            "chat.html",
            **self._texts(look),
            shown=shown,
            reply=reply,
            letters=[self._letter(orjson.loads(one.body)) for one in came],
            read=max((one.id for one in came), default=0),
        )
        response = make_response(page, shown.status)
        response.headers["Cache-Control"] = "no-store"  # it holds somebody's token, and what they wrote
        if shown.wait_s:
            response.headers["Retry-After"] = str(shown.wait_s)
        return response

    def panel(self, look: Look) -> Markup:
        """A part of the first page: a link, which scripts turn into the chat itself."""
        told = self._texts(look)
        return Markup(render_template("chat-panel.html", **told, shown=Shown("")))  # noqa: S704 - a template's

    # -- what came of a message --

    def _answer(self, sent: Sent, language: Language) -> Shown:
        if not _ID.fullmatch(sent.id):
            raise BadInput("id", "must be 8 to 64 letters, digits, - or _")
        if sent.helpful:
            return self._opinion(sent, language)
        if not sent.choice and not sent.text:
            return Shown(sent.token, problem=language.say(_EMPTY), status=422)
        if len(sent.text) > LONGEST_TEXT:
            return Shown(sent.token, problem=language.say(_TOO_LONG), draft=sent.text, status=422)
        told = self.talk.answer(
            sent.token,
            sent.id,
            text="" if sent.choice else sent.text,
            choice=sent.choice,
            language=language.code,
        )
        return Shown(sent.token, sent.asked, orjson.loads(told))

    def _opinion(self, sent: Sent, language: Language) -> Shown:
        if sent.helpful not in _OPINIONS:
            raise BadInput("helpful", "must be yes or no")
        helpful = _OPINIONS[sent.helpful]
        thanks = self.talk.opinion(sent.token, sent.id, helpful=helpful, language=language.code)
        return Shown(sent.token, thanks=thanks)

    def _refused(self, sent: Sent, refusal: Exception, language: Language) -> Shown:
        status = next(status for kind, status in _REFUSALS.items() if isinstance(refusal, kind))
        wait_s = refusal.wait_s if isinstance(refusal, TooFast) else 0
        return Shown(
            token=self.talk.visitor() if status == _EXPIRED else sent.token,
            problem=language.say(_PROBLEMS[status], seconds=wait_s),
            draft=sent.text,
            status=status,
            wait_s=_BUSY_S if isinstance(refusal, StoreFailed) else wait_s,
        )

    # -- what is shown --

    def _reply(self, reply: Mapping[str, Any], token: str, here: str) -> Markup:
        """In the language it was said in, whatever the page around it speaks."""
        language = ON_PAGES[reply["language"]]
        told = render_template(
            "chat-reply.html",
            reply=reply,
            token=token,
            next_id=token_urlsafe(16),
            language=language,
            words=self._reply_words[language.code],
            here=here,
            say=language.say,
            between=BETWEEN,
        )
        return Markup(told)  # noqa: S704 - a template's

    def _letter(self, letter: Mapping[str, Any]) -> Markup:
        words = self._reply_words[letter["language"]]
        return Markup(render_template("chat-letter.html", letter=letter, words=words))  # noqa: S704 - a template's

    def _texts(self, look: Look) -> dict[str, Any]:
        language = _spoken(look)
        return {
            **texts(look, _PATH),
            "language": language,
            "say": language.say,
            "asset": FILES.url,
            "settings": self.settings,
            "here": look.url(_PATH),
            "next_id": token_urlsafe(16),
            "between": BETWEEN,
            "days": self.keeps_days,
            "longest": LONGEST_TEXT,
            "examples": list(self._examples(language)),
            "script": self._script(language) | {"offline": look.url(OFFLINE)},
        }

    def _examples(self, language: Language) -> Iterator[tuple[str, str]]:
        """What to press, and how it is called: some questions, and where to go."""
        entries = self.adviser.knowledge.entries
        named = [entries[name] for name in _EXAMPLES if name in entries]
        for entry in named or [one for one in entries.values() if one.is_card][:_SHOWN]:
            yield Pick(Kind.ENTRY, entry.id).id, language.pick(entry.title)
        yield Pick(Kind.FIND).id, language.say("Where is a hall near me?")

    def _script(self, language: Language) -> dict[str, Any]:
        """What the script needs to know."""
        return {
            "language": language.code,
            "words": {name: language.say(sentence, **_GAPS) for name, sentence in _WORDS.items()},
            "problems": {
                str(status): language.say(sentence, **_GAPS) for status, sentence in _PROBLEMS.items()
            },
            "reply_words": self._reply_words,
            "forget": Pick(Kind.FORGET).id,
        }

    @cached_property
    def _reply_words(self) -> dict[str, dict[str, str]]:
        return {code: _reply_words(language) for code, language in ON_PAGES.items()}


# -- languages --


def _spoken(look: Look) -> Language:
    return ON_PAGES[look.language.code]


# -- what came in --


def _sent() -> Sent | None:
    """None when it is far too long to be read."""
    try:
        names = ("token", "id", "text", "choice", "helpful", "letters")
        fields = {name: request.form.get(name, "") for name in names}
        read = request.form.get("read", "")
    except RequestEntityTooLarge:
        return None
    fields["choice"], _, label = fields["choice"].partition(BETWEEN)
    fields["text"] = fields["text"].replace("\r\n", "\n").strip()
    return Sent(**fields, label=label, read=int(read) if _LETTER.fullmatch(read) else 0)


def _parted(source: str) -> tuple[str, str]:
    """What a source is called, and its address."""
    found = _URL.fullmatch(source)
    return (found[1], found[2]) if found else (source, "")


# -- the sentences --

_EXPIRED: Final = 401
_REFUSALS: Final[Mapping[type[Exception], int]] = MappingProxyType(
    {
        Expired: _EXPIRED,
        NoSuchButton: 404,  # before BadInput, which it is too
        NoSuchMessage: 404,
        Reused: 409,
        Stale: 410,
        RequestEntityTooLarge: 413,
        BadInput: 422,
        TooFast: 429,
        StoreFailed: 503,
    }
)
_EMPTY: Final = mark("Please write first what you would like to know.")
_TOO_LONG: Final = mark("This is too long for me. Please say it in fewer words, at most 1,000 characters.")
_PROBLEMS: Final[Mapping[int, str]] = MappingProxyType(
    {
        401: mark("Our conversation had ended. Please send it again, and we start anew."),
        404: mark("This button is from another conversation. Please press a newer one, or ask in words."),
        409: mark("This page was used for another message before. Please send it once more."),
        410: mark("What this button led to is no longer there. Please ask in words."),
        413: _TOO_LONG,
        422: mark("I could not read this. Please write your question in plain words."),
        429: mark("That was a little fast for me. Please wait {seconds} seconds, then send it again."),
        500: mark("Something went wrong here; it is not your fault. Please try again, or call 12333."),
        503: mark(
            "Your message could not be kept just now. Please send it again in a moment, or call 12333."
        ),
    }
)
# What the script says, in the page's language.
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "you": mark("You:"),
        "we": mark("Answer:"),
        "empty": _EMPTY,
        "writing": mark("Looking it up…"),
        "not_sent": mark("It was not sent: there is no connection."),
        "again": mark("Send it again"),
        "stored": mark("Look it up without a network"),
        "send": mark("Send"),
        "wait": mark("{seconds} s"),
        "topics_found": mark("{count} suggestions; press the down arrow to choose."),
        "my_position": mark("My position"),
        "opinion_lost": mark("I could not note that; it changes nothing for you."),
    }
)
_GAPS: Final = {"seconds": "{seconds}", "count": "{count}"}  # the script fills them in
# What stands in and below a reply, in the reply's language.
_REPLY_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "choose": mark("Please choose, or write the number:"),
        "further": mark("You may go on with:"),
        "sources": mark("Where this is written"),
        "helped": mark("Did this help?"),
        "yes": mark("Yes"),
        "no": mark("No"),
        "dial": mark("Call 12333"),
        "staff": mark("12333 staff"),
        "on_your_question": mark("On your question:"),
        "keep_open": mark("Please keep this page open: once it is closed, the answer cannot find you."),
        "here_why": mark(
            "Your position is used only to measure distances. It is rounded to about 100 metres before it leaves your"
            " device; then only the square kilometre is kept, until an hour or a little more after your last message."
        ),
        "here_yes": mark("Use it"),
        "here_no": mark("No, thank you"),
        "here_asking": mark("Looking for your position…"),
        "here_denied": mark("The browser was not allowed to tell your position. Just write a place below."),
        "here_unavailable": mark("Your position cannot be found just now. Just write a place below."),
        "here_timeout": mark("Finding your position took too long. Try again, or write a place below."),
    }
)


def _reply_words(language: Language) -> dict[str, str]:
    own = {name: language.say(sentence) for name, sentence in _REPLY_WORDS.items()}
    return own | card_labels(language) | {"space": language.space}

"""The desk's queue: questions that were handed to a person, each claimed by one clerk, answered once, or closed.

Law: what a citizen will read is shown before it is sent, and sent once, however often the button is pressed. Nobody sees
who a citizen is: their channel, and a short name that only tells one from another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, jsonify, make_response, redirect, request
from werkzeug.exceptions import NotFound

from bot.adviser import Advising
from bot.desk import Key, just_done, page, staff, time_words, visit
from bot.handed import IDLE, Done, Failed, Handed, Matter, Reason, State
from bot.letter import LONGEST_ANSWER, letter_bodies, quoted, text_of_letter
from bot.mask import masked
from bot.ports import LetterState, Party, Store
from bot.spoken import spoken
from bot.staff import Role
from locator.api import Clock
from locator.errors import BadInput
from locator.language import mark
from locator.text import bounded

_HOME: Final = "/desk/queue"
_LAST_DONE: Final = 20
_LONGEST_SEEN: Final = 80  # characters of a question, in the list
_DIGITS: Final = 18  # of a number that a database holds
_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"web": mark("Web visitor {name}"), "telegram": mark("Telegram user {name}")}
)
_REASONS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.ANSWERED_BEFORE: mark("It was answered before"),
        Reason.BY_PHONE: mark("Settled by phone"),
        Reason.NO_QUESTION: mark("It holds no question"),
        Reason.NOT_OURS: mark("It is not for us"),
        Reason.ABUSE: mark("It is abuse"),
    }
)
# Of several letters, what is told of all: the first of these that holds of one.
_BECAME: Final[Mapping[LetterState | None, str]] = MappingProxyType(
    {
        LetterState.REFUSED: mark("Refused"),
        LetterState.UNSURE: mark("Nobody knows whether it arrived"),
        None: mark("Deleted before it arrived"),
        LetterState.ON_ITS_WAY: mark("On its way"),
        LetterState.DUE: mark("Waits to be sent"),
        LetterState.DELIVERED: mark("Arrived"),
    }
)
_NOT_FETCHED: Final = mark("Not fetched yet: while their page is open, it asks twice a minute")
_SAID: Final = {
    "claimed": mark("It is yours. Nobody else answers it while you are at it."),
    "released": mark("It is free again."),
    "sent": mark("The answer is on its way."),
    "closed": mark("It was closed without an answer."),
    "again": mark("It is sent once more."),
    "dropped": mark("It was deleted."),
}
_CAME: Final = {
    Done.GONE: mark("There is no such question any more: it was deleted, or never was."),
    Done.OVER: mark("It was answered or closed before. Nothing was sent a second time."),
    Done.TAKEN: mark("Another clerk has it. Nothing was changed; what you wrote stands below."),
}
_STATUS: Final = {Done.GONE: 404, Done.OVER: 409, Done.TAKEN: 409}
_EMPTY: Final = mark("Please write the answer first.")
_UNFIT: Final = mark("The answer must have at most {most} characters, and no signs that nobody types.")
_NO_REASON: Final = mark("Please choose a reason.")
_NO_LETTER: Final = mark("This letter is not among those that failed any more.")
_CHANGED: Final = mark("Please read once more what they will get, then send it.")
_LIST_KEYS: Final = (
    Key("1–9", mark("Open a question by its number")),
    Key("r", mark("Load the list anew")),
)
_KEYS: Final = (
    Key("c", mark("Claim the question")),
    Key("/", mark("Go to the answer")),
    Key("Ctrl Enter", mark("Preview the answer; then, send it")),
    Key("u", mark("Back to the queue")),
)


class Draft(NamedTuple):
    """An answer that is being written."""

    text: str = ""
    problem: str = ""
    pieces: Sequence[str] = ()  # what they would get; empty: not looked at yet
    status: int = 200


@dataclass(frozen=True)
class Counter:
    """What the pages work with."""

    handed: Handed
    store: Store
    advising: Advising
    secret: bytes
    now: Clock

    def name(self, party: Party) -> str:
        digest = blake2b(
            repr(tuple(party)).encode(), key=self.secret[:64], digest_size=2, person=b"desk queue"
        )
        return visit().language.say(
            _NAMES.get(party.channel, "Web visitor {name}"), name=digest.hexdigest().upper()
        )

    def bodies(self, matter: Matter, text: str) -> list[bytes]:
        return letter_bodies(matter.party, matter.asked, text, matter.language, self.advising.newest.hotline)


def make_queue(handed: Handed, store: Store, advising: Advising, secret: bytes, now: Clock) -> Blueprint:
    """`now` gives an aware datetime; `secret` makes the short names."""
    counter = Counter(handed, store, advising, secret, now)
    pages = Blueprint("queue", __name__, template_folder="templates", url_prefix="/desk")
    _add_list(pages, counter)
    _add_question(pages, counter)
    _add_answer(pages, counter)
    _add_letters(pages, counter)
    pages.register_error_handler(NotFound, lambda _: _gone())
    return pages


def _add_list(pages: Blueprint, counter: Counter) -> None:
    @pages.get("/queue")
    def home() -> Response:
        return _list_page(counter)

    @pages.get("/api/queue")
    def newest() -> Response:
        """For the page, to tell of what has come since."""
        return jsonify(newest=counter.handed.newest())


def _add_question(pages: Blueprint, counter: Counter) -> None:
    @pages.get("/queue/<number>")
    def one(number: str) -> Response:
        matter = _matter(counter, number)
        if matter.holder(counter.now()) == staff().name:  # whoever looks at it is at it
            counter.handed.claim(matter.number, staff().name, counter.now())
        return _question_page(counter, matter, Draft())

    @pages.post("/queue/<number>/claim")
    def claim(number: str) -> Response:
        came = counter.handed.claim(_number(number), staff().name, counter.now())
        return _after(counter, number, came, "claimed")

    @pages.post("/queue/<number>/take-over")
    def take_over(number: str) -> Response:
        came = counter.handed.take_over(_number(number), staff().name, counter.now())
        return _after(counter, number, came, "claimed")

    @pages.post("/queue/<number>/release")
    def release(number: str) -> Response:
        came = counter.handed.release(_number(number), staff().name, counter.now())
        return _after(counter, number, came, "released", to=_HOME)

    @pages.post("/queue/<number>/close")
    def close(number: str) -> Response:
        try:
            reason = Reason(request.form.get("reason", ""))
        except ValueError:
            problem = visit().language.say(_NO_REASON)
            return _question_page(counter, _matter(counter, number), Draft(problem=problem, status=422))
        came = counter.handed.close(_number(number), staff().name, counter.now(), reason)
        return _after(counter, number, came, "closed", to=_HOME)


def _add_answer(pages: Blueprint, counter: Counter) -> None:
    @pages.post("/queue/<number>/answer")
    def answer(number: str) -> Response:
        """Shown as they will get it; sent when just that was shown."""
        matter = _matter(counter, number)
        draft = _draft(counter, matter)
        if draft.problem:
            return _question_page(counter, matter, draft)
        if (matter.who, matter.answer) == (staff().name, draft.text):  # pressed twice
            return _after(counter, number, Done.DONE, "sent")
        is_mine = counter.handed.claim(matter.number, staff().name, counter.now())
        if is_mine is not Done.DONE:
            return _after(counter, number, is_mine, "", draft=draft)
        if request.form.get("shown") != _digest(draft.text):
            told = visit().language.say(_CHANGED) if request.form.get("shown") else ""
            return _question_page(counter, matter, draft._replace(problem=told))
        came = counter.handed.answer(
            matter.number, staff().name, counter.now(), draft.text, counter.bodies(matter, draft.text)
        )
        return _after(counter, number, came, "sent", draft=draft)


def _add_letters(pages: Blueprint, counter: Counter) -> None:
    @pages.post("/queue/letters/<number>/again")
    def again(number: str) -> Response:
        return _letter_done(
            counter, counter.handed.again(_number(number), staff().name, counter.now()), "again"
        )

    @pages.post("/queue/letters/<number>/drop")
    def drop(number: str) -> Response:
        return _letter_done(
            counter, counter.handed.drop(_number(number), staff().name, counter.now()), "dropped"
        )


# -- what came in --


def _number(text: str) -> int:
    """Raises NotFound."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise NotFound
    return int(text)


def _matter(counter: Counter, number: str) -> Matter:
    """Raises NotFound."""
    found = counter.handed.find(_number(number))
    if found is None:
        raise NotFound
    return found


def _draft(counter: Counter, matter: Matter) -> Draft:
    """The answer as it was sent, and what they would get."""
    say = visit().language.say
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        return Draft(problem=say(_EMPTY), status=422)
    try:
        bounded(text, LONGEST_ANSWER, "text")
    except BadInput:
        return Draft(text, problem=say(_UNFIT, most=LONGEST_ANSWER), status=422)
    return Draft(text, pieces=[text_of_letter(body) for body in counter.bodies(matter, text)])


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


# -- what goes out --


def _gone() -> Response:
    return page("desk-refused.html", status=404, why=visit().language.say(_CAME[Done.GONE]))


def _after(  # noqa: PLR0913 - where to go, and what is told there
    counter: Counter,
    number: str,
    came: Done,
    said: str,
    *,
    to: str = "",
    draft: Draft = Draft(),  # noqa: B008
) -> Response:
    if came is Done.DONE:
        return make_response(redirect(f"{to or f'{_HOME}/{_number(number)}'}?said={said}", 303))
    if came is Done.GONE:
        return _gone()
    told = draft._replace(problem=visit().language.say(_CAME[came]), status=_STATUS[came])
    return _question_page(counter, _matter(counter, number), told)


def _letter_done(counter: Counter, is_done: bool, said: str) -> Response:
    if is_done:
        return make_response(redirect(f"{_HOME}?said={said}", 303))
    return _list_page(counter, visit().language.say(_NO_LETTER), 404)


def _list_page(counter: Counter, problem: str = "", status: int = 200) -> Response:
    newest = counter.handed.newest()  # before the others: what comes meanwhile is told of
    waiting, at = counter.handed.waiting(), counter.now()
    mine = [one for one in waiting if one.holder(at) == staff().name]
    return page(
        "queue.html",
        status=status,
        keys=_LIST_KEYS,
        problem=problem,
        said=just_done(_SAID),
        mine=[_row(counter, one) for one in mine],
        waiting=[_row(counter, one) for one in waiting if one not in mine],
        done=[_row(counter, one) for one in counter.handed.done(_LAST_DONE)],
        failed=[_failed(counter, one) for one in counter.handed.failed()],
        newest=newest,
    )


def _question_page(counter: Counter, matter: Matter, draft: Draft) -> Response:
    return page(
        "queue-question.html",
        status=draft.status,
        keys=_KEYS,
        problem=draft.problem,
        said=just_done(_SAID),
        one=_row(counter, matter),
        others=[_row(counter, other) for other in _others(counter, matter)],
        turns=counter.handed.conversation(matter.party),
        clock=time_words,
        draft=draft,
        shown=_digest(draft.text) if draft.pieces else "",
        warning=masked(draft.text) != draft.text,
        longest=LONGEST_ANSWER,
        idle=round(IDLE / timedelta(minutes=1)),
        reasons=[(reason.value, visit().language.say(words)) for reason, words in _REASONS.items()],
        may_take_over=staff().role.includes(Role.EDITOR),
    )


def _others(counter: Counter, matter: Matter) -> Sequence[Matter]:
    """What else the same person waits for: one answer may do for all."""
    waiting = counter.handed.waiting()
    return [other for other in waiting if other.party == matter.party and other.number != matter.number]


def _row(counter: Counter, matter: Matter) -> dict[str, Any]:
    """A question as it is shown."""
    holder = matter.holder(counter.now())
    return {
        "url": f"{_HOME}/{matter.number}",
        "name": counter.name(matter.party),
        "language": spoken(matter.language),
        "asked": matter.asked,
        "beginning": quoted(matter.asked, _LONGEST_SEEN),
        "age": _age(counter.now() - matter.at),
        "at": time_words(matter.at),
        "holder": holder,
        "is_mine": holder == staff().name,
        "is_open": matter.state is State.WAITING,
        "who": matter.who,
        "answer": matter.answer,
        "became": _became(matter),
    }


def _became(matter: Matter) -> str:
    say = visit().language.say
    if matter.reason:
        return say(_REASONS[Reason(matter.reason)])
    state = next((state for state in _BECAME if state in matter.letters), LetterState.DELIVERED)
    if state is LetterState.DUE and matter.party.channel == "web":
        return say(_NOT_FETCHED)
    return say(_BECAME[state])


def _failed(counter: Counter, failed: Failed) -> dict[str, Any]:
    return {
        "number": failed.letter.id,
        "name": counter.name(failed.letter.party),
        "at": time_words(failed.letter.at),
        "why": visit().language.say(_BECAME[failed.state]),
        "note": failed.letter.note,
        "beginning": quoted(text_of_letter(failed.letter.body), _LONGEST_SEEN),
    }


def _age(age: timedelta) -> str:
    say = visit().language.say
    minutes = max(0, round(age / timedelta(minutes=1)))
    if minutes < 60:
        return say("{n} min", n=minutes)
    if minutes < 48 * 60:
        return say("{n} h", n=minutes // 60)
    return say("{n} days", n=minutes // (24 * 60))

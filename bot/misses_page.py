"""The questions nobody could answer well, and what an editor makes of each: a phrase, a new entry, or nothing.

Law: a question is shown as text, whatever is in it. What is made of it is a draft; citizens are answered by none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from flask import Blueprint, Response, make_response, redirect, request

from bot.adviser import Advice, Adviser
from bot.change import Change
from bot.decide import Answer, Clarify, Decision, Decline, is_phrase
from bot.desk import Key, just_done, page, staff, visit
from bot.editions import Deed, Editions
from bot.living import Living
from bot.missed import AGAIN, Missed, Question
from bot.objection import objection
from bot.staff import Role
from locator.api import Clock
from locator.hours import CHINA_TIME
from locator.language import mark

MOST_SHOWN: Final = 50
AGES: Final = {"1": mark("Today and yesterday"), "7": mark("Seven days"), "30": mark("Thirty days")}
BETWEEN: Final = " · "  # the title of an entry, and its id
_KEY_LENGTH: Final = 32

_SAID: Final = {
    "attached": mark("The phrase is in the draft of “{title}”. It counts once that is published."),
    "dismissed": mark("Put aside. It comes back when it was asked {times} more times."),
}
_NO_ENTRY: Final = mark("There is no such entry. Please choose one of the list.")
_ANSWERED: Final = mark("Today it is answered with “{title}”.")
_OFFERED: Final = mark("Today a choice is offered.")
_DECLINED: Final = mark("Today it is not answered.")
_KEYS: Final = (
    Key("j k", mark("The next question, the one before")),
    Key("a", mark("Add it to an entry as a phrase")),
    Key("n", mark("Begin a new entry with it")),
    Key("d", mark("Put it aside")),
    Key("i", mark("Inspect what was added last")),
)


class Shown(NamedTuple):
    """A question as the page shows it."""

    question: Question
    phrase: str  # what would be added
    entry: str  # and to which, title and id
    now: str  # what somebody who asks it is told
    problem: str = ""


class Sent(NamedTuple):
    """What was decided on one question."""

    key: str
    phrase: str
    entry: str


@dataclass(frozen=True, slots=True)
class Misses:
    """What the pages are made from."""

    missed: Missed
    editions: Editions
    living: Living
    now: Clock

    def shown(self, since: datetime) -> Iterator[Shown]:
        """Those whose words no entry has yet."""
        adviser = self.living.newest
        for question in self.missed.questions(since):
            advice = adviser.advise(question.examples[0])
            ranked = advice.matches.ranked
            if not ranked or not is_phrase(ranked[0]):
                told = _told_now(advice.decision)
                yield Shown(question, question.examples[0], _guess(adviser, advice), told)

    def attach(self, sent: Sent) -> str:
        """What is wrong with it, or nothing: then it is done."""
        adviser, say = self.living.newest, visit().language.say
        entry = self.entry_meant(sent.entry)
        if not entry:
            return say(_NO_ENTRY)
        if found := objection(sent.phrase, entry, adviser.knowledge, adviser.matcher.lexicon):
            return say(found.sentence, what=_titled(adviser, found.what))
        deed = Deed(staff().name, self.now())
        self.editions.add(Change(entry, asked=(sent.phrase,)), deed)
        self.missed.settle(sent.key, deed.who, deed.at, "attached")
        return ""

    def entry_meant(self, text: str) -> str:
        """The id, of an entry that is there or is being drafted."""
        name = text.rpartition(BETWEEN)[2].strip()
        drafted = {draft.entry for draft in self.editions.drafts()}
        return name if name in self.living.knowledge.entries or name in drafted else ""

    def options(self) -> list[str]:
        adviser = self.living.newest
        new = [one.entry for one in self.editions.drafts() if one.entry not in adviser.knowledge.entries]
        return [_named(adviser, name) for name in (*adviser.knowledge.entries, *new)]


def make_misses(desk: Misses) -> Blueprint:
    """The page."""
    pages = Blueprint("missed", __name__, template_folder="templates", url_prefix="/desk/misses")

    @pages.get("")
    def home() -> Response:
        return _drawn(desk)

    @pages.post("/attach")
    def attach() -> Response:
        sent = _sent()
        if problem := desk.attach(sent):
            return _drawn(desk, sent, problem)
        return _back("attached", entry=desk.entry_meant(sent.entry))

    @pages.post("/dismiss")
    def dismiss() -> Response:
        desk.missed.settle(_sent().key, staff().name, desk.now(), "dismissed")
        return _back("dismissed")

    return pages


def _sent() -> Sent:
    form = request.form
    phrase = " ".join(form.get("phrase", "").split())
    return Sent(form.get("key", "")[:_KEY_LENGTH], phrase, form.get("entry", ""))


def _back(said: str, **more: str) -> Response:
    told = "".join(f"&{name}={value}" for name, value in more.items())
    return make_response(redirect(f"/desk/misses?days={_days()}&said={said}{told}", 303))


def _days() -> str:
    days = request.values.get("days", "7")
    return days if days in AGES else "7"


def _drawn(desk: Misses, sent: Sent | None = None, problem: str = "") -> Response:
    since = desk.now() - timedelta(days=int(_days()))
    found = list(desk.shown(since))
    say = visit().language.say
    return page(
        "misses.html",
        keys=_KEYS,
        status=422 if problem else 200,
        shown=[_with(one, sent, problem) for one in found[:MOST_SHOWN]],
        more=max(0, len(found) - MOST_SHOWN),
        ages=[(days, say(sentence), days == _days()) for days, sentence in AGES.items()],
        days=_days(),
        options=desk.options(),
        may_edit=staff().role.includes(Role.EDITOR),
        said=just_done(_SAID, title=_titled(desk.living.newest, request.args.get("entry", "")), times=AGAIN),
        made=request.args.get("entry", "") if request.args.get("said") == "attached" else "",
        when=_when,
        again=AGAIN,
    )


def _with(one: Shown, sent: Sent | None, problem: str) -> Shown:
    if sent is None or sent.key != one.question.key:
        return one
    return one._replace(phrase=sent.phrase, entry=sent.entry, problem=problem)


def _told_now(decision: Decision) -> str:
    language = visit().language
    if isinstance(decision, Answer):
        return language.say(_ANSWERED, title=language.pick(decision.entry.title))
    return language.say(_OFFERED if isinstance(decision, Clarify) else _DECLINED)


def _guess(adviser: Adviser, advice: Advice) -> str:
    """The entry that fits best, unless none does."""
    return "" if isinstance(advice.decision, Decline) else _named(adviser, advice.matches.top.entry.id)


def _named(adviser: Adviser, name: str) -> str:
    title = _titled(adviser, name)
    return name if title == name else f"{title}{BETWEEN}{name}"


def _titled(adviser: Adviser, name: str) -> str:
    entry = adviser.knowledge.entries.get(name)
    return visit().language.pick(entry.title) if entry else name


def _when(at: datetime) -> str:
    return at.astimezone(CHINA_TIME).strftime("%m-%d %H:%M")

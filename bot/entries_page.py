"""The entries of the knowledge at the desk: read, edited as drafts, begun.

Law: who was slower is shown both texts and decides; nothing is overwritten unseen. What is typed is never lost.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final, NamedTuple

from flask import Blueprint, Response, request

from bot.bench import Bench, State, label, number, to
from bot.change import Change, between, tidy
from bot.desk import just_done, page, time_words, visit
from bot.editions import Behind
from bot.entry import ENTRY_ID
from bot.model import INTENTS, Region
from locator.language import Language, mark

_PHRASES: Final = ("ask.zh", "ask.en")
_BOTH: Final = ("zh", "en")
_REVIEWED_FOR: Final = 6  # months


def _named(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{name}.{language}" for name in names for language in _BOTH)


def _regional(region: Region) -> tuple[str, ...]:
    prefix = f"region.{region}."
    papers = (f"{prefix}documents.self", f"{prefix}documents.agent", f"{prefix}phone.zh", f"{prefix}sms.zh")
    return (*_named(prefix, "answer", "fee", "time", "channel"), *papers)


_SAYS: Final = (
    *_named("", "title", "answer"),
    "phone.zh",
    "sms.zh",
    "documents.self",
    "documents.agent",
    *_named("", "fee", "time", "channel"),
)
_BEHIND_IT: Final = ("sources", "reviewed", "review_by", "see", "opposite", "services", "intent")
_GROUPS: Final = (
    (mark("What it says"), _SAYS),
    (mark("How people ask it"), _PHRASES),
    (mark("What is special in Sichuan"), _regional(Region.SICHUAN)),
    (mark("What is special in Chongqing"), _regional(Region.CHONGQING)),
    (mark("Where it comes from, and where it leads"), _BEHIND_IT),
)
_FIELDS: Final = tuple(path for _, paths in _GROUPS for path in paths)
_SHORT: Final = frozenset({"reviewed", "review_by", "opposite", "intent", "title.zh", "title.en"})

_SAID: Final = {
    "saved": mark("The draft is saved. Nothing is published yet."),
    "nothing": mark("Nothing is different from what is published: there is no draft."),
}
_BEHIND: Final = mark("Somebody else was faster. Nothing was changed. Please look at what is there now.")
_COLLISION: Final = mark(
    "{who} changed this entry meanwhile ({when}). Nothing of yours is saved yet. Yours stands in the boxes; theirs stands"
    " below each box where the two differ."
)
_BAD_ID: Final = mark(
    "An id has small letters a to z, digits and hyphens, begins with a letter, and is not taken."
)
_LABEL: Final = mark("Please choose a label and a topic.")


class Field(NamedTuple):
    """A box of the form."""

    path: str
    label: str
    value: str
    is_short: bool
    theirs: str | None = None  # what somebody else wrote there meanwhile


class Group(NamedTuple):
    title: str
    fields: Sequence[Field]
    is_open: bool


def make_entries(bench: Bench) -> Blueprint:
    """The pages."""
    pages = Blueprint("entries", __name__, template_folder="templates", url_prefix="/desk/entries")

    @pages.get("")
    def home() -> Response:
        return _listed(bench)

    @pages.get("/<entry>")
    def show(entry: str) -> Response:
        state = bench.state(entry)
        return _form(bench, state, state.texts)

    @pages.post("/<entry>")
    def save(entry: str) -> Response:
        return _saved(bench, entry)

    @pages.post("/<entry>/reviewed")
    def review(entry: str) -> Response:
        state = bench.state(entry)
        bench.editions.add(_reviewed(state, bench.living.today()), bench.deed())
        return to(f"/desk/drafts/{entry}?said=reviewed")

    @pages.post("/new")
    def propose() -> Response:
        """The form; what is asked comes in the body, so that it is in no URL."""
        return _new_entry(bench, request.form)

    @pages.post("")
    def begin() -> Response:
        return _begun(bench)

    return pages


def _listed(bench: Bench) -> Response:
    drafted = {draft.entry for draft in bench.editions.drafts()}
    today = bench.living.today()
    rows: dict[str, list[tuple[str, str, bool, bool]]] = {}
    for one in bench.living.knowledge.entries.values():
        topic = visit().language.pick(one.topic)
        row = one.id, bench.title(one.id), one.id in drafted, one.review_by < today
        rows.setdefault(topic, []).append(row)
    return page("entries.html", topics=rows)


def _form(  # noqa: PLR0913 - all that a form shows
    bench: Bench,
    state: State,
    values: Mapping[str, str],
    *,
    theirs: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    language = visit().language
    return page(
        "entry.html",
        status=status,
        problem=problem,
        said=just_done(_SAID),
        entry=state.entry,
        title=bench.name(state),
        state=state,
        seen=json.dumps(state.texts, ensure_ascii=False),
        groups=[_group(title, paths, values, theirs or {}, language) for title, paths in _GROUPS],
        when=time_words,
        rows=_rows,
        is_overdue=bench.living.knowledge.entries[state.entry].review_by < bench.living.today()
        if state.entry in bench.living.knowledge.entries
        else False,
    )


def _group(
    title: str,
    paths: Sequence[str],
    values: Mapping[str, str],
    theirs: Mapping[str, str],
    language: Language,
) -> Group:
    fields = [
        Field(path, label(path, language), values.get(path, ""), path in _SHORT, theirs.get(path))
        for path in paths
    ]
    is_needed = not paths[0].startswith("region.")
    return Group(language.say(title), fields, is_needed or any(one.value for one in fields))


def _saved(bench: Bench, entry: str) -> Response:
    state, typed, seen = bench.state(entry), _typed(), _seen()
    if state.draft.version == number("version") and seen == state.texts:
        try:
            kept = bench.editions.save(_change(state, typed), state.draft.version, bench.deed())
        except Behind:
            state = bench.state(entry)
        else:
            if kept.change is None:
                return to(f"/desk/entries/{entry}?said=nothing")
            return to(f"/desk/drafts/{entry}?said=saved")
    return _collided(bench, state, typed, seen)


def _collided(bench: Bench, state: State, typed: Mapping[str, str], seen: Mapping[str, str]) -> Response:
    """Mine where I changed something, theirs elsewhere; and theirs beside mine where both did."""
    now = state.texts
    mine = {path for path in _FIELDS if typed.get(path, "") != seen.get(path, "")}
    values = {path: (typed if path in mine else now).get(path, "") for path in _FIELDS}
    theirs = {
        path: now.get(path, "")
        for path in mine
        if now.get(path, "") != seen.get(path, "") and now.get(path, "") != typed.get(path, "")
    }
    who, at = _last(bench, state)
    problem = visit().language.say(_COLLISION, who=who, when=time_words(at))
    return _form(bench, state, values, theirs=theirs, problem=problem, status=409)


def _last(bench: Bench, state: State) -> tuple[str, datetime]:
    """Who changed the entry, by a draft or by an edition, and when."""
    one, other = state.draft, bench.living.edition
    return (one.who, one.at) if one.at >= other.at else (other.who, other.at)


def _change(state: State, typed: Mapping[str, str]) -> Change:
    texts = {path: typed.get(path, "") for path in _FIELDS if path not in _PHRASES}
    table = state.home.table if state.home else {}
    change = between(state.entry, table, texts, _lines(*(typed.get(path, "") for path in _PHRASES)))
    return change if state.home else replace(change, topic=state.topic)


def _lines(*texts: str) -> list[str]:
    """Each line once, without what stands around it."""
    lines = (" ".join(line.split()) for text in texts for line in text.split("\n"))
    return list(dict.fromkeys(line for line in lines if line))


def _typed() -> dict[str, str]:
    found = {path: tidy(request.form.get(path, "")) for path in _FIELDS}
    return {path: text for path, text in found.items() if text}


def _seen() -> dict[str, str]:
    """What the form showed when it was opened."""
    try:
        seen = json.loads(request.form.get("seen", ""))
    except ValueError:
        return {}
    return {str(path): str(text) for path, text in seen.items()} if isinstance(seen, dict) else {}


def _reviewed(state: State, today: date) -> Change:
    days = {"reviewed": today.isoformat(), "review_by": _months_later(today, _REVIEWED_FOR).isoformat()}
    return Change(state.entry, texts={path: (state.texts.get(path, ""), day) for path, day in days.items()})


def _months_later(day: date, months: int) -> date:
    """The same day of that month, or its last."""
    number = day.year * 12 + day.month - 1 + months
    for last in (day.day, 30, 29, 28):
        try:
            return date(number // 12, number % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError("no month is so short")


# -- a new entry --


def _new_entry(bench: Bench, typed: Mapping[str, str], problem: str = "", status: int = 200) -> Response:
    return page(
        "entry-new.html",
        status=status,
        problem=problem,
        typed=typed,
        topics=[
            (name, tables.get("title", {}).get("zh", name))
            for name, tables in bench.living.files().topics.items()
        ],
        intents=sorted(INTENTS),
    )


def _begun(bench: Bench) -> Response:
    form, say = request.form, visit().language.say
    entry, topic, intent = (form.get(name, "").strip() for name in ("entry", "topic", "intent"))
    taken = entry in bench.living.knowledge.entries or bench.editions.draft(entry).change is not None
    if not ENTRY_ID.fullmatch(entry) or entry == "new" or taken:
        return _new_entry(bench, form, say(_BAD_ID), 422)
    if topic not in bench.living.base.files.topics or intent not in INTENTS:
        return _new_entry(bench, form, say(_LABEL), 422)
    deed, version = bench.deed(), bench.editions.draft(entry).version
    try:
        bench.editions.save(_proposed(entry, topic, intent, bench.living.today()), version, deed)
    except Behind:
        return _new_entry(bench, form, say(_BEHIND), 409)
    if key := form.get("key", ""):
        bench.missed.settle(key[:32], deed.who, deed.at, "drafted")
    return to(f"/desk/entries/{entry}?said=saved")


def _proposed(entry: str, topic: str, intent: str, today: date) -> Change:
    form = request.form
    texts = {
        "intent": intent,
        "title.zh": tidy(form.get("title.zh", "")),
        "title.en": tidy(form.get("title.en", "")),
        "reviewed": today.isoformat(),
        "review_by": _months_later(today, _REVIEWED_FOR).isoformat(),
    }
    asked = tuple(_lines(form.get("phrase", "")))
    return Change(entry, topic, {path: ("", text) for path, text in texts.items() if text}, asked)


# -- small things --


def _rows(text: str) -> int:
    """How high a box is, so that most of a text is seen."""
    return min(16, max(2, 1 + sum(1 + len(line) // 40 for line in text.split("\n"))))

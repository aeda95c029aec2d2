"""Drafts of the knowledge: inspected with the yardstick, published, thrown away; and editions, rolled back.

Law: who publishes has seen just what is published, on top of just what was published before.
"""

from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, request

from bot.bench import Bench, filled, label, number, to
from bot.change import pieces
from bot.desk import Key, just_done, page, staff, time_words, visit
from bot.editions import Behind
from bot.faq import overdue
from bot.replay import Moved, Verdict
from bot.staff import Role
from bot.trial import Refused
from locator.api import json_answer
from locator.language import Language, mark

MOST_EDITIONS: Final = 20
MOST_MOVED: Final = 200

_SAID: Final = {
    "saved": mark("The draft is saved. Nothing is published yet."),
    "published": mark("Published. It is answered like this at once."),
    "later": mark("Published. It is answered like this from the day you named."),
    "dropped": mark("The draft is gone."),
    "back": mark("The older edition is published again."),
    "reviewed": mark("Noted in the draft: reviewed today. It counts once that is published."),
}
_BEHIND: Final = mark("Somebody else was faster. Nothing was changed. Please look at what is there now.")
_BAD_DAY: Final = mark("This is no day from tomorrow on. Leave it empty, and it holds at once.")
_VERDICTS: Final = {
    "answer": mark("answers “{titles}”"),
    "choice": mark("offers a choice: {titles}"),
    "none": mark("gives no answer"),
}
_INSPECT_KEYS: Final = (Key("e", mark("Edit the entry")), Key("p", mark("Go to “Publish”")))


def make_drafts(bench: Bench) -> Blueprint:
    """The pages."""
    pages = Blueprint("drafts", __name__, template_folder="templates", url_prefix="/desk")

    @pages.get("/drafts")
    def home() -> Response:
        return _overview(bench)

    @pages.post("/editions/back")
    def back() -> Response:
        try:
            edition = bench.editions.roll_back(number("to"), number("after"), bench.deed())
        except Behind:
            return _overview(bench, visit().language.say(_BEHIND), 409)
        bench.living.take(edition)
        return to("/desk/drafts?said=back")

    @pages.get("/drafts/<entry>")
    def inspect(entry: str) -> Response:
        return _inspected(bench, entry)

    @pages.get("/api/drafts/<entry>")
    def trial(entry: str) -> Response:
        edition, draft = bench.editions.newest(), bench.editions.draft(entry)
        is_done = draft.change is None or bench.trials.replay(edition, draft) is not None
        return json_answer({"done": is_done})

    @pages.post("/drafts/<entry>/publish")
    def publish(entry: str) -> Response:
        return _published(bench, entry)

    @pages.post("/drafts/<entry>/drop")
    def drop(entry: str) -> Response:
        try:
            bench.editions.drop(entry, number("version"), bench.deed())
        except Behind:
            return _inspected(bench, entry, visit().language.say(_BEHIND), 409)
        return to("/desk/drafts?said=dropped")

    return pages


def _overview(bench: Bench, problem: str = "", status: int = 200) -> Response:
    living = bench.living
    history = bench.editions.history(MOST_EDITIONS)
    return page(
        "drafts.html",
        status=status,
        problem=problem,
        said=just_done(_SAID),
        drafts=[(one, bench.title(one.entry)) for one in bench.editions.drafts()],
        unfit=[(one, bench.title(one.change.entry), filled(one.why, one.what)) for one in living.unfit],
        overdue=[
            (one.id, bench.title(one.id), one.review_by) for one in overdue(living.knowledge, living.today())
        ],
        history=history,
        newest=history[0].number if history else 0,
        title=bench.title,
        may_go_back=staff().role.includes(Role.ADMIN),
        when=time_words,
        count=len(living.knowledge.entries),
    )


def _published(bench: Bench, entry: str) -> Response:
    edition, draft, say = bench.editions.newest(), bench.editions.draft(entry), visit().language.say
    if (draft.version, edition.number) != (number("version"), number("edition")):
        return _inspected(bench, entry, say(_BEHIND), 409)
    since = _day(request.form.get("since", ""))
    if request.form.get("since") and (since is None or since <= bench.living.today()):
        return _inspected(bench, entry, say(_BAD_DAY), 422)
    try:
        bench.trials.publish(draft, edition, since, bench.deed())
    except Refused as refused:
        told = " ".join(filled(*one) for one in refused.refusals)
        return _inspected(bench, entry, told or say(_BEHIND), 422)
    except Behind:
        return _inspected(bench, entry, say(_BEHIND), 409)
    return to(f"/desk/drafts?said={'later' if since else 'published'}")


def _inspected(bench: Bench, entry: str, problem: str = "", status: int = 200) -> Response:
    state, edition = bench.state(entry), bench.editions.newest()
    draft = state.draft
    if draft.change is None:
        return _overview(bench, problem, status) if problem else to(f"/desk/entries/{entry}")
    refusals = bench.trials.refusals(edition, draft)
    replay = None if refusals else bench.trials.replay(edition, draft)
    language = visit().language
    return page(
        "inspect.html",
        status=status,
        keys=_INSPECT_KEYS,
        problem=problem,
        said=just_done(_SAID),
        entry=entry,
        title=bench.name(state),
        is_new=state.home is None,
        draft=draft,
        edition=edition.number,
        when=time_words,
        differences=[
            (label(path, language), list(pieces(*pair)), pair) for path, pair in draft.change.texts.items()
        ],
        refusals=[filled(*one) for one in refusals],
        replay=replay,
        figures=_figures(replay, language) if replay else [],
        moved=[_moved(bench, one) for one in replay.moved[:MOST_MOVED]] if replay else [],
        tomorrow=date.fromordinal(bench.living.today().toordinal() + 1).isoformat(),
    )


def _figures(replay: Any, language: Language) -> list[tuple[str, str, str, str]]:
    """Each figure, before and after, and whether that is better, worse or the same."""
    before, after = replay.before, replay.after
    return [
        (language.say(name), show(one), show(two), _trend(two - one if more_is_better else one - two))
        for name, one, two, show, more_is_better in (
            (_TOP1, before.top1, after.top1, _share, True),
            (_COVERAGE, before.coverage, after.coverage, _share, True),
            (_WRONG, before.wrong, after.wrong, str, False),
        )
    ]


_TOP1: Final = mark("The right entry comes first (questions on the card)")
_COVERAGE: Final = mark("Can be answered while 2 of 100 answers may be wrong")
_WRONG: Final = mark("Wrong answers")


def _share(value: float) -> str:
    return f"{value:.1%}"


def _trend(gain: float) -> str:
    if abs(gain) < 0.0005:
        return "same"
    return "better" if gain > 0 else "worse"


def _moved(bench: Bench, one: Moved) -> tuple[str, str, str, str]:
    """A question, what it gets before and after, and whether that is better or worse."""
    gain = one.after.is_right - one.before.is_right
    return one.question, _verdict(bench, one.before), _verdict(bench, one.after), _trend(gain)


def _verdict(bench: Bench, one: Verdict) -> str:
    titles = "、".join(map(bench.title, one.entries))
    sentence = _VERDICTS[one.kind]
    return visit().language.say(sentence, titles=titles)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

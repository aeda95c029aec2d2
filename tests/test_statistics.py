"""What is asked, in numbers: counted by day, kept when conversations go, shown without anybody in them."""

import csv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any, get_args
from zipfile import ZipFile

import orjson
import pytest
import sqlalchemy as sa
from flask_openapi3 import OpenAPI
from sqlalchemy import event
from werkzeug.test import TestResponse

from bot import mistake
from bot.answers import DECISIONS
from bot.audit import note
from bot.counts import Counts
from bot.database import Database, open_database
from bot.living import Living
from bot.ports import Message, Outcome, Party, Session
from bot.staff import Role
from bot.statistics import OUTCOMES, Listed, Statistics, Tally, percent
from bot.store import SqlStore
from bot.tables import AUDIT, COUNTED, LISTED, TALLIES, TURNS
from locator.hours import CHINA_TIME
from tests.desks import Clerk
from tests.props import Clock

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

DAY = date(2026, 10, 10)
NOON = datetime(2026, 10, 10, 12, 0, tzinfo=CHINA_TIME)
SECRET = "我叫王小二，卡丢了"
NOT_ASKED = {"ask-staff", "not-handed", "no-staff", "language", "forgotten"}


@pytest.fixture
def anywhere(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened


def ask(  # noqa: PLR0913 - what is counted of a turn
    database: Database,
    decision: str,
    at: datetime = NOON,
    *,
    entry: str = "",
    channel: str = "web",
    outlets: tuple[str, ...] = (),
    helpful: bool | None = None,
    text: str = SECRET,
    miss: bool = False,
) -> None:
    """Somebody asks, as the chat keeps it."""
    store = SqlStore(database)
    with database.reading() as connection:
        number = connection.execute(sa.select(sa.func.count()).select_from(TURNS)).scalar_one()
    cards = [{"number": place, "id": outlet} for place, outlet in enumerate(outlets, 1)]
    reply = orjson.dumps({"decision": decision, "spots": {"cards": cards} if cards else None})
    message = Message(Party(channel, f"party-{number}"), f"message-{number}", text, "", at)

    def work(session: Session) -> Outcome:
        return Outcome(session, decision, entry, reply, miss)

    store.once(message, work)
    if helpful is not None:
        store.note(message.party, message.id, helpful=helpful)


def seen(database: Database, days: int = 30, at: datetime = NOON) -> Statistics:
    return Counts(database).read(at.astimezone(CHINA_TIME).date() - timedelta(days - 1), at)


def sums(statistics: Statistics) -> list[tuple[str, int]]:
    return [(day.isoformat(), sum(by.values())) for day, by in statistics.by_day()]


# -- numbers made of counts --


def test_every_decision_is_a_question_with_an_outcome_or_known_to_be_none() -> None:
    assert OUTCOMES.keys() | NOT_ASKED == set(get_args(DECISIONS))
    assert OUTCOMES.keys() & NOT_ASKED == set()


def test_counts_become_series_by_day_outcome_channel_entry_and_outlet() -> None:
    statistics = Statistics(
        DAY,
        DAY + timedelta(2),
        [
            Tally(DAY, "web", "answer", "loss", 3, 1),
            Tally(DAY, "telegram", "answer", "fee", 4, 0),
            Tally(DAY, "web", "decline", "", 2, 0),
            Tally(DAY, "web", "language", "", 9, 0),
            Tally(DAY + timedelta(2), "web", "spots", "", 1, 0),
            Tally(DAY + timedelta(2), "web", "handed", "", 1, 0),
        ],
        [Listed(DAY, "b", 1), Listed(DAY, "a", 1), Listed(DAY + timedelta(2), "b", 2)],
    )
    assert sums(statistics) == [("2026-10-10", 9), ("2026-10-11", 0), ("2026-10-12", 2)]
    assert statistics.total == 11
    assert list(statistics.by_outcome().values()) == [8, 0, 2, 1]
    assert statistics.by_channel() == [("web", 7), ("telegram", 4)]
    assert statistics.by_entry() == [("fee", 4), ("loss", 3)]
    assert statistics.unhelpful() == [("loss", 1)]
    assert statistics.by_outlet() == [("b", 3), ("a", 1)]


@pytest.mark.parametrize("part, whole, shown", [(1, 3, 33), (2, 3, 67), (1, 8, 13), (0, 0, 0), (5, 5, 100)])
def test_percent_are_rounded_half_up(part: int, whole: int, shown: int) -> None:
    assert percent(part, whole) == shown


# -- counted in the database --


def test_questions_are_counted_by_the_day_in_china(anywhere: Database) -> None:
    for at in ("2026-10-08T23:59:59", "2026-10-09T00:00:00", "2026-10-09T23:59:59", "2026-10-10T00:00:00"):
        ask(anywhere, "answer", datetime.fromisoformat(f"{at}+08:00"), entry="loss")
    assert sums(seen(anywhere)) == [("2026-10-08", 1), ("2026-10-09", 2), ("2026-10-10", 1)]


def test_what_is_counted_of_a_turn_is_what_became_of_it_and_nobody(anywhere: Database) -> None:
    ask(anywhere, "answer", entry="loss", helpful=False)
    ask(anywhere, "answer", entry="loss", helpful=True)
    ask(anywhere, "answer", entry="loss", channel="telegram")
    ask(anywhere, "spots", outlets=("door-1", "door-2"))
    ask(anywhere, "answer", entry="fee", outlets=("door-2",))
    ask(anywhere, "language")
    statistics = seen(anywhere, 1)
    assert statistics.total == 5
    assert statistics.by_entry() == [("loss", 3), ("fee", 1)]
    assert statistics.unhelpful() == [("loss", 1)]
    assert statistics.by_channel() == [("web", 4), ("telegram", 1)]
    assert statistics.by_outlet() == [("door-2", 2), ("door-1", 1)]


def test_numbers_stay_when_conversations_are_forgotten(anywhere: Database) -> None:
    for ahead in range(5):
        ask(anywhere, "answer", NOON + timedelta(ahead), entry="loss", outlets=("door-1",), helpful=False)
    later = NOON + timedelta(days=20)
    before = seen(anywhere, at=later)
    Counts(anywhere).settle(later)
    SqlStore(anywhere).expire(later, timedelta(days=1))
    with anywhere.reading() as connection:
        assert connection.execute(sa.select(TURNS)).all() == []
        kept = repr([connection.execute(sa.select(table)).all() for table in (TALLIES, LISTED, COUNTED)])
    assert "party" not in kept
    assert SECRET not in kept
    after = seen(anywhere, at=later)
    assert after.total == 5
    assert (after.by_day(), after.by_entry()) == (before.by_day(), before.by_entry())
    assert (after.unhelpful(), after.by_outlet()) == (before.unhelpful(), before.by_outlet())


def test_a_day_is_counted_once_and_today_is_not_over(anywhere: Database) -> None:
    ask(anywhere, "answer", NOON - timedelta(days=1), entry="loss")
    ask(anywhere, "answer", NOON, entry="loss")
    counts = Counts(anywhere)
    for _ in range(3):
        counts.settle(NOON)
    ask(anywhere, "answer", NOON + timedelta(hours=1), entry="loss")
    assert sums(seen(anywhere, at=NOON + timedelta(hours=2))) == [("2026-10-09", 1), ("2026-10-10", 2)]
    with anywhere.reading() as connection:
        assert connection.execute(sa.select(COUNTED.c.day)).scalars().all() == [date(2026, 10, 9)]


@contextmanager
def just_before(words: str, meanwhile: Callable[[], None]) -> Iterator[list[str]]:
    """Have something happen just before the first statement with these words; the list tells whether it did."""
    happened: list[str] = []

    def look(_: Any, __: Any, statement: str, *___: Any) -> None:
        if words in statement and not happened:
            happened.append(statement)
            meanwhile()

    event.listen(sa.Engine, "before_cursor_execute", look)
    try:
        yield happened
    finally:
        event.remove(sa.Engine, "before_cursor_execute", look)


def test_a_day_that_is_settled_while_somebody_reads_is_neither_left_out_nor_counted_twice(
    anywhere: Database, database_url: str
) -> None:
    ask(anywhere, "answer", NOON - timedelta(days=1), entry="loss", outlets=("door-1",))
    with closing(open_database(database_url)) as another:
        for words in ("FROM tallies", "FROM turns"):
            with just_before(words, lambda: Counts(another).settle(NOON)) as happened:
                statistics = seen(anywhere)
            assert happened
            assert statistics.by_entry() == [("loss", 1)]
            assert statistics.by_outlet() == [("door-1", 1)]
            with another.transaction() as connection:
                for table in (COUNTED, TALLIES, LISTED):
                    connection.execute(sa.delete(table))


def test_two_processes_that_settle_at_once_count_a_day_once(anywhere: Database, database_url: str) -> None:
    ask(anywhere, "answer", NOON - timedelta(days=1), entry="loss")
    with (
        closing(open_database(database_url)) as another,
        just_before("turns.reply", lambda: Counts(another).settle(NOON)) as happened,
    ):
        Counts(anywhere).settle(NOON)
    assert happened
    assert seen(anywhere).by_entry() == [("loss", 1)]


def test_yesterday_is_over_a_minute_after_midnight(anywhere: Database) -> None:
    ask(anywhere, "answer", NOON)
    midnight = datetime(2026, 10, 11, tzinfo=CHINA_TIME)
    for at, counted in ((midnight + timedelta(seconds=59), []), (midnight + timedelta(seconds=60), [DAY])):
        Counts(anywhere).settle(at)
        with anywhere.reading() as connection:
            assert connection.execute(sa.select(COUNTED.c.day)).scalars().all() == counted


def test_days_on_which_nobody_asked_are_there_with_nothing_and_none_before_the_first(
    anywhere: Database,
) -> None:
    ask(anywhere, "answer", NOON - timedelta(days=3))
    assert sums(seen(anywhere)) == [
        ("2026-10-07", 1),
        ("2026-10-08", 0),
        ("2026-10-09", 0),
        ("2026-10-10", 0),
    ]
    assert sums(seen(anywhere, 2)) == [("2026-10-09", 0), ("2026-10-10", 0)]


def test_of_an_empty_database_there_is_today_with_nothing(anywhere: Database) -> None:
    Counts(anywhere).settle(NOON)
    assert sums(seen(anywhere)) == [("2026-10-10", 0)]


def test_replies_are_read_in_handfuls_and_each_once(anywhere: Database) -> None:
    row = {
        "channel": "web",
        "party": "p",
        "text": "",
        "choice": "",
        "decision": "spots",
        "entry": "",
        "reply": orjson.dumps({"spots": {"cards": [{"id": "door-1"}]}}),
    }
    with anywhere.transaction() as connection:
        rows = [{**row, "message": str(number), "at": NOON} for number in range(4_100)]
        connection.execute(sa.insert(TURNS), rows)
    assert seen(anywhere, 1).by_outlet() == [("door-1", 4_100)]


def test_missed_questions_come_in_order_and_no_mistakes_of_the_list_among_them(anywhere: Database) -> None:
    ask(anywhere, "decline", NOON - timedelta(days=40), text="很久以前", miss=True)
    for number in range(3):
        ask(anywhere, "decline", NOON + timedelta(minutes=number), text=f"问题{number}", miss=True)
    ask(anywhere, "answer", NOON, entry="loss", text="没用", helpful=False)
    ask(anywhere, "report", NOON, channel=mistake.CHANNEL, text="door-1 phone: 错", miss=True)
    found = list(Counts(anywhere).missed(NOON - timedelta(days=30)))
    assert [one.text for one in found] == ["问题0", "问题1", "问题2", "没用"]
    assert (found[-1].day, found[-1].entry, found[-1].decision) == (DAY, "loss", "answer")


# -- the page and the files --


@pytest.fixture
def asked(database: Database, clock: Clock, living: Living) -> Database:
    entry = next(iter(living.knowledge.entries))
    ask(database, "answer", clock(), entry=entry, helpful=False)
    ask(database, "answer", clock() - timedelta(days=2), entry=entry, channel="telegram")
    ask(database, "decline", clock(), miss=True)
    ask(database, "decline", clock(), text='=HYPERLINK("http://x")', miss=True)
    return database


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows_of(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


@pytest.mark.usefixtures("asked")
def test_the_page_tells_numbers_and_nothing_that_somebody_wrote(
    clerk: Callable[..., Clerk], living: Living
) -> None:
    page = text_of(clerk().get("/desk/statistics"))
    title = next(iter(living.knowledge.entries.values())).title.zh
    assert all(
        told in page for told in ("每天的提问", "已回答", "答不上", title, "Telegram", "2026年10月8日")
    )
    assert "王小二" not in page
    assert "HYPERLINK" not in page
    assert page.count("<rect class=") == 3
    assert '<th scope="row">10/10周六</th><td>3</td><td>1</td><td>0</td><td>2</td><td>0</td>' in page


@pytest.mark.parametrize("days, shown", [("7", "7"), ("90", "90"), ("8", "30"), ("", "30"), ("<b>", "30")])
@pytest.mark.usefixtures("asked")
def test_a_period_is_one_of_three(clerk: Callable[..., Clerk], days: str, shown: str) -> None:
    page = text_of(clerk().get("/desk/statistics", query_string={"days": days}))
    assert f'?days={shown}" aria-current="page"' in page


@pytest.mark.usefixtures("asked")
def test_only_editors_see_files_and_only_they_get_them(clerk: Callable[..., Clerk]) -> None:
    anna, bela = clerk(), clerk("bela", Role.EDITOR)
    assert "statistics.csv" not in text_of(anna.get("/desk/statistics"))
    assert "/desk/statistics.csv?days=90" in text_of(bela.get("/desk/statistics?days=90"))
    for name in ("statistics.csv", "statistics.xlsx", "misses.csv", "misses.xlsx"):
        assert anna.get(f"/desk/{name}").status_code == 403
        assert bela.get(f"/desk/{name}").status_code == 200


@pytest.mark.usefixtures("asked")
def test_the_numbers_come_as_a_file(clerk: Callable[..., Clerk], living: Living) -> None:
    entry = next(iter(living.knowledge.entries))
    answer = clerk("bela", Role.EDITOR).get("/desk/statistics.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=statistics.csv"
    assert rows_of(answer) == [
        ["日期", "渠道", "处理结果", "条目", "提问", "没有帮助"],
        ["2026-10-08", "Telegram", "已回答", entry, "1", "0"],
        ["2026-10-10", "网页", "已回答", entry, "1", "1"],
        ["2026-10-10", "网页", "答不上", "", "2", "0"],
    ]


@pytest.mark.usefixtures("asked")
def test_a_formula_that_somebody_asked_is_a_text_in_the_file(clerk: Callable[..., Clerk]) -> None:
    bela = clerk("bela", Role.EDITOR)
    told = {row[-1] for row in rows_of(bela.get("/desk/misses.csv"))[1:]}
    assert told == {SECRET, '\'=HYPERLINK("http://x")'}
    answer = bela.get("/desk/misses.xlsx")
    with ZipFile(BytesIO(answer.get_data())) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK(" in sheet
    assert "<f>" not in sheet


def test_too_many_questions_are_refused_in_words_and_nothing_is_noted(
    asked: Database, clerk: Callable[..., Clerk], clock: Clock
) -> None:
    with asked.transaction() as connection:
        top = connection.execute(sa.select(sa.func.max(TURNS.c.number))).scalar_one()
        last = sa.text(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
            " INSERT INTO turns (channel, message, party, text, choice, at, decision, entry, reply)"
            " SELECT 'web', 'm' || i, 'p', '问', '', :at, 'decline', '', '{}' FROM n"
        ).bindparams(sa.bindparam("at", clock(), TURNS.c.at.type))
        connection.execute(last)
        connection.execute(sa.text(f"INSERT INTO misses SELECT number, '问' FROM turns WHERE number > {top}"))
    answer = clerk("bela", Role.EDITOR).get("/desk/misses.csv")
    assert answer.status_code == 413
    assert "超过100000行" in answer.get_data(as_text=True)
    with asked.reading() as connection:
        assert connection.execute(sa.select(AUDIT.c.what)).scalars().all() == []


def test_who_took_a_file_is_noted(asked: Database, clerk: Callable[..., Clerk]) -> None:
    clerk("bela", Role.EDITOR).get("/desk/misses.csv?days=7")
    clerk("cai", Role.ADMIN).get("/desk/audit.xlsx?who=bela")
    with asked.reading() as connection:
        columns = (AUDIT.c.who, AUDIT.c.what, AUDIT.c.about, AUDIT.c.after)
        rows = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(AUDIT.c.number))]
    assert rows == [
        ("bela", "export.misses", "csv", {"days": "7"}),
        ("cai", "export.audit", "xlsx", {"who": "bela"}),
    ]


# -- what was done --


def noted(database: Database, times: int, at: datetime, who: str = "anna", what: str = "notice.add") -> None:
    with database.transaction() as connection:
        for number in range(times):
            note(connection, at=at, who=who, what=what, about=f"door-{number}", after={"reason": "装修"})


def test_what_was_done_is_told_newest_first_page_by_page(
    database: Database, clerk: Callable[..., Clerk], clock: Clock
) -> None:
    noted(database, 120, clock())
    cai, url, pages = clerk("cai", Role.ADMIN), "/desk/audit", []
    while url:
        page = text_of(cai.get(url))
        pages.append([int(part.split("<")[0]) for part in page.split("door-")[1:]])
        links = [part.split('"')[0] for part in page.split('href="') if "below=" in part.split('"')[0]]
        url = links[0].replace("&amp;", "&") if links else ""
    assert pages == [list(range(119, 69, -1)), list(range(69, 19, -1)), list(range(19, -1, -1))]


@pytest.mark.parametrize(
    "query, status, shown",
    [
        ("who=bela", 200, 2),
        ("what=sign-in", 200, 3),
        ("what=sign-in&who=bela", 200, 1),
        ("day=2026-10-09", 200, 1),
        ("day=2026-10-08", 200, 0),
        ("who=nobody", 200, 5),
        ("day=yesterday", 422, 5),
        ("day=9999-12-31", 422, 5),
        ("below=99999999999999999999", 200, 5),
        ("below=x&who=%00", 200, 5),
    ],
)
def test_what_was_done_is_found_by_name_deed_and_day(  # noqa: PLR0913, PLR0917 - a table
    database: Database, clerk: Callable[..., Clerk], clock: Clock, query: str, status: int, shown: int
) -> None:
    noted(database, 1, clock() - timedelta(days=1), "bela")
    noted(database, 1, clock(), "bela", "sign-in")
    noted(database, 2, clock(), "anna", "sign-in")
    noted(database, 1, clock(), "anna")
    answer = clerk("cai", Role.ADMIN).get(f"/desk/audit?{query}")
    assert answer.status_code == status
    assert answer.get_data(as_text=True).count("<time>") == shown


def test_what_was_done_comes_as_a_file_with_what_it_was_before(
    database: Database, clerk: Callable[..., Clerk], clock: Clock
) -> None:
    noted(database, 1, clock(), "=bela")
    rows = rows_of(clerk("cai", Role.ADMIN).get("/desk/audit.csv"))
    assert rows == [
        ["时间", "谁", "做了什么", "对象", "之前", "之后"],
        ["2026-10-10 10:00:00", "'=bela", "notice.add", "door-0", "", '{"reason":"装修"}'],
    ]


def test_deeds_are_told_in_words_and_one_without_words_by_its_name(
    database: Database, clerk: Callable[..., Clerk], clock: Clock
) -> None:
    noted(database, 1, clock(), what="account.role")
    noted(database, 1, clock(), what="made.up")
    page = text_of(clerk("cai", Role.ADMIN).get("/desk/audit"))
    assert "<span>更改角色</span>" in page
    assert "<span>made.up</span>" in page
    assert '<option value="account.role">更改角色</option>' in page


def test_only_administrators_see_what_was_done(desk: OpenAPI, clerk: Callable[..., Clerk]) -> None:
    del desk
    bela, cai = clerk("bela", Role.EDITOR), clerk("cai", Role.ADMIN)
    assert bela.get("/desk/audit").status_code == 403
    assert "/desk/audit" not in text_of(bela.get("/desk/statistics"))
    assert 'href="/desk/audit"' in text_of(cai.get("/desk/statistics"))

"""What the desk is told of halls: entered, read back, changed and withdrawn, and at once on every face."""

import csv
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from hypothesis import given
from hypothesis import strategies as st

from bot.board import Board
from bot.chat import Chat
from bot.closure_form import GROUPS, REASONS, Wrong, empty_form, filled_form, read_form
from bot.closures import Closures, Filed, Overlaps, Overtaken, may_change
from bot.database import Database, open_database
from bot.directory import Directory
from bot.living import Living
from bot.nearby import Nearby
from bot.pace import Pace
from bot.spoken import SIMPLIFIED
from bot.staff import Role, Staff
from bot.store import SqlStore
from bot.tables import AUDIT, CLOSURES
from bot.telegram import Telegram
from locator.errors import BadInput
from locator.guide import Informed, make_live
from locator.hours import CHINA_TIME, WEEKDAYS, read_hours
from locator.model import Name, Notice, NoticeKind
from locator.notices import NONE
from locator.settings import Settings
from tests.desks import Clerk
from tests.doors import SATURDAY_WORKED, door, finder
from tests.props import Clock
from tests.reading import read
from tests.test_update import ME, sent

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

NOW = SATURDAY_WORKED  # 2026-10-10 10:00
HALL = "a-hall"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA_TIME)


def closed(from_: str = "2026-10-10", until: str | None = "2026-10-13", outlet: str = HALL) -> Notice:
    return Notice(
        outlet,
        NoticeKind.CLOSED,
        at(from_),
        at(until) if until else None,
        date(2026, 10, 10),
        Name("装修", "renovation"),
    )


def form(**fields: str) -> dict[str, str]:
    """A form as it is filled in for a closure of three days."""
    filled = {
        "kind": "closed",
        "from_day": "2026-10-10",
        "until_day": "2026-10-12",
        "reason": "装修",
        "source": "电话问过大厅",
    }
    return filled | fields


# -- the form --


def test_a_form_that_is_filled_in_is_a_notice() -> None:
    typed = read_form(form(), HALL, NOW)
    assert typed == (closed(), "电话问过大厅")


@pytest.mark.parametrize(
    ("fields", "begins", "ends"),
    [
        ({}, "2026-10-10 00:00", "2026-10-13 00:00"),
        ({"from_time": "13:30"}, "2026-10-10 13:30", "2026-10-13 00:00"),
        ({"until_time": "12:00"}, "2026-10-10 00:00", "2026-10-12 12:00"),
        ({"until_day": ""}, "2026-10-10 00:00", None),
        ({"until_day": "2026-10-10"}, "2026-10-10 00:00", "2026-10-11 00:00"),
        ({"from_day": "2026-10-01"}, "2026-10-01 00:00", "2026-10-13 00:00"),
    ],
)
def test_a_day_without_a_time_counts_whole(fields: dict[str, str], begins: str, ends: str | None) -> None:
    notice = read_form(form(**fields), HALL, NOW).notice
    assert (notice.from_, notice.until) == (at(begins), at(ends) if ends else None)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("kind", {"kind": "open"}),
        ("kind", {"kind": ""}),
        ("from", {"from_day": ""}),
        ("from", {"from_day": "2026-13-01"}),
        ("from", {"from_day": "tomorrow"}),
        ("from", {"from_day": "20261010"}),
        ("from", {"from_day": "2062-10-10"}),
        ("from", {"from_time": "25:00"}),
        ("from", {"from_time": "9"}),
        ("from", {"from_day": "", "from_time": "09:00"}),
        ("until", {"until_day": "2026-10-09"}),
        ("until", {"until_day": "2026-10-10", "until_time": "00:00"}),
        ("until", {"until_day": "", "until_time": "12:00"}),
        ("until", {"from_day": "2026-10-01", "until_day": "2026-10-09"}),
        ("until", {"until_day": "2026-10-10", "until_time": "10:00"}),
        ("until", {"until_day": "9999-12-31"}),
        ("reason", {"reason": ""}),
        ("reason", {"reason": "  \t"}),
        ("reason", {"reason": "修" * 61}),
        ("reason", {"reason": "装\u202e修"}),
        ("reason", {"reason": "装\x00修"}),
        ("reason_en", {"reason_en": "r" * 61}),
        ("source", {"source": ""}),
        ("source", {"source": "网" * 301}),
    ],
)
def test_what_is_wrong_is_told_at_its_field(field: str, fields: dict[str, str]) -> None:
    with pytest.raises(Wrong) as caught:
        read_form(form(**fields), HALL, NOW)
    assert list(caught.value.problems) == [field]
    assert SIMPLIFIED.say(caught.value.problems[field]) != caught.value.problems[field]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Wrong) as caught:
        read_form({}, HALL, NOW)
    assert set(caught.value.problems) == {"kind", "from", "reason", "source"}


@pytest.mark.parametrize(
    ("row_a", "row_b", "holidays", "hours"),
    [
        ("Mo Tu We Th Fr 09:00 12:00", "", "", "Mo-Fr 09:00-12:00"),
        ("Mo Tu We Fr 09:00 12:00 14:00 17:00", "", "off", "Mo-We,Fr 09:00-12:00,14:00-17:00; PH off"),
        ("Mo Tu 09:00 12:00", "Sa 10:00 11:00", "off", "Mo-Tu 09:00-12:00; Sa 10:00-11:00; PH off"),
        ("Mo 09:00 12:00", "", "open", "Mo 09:00-12:00; PH 09:00-12:00"),
        ("", "Sa Su 09:00 12:00", "", "Sa-Su 09:00-12:00"),
    ],
)
def test_ticked_days_and_times_are_hours_and_come_back_as_they_were_ticked(
    row_a: str, row_b: str, holidays: str, hours: str
) -> None:
    fields = form(kind="hours", holidays=holidays) | ticked("a", row_a) | ticked("b", row_b)
    notice = read_form(fields, HALL, NOW).notice
    assert notice.hours == hours
    again = read_form(filled_form(filed(notice)), HALL, NOW).notice
    assert again == notice


def ticked(group: str, row: str) -> dict[str, str]:
    days = {f"{group}_{word}": "on" for word in row.split() if word in WEEKDAYS}
    times = [word for word in row.split() if word not in WEEKDAYS]
    return days | dict(
        zip((f"{group}_{edge}" for edge in ("opens", "closes", "opens_2", "closes_2")), times, strict=False)
    )


def filed(notice: Notice) -> Filed:
    return Filed("1", 1, notice, "电话问过大厅", "anna", "anna", NOW)


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "Mo",
        "09:00 12:00",
        "Mo 09:00",
        "Mo 12:00 09:00",
        "Mo 09:00 09:00",
        "Mo 09:00 12:00 11:00 17:00",
        "Mo 09:00 12:00 14:00",
        "Mo 9:00 12:00",
        "Mo 09:00 24:30",
    ],
)
def test_hours_that_cannot_be_are_refused_at_the_hours(rows: str) -> None:
    with pytest.raises(Wrong) as caught:
        read_form(form(kind="hours") | ticked("a", rows), HALL, NOW)
    assert list(caught.value.problems) == ["hours"]


def test_a_day_has_one_row() -> None:
    with pytest.raises(Wrong) as caught:
        read_form(
            form(kind="hours") | ticked("a", "Mo 09:00 12:00") | ticked("b", "Mo 14:00 17:00"), HALL, NOW
        )
    assert list(caught.value.problems) == ["hours"]


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *form(),
                "from_time",
                "until_time",
                "reason_en",
                "holidays",
                "a_Mo",
                "b_Su",
                "a_opens",
                "a_closes",
            ]
        ),
        st.one_of(
            st.text(max_size=80), st.sampled_from(["closed", "hours", "09:00", "2026-10-12", "open", "on"])
        ),
    )
)
def test_whatever_is_typed_is_a_notice_or_told_what_is_wrong(fields: dict[str, str]) -> None:
    try:
        notice = read_form(form() | fields, HALL, NOW).notice
    except Wrong as wrong:
        assert wrong.problems  # noqa: PT017 - one of both
    else:
        assert notice.until is None or notice.until > NOW
        if notice.hours:
            read_hours(notice.hours)


def test_common_reasons_need_no_english() -> None:
    for reason in REASONS:
        assert read_form(form(reason=SIMPLIFIED.say(reason)), HALL, NOW).notice.reason.en == reason
    assert read_form(form(reason="装修", reason_en="new floor"), HALL, NOW).notice.reason.en == "new floor"
    assert read_form(form(reason="换地板"), HALL, NOW).notice.reason.en == ""


def test_an_empty_form_closes_from_today_and_lacks_what_only_people_know() -> None:
    with pytest.raises(Wrong) as caught:
        read_form(empty_form(NOW), HALL, NOW)
    assert set(caught.value.problems) == {"reason", "source"}
    assert len(GROUPS) == 2


# -- the database --


@pytest.fixture
def opened(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as database:
        yield database


def audited(database: Database) -> list[tuple[str, str]]:
    with database.statements() as connection:
        return [(row.who, row.what) for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number))]


def test_a_notice_is_kept_changed_and_withdrawn_and_nothing_is_lost(opened: Database) -> None:
    closures = Closures(opened)
    first = closures.add(closed(), "电话", who="anna", at=NOW)
    second = closures.change(first.id, 1, closed(until=None), "公函", who="bela", at=NOW)
    assert closures.newest(HALL) == [second]
    assert (second.version, second.author, second.who) == (2, "anna", "bela")
    assert closures.telling(NOW) == [closed(until=None)]
    last = closures.withdraw(first.id, 2, who="bela", at=NOW)
    assert last.is_withdrawn
    assert closures.find(first.id) == last
    assert closures.telling(NOW) == []
    with opened.statements() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(CLOSURES)).scalar() == 3
    assert audited(opened) == [("anna", "notice.add"), ("bela", "notice.change"), ("bela", "notice.withdraw")]


def test_nobody_changes_a_version_that_they_have_not_seen(opened: Database) -> None:
    closures = Closures(opened)
    first = closures.add(closed(), "电话", who="anna", at=NOW)
    newest = closures.change(first.id, 1, closed(until=None), "公函", who="bela", at=NOW)
    with pytest.raises(Overtaken) as caught:
        closures.change(first.id, 1, closed("2026-10-11"), "电话", who="anna", at=NOW)
    assert caught.value.newest == newest
    with pytest.raises(Overtaken):
        closures.withdraw(first.id, 1, who="anna", at=NOW)
    closures.withdraw(first.id, 2, who="anna", at=NOW)
    with pytest.raises(Overtaken):
        closures.change(first.id, 3, closed(), "电话", who="anna", at=NOW)
    with pytest.raises(KeyError):
        closures.withdraw("none", 1, who="anna", at=NOW)


def test_what_is_over_stays_as_it_was(opened: Database) -> None:
    closures = Closures(opened)
    first = closures.add(closed(), "电话", who="anna", at=NOW)
    with pytest.raises(Overtaken):
        closures.withdraw(first.id, 1, who="anna", at=at("2026-10-13"))


@pytest.mark.parametrize(
    ("from_", "until", "fits"),
    [
        ("2026-10-10", "2026-10-13", False),
        ("2026-10-12 23:59", "2026-10-20", False),
        ("2026-10-01", None, False),
        ("2026-10-13", None, True),
        ("2026-10-01", "2026-10-10", True),
    ],
)
def test_two_closures_of_one_hall_at_once_are_refused(
    opened: Database, from_: str, until: str | None, fits: bool
) -> None:
    closures = Closures(opened)
    first = closures.add(closed(), "电话", who="anna", at=NOW)
    closures.add(closed(outlet="another"), "电话", who="anna", at=NOW)
    other_hours = Notice(HALL, NoticeKind.HOURS, NOW, None, NOW.date(), hours="Mo-Fr 09:00-12:00")
    closures.add(other_hours, "电话", who="anna", at=NOW)
    if fits:
        assert closures.add(closed(from_, until), "电话", who="bela", at=NOW).version == 1
        return
    with pytest.raises(Overlaps) as caught:
        closures.add(closed(from_, until), "电话", who="bela", at=NOW)
    assert caught.value.other == first
    assert closures.change(first.id, 1, closed(from_, until), "电话", who="bela", at=NOW).version == 2
    closures.withdraw(first.id, 2, who="bela", at=NOW)
    assert closures.add(closed(from_, until), "电话", who="bela", at=NOW).version == 1


def test_of_many_who_close_a_hall_at_once_one_does(opened: Database) -> None:
    closures = Closures(opened)

    def close(who: str) -> bool:
        try:
            closures.add(closed(), "电话", who=who, at=NOW)
        except Overlaps:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(close, map(str, range(12)))) == 1
    assert len(closures.newest(HALL)) == 1


def test_who_made_sure_of_a_hall_is_kept_once_a_day(opened: Database) -> None:
    closures = Closures(opened)
    assert closures.checked_by(HALL) is None
    for who, when in (("anna", NOW), ("bela", NOW + timedelta(hours=1)), ("bela", NOW + timedelta(days=2))):
        closures.check(HALL, who=who, at=when)
    assert closures.checked_by(HALL) == (date(2026, 10, 12), "bela")
    assert closures.checked() == {HALL: date(2026, 10, 12)}
    assert audited(opened) == [("anna", "outlet.checked"), ("bela", "outlet.checked")]


def test_the_day_somebody_made_sure_is_the_day_in_china(opened: Database) -> None:
    closures = Closures(opened)
    closures.check(HALL, who="anna", at=datetime.fromisoformat("2026-10-10T16:30:00+00:00"))
    assert closures.checked() == {HALL: date(2026, 10, 11)}


def test_each_may_change_their_own_and_an_editor_everybodys() -> None:
    mine = filed(closed())
    assert may_change(Staff("anna", Role.AGENT), mine)
    assert not may_change(Staff("bela", Role.AGENT), mine)
    assert may_change(Staff("bela", Role.EDITOR), mine)
    assert may_change(Staff("carl", Role.ADMIN), mine)


# -- what each process knows --


def test_the_board_gives_the_same_object_until_something_is_new(opened: Database) -> None:
    here, elsewhere = Closures(opened), Board(Closures(opened), lambda: NOW)
    elsewhere.look()
    assert elsewhere.notices() is NONE
    first = here.add(closed(), "电话", who="anna", at=NOW)
    assert elsewhere.notices() is NONE
    elsewhere.look()
    told = elsewhere.notices()
    assert told.of(HALL) == (closed(),)
    elsewhere.look()
    assert elsewhere.notices() is told
    here.check("another", who="anna", at=NOW)
    elsewhere.look()
    assert elsewhere.notices().checked == {"another": NOW.date()}
    here.withdraw(first.id, 1, who="anna", at=NOW)
    elsewhere.look()
    assert elsewhere.notices().of(HALL) == ()


def test_what_ended_long_ago_burdens_nobody(opened: Database) -> None:
    Closures(opened).add(closed(), "电话", who="anna", at=NOW)
    later = Board(Closures(opened), lambda: at("2026-11-10"))
    later.look()
    assert later.notices().outlet_ids == frozenset()


def test_a_database_that_is_gone_leaves_what_was_known_and_is_told_of_once(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_database(sqlite_url)) as database:
        Closures(database).add(closed(), "电话", who="anna", at=NOW)
        board = Board(Closures(database), lambda: NOW)
        board.look()
        with database.transaction() as connection:
            connection.exec_driver_sql("ALTER TABLE closures RENAME TO away")
        for _ in range(3):
            board.look()
        assert board.notices().of(HALL) == (closed(),)
        assert len(caplog.records) == 1
        with database.transaction() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO closures")
        board.look()
        assert board.notices().of(HALL) == (closed(),)


# -- the directory --

DOORS = finder(
    [
        door(1, 29.5, 106.4, district="沙坪坝区", name="沙坪坝区社会保险中心"),
        door(2, 29.5, 106.4, district="江津区", name="江津区政务服务中心"),
        door(3, 28.9, 105.4, district="江阳区", city="泸州市", name="泸州市政务服务中心"),
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {1, 2, 3}),
        ("江津", {2}),
        ("shapingba", {1}),
        ("spbq", {1}),
        ("政务 泸州", {3}),
        ("测试路2号", {2}),
        ("沙坪垻区社会保险中", {1}),
        ("江津区政务服务中新", {2}),
        ("Test outlet 3", {3}),
        ("成都", set()),
        ("<script>", set()),
    ],
)
def test_a_hall_is_found_by_what_people_type(text: str, found: set[int]) -> None:
    assert {int(outlet.id[-6:]) for outlet in Directory().find(text, DOORS)} == found


def test_a_hall_whose_name_begins_like_this_comes_first() -> None:
    halls = finder(
        [
            door(1, 29.5, 106.4, name="巴南区江津路大厅", district="江津区"),
            door(2, 29.5, 106.4, name="江津大厅", district="永川区"),
        ]
    )
    for text in ("江津", "jiangjin"):
        assert [outlet.name.zh for outlet in Directory().find(text, halls)] == [
            "江津大厅",
            "巴南区江津路大厅",
        ]


def test_who_types_a_novel_is_refused() -> None:
    with pytest.raises(BadInput):
        Directory().find("沙" * 61, DOORS)


# -- at the desk, and on every face --

QUESTION = "沙坪坝附近现在哪里开门"
TOLD = "临时停办：装修，至10月12日（周一）"


def open_now(client: FlaskClient) -> list[str]:
    """The ids of the nearest halls that are open, as programs are told."""
    answer = client.post("/api/v1/nearest", json={"place": "沙坪坝区", "limit": 3, "open_at": "now"})
    assert answer.status_code == 200
    return [feature["properties"]["id"] for feature in answer.get_json(force=True)["features"]]


def chat_cards(client: FlaskClient) -> list[str]:
    answer = client.post("/api/v1/ask", json={"text": QUESTION}).get_json()
    return [card["id"] for card in answer["spots"]["cards"]]


def page_cards(client: FlaskClient) -> list[str]:
    answer = client.post("/", data={"place": "沙坪坝区", "open": "now"})
    return re.findall(r'<li class="card" id="([^"]+)"', answer.get_data(as_text=True))


@pytest.fixture
def hall(desk: OpenAPI) -> str:
    """The nearest that is open."""
    return open_now(desk.test_client())[0]


def tell(clerk: Clerk, hall: str, **fields: str) -> Any:
    return clerk.post(f"/desk/outlets/{hall}/notices", **form(step="tell", **fields))


def words(answer: Any) -> str:
    return read(answer).text


def only(database: Database) -> Filed:
    (filed_one,) = Closures(database).newest()
    return filed_one


def test_a_closure_changes_the_nearest_answer_on_every_face_at_once(
    desk: OpenAPI, clerk: Callable[..., Clerk], hall: str, clock: Clock
) -> None:
    anna, citizen = clerk(), desk.test_client()
    for face in (open_now, chat_cards, page_cards):
        assert face(citizen)[0] == hall
    answer = tell(anna, hall)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/outlets/{hall}?said=told")
    for face in (open_now, chat_cards, page_cards):
        assert hall not in face(citizen)
    assert TOLD in words(citizen.get(f"/outlets/{hall}"))
    assert TOLD in words(anna.get(f"/desk/outlets/{hall}?said=told"))
    assert TOLD in words(anna.get("/desk/outlets"))
    # Nobody does anything: it is over on Tuesday, and the clock alone goes on.
    clock.now = at("2026-10-13 10:00")
    for face in (open_now, chat_cards, page_cards):
        assert face(citizen)[0] == hall
    assert "临时停办" not in words(citizen.get(f"/outlets/{hall}"))


def test_another_process_and_telegram_tell_it_as_soon_as_they_look(
    living: Living, database: Database, clerk: Callable[..., Clerk], hall: str
) -> None:
    board = Board(Closures(database), lambda: NOW)
    nearby = Nearby(Informed(make_live(Settings()), board.notices))
    chat = Chat(living, nearby, SqlStore(database), Pace(100, 100))
    telegram = Telegram(chat, nearby, lambda: NOW, keeps_days=30)
    outlet = nearby.outlet_of(hall)
    assert outlet
    name = outlet.name.zh

    def told(message: int) -> str:
        (call,) = telegram.answer(sent({"text": QUESTION, "message_id": message}), ME).calls
        return str(call.fields["text"])

    assert name in told(1)
    tell(clerk(), hall)
    board.look()
    assert name not in told(2)


def test_a_notice_in_force_is_withdrawn_and_everything_is_as_before(
    desk: OpenAPI, clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    anna = clerk()
    tell(anna, hall)
    assert open_now(desk.test_client())[0] != hall
    answer = anna.post(f"/desk/outlets/{hall}/notices/{only(database).id}/withdraw", version="1")
    assert answer.headers["Location"].endswith("?said=withdrawn")
    assert open_now(desk.test_client())[0] == hall
    text = words(anna.get(f"/desk/outlets/{hall}"))
    assert "已撤回" in text
    assert "没有通知" in text


def test_other_hours_are_told_in_words(desk: OpenAPI, clerk: Callable[..., Clerk], hall: str) -> None:
    rows = ticked("a", "Mo Tu We Th Fr Sa 14:00 16:00")
    assert tell(clerk(), hall, kind="hours", reason="停电", holidays="off", **rows).status_code == 303
    page = words(desk.test_client().get(f"/outlets/{hall}"))
    assert "时间临时调整（停电），至10月12日（周一）：周一至周六 14:00–16:00" in page
    assert "14:00 开门" in page
    assert "power cut" in words(desk.test_client().get(f"/outlets/{hall}?lang=en"))


def test_it_is_read_as_people_will_read_it_before_anybody_is_told(
    clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    anna = clerk()
    looked = words(anna.post(f"/desk/outlets/{hall}/notices", **form(step="look", from_day="2026-10-11")))
    assert "10月11日（周日）至10月12日（周一）临时停办：装修" in looked
    assert f"生效期间 {TOLD}" in looked.replace("\n", " ")
    assert "Temporarily closed: renovation" in looked
    previewed = anna.send(f"/desk/api/outlets/{hall}/preview", form())
    assert previewed.status_code == 200
    assert TOLD in words(previewed)
    assert "请用几个字写明原因" in words(anna.send(f"/desk/api/outlets/{hall}/preview", form(reason="")))
    assert "还没填完" in words(anna.send(f"/desk/api/outlets/{hall}/preview", [1]))
    assert Closures(database).newest() == []


def test_what_was_typed_is_there_again_with_what_is_wrong(
    clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    answer = tell(clerk(), hall, until_day="2026-10-09", reason="<b>装修</b>", source="")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'value="2026-10-09"' in page
    assert 'value="&lt;b&gt;装修&lt;/b&gt;"' in page
    assert "<b>装修" not in page
    assert "结束要在开始之后" in page
    assert "请写明消息来源" in page
    assert Closures(database).newest() == []


def test_a_closure_on_top_of_another_is_refused_with_that_one(clerk: Callable[..., Clerk], hall: str) -> None:
    anna = clerk()
    tell(anna, hall)
    answer = tell(anna, hall, from_day="2026-10-12", until_day="", reason="停电")
    assert answer.status_code == 422
    assert "已经有同类通知：10月10日（周六）至10月12日（周一）临时停办：装修" in words(answer)
    assert 'value="停电"' in answer.get_data(as_text=True)
    assert 'id="from-error"' in answer.get_data(as_text=True)


def test_two_who_change_one_notice_see_each_other(
    clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    anna, bela = clerk(), clerk("bela", Role.EDITOR)
    tell(anna, hall)
    url = f"/desk/outlets/{hall}/notices/{only(database).id}"
    assert 'name="version" value="1"' in bela.get(url).get_data(as_text=True)
    assert bela.post(url, **form(step="tell", version="1", until_day="2026-10-20")).status_code == 303
    looked = anna.post(url, **form(step="look", version="1", reason="停电"))
    assert looked.status_code == 409
    answer = anna.post(url, **form(step="tell", version="1", reason="停电"))
    assert answer.status_code == 409
    assert "bela 先改了一步，现在的通知是“10月10日（周六）至10月20日（周二）临时停办：装修”" in words(answer)
    page = answer.get_data(as_text=True)
    assert 'value="停电"' in page
    assert 'name="version" value="2"' in page
    assert only(database).version == 2
    assert anna.post(url, **form(step="tell", version="2", reason="停电")).status_code == 303
    assert only(database).notice.reason == Name("停电", "power cut")
    assert anna.post(f"{url}/withdraw", version="2").status_code == 409
    assert not only(database).is_withdrawn


def test_who_changes_what_is_over_by_now_has_the_words_for_a_new_one(
    clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    anna = clerk()
    tell(anna, hall)
    url = f"/desk/outlets/{hall}/notices/{only(database).id}"
    anna.post(f"{url}/withdraw", version="1")
    answer = anna.post(url, **form(step="tell", version="1", reason="停电"))
    assert answer.status_code == 409
    assert f'action="/desk/outlets/{hall}/notices"' in answer.get_data(as_text=True)
    assert 'value="停电"' in answer.get_data(as_text=True)


def test_an_agent_leaves_what_others_entered_to_them_or_an_editor(
    clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    tell(clerk(), hall)
    url = f"/desk/outlets/{hall}/notices/{only(database).id}"
    carl, bela = clerk("carl"), clerk("bela", Role.EDITOR)
    refused = [
        carl.get(url),
        carl.post(url, **form(step="tell", version="1")),
        carl.post(f"{url}/withdraw", version="1"),
    ]
    for answer in refused:
        assert answer.status_code == 403
        assert "这条通知是 anna 填的" in words(answer)
    assert url not in carl.get(f"/desk/outlets/{hall}").get_data(as_text=True)
    assert only(database).version == 1
    assert bela.post(f"{url}/withdraw", version="1").status_code == 303
    assert only(database).is_withdrawn


def test_one_tap_says_that_a_hall_was_checked_today(
    desk: OpenAPI, clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    anna, citizen = clerk(), desk.test_client()
    assert "2026年10月10日核对过" not in words(citizen.get(f"/outlets/{hall}"))
    assert anna.post(f"/desk/outlets/{hall}/check").status_code == 303
    assert "2026年10月10日核对过" in words(citizen.get(f"/outlets/{hall}"))
    assert "2026年10月10日核对过" in words(citizen.post("/", data={"place": "沙坪坝区", "open": "now"}))
    assert "（anna）" in words(anna.get(f"/desk/outlets/{hall}")).replace("(", "（").replace(")", "）")
    assert "今天向大厅" not in words(anna.get(f"/desk/outlets/{hall}"))
    assert audited(database) == [("anna", "outlet.checked")]


def test_what_is_not_there_is_said_to_be_not_there(
    clerk: Callable[..., Clerk], hall: str, database: Database
) -> None:
    anna = clerk()
    tell(anna, hall)
    elsewhere = f"/desk/outlets/another/notices/{only(database).id}"
    for answer in (
        anna.get("/desk/outlets/another"),
        anna.get(elsewhere),
        anna.get(f"/desk/outlets/{hall}/notices/none"),
        anna.post("/desk/outlets/another/check"),
        anna.post("/desk/outlets/another/notices", **form(step="tell")),
        anna.send("/desk/api/outlets/another/preview", form()),
    ):
        assert answer.status_code == 404
        assert "名单里没有这个大厅" in words(answer)


def test_a_notice_of_a_hall_that_left_the_list_is_in_force_nowhere(
    clerk: Callable[..., Clerk], database: Database
) -> None:
    Closures(database).add(closed(outlet="gone-hall"), "电话", who="anna", at=NOW)
    page = clerk().get("/desk/outlets")
    assert page.status_code == 200
    assert "现在没有通知" in words(page)


def test_halls_are_found_at_the_desk_with_and_without_scripts(clerk: Callable[..., Clerk]) -> None:
    anna = clerk()
    for answer in (
        anna.post("/desk/outlets", text="qijiang"),
        anna.send("/desk/api/outlets/find", {"text": "qijiang"}),
    ):
        assert answer.status_code == 200
        assert "綦江" in words(answer)
        assert "江津区" not in words(answer)
    assert anna.post("/desk/outlets", text="长" * 61).status_code == 422
    assert anna.send("/desk/api/outlets/find", {"text": "长" * 61}).status_code == 422
    nothing = anna.post("/desk/outlets", text="<script>alert(1)</script>")
    assert "<script>alert" not in nothing.get_data(as_text=True)
    assert "没有查到这样的大厅" in words(nothing)


def test_an_editor_takes_the_notices_along_for_the_list_and_no_cell_is_a_formula(
    clerk: Callable[..., Clerk], hall: str
) -> None:
    anna, bela = clerk(), clerk("bela", Role.EDITOR)
    tell(anna, hall, source="=1+1")
    anna.post(f"/desk/outlets/{hall}/check")
    assert anna.get("/desk/outlets/files/notices.csv").status_code == 403
    assert "files/notices.csv" not in anna.get("/desk/outlets").get_data(as_text=True)
    assert "files/notices.csv" in bela.get("/desk/outlets").get_data(as_text=True)
    notices, checked = (
        list(csv.DictReader(StringIO(bela.get(f"/desk/outlets/files/{name}.csv").data.decode("utf-8-sig"))))
        for name in ("notices", "checked")
    )
    assert [(row["outlet"], row["kind"], row["from"]) for row in notices] == [
        (hall, "closed", "2026-10-10T00:00+08:00")
    ]
    assert notices[0]["source"] == "'=1+1"
    assert [(row["outlet"], row["checked"]) for row in checked] == [(hall, "2026-10-10")]
    assert bela.get("/desk/outlets/files/others.csv").status_code == 404


def test_the_desk_speaks_english_too(clerk: Callable[..., Clerk], hall: str) -> None:
    ben = clerk("ben", language="en")
    tell(ben, hall)
    page = words(ben.get(f"/desk/outlets/{hall}"))
    assert "New notice" in page
    assert "Temporarily closed: renovation" in page

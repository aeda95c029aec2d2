"""The numbers and what was done, in a real browser: small and large, light and dark, by keyboard, and what axe says of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from bot.adviser import Adviser
from bot.audit import note
from bot.database import Database
from bot.staff import Role
from bot.tables import MISSES, TURNS
from tests.desks import DeskServer, OpenDesk
from tests.watching import barriers, no_complaints

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}
PHONE_DARK = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
DESKTOP_DARK = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}
SCREENS = [PHONE, PHONE_DARK, DESKTOP, DESKTOP_DARK]
NAMES = ["phone", "phone, dark", "desktop", "desktop, dark"]
KINDS = (
    ["answer"] * 9
    + ["spots"] * 3
    + ["clarify"] * 2
    + ["ask-where"]
    + ["decline"] * 3
    + ["handed", "language"]
)
FORMULA = "=1+1 我的卡丢了怎么办"


@pytest.fixture(scope="module")
def busy(desk_server: DeskServer, adviser: Adviser) -> DeskServer:
    """Somebody has asked and worked for sixty days."""
    fill(desk_server.database, sorted(adviser.knowledge.entries), datetime.now(UTC))
    return desk_server


def fill(database: Database, entries: list[str], at: datetime) -> None:
    turns = list(turns_of(entries, at))
    misses = [{"turn": one["number"], "folded": "x"} for one in turns if one["decision"] == "decline"]
    with database.transaction() as connection:
        connection.execute(sa.insert(TURNS), turns)
        connection.execute(sa.insert(MISSES), misses)
        for number in range(60):
            what, about = (("notice.add", "lz-001"), ("account.role", "mei"))[number % 2]
            before, after = (
                {"role": "agent", "reason": None},
                {"role": "editor", "reason": "大厅装修" * (number % 9)},
            )
            note(
                connection, at=at, who=f"anna{number % 3}", what=what, about=about, before=before, after=after
            )


def turns_of(entries: list[str], at: datetime) -> Iterator[dict[str, Any]]:
    number = 10_000
    for ago in range(60):
        for _ in range(3 + (ago * 7) % 23):
            number += 1
            kind = KINDS[number * 7 % len(KINDS)]
            cards = [{"id": f"hall-{one}"} for one in range(number % 5)] if kind == "spots" else []
            yield {
                "number": number,
                "channel": "telegram" if number % 3 == 0 else "web",
                "message": f"m{number}",
                "party": f"p{number}",
                "text": FORMULA,
                "choice": "",
                "at": at - timedelta(days=ago),
                "decision": kind,
                "entry": entries[number // 3 % 14] if kind == "answer" else "",
                "reply": orjson.dumps({"spots": {"cards": cards} if cards else None}),
                "helpful": False if number % 11 == 0 else None,
            }


def is_wider_than_the_screen(page: Page) -> bool:
    wider: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return wider


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
@pytest.mark.parametrize("path", ["/desk/statistics?days=7", "/desk/statistics?days=90", "/desk/audit"])
def test_nothing_stands_in_the_way_of_anybody(
    desk_page: OpenDesk, busy: DeskServer, path: str, screen: dict[str, Any]
) -> None:
    page, watch = desk_page(path, role=Role.ADMIN, **screen)
    with no_complaints(watch, busy.url):
        for closed in page.locator("details").all():
            closed.locator("summary").press("Enter")
        assert barriers(page) == []
        assert not is_wider_than_the_screen(page)


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("days", [7, 30])
def test_every_letter_of_the_chart_is_on_the_page_and_beside_no_other(
    desk_page: OpenDesk, busy: DeskServer, days: int, screen: dict[str, Any]
) -> None:
    del busy
    page, _ = desk_page(f"/desk/statistics?days={days}", **screen)
    boxes = [one.bounding_box() for one in page.locator(".bars-day:visible").all()]
    assert 2 < len(boxes) < 8
    edge = 0.0
    for box in filter(None, boxes):
        assert box["x"] > edge
        edge = box["x"] + box["width"]
    assert edge < screen["viewport"]["width"]
    scale = page.locator(".bars-scale").first.bounding_box()
    assert scale
    assert scale["x"] > 0


def test_bars_are_as_long_on_the_screen_as_what_they_stand_for(desk_page: OpenDesk, busy: DeskServer) -> None:
    del busy
    page, _ = desk_page("/desk/statistics?days=30")
    rows = page.locator(".figures-ranked").first.locator("tbody tr")
    shown = []
    for row in rows.all():
        box = row.locator(".bar rect").bounding_box()
        assert box
        shown.append(box["width"] / int(row.locator("td").inner_text()))
    assert len(shown) == 10
    assert max(shown) - min(shown) < 0.02 * max(shown)


def test_an_editor_gets_the_files_by_keyboard_alone_and_they_open(
    desk_page: OpenDesk, busy: DeskServer
) -> None:
    del busy
    page, _ = desk_page("/desk/statistics", role=Role.EDITOR)
    for name, ending in (("没答好的问题（CSV）", "csv"), ("没答好的问题（XLSX）", "xlsx")):
        with page.expect_download() as taken:
            page.get_by_role("link", name=name).press("Enter")
        assert taken.value.suggested_filename == f"misses.{ending}"
        content = taken.value.path().read_bytes()
        assert content.startswith(b"PK" if ending == "xlsx" else b"\xef\xbb\xbf")
        assert ending == "xlsx" or f'"\'{FORMULA}"'.encode() in content
    expect(page.get_by_role("heading", level=1)).to_have_text("统计")


def test_what_one_person_did_is_found_by_keyboard_alone(desk_page: OpenDesk, busy: DeskServer) -> None:
    page, _ = desk_page("/desk/audit", role=Role.ADMIN)
    page.locator("#who").focus()
    page.keyboard.type("anna1")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "显示":
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{busy.url}/desk/audit?who=anna1&what=notice.add&day=")
    expect(page.locator(".audit-list li")).to_have_count(10)

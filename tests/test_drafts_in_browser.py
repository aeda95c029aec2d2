"""The knowledge at the desk in a real browser: by keyboard alone, two editors at once, and what axe says of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.adviser import Adviser
from bot.change import Change
from bot.chat import Chat
from bot.editions import Deed, Editions
from bot.living import Base, Living
from bot.nearby import Nearby
from bot.pace import Pace
from bot.staff import Role
from bot.store import SqlStore
from bot.telegram import Telegram
from bot.update import Me
from locator.guide import make_live
from locator.settings import Settings
from tests.desks import DeskServer, OpenDesk
from tests.watching import barriers, no_complaints

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

MISSED = "我嘞卡卡儿遭水冲起跑了咋整"
OTHER = "卡儿遭狗叼起跑了啷个整"
NASTY = "<script>document.title='owned'</script>咕噜咕噜"
LONG = "呜啦" * 60
PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}
Told = Callable[[str], str]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def ask_on_telegram(desk_server: DeskServer, base: Base, adviser: Adviser) -> Told:
    """What somebody on Telegram is told, by another process than the one that serves the desk."""
    living = Living(base, Editions(desk_server.database), now, adviser)
    living.watch()
    nearby = Nearby(make_live(Settings()))
    chat = Chat(living, nearby, SqlStore(desk_server.database), Pace(1_000, 1_000))
    telegram = Telegram(chat, nearby, now, 30)
    numbers = iter(range(1, 1_000))

    def told(text: str) -> str:
        living.look()
        number = next(numbers)
        sender = {"id": number, "is_bot": False, "first_name": "A", "language_code": "zh"}
        message = {
            "message_id": number,
            "date": 1_795_000_000,
            "chat": {"id": number, "type": "private"},
            "from": sender,
            "text": text,
        }
        answered = telegram.answer({"update_id": number, "message": message}, Me(1, "bot"))
        return str(json.loads(answered.calls[0].body)["text"])

    return told


@pytest.fixture(scope="module")
def asked(desk_server: DeskServer, base: Base, adviser: Adviser, ask_on_telegram: Told) -> None:
    """Citizens asked what is not answered well."""
    del base, adviser
    for text in (MISSED, MISSED, MISSED, OTHER, OTHER, NASTY, LONG):
        ask_on_telegram(text)
    del desk_server


def ask_on_the_web(page: Page, text: str) -> str:
    answer: str = page.evaluate(
        """async text => (await (await fetch("/api/v1/ask", {
            method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({text}),
        })).json()).entry""",
        text,
    )
    return answer


@pytest.mark.usefixtures("asked")
def test_an_editor_turns_a_miss_into_a_phrase_by_keyboard_alone(
    desk_page: OpenDesk, desk_server: DeskServer, ask_on_telegram: Told
) -> None:
    page, watch = desk_page("/desk/misses", name="kim", role=Role.EDITOR)
    page.set_default_timeout(60_000)
    assert ask_on_the_web(page, MISSED) != "loss-report"
    assert ask_on_telegram(MISSED) != ask_on_telegram("社保卡挂失")
    with no_complaints(watch, desk_server.url):
        first = page.locator("[data-miss]").first
        expect(first).to_be_focused()
        expect(first.locator(".asked")).to_have_text(MISSED)
        page.keyboard.press("j")
        expect(page.locator("[data-miss]").nth(1)).to_be_focused()
        page.keyboard.press("k")
        page.keyboard.press("a")
        page.keyboard.type("挂失 · loss-report")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("说法已加入“到窗口挂失”的草稿")
        expect(page.locator("[data-miss]").first).to_be_focused()
        page.keyboard.press("i")
        expect(page.get_by_role("button", name="发布")).to_be_visible(timeout=60_000)
        page.wait_for_load_state()
        page.keyboard.press("p")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("已发布，立即按新的回答。", timeout=20_000)
    assert ask_on_the_web(page, MISSED) == "loss-report"
    assert ask_on_telegram(MISSED) == ask_on_telegram("社保卡挂失")


@pytest.mark.usefixtures("asked")
def test_a_script_in_a_question_is_text(desk_page: OpenDesk) -> None:
    page, _ = desk_page("/desk/misses", name="kai", role=Role.EDITOR)
    expect(page.get_by_text(NASTY)).to_be_visible()
    expect(page).not_to_have_title("owned")


def test_two_editors_collide_and_nothing_is_lost(desk_page: OpenDesk) -> None:
    one, _ = desk_page("/desk/entries/fee", name="uma", role=Role.EDITOR)
    two, _ = desk_page("/desk/entries/fee", name="vic", role=Role.EDITOR)
    for page in (one, two):
        page.set_default_timeout(60_000)
    one.locator("[id='title.zh']").fill("乌玛的标题")
    one.get_by_role("button", name="保存草稿").click()
    expect(one.get_by_role("status").first).to_contain_text("草稿已保存")
    two.locator("[id='title.zh']").fill("维克的标题")
    two.get_by_role("button", name="保存草稿").click()
    expect(two.get_by_role("alert")).to_contain_text("uma-editor 在此期间改过这个条目")
    expect(two.locator("[id='title.zh']")).to_have_value("维克的标题")
    expect(two.locator("[id='theirs-title.zh']")).to_contain_text("乌玛的标题")
    assert barriers(two) == []
    two.get_by_role("button", name="保存草稿").click()
    expect(two.locator(".difference ins").first).to_contain_text("维克")


def wait_for_replay(page: Page) -> None:
    if page.url.endswith("/drafts/activate"):
        expect(page.get_by_role("button", name="发布")).to_be_visible(timeout=60_000)


STATES = [
    ("/desk/misses", Role.EDITOR),
    ("/desk/misses", Role.AGENT),
    ("/desk/drafts", Role.ADMIN),
    ("/desk/drafts/activate", Role.EDITOR),
    ("/desk/entries", Role.EDITOR),
    ("/desk/entries/loss-report", Role.EDITOR),
]


@pytest.fixture(scope="module")
def drafted(desk_server: DeskServer) -> None:
    """Somebody is at work on an entry."""
    phrase = Change("activate", asked=("我那张新卡卡要开一哈不",), unasked=("开卡",))
    Editions(desk_server.database).add(phrase, Deed("wu", now()))


@pytest.mark.usefixtures("asked", "drafted")
@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone, light", "desktop, dark"])
@pytest.mark.parametrize(("path", "role"), STATES)
def test_nothing_stands_in_the_way_of_anybody(
    desk_page: OpenDesk, path: str, role: Role, screen: dict[str, Any]
) -> None:
    page, _ = desk_page(path, role=role, **screen)
    wait_for_replay(page)
    assert barriers(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")

"""The chat in a real browser: by touch, by keyboard, by ear, offline; and what leaves it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.watching import Browse, Watch, barriers, no_complaints, watched

HERE = {"latitude": 29.547_654, "longitude": 106.463_219}
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
CHAT = "**/api/v1/chat"
ASKED = "卡丢了，沙坪坝附近哪里可以补"

Open = Callable[..., tuple[Page, Watch]]


@pytest.fixture
def open_page(browse: Browse, bot_server: str) -> Open:
    """Open a path of the whole product; keyword arguments are the browser context's."""

    def opened(path: str = "/chat", *, scripts: bool = True, **options: Any) -> tuple[Page, Watch]:
        context = browse(bot_server, **options)
        if not scripts:
            # Not by the browser's setting: axe is a script too.
            context.route("**/static/bot/*.js", lambda route: route.abort())
        page, watch = watched(context)
        page.goto(path)
        return page, watch

    return opened


def replies(page: Page) -> Locator:
    return page.locator(".turn.us")


def say(page: Page, text: str) -> Locator:
    """Write and send it; the reply."""
    before = replies(page).count()
    page.locator("#chat-text").fill(text)
    page.locator("[data-chat-send]").click()
    reply = replies(page).nth(before)
    reply.wait_for()
    return reply


def press(page: Page, words: str) -> Locator:
    before = replies(page).count()
    replies(page).last.locator(".pick", has_text=words).first.click()
    reply = replies(page).nth(before)
    reply.wait_for()
    return reply


def focused(page: Page) -> str:
    words: str = page.evaluate("document.activeElement.id || document.activeElement.textContent")
    return words.strip()


def go_to(page: Page, words: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there."""
    for _ in range(60):
        if words in focused(page):
            return
        page.keyboard.press(key)
    pytest.fail(f"no way to “{words}” by {key}; now at “{focused(page)}”")


# -- the talk: lost card, new card, a place, a Saturday --

TALK_ZH = ("社保卡丢了怎么办", "丢了补一张", "附近哪里能办", "重庆市", "沙坪坝区", "周六上午去")
TALK_EN = (
    "I lost my card",
    "Replace a lost card",
    "Where nearby",
    "Chongqing",
    "Shapingba",
    "on Saturday morning",
)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize(("path", "talk"), [("/chat", TALK_ZH), ("/chat?lang=en", TALK_EN)], ids=["zh", "en"])
def test_the_talk_by_keyboard_alone(
    open_page: Open, bot_server: str, viewport: dict[str, int], path: str, talk: tuple[str, ...]
) -> None:
    page, watch = open_page(path, viewport=viewport)
    with no_complaints(watch, bot_server):
        first, *buttons, last = talk
        go_to(page, "chat-text")
        page.keyboard.type(first)
        page.keyboard.press("Enter")
        expect(replies(page)).to_have_count(1)
        expect(page.locator("#chat-text")).to_be_focused()
        go_to(page, buttons[0], "Shift+Tab")
        for number, words in enumerate(buttons, start=2):
            go_to(page, words)
            page.keyboard.press("Enter")
            expect(replies(page)).to_have_count(number)
            expect(replies(page).last.locator(".pick").first).to_be_focused()
        expect(replies(page).last.locator(".card")).to_have_count(3)
        go_to(page, "chat-text")
        page.keyboard.type(last)
        page.keyboard.press("Enter")
        expect(replies(page)).to_have_count(len(talk))
        expect(replies(page).last).to_contain_text("周六" if path == "/chat" else "Sat")
        expect(page.locator(".chat-map .outlet")).to_have_count(3)
        page.wait_for_load_state("networkidle")
    assert not [url for url in watch.urls if "%E6%B2%99" in url or "Shapingba" in url]


def test_the_talk_without_scripts(open_page: Open) -> None:
    page, _ = open_page(java_script_enabled=False)
    page.locator("#chat-text").fill("卡丢了")
    page.locator("[data-chat-send]").click()
    for words in ("丢了补一张", "附近哪里能办", "重庆市", "沙坪坝区"):
        page.locator(".log .pick", has_text=words).first.click()
    expect(page.locator(".card")).to_have_count(3)
    page.locator("#chat-text").fill("周六上午去")
    page.locator("[data-chat-send]").click()
    expect(page.locator(".log")).to_contain_text("周六")
    assert page.locator(".you").inner_text().split()[-1] == "周六上午去"


def test_with_scripts_a_reply_reads_the_same_as_without(open_page: Open) -> None:
    shown = []
    for scripts in (True, False):
        page, _ = open_page(scripts=scripts)
        say(page, ASKED)
        for fold in page.locator(".log summary").all():
            fold.click()
        page.locator(".chat-map").evaluate_all("maps => maps.forEach((map) => map.remove())")
        shown.append(re.sub(r"\s+", " ", page.locator(".log").inner_text()).strip())
    # A button is a box of its own here and there; only the spaces beside it may differ.
    with_scripts, without = (text.replace(" ", "") for text in shown)
    assert with_scripts == without
    assert "重庆市九龙坡区" in without


# -- nobody is kept out --

LOOKS = [
    ("/chat", PHONE, "light"),
    ("/chat", DESKTOP, "dark"),
    ("/chat?lang=zh-Hant", PHONE, "dark"),
    ("/chat?lang=en", PHONE, "light"),
    ("/chat?lang=en", DESKTOP, "light"),
]


@pytest.mark.parametrize(("path", "viewport", "colours"), LOOKS)
def test_axe_finds_no_barrier_in_any_state(
    open_page: Open, path: str, viewport: dict[str, int], colours: str
) -> None:
    where = {"permissions": ["geolocation"], "geolocation": HERE}
    page, _ = open_page(path, viewport=viewport, color_scheme=colours, **where)
    found = {"empty": barriers(page)}
    for text in ("社保卡丢了怎么办", "密码", ASKED, "我要找人工", "换个地方"):
        say(page, text)  # all of it stays in the log
    page.locator(".pick.here").last.click()
    found["after all that, and asked for a position"] = barriers(page)
    page.locator(".opinion .small").first.click()
    page.locator(".thanks").wait_for()
    page.locator("#chat-text").fill({"/chat": "挂失", "/chat?lang=zh-Hant": "掛失"}.get(path, "lost"))
    page.locator(".suggestion").first.wait_for()
    found["suggestions"] = barriers(page)
    page.route(CHAT, lambda route: route.abort())
    page.locator("#chat-text").press("Enter")
    page.locator(".unsent").wait_for()
    found["offline"] = barriers(page)
    page.unroute(CHAT)
    page.route(CHAT, lambda route: route.fulfill(status=429, headers={"Retry-After": "60"}, body="{}"))
    page.locator(".unsent button").click()
    page.locator(".problem p").wait_for()
    found["too fast"] = barriers(page)
    assert {state: faults for state, faults in found.items() if faults} == {}


@pytest.mark.parametrize(("path", "viewport", "colours"), LOOKS)
def test_axe_finds_no_barrier_without_scripts(
    open_page: Open, path: str, viewport: dict[str, int], colours: str
) -> None:
    page, _ = open_page(path, scripts=False, viewport=viewport, color_scheme=colours)
    found = {"empty": barriers(page)}
    say(page, ASKED)
    found["outlets"] = barriers(page)
    page.locator("[data-chat-send]").click()
    page.locator(".problem p").wait_for()
    found["refused"] = barriers(page)
    assert {state: faults for state, faults in found.items() if faults} == {}


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_no_barrier_in_the_panel(open_page: Open, viewport: dict[str, int]) -> None:
    page, _ = open_page("/?district=沙坪坝区", viewport=viewport)
    assert barriers(page) == []
    page.locator("[data-chat-open]").click()
    say(page, ASKED)
    page.locator(".chat-map .outlet").first.wait_for()
    assert barriers(page) == []


def test_what_is_said_is_a_log_and_each_line_has_its_speaker(open_page: Open) -> None:
    page, _ = open_page()
    reply = say(page, "社保卡丢了怎么办")
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.locator(".you .who")).to_have_text("您说：")
    expect(reply.get_by_role("heading", name="回答：")).to_have_count(1)


def test_that_an_answer_is_being_looked_up_is_said_once(open_page: Open) -> None:
    page, _ = open_page()
    waiting: list[Route] = []
    page.route(CHAT, lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.locator("#chat-text").fill("卡丢了")
    page.locator("#chat-text").press("Enter")
    expect(page.locator("[data-chat-status]")).to_have_text("正在查……")
    page.locator("#chat-text").fill("还有")
    page.locator("#chat-text").press("Enter")  # not before the answer is there
    expect(page.locator("#chat-text")).to_have_value("还有")
    (route,) = waiting
    route.continue_()
    expect(replies(page)).to_have_count(1)
    expect(page.locator("[data-chat-status]")).to_have_text("")
    expect(page.locator("#chat-text")).to_have_value("还有")


def test_enter_that_chooses_a_chinese_word_sends_nothing(open_page: Open) -> None:
    page, watch = open_page()
    page.locator("#chat-text").fill("ka diu le")
    page.locator("#chat-text").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    page.locator("#chat-text").press("Shift+Enter")
    expect(page.locator("#chat-text")).to_have_value("ka diu le\n")
    expect(page.locator(".turn")).to_have_count(0)
    assert not [request for request in watch.requests if request.method == "POST"]


def test_on_a_touch_screen_the_keyboard_makes_room_for_the_answer(open_page: Open) -> None:
    page, _ = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    reply = say(page, "社保卡丢了怎么办")
    expect(reply).to_be_focused()
    expect(page.locator(".you")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", ["/chat", "/chat?lang=en"])
def test_nothing_is_wider_than_the_narrowest_phone(open_page: Open, path: str) -> None:
    page, _ = open_page(path, viewport={"width": 320, "height": 640})
    for text in (ASKED, "去哪里办", "密码"):
        say(page, text)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_to_press_is_large_enough_for_a_finger(open_page: Open) -> None:
    page, _ = open_page(viewport=PHONE)
    say(page, "社保卡丢了怎么办")
    say(page, ASKED)
    targets = page.locator("main button:visible, .top a, summary, .apps a, .tel, .dial, textarea")
    heights = {one.inner_text()[:20]: box["height"] for one in targets.all() if (box := one.bounding_box())}
    # A card's number is drawn smaller than the area that takes the touch.
    assert {words: height for words, height in heights.items() if height < 44 and not words.isdigit()} == {}


def test_the_button_to_send_stays_in_sight_with_the_keyboard_and_suggestions_open(open_page: Open) -> None:
    page, _ = open_page(viewport={"width": 360, "height": 400})
    page.locator("#chat-text").fill("挂失")
    expect(page.locator(".suggestion")).to_have_count(3)
    expect(page.locator("[data-chat-send]")).to_be_in_viewport(ratio=1)
    expect(page.locator("#chat-text")).to_be_in_viewport(ratio=1)


# -- suggestions --


def test_suggestions_come_without_a_keystroke_leaving_the_browser(open_page: Open) -> None:
    page, watch = open_page()
    page.locator("#chat-text").click()
    page.wait_for_load_state("networkidle")
    before = len(watch.requests)
    page.locator("#chat-text").press_sequentially("解挂")
    expect(page.locator(".suggestion").first).to_have_text("卡找到了：解挂")
    expect(page.locator("[data-chat-count]")).to_contain_text(re.compile(r"有\d个相近的问题"))
    assert len(watch.requests) == before
    assert len([url for url in watch.urls if "/topics" in url]) == 1


def test_suggestions_are_chosen_and_closed_by_keyboard(open_page: Open) -> None:
    page, _ = open_page()
    box = page.locator("#chat-text")
    box.click()
    page.wait_for_load_state("networkidle")
    box.press_sequentially("挂失")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".suggestion").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".suggestions")).to_be_hidden()
    expect(box).to_have_value("挂失")
    box.press_sequentially("的")
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    chosen = focused(page)
    page.keyboard.press("Enter")
    expect(page.locator(".you .text")).to_have_text(chosen)
    expect(replies(page)).to_have_count(1)


# -- a position --


def test_a_position_is_shared_rounded_and_only_after_its_purpose_was_said(open_page: Open) -> None:
    page, watch = open_page(permissions=["geolocation"], geolocation=HERE)
    say(page, "去哪里办")
    page.locator(".pick.here").click()
    expect(page.locator(".here-box")).to_contain_text("只用来算距离")
    expect(page.locator(".here-box")).to_contain_text("一个多小时就删掉")
    assert (
        len(
            [
                request
                for request in watch.requests
                if request.url.endswith("/chat") and request.method == "POST"
            ]
        )
        == 1
    )
    page.locator(".here-box .go").click()
    expect(replies(page).last.locator(".card")).to_have_count(3)
    expect(page.locator(".you").last).to_contain_text("我现在的位置")
    sent = json.loads(
        watch.requests[-1].post_data
        or next(r.post_data for r in reversed(watch.requests) if r.post_data)
        or "{}"
    )
    assert (sent["lat"], sent["lon"], sent["datum"]) == (29.548, 106.463, "wgs84")
    assert not [url for url in [*watch.urls, page.url] if "29.5" in url or "106.4" in url]
    kept = page.evaluate("Object.values(sessionStorage).join()")
    assert "29.548" not in kept
    assert '"origin":null' in kept
    expect(page.locator(".chat-map .outlet")).to_have_count(3)
    expect(page.locator(".chat-map .from")).to_have_count(0)


def test_who_does_not_want_to_share_goes_back_to_where_they_were(open_page: Open) -> None:
    page, watch = open_page(permissions=["geolocation"], geolocation=HERE)
    say(page, "去哪里办")
    page.locator(".pick.here").click()
    page.locator(".here-box .second").click()
    expect(page.locator(".here-box")).to_have_count(0)
    expect(page.locator(".pick.here")).to_be_focused()
    assert not [request for request in watch.requests if "lat" in (request.post_data or "")]


@pytest.mark.parametrize(
    ("code", "words"), [(1, "没有得到允许"), (2, "现在无法确定您的位置"), (3, "等了太久")]
)
def test_a_position_that_cannot_be_had_is_told_in_its_own_words(
    open_page: Open, code: int, words: str
) -> None:
    page, _ = open_page()
    page.evaluate("code => { navigator.geolocation.getCurrentPosition = (_, fail) => fail({ code }); }", code)
    say(page, "去哪里办")
    page.locator(".pick.here").click()
    page.locator(".here-box .go").click()
    expect(page.locator(".here-box")).to_contain_text(words)
    expect(page.locator("#chat-text")).to_be_focused()


# -- what goes wrong --


def test_what_was_not_sent_is_sent_again_under_the_same_id(open_page: Open) -> None:
    page, watch = open_page()
    page.route(CHAT, lambda route: route.abort())
    page.locator("#chat-text").fill("卡丢了")
    page.locator("#chat-text").press("Enter")
    expect(page.locator(".unsent")).to_contain_text("没有发出去")
    page.unroute(CHAT)
    page.get_by_role("button", name="再发一次").click()
    expect(replies(page)).to_have_count(1)
    expect(page.locator(".unsent")).to_have_count(0)
    first, second = sent_messages(watch)
    assert first == second
    assert page.locator(".you").count() == 1


def sent_messages(watch: Watch) -> list[dict[str, Any]]:
    sent = [json.loads(one.post_data or "{}") for one in watch.requests if one.url.endswith("/api/v1/chat")]
    return [{name: value for name, value in one.items() if name != "token"} for one in sent]


def test_what_was_not_sent_is_still_there_after_the_page_is_loaded_again(open_page: Open) -> None:
    page, watch = open_page()
    page.route(CHAT, lambda route: route.abort())
    page.locator("#chat-text").fill("卡丢了")
    page.locator("#chat-text").press("Enter")
    page.locator(".unsent").wait_for()
    page.unroute(CHAT)
    page.reload()
    page.get_by_role("button", name="再发一次").click()
    expect(replies(page)).to_have_count(1)
    first, second = sent_messages(watch)
    assert first == second


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "另一次对话"),
        (409, "请您再发一次"),
        (410, "已经没有了"),
        (413, "写得太长了"),
        (422, "这个我读不懂"),
    ],
)
def test_what_is_refused_goes_back_into_the_box(open_page: Open, status: int, words: str) -> None:
    page, _ = open_page()
    page.route(CHAT, lambda route: route.fulfill(status=status, body="{}"))
    page.locator("#chat-text").fill("卡丢了")
    page.locator("#chat-text").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.locator("#chat-text")).to_have_value("卡丢了")
    expect(page.locator("#chat-text")).to_be_focused()
    expect(page.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_when_the_service_fails_it_says_sorry_and_12333(open_page: Open, status: int) -> None:
    page, _ = open_page()
    page.route(CHAT, lambda route: route.fulfill(status=status, body="broken"))
    page.locator("#chat-text").fill("卡丢了")
    page.locator("#chat-text").press("Enter")
    expect(page.locator(".unsent a[href='tel:12333']")).to_have_count(1)
    page.unroute(CHAT)
    page.get_by_role("button", name="再发一次").click()
    expect(replies(page)).to_have_count(1)


def test_who_writes_too_fast_sees_the_seconds_go_by(open_page: Open) -> None:
    page, _ = open_page()
    page.route(CHAT, lambda route: route.fulfill(status=429, headers={"Retry-After": "2"}, body="{}"))
    page.locator("#chat-text").fill("卡丢了")
    page.locator("#chat-text").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("请等2秒")
    send = page.locator("[data-chat-send]")
    expect(send).to_have_attribute("aria-disabled", "true")
    page.unroute(CHAT)
    page.locator("#chat-text").press("Enter")  # too early: nothing happens
    expect(page.locator("#chat-text")).to_have_value("卡丢了")
    expect(send).to_have_text("发送")
    send.click()
    expect(replies(page)).to_have_count(1)


def test_a_token_that_is_not_valid_any_more_is_renewed_without_a_word(open_page: Open) -> None:
    page, watch = open_page()
    page.evaluate("sessionStorage.setItem('luyu-card-token', '\"old\"')")
    say(page, "卡丢了")
    assert [url.rpartition("/")[2] for url in watch.urls if "/api/v1/" in url and "topics" not in url] == [
        "chat",
        "visitors",
        "chat",
    ]
    assert page.locator(".problem").inner_text() == ""


def test_an_empty_question_is_asked_for(open_page: Open) -> None:
    page, watch = open_page()
    page.locator("[data-chat-send]").click()
    expect(page.get_by_role("alert")).to_contain_text("请先写下您想问的")
    expect(page.locator("#chat-text")).to_be_focused()
    assert not [request for request in watch.requests if request.method == "POST"]


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "</script><b>bold</b>", "{{ 7*7 }}"])
def test_what_anybody_wrote_stays_text(open_page: Open, text: str) -> None:
    page, _ = open_page()
    page.route(CHAT, lambda route: altered(route, text))
    say(page, text)
    expect(page.locator(".you .text")).to_have_text(text)
    expect(page.locator(".us .text").first).to_contain_text(text)
    assert page.locator(".log img, .log b, .log script").count() == 0
    page.unroute(CHAT)
    page.reload()
    expect(page.locator(".you .text")).to_have_text(text)
    assert page.locator(".log img, .log b, .log script").count() == 0


def altered(route: Route, text: str) -> None:
    reply = route.fetch().json()
    reply |= {
        "text": text,
        "sources": [text],
        "buttons": [{"id": "entry:lost", "text": text, "kind": "entry"}],
    }
    route.fulfill(json=reply)


# -- what this tab remembers --


def test_a_conversation_outlives_a_reload_and_its_buttons_still_work(open_page: Open) -> None:
    page, _ = open_page()
    say(page, "社保卡丢了怎么办")
    say(page, ASKED)
    before = page.locator(".log .answer").first.inner_text()
    page.reload()
    expect(replies(page)).to_have_count(2)
    assert page.locator(".log .answer").first.inner_text() == before
    expect(page.locator(".chat-map")).to_have_count(1)
    press(page, "换个地方")


def test_only_the_newest_outlets_have_a_map(open_page: Open) -> None:
    page, _ = open_page()
    say(page, ASKED)
    expect(page.locator(".chat-map .outlet")).to_have_count(3)
    say(page, "合江县呢")
    expect(replies(page).last.locator(".chat-map .outlet")).to_have_count(3)
    expect(page.locator(".chat-map")).to_have_count(1)
    expect(replies(page).first.locator("button.number")).to_have_count(0)
    replies(page).last.locator("button.number").nth(1).click()
    expect(replies(page).last.locator(".card").nth(1)).to_have_class(re.compile("chosen"))


def test_what_is_half_written_outlives_a_change_of_language(open_page: Open) -> None:
    page, _ = open_page()
    say(page, "卡丢了")
    page.locator("#chat-text").fill("还有一个问题")
    page.get_by_role("link", name="English").click()
    expect(page.locator("#chat-text")).to_have_value("还有一个问题")
    expect(replies(page)).to_have_count(1)
    expect(page.locator("h1")).to_have_text("Ask about the social security card")


def test_a_language_that_is_asked_for_is_that_of_the_whole_page(open_page: Open) -> None:
    page, _ = open_page()
    say(page, "English please")
    page.wait_for_url("**/chat?lang=en")
    expect(replies(page)).to_have_count(1)
    expect(say(page, "我的卡丢了").locator(".answer")).to_have_attribute("lang", "en")


def test_forget_me_empties_the_page_and_what_the_tab_remembers(open_page: Open) -> None:
    page, _ = open_page()
    say(page, "卡丢了，在天星桥")
    page.get_by_role("button", name="忘记我").click()
    expect(page.locator(".log")).to_contain_text("都已经删除了")
    expect(page.locator(".you")).to_have_count(0)
    assert "天星桥" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_without_storage_all_works_and_is_forgotten(open_page: Open) -> None:
    page, watch = open_page("about:blank")
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('off'); } });"
    )
    page.goto("/chat")
    say(page, "卡丢了")
    say(page, "要带什么")
    assert len([url for url in watch.urls if "visitors" in url]) == 1
    page.reload()
    expect(page.locator(".turn")).to_have_count(0)


def test_an_opinion_is_thanked_for_and_remembered(open_page: Open) -> None:
    page, _ = open_page()
    say(page, "社保卡丢了怎么办")
    page.get_by_role("button", name="没有", exact=True).click()
    expect(page.locator(".thanks")).to_contain_text("谢谢您告诉我")
    expect(page.locator(".thanks")).to_be_focused()
    page.reload()
    expect(page.locator(".thanks")).to_contain_text("谢谢您告诉我")
    expect(page.locator(".opinion")).to_have_count(0)


# -- the panel --


def test_the_panel_opens_over_the_map_and_closes_by_key_and_by_back(open_page: Open, bot_server: str) -> None:
    page, watch = open_page("/?district=沙坪坝区")
    with no_complaints(watch, bot_server):
        link, dialog = page.locator("[data-chat-open]"), page.get_by_role("dialog")
        for close in (
            lambda: page.keyboard.press("Escape"),
            page.go_back,
            page.locator("[data-chat-close]").click,
        ):
            link.click()
            expect(dialog).to_be_visible()
            expect(page.locator("#chat-text")).to_be_focused()
            close()
            expect(dialog).to_be_hidden()
            expect(link).to_be_focused()
        expect(page).to_have_url(re.compile("/\\?district="))
        link.click()
        say(page, ASKED)
        expect(page.locator(".chat-map .outlet")).to_have_count(3)
        expect(page.locator("#map .outlet")).to_have_count(5)


def test_a_conversation_goes_on_from_the_panel_to_its_own_page(open_page: Open) -> None:
    page, _ = open_page("/")
    page.locator("[data-chat-open]").click()
    say(page, "卡丢了")
    page.goto("/chat")
    expect(replies(page)).to_have_count(1)


def test_escape_closes_the_suggestions_before_the_panel(open_page: Open) -> None:
    page, _ = open_page("/")
    page.locator("[data-chat-open]").click()
    page.locator("[data-chat][data-ready]").wait_for()
    page.locator("#chat-text").press_sequentially("挂失")
    page.locator(".suggestion").first.wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".suggestions")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_visible()

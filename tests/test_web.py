"""The chat as a browser without scripts meets it."""

import logging
import re
from datetime import timedelta
from html import escape
from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import locator.app
from bot.adviser import Adviser
from bot.app import make_app
from bot.ports import LONGEST_TEXT
from bot.settings import BotSettings
from bot.store import SqlStore
from locator.guide import Guide
from locator.live import Live
from locator.settings import Settings
from tests.doors import SATURDAY_WORKED
from tests.props import Clock, Full
from tests.reading import Button, Reader, read

pytest_plugins = ("tests.databases", "tests.product")

SHIPPED = Settings()
AT_ONCE = 6
OWN = BotSettings(messages_at_once=AT_ONCE, messages_per_minute=6)
LANGUAGES = ("/chat", "/chat?lang=zh-Hant", "/chat?lang=en")
ID = "message-1"


@pytest.fixture
def bot_settings() -> BotSettings:
    return OWN


def start(client: FlaskClient, url: str = "/chat") -> Reader:
    return read(client.get(url))


def send(client: FlaskClient, page: Reader, text: str) -> TestResponse:
    """Write into the box, and press its button."""
    button = page.buttons()[-1]
    return client.post(button.action, data=button.fields | {"text": text})


def press(client: FlaskClient, page: Reader, words: str) -> TestResponse:
    button = named(page, words)
    return client.post(button.action, data=button.fields)


def named(page: Reader, words: str) -> Button:
    return next(button for button in page.buttons() if words in button.value)


def post(client: FlaskClient, page: Reader, url: str = "/chat", **fields: str) -> TestResponse:
    """Send what no form would; `page` gives the token."""
    (token, *_) = [field["value"] for field in page.all("input", name="token")]
    return client.post(url, data={"token": token, "id": ID} | fields)


def cards(page: Reader) -> int:
    return len(page.all("li", class_="card"))


def box(page: Reader, html: str) -> str:
    assert page.all("textarea", name="text")
    found = re.search("<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)
    assert found
    return found[1]


# -- a conversation --


def test_the_first_page_says_what_to_ask_and_what_is_kept(client: FlaskClient) -> None:
    page = start(client)
    assert "您好！社保卡的事" in page.text
    assert "您写的话保存30天" in page.text
    assert {"卡丢了先做什么", "我附近去哪里办", "忘记我"} <= {
        button.value.rpartition("|")[2] for button in page.buttons()
    }
    assert page.all("textarea", name="text")[0]["maxlength"] == str(LONGEST_TEXT)


def test_an_answer_stands_below_the_question_with_its_sources_and_what_to_ask_next(
    client: FlaskClient,
) -> None:
    response = send(client, start(client), "社保卡丢了怎么办")
    page = read(response)
    assert response.status_code == 200
    assert page.text.index("社保卡丢了怎么办") < page.text.index("卡丢了，先挂失")
    assert "接着可以点：" in page.text
    assert "帮到您了吗？" in page.text
    assert "tel:12333" in page.links()
    assert page.all("details", class_="fold sources")


def test_from_the_lost_card_to_a_hall_on_saturday_without_scripts(client: FlaskClient) -> None:
    page = read(send(client, start(client), "卡丢了"))
    page = read(press(client, page, "|丢了补一张"))
    page = read(press(client, page, "|附近哪里能办"))
    page = read(press(client, page, "|重庆"))
    page = read(press(client, page, "|沙坪坝区"))
    assert cards(page) == 3
    assert "沙坪坝区附近，办" in page.text


def test_a_place_and_a_time_may_be_typed(client: FlaskClient) -> None:
    page = read(send(client, start(client), "卡丢了，沙坪坝附近哪里可以补"))
    assert cards(page) == 3
    assert "重庆市九龙坡区" in page.text
    page = read(send(client, page, "周一上午十点去呢"))
    assert "10月12日（周一）10:00" in page.text


def test_a_number_that_is_typed_picks_the_choice_that_carries_it(client: FlaskClient) -> None:
    page = read(send(client, start(client), "去哪里办"))
    assert "请点一个，或者写它前面的数字：" in page.text
    assert "2 泸州市" in page.text
    page = read(send(client, page, "2"))
    assert "江阳区" in page.text


def test_a_position_is_not_offered_to_those_who_cannot_share_it(client: FlaskClient) -> None:
    page = read(send(client, start(client), "去哪里办"))
    assert not [button for button in page.buttons() if button.value.startswith("here")]


def test_what_a_button_said_is_shown_as_the_question(client: FlaskClient) -> None:
    page = read(press(client, start(client), "entry:activate|"))
    (asked,) = [
        n for n, (tag, attributes) in enumerate(page.elements) if attributes.get("class") == "turn you"
    ]
    assert asked
    assert page.words.count("激活社保卡") == 2  # among the examples, and as asked


def test_a_form_sent_twice_is_answered_once_and_alike(client: FlaskClient) -> None:
    page = start(client)
    told = {said(send(client, page, "卡丢了").get_data(as_text=True)) for _ in range(AT_ONCE + 1)}
    assert len(told) == 1  # and none is refused, though so many may not be sent at once


def said(html: str) -> str:
    log = html[html.index('role="log"') : html.index('class="composer"')]
    return re.sub('name="(token|id)" value="[^"]*"', "", log)


@pytest.mark.parametrize(("opinion", "words"), [("yes", "能帮上忙就好"), ("no", "谢谢您告诉我")])
def test_an_opinion_is_thanked_for(client: FlaskClient, opinion: str, words: str) -> None:
    page = read(send(client, start(client), "卡丢了"))
    (button,) = [one for one in page.buttons() if (one.name, one.value) == ("helpful", opinion)]
    page = read(client.post(button.action, data=button.fields))
    assert words in page.text
    assert cards(page) == 0


def test_forget_me_deletes_and_says_so(client: FlaskClient) -> None:
    page = read(send(client, start(client), "卡丢了"))
    assert "都已经删除了" in read(press(client, page, "forget:|")).text


def test_a_question_that_is_not_ours_leads_to_people(client: FlaskClient) -> None:
    page = read(send(client, start(client), "我要找人工"))
    assert "拨打 12333" in page.words
    assert {"class": "dial", "href": "tel:12333"} in page.all("a")


# -- what cannot be answered: a plain sentence, and a way on --


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"text": ""}, 422, "请先写下您想问的"),
        ({"text": "   \r\n"}, 422, "请先写下您想问的"),
        ({"text": "卡" * 1_001}, 422, "写得太长了"),
        ({"text": "卡\x00丢了"}, 422, "这个我读不懂"),
        ({"text": "卡丢了", "id": "short"}, 422, "这个我读不懂"),
        ({"text": "卡丢了", "id": ""}, 422, "这个我读不懂"),
        ({"choice": "nonsense"}, 404, "这个按钮是另一次对话里的"),
        ({"choice": "more:99"}, 404, "这个按钮是另一次对话里的"),
        ({"choice": "here:"}, 404, "这个按钮是另一次对话里的"),
        ({"choice": "entry:lost@abcdef"}, 404, "这个按钮是另一次对话里的"),
        ({"choice": "x" * 5_000}, 422, "这个我读不懂"),
        ({"choice": "entry:gone"}, 410, "里的内容已经没有了"),
        ({"choice": "city:北京市"}, 410, "里的内容已经没有了"),
        ({"helpful": "yes"}, 404, "这个按钮是另一次对话里的"),
        ({"helpful": "perhaps"}, 422, "这个我读不懂"),
    ],
)
def test_bad_input_is_answered_on_the_same_page(
    client: FlaskClient, fields: dict[str, str], status: int, words: str
) -> None:
    response = post(client, start(client), **fields)
    page = read(response)
    assert response.status_code == status
    assert words in page.text
    assert page.all("div", role="alert")
    assert read(send(client, page, "卡丢了")).text.count("卡丢了，先挂失") == 1


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "x" * 10_000])
def test_a_token_that_is_not_ours_ends_nothing_but_the_conversation(client: FlaskClient, token: str) -> None:
    response = client.post("/chat", data={"token": token, "id": ID, "text": "卡丢了"})
    page = read(response)
    assert response.status_code == 401
    assert "这次对话已经结束了" in page.text
    assert box(page, response.text) == "卡丢了"
    assert "先挂失" in read(send(client, page, "卡丢了")).text


def test_an_old_token_is_renewed_and_what_was_typed_is_not_lost(client: FlaskClient, clock: Clock) -> None:
    page = read(send(client, start(client), "卡丢了"))
    clock.now += timedelta(days=31)
    response = send(client, page, "那要带什么")
    assert response.status_code == 401
    assert box(read(response), response.text) == "那要带什么"


def test_a_page_that_was_used_before_takes_another_question_at_the_second_try(client: FlaskClient) -> None:
    page = start(client)
    send(client, page, "卡丢了")
    response = send(client, page, "怎么激活")
    assert response.status_code == 409
    assert box(read(response), response.text) == "怎么激活"
    assert send(client, read(response), "怎么激活").status_code == 200


def test_who_writes_too_fast_is_told_how_long_to_wait(client: FlaskClient) -> None:
    page = start(client)
    for number in range(AT_ONCE):
        assert post(client, page, id=f"message-{number}", text="卡丢了").status_code == 200
    response = post(client, page, id="message-next", text="怎么激活")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "10"
    assert "请等10秒" in read(response).text
    assert box(read(response), response.text) == "怎么激活"


def test_a_store_that_fails_loses_nothing_that_was_typed(
    live: Live[Guide], adviser: Adviser, clock: Clock, store: SqlStore
) -> None:
    broken = make_app(live, SHIPPED, OWN, adviser, Full(store), clock).test_client()
    response = send(broken, start(broken), "卡丢了")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert box(read(response), response.text) == "卡丢了"
    assert "tel:12333" in read(response).links()


def test_a_body_that_is_far_too_long_is_not_read(client: FlaskClient) -> None:
    response = post(client, start(client), text="卡" * 1_000_000)
    assert response.status_code == 413
    assert "写得太长了" in read(response).text


# -- what is shown, kept and told --


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "{{ 7*7 }}", "</textarea><b>"]
)
def test_what_was_typed_is_shown_as_text_and_never_runs(client: FlaskClient, text: str) -> None:
    shown = send(client, start(client), text)
    pressed = post(client, start(client), choice=f"entry:lost|{text}")
    refused = client.post("/chat", data={"token": text, "id": text, "text": text})
    for response in (shown, pressed, refused):
        page = read(response)
        assert escape(text, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in response.text
        assert not page.all("img") + page.all("b")
        assert all(script.get("src") or script["type"] == "application/json" for script in page.all("script"))


def test_no_link_and_no_log_carries_what_was_typed(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = read(send(client, start(client), "天星桥的卡丢了"))
        post(client, page, text="天星桥\x00")
    own = [link for link in page.links() if not urlsplit(link).netloc] + [
        one.action for one in page.buttons()
    ]
    assert not [link for link in own if "天星桥" in link or quote("天星桥") in link]
    assert "天星桥" not in caplog.text


@pytest.mark.parametrize("url", LANGUAGES)
def test_nothing_of_it_is_stored_by_a_browser_and_no_cookie_is_set(client: FlaskClient, url: str) -> None:
    first = client.get(url)
    for response in (first, send(client, read(first), "卡丢了"), post(client, read(first), url, text="")):
        assert response.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in response.headers


def test_a_browser_may_do_no_more_than_on_the_first_page(client: FlaskClient) -> None:
    response = send(client, start(client), "卡丢了，沙坪坝附近哪里可以补")
    for name in (
        "Content-Security-Policy",
        "Referrer-Policy",
        "Permissions-Policy",
        "X-Content-Type-Options",
    ):
        assert response.headers[name] == client.get("/").headers[name]
    page = read(response)
    assert not page.all("style")
    assert not [e for e in page.elements if "style" in e[1] or any(name.startswith("on") for name in e[1])]


def test_every_file_the_page_names_is_there_and_so_is_what_they_import(client: FlaskClient) -> None:
    page = start(client)
    named = {
        one.get("src") or one["href"]
        for one in page.all("script") + page.all("link")
        if len(one) > 1 and "data-chat-script" not in one
    }
    found = named.union(*(imports(client, url) for url in named))
    assert {"/static/bot/chat.js", "/static/bot/reply.js", "/static/here.js", "/static/map.js"} <= found


def imports(client: FlaskClient, url: str) -> set[str]:
    """The addresses of what a script imports, and of what that imports."""
    with client.get(url) as file:
        assert file.status_code == 200, url
        names = re.findall(r'(?:from |import\()"(\.{1,2}/[^"]+)"', file.get_data(as_text=True))
    found = {urljoin(url, name) for name in names}
    return found.union(*(imports(client, one) for one in found))


@pytest.mark.parametrize(
    "path", ["/static/bot/../web.py", "/static/bot/%2e%2e/web.py", "/static/bot/none.js"]
)
def test_no_other_file_can_be_had(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


# -- languages --


@pytest.mark.parametrize("url", LANGUAGES)
def test_the_chat_answers_in_the_language_of_the_page(client: FlaskClient, url: str) -> None:
    page = read(press(client, start(client, url), "entry:lost|"))
    code = url.partition("lang=")[2] or "zh-Hans"
    assert page.all("html")[0]["lang"] == code
    assert page.all("div", class_="answer")[0]["lang"] == code
    assert {urlsplit(one.action).path for one in page.buttons()} == {"/chat"}


def test_the_english_page_says_all_in_english_but_names(client: FlaskClient) -> None:
    page = read(
        send(client, start(client, "/chat?lang=en"), "Where can I replace a lost card near Shapingba?")
    )
    chinese = [words for words in page.words if re.search("[\u4e00-\u9fff]", words)]
    assert cards(page) == 3
    # The languages' own names, addresses, and what sources are called, which are marked as Chinese.
    allowed = re.compile(r"^中文$|^繁體$|^重庆市|Source:|\(\d{4}|：")
    assert [words for words in chinese if not allowed.search(words)] == []
    assert page.all("ul", lang="zh-Hans")


def test_the_traditional_page_says_nothing_in_simplified_characters_but_addresses(
    client: FlaskClient,
) -> None:
    page = read(send(client, start(client, "/chat?lang=zh-Hant"), "卡丟了，沙坪壩附近哪裡可以補"))
    simplified = re.compile("[这么说问号码复验证办务网点开关时间联系电话补领请来号]")
    told = [words for words in page.words if simplified.search(words) and "：" not in words]
    assert cards(page) == 3
    assert [
        words for words in told if "重庆市" not in words and words not in ("開", "間", "領", "號", "來", "驗")
    ] == []


def test_an_answer_in_another_language_than_the_page_says_which(client: FlaskClient) -> None:
    page = read(send(client, start(client), "My card is lost"))
    assert page.all("html")[0]["lang"] == "zh-Hans"
    assert page.all("div", class_="answer")[0]["lang"] == "en"
    assert "You may go on with:" in page.text


def test_the_other_languages_are_one_press_away_and_the_conversation_goes_on(client: FlaskClient) -> None:
    page = start(client)
    assert {"/chat?lang=zh-Hant", "/chat?lang=en"} <= set(page.links())
    page = read(send(client, page, "卡丢了"))
    page = read(press(client, page, "language:en|"))
    assert page.all("html")[0]["lang"] == "en"
    assert "Bring" in read(send(client, page, "What do I bring?")).text


# -- the panel on the first page --


@pytest.mark.parametrize(
    ("url", "chat", "search", "own"),
    [
        ("/", "/chat", "查找时填写的内容不保存", "您写的话保存30天"),
        ("/?lang=en", "/chat?lang=en", "the search keeps nothing you type", "is kept for 30 days"),
    ],
)
def test_the_first_page_leads_to_the_chat_and_each_says_what_it_keeps(
    client: FlaskClient, url: str, chat: str, search: str, own: str
) -> None:
    page = read(client.get(url))
    assert chat in page.links()
    assert search in page.text
    assert own in page.text
    assert "open" not in page.all("dialog")[0]


def test_the_first_page_may_be_kept_so_it_holds_nobodys_token(client: FlaskClient) -> None:
    assert {field["value"] for field in read(client.get("/")).all("input", name="token")} == {""}


def test_the_locator_alone_has_no_chat(live: Live[Guide]) -> None:
    alone = locator.app.make_app(live, SHIPPED, lambda: SATURDAY_WORKED).test_client()
    assert not read(alone.get("/")).all("dialog")
    assert alone.get("/chat").status_code == 404

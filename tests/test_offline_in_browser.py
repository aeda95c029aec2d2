"""Without a network, in a real browser that was here once: what is found, what is said of its age, and what never leaves."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect

from locator.guide import make_live
from locator.hours import OpeningState, opening, read_hours, week
from locator.model import Point
from locator.nearest import geodesic_m
from locator.outlets import write_outlets
from locator.settings import Settings
from tests.doors import BEIJING, CALENDAR, OFFICE_HOURS
from tests.serving import serving
from tests.watching import Browse, barriers, no_complaints, own_browser, watched

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
XSS = '<img src=x onerror="window.__xss=1"><script>window.__xss=1</script>'
CONTROLLED = """() => new Promise((done, fail) => {
  const { serviceWorker } = navigator;
  setTimeout(() => fail(new Error("no worker came")), 60_000);
  if (serviceWorker.controller) done();
  else serviceWorker.addEventListener("controllerchange", () => done());
})"""
# The browser has looked whether there is a newer worker, and that one, if there is, has taken over or given up.
RENEWED = """async () => {
  const registration = await navigator.serviceWorker.ready;
  await registration.update();
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  const isDone = () => ["activated", "redundant"].includes(worker.state);
  if (!isDone()) await new Promise((done) => worker.addEventListener("statechange", () => isDone() && done()));
  return caches.keys();
}"""

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def gone(browser: Browser, bot_server: str) -> Iterator[BrowserContext]:
    """A phone that was here once, and has no network any more."""
    with own_browser(browser, bot_server, takes_along=True, viewport=PHONE) as context:
        yield taken_along(context, "/")


def taken_along(context: BrowserContext, first: str) -> BrowserContext:
    """The same, with all that the worker takes, and without a network from now on."""
    page = context.new_page()
    page.goto(first)
    page.evaluate(CONTROLLED)
    context.set_offline(True)
    return context


@pytest.fixture
def visit(gone: BrowserContext) -> Iterator[Visit]:
    """Open a path without a network."""
    pages: list[Page] = []

    def visited(path: str = "/") -> Page:
        page = gone.new_page()
        pages.append(page)
        page.goto(path)
        return page

    yield visited
    for page in pages:
        page.close()


@pytest.fixture
def leave(browse: Browse, bot_server: str) -> Visit:
    """Be at a path when the network goes; keyword arguments are the browser context's."""

    def left(path: str = "/", **options: Any) -> Page:
        context = browse(bot_server, takes_along=True, **{"viewport": PHONE} | options)
        return taken_along(context, path).pages[0]

    return left


def look_up(page: Page, text: str) -> str:
    """What is answered."""
    page.locator("#place").fill(text)
    page.locator("#ask button.go").first.click()
    expect(page.locator("#results .age")).to_be_visible()
    return page.locator("#results").inner_text()


# -- places --


@pytest.mark.parametrize(
    "typed", ["沙坪坝", "重庆沙坪坝区", "shapingba", "sha ping ba qu", "spb", "Shapingba District", "沙坪壩"]
)
def test_a_place_is_found_however_it_is_written(visit: Visit, typed: str) -> None:
    page = visit()
    told = look_up(page, typed)
    assert told.startswith("您现在没有联网。下面是")
    assert "沙坪坝区的办理网点地址待核实" in told
    assert page.locator(".card").count() == 5
    expect(page.locator(".card").first).to_contain_text("九龙坡区社会保险事务中心")
    expect(page.locator(".card .distance").first).to_have_text("约 8 公里")


def test_what_is_sent_from_the_page_that_was_open_is_answered(leave: Visit) -> None:
    page = leave()
    assert "沙坪坝区的办理网点地址待核实" in look_up(page, "沙坪坝")
    expect(page.locator("#place")).to_have_value("沙坪坝")


def test_what_is_typed_before_all_is_there_stays(gone: BrowserContext) -> None:
    page = gone.new_page()
    # While what was taken along is still being read.
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.getElementById('place').value = '江津区'; })"
    )
    page.goto("/")
    expect(page.locator("#topics summary").first).to_be_visible()
    expect(page.locator("#place")).to_have_value("江津区")
    page.close()


def test_in_english_it_answers_in_english(leave: Visit) -> None:
    page = leave("/?lang=en")
    told = look_up(page, "Shapingba")
    assert told.startswith("You are not connected to a network. What follows was stored on ")
    assert "Measured roughly, from the position we have for Shapingba District." in told
    expect(page.locator(".card").first).to_contain_text("Jiulongpo District Social Insurance Affairs Centre")


def test_it_says_how_old_it_is(visit: Visit) -> None:
    page = visit()
    stored: str = page.evaluate(
        "fetch('/offline.json').then((answer) => answer.json()).then(({ made }) => made)"
    )
    day = datetime.fromisoformat(stored)
    assert (
        f"下面是{day.year}年{day.month}月{day.day}日存下的内容，出发前请拨打 12333 核实。"
        in page.locator("#notice").inner_text()
    )


def test_several_places_of_one_name_are_a_choice(visit: Visit) -> None:
    page = visit()
    assert "您说的是哪一个" in look_up(page, "太平镇")
    page.get_by_role("button", name="太平镇（古蔺县）").click()
    expect(page.locator("#results")).to_contain_text("从太平镇的大致位置量起")
    expect(page.locator("#results")).to_be_focused()
    assert page.locator(".card").count() == 5


def test_a_place_whose_position_nobody_knows_measures_nothing(visit: Visit) -> None:
    page = visit()
    assert "不知道它的准确位置" in look_up(page, "重庆高新区")
    assert page.locator(".card").count() == 0


def test_a_city_alone_is_a_question(visit: Visit) -> None:
    page = visit()
    look_up(page, "泸州")
    page.get_by_role("button", name=re.compile("^江阳区")).click()
    expect(page.locator(".card").first).to_contain_text("江阳区")


def test_what_only_holds_a_name_is_offered_and_not_taken_for_it(visit: Visit) -> None:
    page = visit()
    look_up(page, "我在江津这边")
    expect(page.get_by_role("button", name=re.compile("^江津区"))).to_be_visible()
    assert page.locator(".card").count() == 0


def test_a_place_that_is_not_known_is_told_in_plain_words(visit: Visit) -> None:
    page = visit()
    told = look_up(page, "qqqqq")
    assert "没有找到" in told
    assert "12333" in told


def test_the_address_of_a_district_and_of_a_hall_show_it(visit: Visit) -> None:
    page = visit("/?district=忠县")
    expect(page.locator(".card").first).to_contain_text("忠县")
    page.locator(".card h3 a").first.click()
    expect(page.locator(".card")).to_have_count(1)
    assert "/outlets/zhong" in page.url
    expect(page.locator("#notice")).to_contain_text("您现在没有联网")


def test_a_hall_that_is_not_stored_is_said_to_be_missing(visit: Visit) -> None:
    expect(visit("/outlets/nowhere-00000000").locator("#results")).to_contain_text("没有存下这个网点")


def test_a_position_that_was_shared_is_measured_from_and_stays_here(leave: Visit) -> None:
    page = leave(permissions=["geolocation"], geolocation={"latitude": 28.887_654, "longitude": 105.443_219})
    page.locator("#here").click()
    page.locator("#here-yes").click()
    expect(page.locator("#results")).to_contain_text("从您的位置量起")
    expect(page.locator(".card").first).to_contain_text("泸州市")
    assert "28.8" not in page.url


def test_filters_that_cannot_be_kept_are_said_to_be_lost(leave: Visit) -> None:
    page = leave()
    page.locator("#service").select_option("replacement")
    assert "没法按业务和时间筛选" in look_up(page, "合江县")


def test_the_map_has_its_rivers_and_as_many_markers_as_there_are_cards(visit: Visit) -> None:
    page = visit("/?district=渝中区")
    expect(page.locator("#map .outlet")).to_have_count(5)
    expect(page.locator("#map path.river")).not_to_have_count(0)
    expect(page.locator("#map .name", has_text="长江")).to_have_count(1)


# -- questions --


def test_a_question_leads_to_titles_that_open_the_answer(visit: Visit) -> None:
    page = visit()
    assert "您问的可能是" in look_up(page, "怎么解挂")
    title = page.locator("#results summary").first
    assert "解挂" in title.inner_text()
    title.click()
    expect(page.locator("#results .text").first).to_be_visible()


@pytest.mark.parametrize(
    ("asked", "id_"), [("解挂", "loss-cancel"), ("挂失", "loss-report"), ("激活", "activate")]
)
def test_asked_word_for_word_it_answers_as_the_chat_does(visit: Visit, asked: str, id_: str) -> None:
    page = visit()
    look_up(page, asked)
    answer: str = page.evaluate(
        """async (id) => {
          const { topics } = await (await fetch("/offline.json")).json();
          return topics.flatMap(({ entries }) => entries).find((one) => one.id === id).answer["zh-Hans"];
        }""",
        id_,
    )
    shown = page.locator("#results > .text").all_inner_texts()
    assert "".join(shown).replace("\n", "") == answer.replace("\n", "")


@pytest.mark.parametrize(
    ("asked", "other"), [("怎样解挂呢", "挂失"), ("怎么样挂失呢", "解挂"), ("注销卡怎么弄", "激活")]
)
def test_of_opposites_none_is_opened_unasked(visit: Visit, asked: str, other: str) -> None:
    page = visit()
    look_up(page, asked)
    assert other not in page.locator("#results summary").first.inner_text()
    assert page.locator("#results details[open]").count() == 0
    assert page.locator("#results > .text").count() == 0


def test_a_place_and_a_question_get_both(visit: Visit) -> None:
    page = visit()
    look_up(page, "卡丢了怎么补办 江津区")
    assert page.locator(".card").count() == 5
    expect(page.locator("#results summary").first).to_contain_text("补")


def test_every_topic_can_be_opened_without_asking(visit: Visit) -> None:
    page = visit("/chat")
    page.locator("#topics > details > summary").first.click()
    entry = page.locator("#topics details details").first
    entry.locator("summary").click()
    expect(entry.locator(".text").first).to_be_visible()


def test_a_message_that_was_not_sent_leads_here(leave: Visit) -> None:
    page = leave("/chat")
    page.locator("#chat-text").fill("怎么解挂")
    page.locator("[data-chat-send]").click()
    page.get_by_role("link", name="没有联网也能查").click()
    expect(page.locator("#questions")).to_be_visible()


# -- how it looks and sounds --


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
@pytest.mark.parametrize("look", ["/", "/?lang=en", "/?lang=zh-Hant&size=large"])
def test_nobody_is_kept_out(visit: Visit, look: str, viewport: ViewportSize) -> None:
    page = visit(look)
    page.set_viewport_size(viewport)
    assert barriers(page) == []
    look_up(page, "沙坪坝")
    expect(page.locator("#map .outlet")).to_have_count(5)
    assert barriers(page) == []
    look_up(page, "怎么解挂 太平")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nobody_is_kept_out_in_the_dark(visit: Visit) -> None:
    page = visit()
    page.emulate_media(color_scheme="dark")
    look_up(page, "怎么解挂 忠县")
    expect(page.locator("#map .outlet")).to_have_count(5)
    assert barriers(page) == []


def test_the_look_of_the_address_is_kept(visit: Visit) -> None:
    page = visit("/?district=忠县&lang=zh-Hant&size=large")
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    assert page.evaluate("document.documentElement.className") == "large"
    expect(page.locator("#notice")).to_contain_text("您現在沒有聯網")
    page.get_by_role("link", name="English").click()
    expect(page.locator("#notice")).to_contain_text("You are not connected")
    expect(page.locator(".card").first).to_contain_text("Zhongxian County Government Service Hall")


def test_the_keyboard_alone_finds(visit: Visit) -> None:
    page = visit()
    page.locator("#place").focus()
    page.keyboard.type("合江县")
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('results').contains(document.activeElement)")


# -- what never leaves, and what cannot break it --


def test_what_was_typed_is_in_no_address_and_in_no_storage(leave: Visit) -> None:
    page = leave()
    look_up(page, "沙坪坝测试文字")
    kept: str = page.evaluate(
        """async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, await Promise.all(
          (await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url, method }) => [url, method]))
        )])"""
    )
    assert "测试文字" not in kept
    assert "POST" not in kept
    assert "/offline.json" in kept
    assert "%E6%B5%8B" not in page.url


def test_answers_with_a_network_are_not_stored(browse: Browse, bot_server: str) -> None:
    page = browse(bot_server, takes_along=True).new_page()
    page.goto("/")
    page.evaluate(CONTROLLED)
    count = "caches.keys().then((names) => caches.open(names[0])).then((cache) => cache.keys()).then((keys) => keys.length)"
    before = page.evaluate(count)
    page.locator("#place").fill("江津区")
    page.locator("#ask button.go").first.click()
    page.wait_for_selector("#results")
    page.goto("/?district=合江县")
    assert page.evaluate(count) == before > 20


@pytest.mark.parametrize("path", ["/", f"/?district={XSS}", f"/outlets/{XSS}"])
def test_what_looks_like_a_program_stays_text(visit: Visit, path: str) -> None:
    page = visit(path)
    look_up(page, XSS)
    assert page.evaluate("window.__xss") is None


def test_where_no_worker_was_the_network_is_missed(browse: Browse, bot_server: str) -> None:
    """The negative control: it is the worker that answers."""
    context = browse(bot_server)
    page = context.new_page()
    page.goto("/")
    context.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.goto("/")


@pytest.mark.parametrize(
    "refusal",
    [
        "delete Navigator.prototype.serviceWorker",
        "navigator.serviceWorker.register = () => Promise.reject(new DOMException('no', 'SecurityError'))",
        "Object.defineProperty(navigator, 'serviceWorker', { get() { throw new DOMException('no', 'SecurityError'); } })",
    ],
)
def test_where_nothing_may_be_stored_the_page_is_as_before(
    browse: Browse, bot_server: str, refusal: str
) -> None:
    context = browse(bot_server, takes_along=True)
    context.add_init_script(refusal)
    page, watch = watched(context)
    with no_complaints(watch, bot_server):
        page.goto("/")
        page.wait_for_load_state("networkidle")
        page.locator("#place").fill("合江县")
        page.locator("#ask button.go").first.click()
        page.wait_for_selector(".card")
        page.wait_for_load_state("networkidle")


def test_where_there_is_no_room_to_store_the_page_is_as_before(browse: Browse, bot_server: str) -> None:
    context = browse(bot_server, takes_along=True)
    page, watch = watched(context)
    context.new_cdp_session(page).send(
        "Storage.overrideQuotaForOrigin", {"origin": bot_server, "quotaSize": 1}
    )
    with no_complaints(watch, bot_server):
        page.goto("/")
        refused = page.evaluate(
            """async () => {
              const { installing } = await navigator.serviceWorker.register("/sw.js");
              if (installing) await new Promise((done) => installing.addEventListener("statechange", done));
              return installing?.state;
            }"""
        )
        assert refused == "redundant"
        page.reload()
        page.wait_for_load_state("networkidle")


def test_the_page_comes_first_and_what_is_taken_along_after_it(browse: Browse, bot_server: str) -> None:
    page, watch = watched(browse(bot_server, takes_along=True))
    page.goto("/", wait_until="load")
    assert not [url for url in watch.urls if "offline" in url]
    page.evaluate(CONTROLLED)
    assert (
        page.evaluate(
            "performance.getEntriesByType('resource').filter(({ name }) => name.includes('offline')).length"
        )
        == 0
    )


def test_a_changed_outlets_file_takes_the_place_of_what_was_stored(browse: Browse, tmp_path: Path) -> None:
    shipped = make_live(Settings()).value.finder
    path = tmp_path / "outlets.geojson"
    path.write_bytes(write_outlets(shipped.outlets, shipped.atlas.gaps))
    with serving(
        "locator", LOCATOR_OUTLETS=str(path), LOCATOR_LOOK_EVERY_S="0.05", LOCATOR_WORKERS="1"
    ) as served:
        context = browse(served.url, takes_along=True)
        page = context.new_page()
        page.goto("/")
        page.evaluate(CONTROLLED)
        before = page.evaluate("caches.keys()")
        path.write_bytes(write_outlets(shipped.outlets[:1], shipped.atlas.gaps))
        page.evaluate(
            """async () => {
              const until = performance.now() + 20_000;
              while ((await (await fetch("/api/v1/outlets")).json()).matched !== 1 && performance.now() < until);
            }"""
        )
        page.reload()
        after = page.evaluate(RENEWED)
        assert len(before) == len(after) == 1
        assert before != after
        context.set_offline(True)
        page.goto("/?district=江津区")
        expect(page.locator(".card")).to_have_count(1)


# -- the sums --


def test_a_door_is_open_when_the_server_says_so(visit: Visit) -> None:
    """At random minutes of the days ahead, for hours of every kind."""
    dice = random.Random(7)
    made = datetime(2026, 9, 28, tzinfo=BEIJING)
    texts = [
        OFFICE_HOURS,
        "24/7",
        "Mo-Fr 09:00-12:00,14:00-17:30",
        "Mo-Su 00:00-24:00; PH off",
        "Sa 20:00-24:00; Su 00:00-02:00; PH off",
    ]
    cases = []
    for text in texts:
        hours = read_hours(text)
        days = days_ahead(text, made)
        for _ in range(150):
            at = made + timedelta(minutes=dice.randrange(14 * 1440))
            cases.append((text, days, int(at.timestamp() * 1000), opening(hours, at, CALENDAR)))
    page = visit()
    told: list[dict[str, Any]] = page.evaluate(
        """async (cases) => {
          const { openingAt } = await import("/static/offline-hours.js");
          return cases.map(([days, now]) => openingAt(days, "2026-09-28", now));
        }""",
        [[days, now] for _, days, now, _ in cases],
    )
    horizon = made + timedelta(days=14)
    for (text, _, now, truth), here in zip(cases, told, strict=True):
        change = truth.next_change if truth.next_change and truth.next_change < horizon else None
        next_ = here.get("next")
        moment = made + timedelta(days=next_["day"], minutes=next_["minute"]) if next_ else None
        where = (text, datetime.fromtimestamp(now / 1000, BEIJING))
        assert moment == change, where
        assert here["state"] == (
            truth.state if change or truth.state != OpeningState.OPENS_LATER else OpeningState.CLOSED
        ), where


def days_ahead(text: str, made: datetime) -> list[Any]:
    """As they are taken along."""
    days = [
        day
        for weeks in range(2)
        for day in week(read_hours(text), made.date() + timedelta(weeks=weeks), CALENDAR)
    ]
    return [None if day.spans is None else [list(span) for span in day.spans] for day in days]


def test_days_that_are_over_or_not_stored_are_unknown(visit: Visit) -> None:
    page = visit()
    states = page.evaluate(
        """async () => {
          const { openingAt } = await import("/static/offline-hours.js");
          const at = (days, day) => openingAt(days, "2026-09-28", Date.parse(day)).state;
          return [at([[[0, 1440]]], "2026-09-29T10:00+08:00"), at([[[0, 1440]]], "2026-09-27T10:00+08:00"), at(null, "2026-09-28T10:00+08:00")];
        }"""
    )
    assert states == ["unknown", "unknown", "unknown"]


def test_distances_are_those_of_the_geodesic_within_a_hundredth(visit: Visit) -> None:
    dice = random.Random(11)
    pairs = [
        [
            dice.uniform(27.6, 32.3),
            dice.uniform(104.9, 110.3),
            dice.uniform(27.6, 32.3),
            dice.uniform(104.9, 110.3),
        ]
        for _ in range(200)
    ]
    page = visit()
    told = page.evaluate(
        """async (pairs) => {
          const { kilometres } = await import("/static/offline-places.js");
          return pairs.map(([lat, lon, otherLat, otherLon]) => kilometres({ lat, lon }, { lat: otherLat, lon: otherLon }));
        }""",
        pairs,
    )
    for (lat, lon, other_lat, other_lon), km in zip(pairs, told, strict=True):
        assert km * 1000 == pytest.approx(geodesic_m(Point(lat, lon), Point(other_lat, other_lon)), rel=0.01)

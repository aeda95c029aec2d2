"""The maps in a real browser: an extra beside a list that does without, quiet with few doors, smooth with many, and honest."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from locator.chart import reach_km
from locator.datum import Datum, from_wgs84
from locator.model import Gap, Name, Outlet, Point, Precision, Status
from locator.nearest import geodesic_m
from locator.outlets import write_outlets
from tests.doors import GAZETTEER, SOURCE, door
from tests.serving import serving
from tests.watching import Browse, Watch, barriers, no_complaints, watched

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
MANY = 3_000
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)
LEAFLET = "**/leaflet.js*"

Open = Callable[..., tuple[Page, Watch]]


@pytest.fixture
def open_page(browse: Browse) -> Open:
    """Open an address; `broken` is a pattern of what answers 500. Other keyword arguments are the browser context's."""

    def opened(url: str, broken: str = "", **options: Any) -> tuple[Page, Watch]:
        page, watch = watched(browse(url, **{"viewport": DESKTOP} | options))
        if broken:
            page.route(broken, lambda route: route.fulfill(status=500, body="{}"))
        page.goto(url)
        return page, watch

    return opened


def many() -> list[Outlet]:
    """Halls of a large city, most of them close together, and twelve that are known to one point only."""
    dice = Random(3)
    halls = [
        door(
            number, round(dice.triangular(28, 31.5, 29.55), 6), round(dice.triangular(105.2, 109.8, 106.5), 6)
        )
        for number in range(MANY - 12)
    ]
    vague = [
        door(MANY + number, 31.9, 105.1, district="江阳区", city="泸州市", precision=Precision.DISTRICT)
        for number in range(12)
    ]
    return halls + vague


@pytest.fixture(scope="module")
def large_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("large") / "outlets.geojson"
    path.write_bytes(write_outlets(many(), []))
    with serving("locator", "--workers", "1", LOCATOR_OUTLETS=str(path)) as served:
        yield served.url


def show_known(page: Page) -> None:
    page.locator("#map-section").scroll_into_view_if_needed()
    if page.locator("#map").is_hidden():
        page.locator("#map-toggle").click()
    page.locator("#map .spot").first.wait_for()
    page.wait_for_load_state("networkidle")


def show_list(page: Page) -> None:
    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map .outlet").first.wait_for()
    page.wait_for_load_state("networkidle")


def text_of(page: Page) -> str:
    """What the page says besides the map."""
    said = "main => [...main.querySelectorAll('.results, .cards')].map((part) => part.innerText).join()"
    return str(page.locator("main").evaluate(said))


# -- the map is an extra --


@pytest.mark.parametrize("path", ["/", "/?district=沙坪坝区"])
def test_without_scripts_there_is_no_map_and_all_else_is_there(
    open_page: Open, live_server: str, path: str
) -> None:
    page, _ = open_page(live_server + path, java_script_enabled=False)
    expect(page.locator("#map-section")).to_be_hidden()
    expect(page.locator("#place")).to_be_visible()
    expect(page.locator(".districts a").first).to_be_visible()
    assert page.locator(".card").count() == (5 if "district" in path else 0)


@pytest.mark.parametrize("broken", ["**/leaflet.js*", "**/leaflet.css*", "**/ground.js*", "**/map.js*"])
def test_a_map_that_does_not_come_leaves_the_list_as_it_was(
    open_page: Open, live_server: str, broken: str
) -> None:
    page, watch = open_page(live_server + "/?district=沙坪坝区", broken=broken)
    expect(page.locator("#map-section")).to_be_hidden()
    plain, _ = open_page(live_server + "/?district=沙坪坝区", java_script_enabled=False)
    assert text_of(page) == text_of(plain)
    assert page.locator(".card").count() == 5
    assert page.locator("main.mapped").count() == 0
    assert any("500" in said for said in watch.complaints), "the negative control: something was broken"


def test_a_map_whose_names_do_not_come_still_shows_the_halls(open_page: Open, live_server: str) -> None:
    page, watch = open_page(live_server + "/?district=沙坪坝区", broken="**/*.{json,geojson}*")
    expect(page.locator("#map .outlet")).to_have_count(5)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#map .name, #map .area")).to_have_count(0)
    assert page.locator(".card").count() == 5
    assert {said for said in watch.complaints if "status of 500" not in said} == set()


def test_what_is_known_is_no_map_when_it_does_not_come(open_page: Open, live_server: str) -> None:
    page, _ = open_page(live_server, broken="**/outlets.json")
    page.locator(".foot").scroll_into_view_if_needed()
    expect(page.locator("#map-section")).to_be_hidden()
    expect(page.locator(".districts a").first).to_be_visible()


# -- the list and the map move together --


def lit(locator: Locator) -> None:
    expect(locator).to_have_class(re.compile(r"\blit\b"))


def test_what_is_pointed_at_in_the_list_is_lifted_on_the_map_and_back(
    open_page: Open, live_server: str
) -> None:
    page, _ = open_page(live_server + "/?district=合江县")
    show_list(page)
    card, marker = page.locator(".card").nth(1), page.locator("#map .outlet").nth(1)
    for one, other in ((card, marker), (marker, card)):
        one.hover()
        lit(other)
        page.mouse.move(5, 5)
        expect(page.locator(".lit")).to_have_count(0)


def test_what_has_the_focus_in_the_list_is_lifted_on_the_map_and_back(
    open_page: Open, live_server: str
) -> None:
    page, _ = open_page(live_server + "/?district=合江县")
    show_list(page)
    page.locator(".card").nth(2).locator("a").first.focus()
    lit(page.locator("#map .outlet").nth(2))
    page.locator("#map .outlet").nth(3).focus()
    lit(page.locator(".card").nth(3))
    expect(page.locator(".card.lit")).to_have_count(1)


@pytest.mark.parametrize("key", ["Enter", "Space"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_marker_pressed_by_key_leads_to_its_card(
    open_page: Open, live_server: str, key: str, viewport: Any
) -> None:
    page, _ = open_page(live_server + "/?district=合江县", viewport=viewport)
    show_list(page)
    page.locator("#map .outlet").nth(4).focus()
    page.keyboard.press(key)
    card = page.locator(".card").nth(4)
    expect(card).to_be_focused()
    expect(card).to_have_class(re.compile("chosen"))
    expect(card).to_be_in_viewport()
    expect(page.locator(".chosen")).to_have_count(2)


def test_a_card_that_is_tapped_marks_its_marker_and_its_links_still_lead_on(
    open_page: Open, live_server: str
) -> None:
    page, _ = open_page(live_server + "/?district=合江县", has_touch=True)
    show_list(page)
    page.locator(".card").nth(3).locator(".distance").tap()
    expect(page.locator("#map .outlet").nth(3)).to_have_class(re.compile("chosen"))
    page.locator(".card").nth(0).locator("h3 a").click()
    page.wait_for_url("**/outlets/**")


@pytest.mark.parametrize(("lang", "said"), [("", "2 号：{}"), ("&lang=en", "2: {}")])
def test_a_marker_says_its_number_and_its_name(
    open_page: Open, live_server: str, lang: str, said: str
) -> None:
    page, _ = open_page(f"{live_server}/?district=合江县{lang}")
    show_list(page)
    name = page.locator(".card").nth(1).locator("h3 a").inner_text()
    expect(page.get_by_role("button", name=said.format(name), exact=True)).to_have_count(1)


# -- all that is known, when nobody has searched --


def test_on_a_phone_the_map_comes_only_when_it_is_asked_for(open_page: Open, live_server: str) -> None:
    page, watch = open_page(live_server, viewport=PHONE)
    page.locator("#map-toggle").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    fetched = ("leaflet", "ground.js", "/map/")
    assert not [url for url in watch.urls if any(part in url for part in fetched)]
    with no_complaints(watch, live_server):
        page.get_by_role("button", name="打开地图").click()
        page.locator("#map .spot").first.wait_for()
        page.wait_for_load_state("networkidle")
    assert all(any(part in url for url in watch.urls) for part in fetched)


def test_on_a_large_screen_it_comes_when_it_is_about_to_be_seen(open_page: Open, live_server: str) -> None:
    page, watch = open_page(live_server, viewport={"width": 1280, "height": 500})
    page.wait_for_load_state("networkidle")
    assert not [url for url in watch.urls if "leaflet" in url]
    with no_complaints(watch, live_server):
        page.locator(".foot").scroll_into_view_if_needed()
        page.locator("#map .spot").first.wait_for()


def test_every_hall_is_there_once_alone_or_in_a_number(open_page: Open, live_server: str) -> None:
    page, _ = open_page(live_server)
    show_known(page)
    together = [int(number) for number in page.locator("#map .cluster").all_inner_texts()]
    assert sum(together) + page.locator("#map .hall").count() == 16
    assert together


@pytest.mark.parametrize("lang", ["", "?lang=en", "?lang=zh-Hant"])
def test_the_name_of_a_gap_leads_to_its_notice(open_page: Open, live_server: str, lang: str) -> None:
    page, _ = open_page(f"{live_server}/{lang}")
    show_known(page)
    label = page.locator("#map .gap a").first
    name = label.inner_text()
    assert re.search("待核实|待核實|not confirmed", label.get_attribute("aria-label") or "")
    label.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/outlets/gap-*")
    expect(page.locator(".notice")).to_contain_text("12333")
    expect(page.locator(".notice")).to_contain_text(name)
    assert (lang.removeprefix("?") in page.url) is True


def test_a_map_that_is_drawn_along_opens_nothing(open_page: Open, live_server: str) -> None:
    page, _ = open_page(live_server)
    show_known(page)
    page.evaluate(
        """() => window.addEventListener("click", (event) => {
          window.pressed = [event.target.closest("a") !== null, event.defaultPrevented];
          event.preventDefault();
        })"""
    )
    box = page.locator("#map .gap a").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 14, steps=4)
    page.mouse.up()
    assert page.evaluate("window.pressed") == [True, True]
    page.mouse.click(box["x"] + 24, box["y"] + 16)
    assert page.evaluate("window.pressed") == [True, False], "the negative control: a press does open it"


def test_no_name_covers_another_or_a_marker(open_page: Open, live_server: str) -> None:
    page, _ = open_page(live_server)
    show_known(page)
    boxes = page.locator("#map .name > *, #map .cluster, #map .leaflet-control").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) > 20
    for index, one in enumerate(boxes):
        for other in boxes[:index]:
            apart = (
                one["right"] <= other["left"] + 4
                or other["right"] <= one["left"] + 4
                or one["bottom"] <= other["top"] + 4
                or other["bottom"] <= one["top"] + 4
            )
            assert apart, (one, other)


def test_a_number_pressed_by_key_comes_closer_and_keeps_the_focus(open_page: Open, large_server: str) -> None:
    page, watch = open_page(large_server)
    show_known(page)
    asked = len(watch.requests)
    biggest = page.locator("#map .cluster.many").first
    assert re.fullmatch(r"\d+ 个网点，放大查看", biggest.get_attribute("aria-label") or "")
    before = int(biggest.inner_text())
    biggest.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map .cluster, #map .hall").locator("visible=true").first).to_be_visible()
    page.wait_for_function("document.activeElement.matches('#map .cluster, #map .hall')")
    focused = page.evaluate("document.activeElement.textContent")
    assert not focused.isdigit() or int(focused) < before
    assert len(watch.requests) == asked, "what is in view is nobody's business"


def test_halls_known_to_one_point_only_are_listed(open_page: Open, large_server: str) -> None:
    page, _ = open_page(large_server)
    show_known(page)
    number = page.get_by_role("button", name="同一处有 12 个网点，点开看名单")
    number.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".stack a")).to_have_count(12)
    expect(page.locator(".stack a").first).to_be_focused()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(".stack")).to_have_count(0)
    expect(number).to_be_focused()
    number.click()
    page.locator(".stack a").first.click()
    page.wait_for_url("**/outlets/door-*")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_however_many_there_are_only_what_is_in_view_is_in_the_page(
    open_page: Open, large_server: str, viewport: Any
) -> None:
    page, _ = open_page(large_server, viewport=viewport)
    show_known(page)
    counted = []
    for _ in range(8):
        counted.append(page.locator("#map .spot").count())
        page.locator("#map").press("ArrowRight")
        counted.append(page.locator("#map .spot").count())
        page.locator("#map").press("+")
    assert max(counted) <= 150
    assert counted[0] > 5, "the negative control: there is something to see"
    page.locator("#map").press("-")


def test_no_two_markers_are_closer_than_a_finger(open_page: Open, large_server: str) -> None:
    page, _ = open_page(large_server)
    show_known(page)
    middles = page.locator("#map .spot").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map(({ x, y }) => [x, y])"
    )
    assert len(middles) > 20
    for index, (x, y) in enumerate(middles):
        assert all(abs(x - a) + abs(y - b) >= 42 for a, b in middles[:index])


# -- how far off --


def test_a_rough_position_is_an_area_as_large_as_its_district_and_an_exact_one_is_a_pin(
    open_page: Open, tmp_path: Path
) -> None:
    halls = [
        door(1, 29.55, 106.45),
        door(2, 29.60, 106.20, precision=Precision.TOWN),
        door(3, 29.30, 106.60, precision=Precision.DISTRICT, district="沙坪坝区"),
        door(4, 29.30, 106.60, precision=Precision.DISTRICT, district="沙坪坝区"),
    ]
    path = tmp_path / "outlets.geojson"
    path.write_bytes(write_outlets(halls, []))
    with serving("locator", "--workers", "1", LOCATOR_OUTLETS=str(path)) as served:
        page, _ = open_page(served.url + "/?district=沙坪坝区")
        show_list(page)
        expect(page.locator("#map .area")).to_have_count(2)
        expect(page.locator("#map .outlet.pin")).to_have_count(1)
        expect(page.locator("#map .outlet.soft")).to_have_count(3)
        town, district = sorted(
            page.locator("#map .area").evaluate_all("all => all.map((one) => one.getBBox().width)")
        )
        assert district / town == pytest.approx(reach_km(GAZETTEER.places)["沙坪坝区"] / 3, rel=0.15)
        page.goto(served.url)
        show_known(page)
        expect(page.locator("#map .area")).to_have_count(2)


# -- tiles --


@contextmanager
def tiled(tmp_path: Path, **settings: str) -> Iterator[str]:
    path = tmp_path / "outlets.geojson"
    missing = Gap("gap-beibei", Name("北碚区", "Beibei District"), "重庆市", "北碚区", SOURCE)
    hall = replace(door(1, 29.553_123, 106.453_321), status=Status.OFFICIAL)
    path.write_bytes(write_outlets([hall], [missing]))
    tiles = {"LOCATOR_TILES_ATTRIBUTION": "测试图", "LOCATOR_TILES_APPROVAL": "审图号：GS(2026)0000号"}
    with serving("locator", "--workers", "1", LOCATOR_OUTLETS=str(path), **tiles, **settings) as served:
        yield served.url


VEC = "https://tiles.example/vec/{z}/{x}/{y}.png?tk=key"
CVA = "https://tiles.example/cva/{z}/{x}/{y}.png?tk=key"


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_a_pin_stands_where_the_tiles_have_the_door(open_page: Open, tmp_path: Path, datum: str) -> None:
    with tiled(tmp_path, LOCATOR_TILES_URL=f"{VEC} {CVA}", LOCATOR_TILES_DATUM=datum) as url:
        page, watch = open_page("about:blank")
        page.route(
            "https://tiles.example/**", lambda route: route.fulfill(body=PIXEL, content_type="image/png")
        )
        page.goto(url + "/?district=沙坪坝区")
        show_list(page)
        expect(page.locator("#map .outlet.pin")).to_have_count(1)
        for _ in range(8):
            page.locator("#map .outlet.pin").focus()
            page.locator("#map").press("+")
        page.locator("#map .outlet.pin").focus()
        page.wait_for_load_state("networkidle")
        lat, lon = from_wgs84(29.553_123, 106.453_321, Datum(datum))
        x, y, tile = page.evaluate(_WHERE, [lat, lon])
        assert tile
        pin = page.locator("#map .outlet.pin").bounding_box()
        assert pin
        metres_a_pixel = 156_543 * 0.87 / 2 ** int(tile)
        tip = (pin["x"] + pin["width"] / 2, pin["y"] + pin["height"])
        assert abs(tip[0] - x) * metres_a_pixel < 5 + metres_a_pixel * 2
        assert abs(tip[1] - y) * metres_a_pixel < 5 + metres_a_pixel * 4
        assert {path.split("/")[3] for path in watch.urls if "tiles.example" in path} == {"vec", "cva"}
        made_by = page.locator("#map .leaflet-bottom.leaflet-left")
        expect(made_by).to_contain_text("审图号：GS(2026)0000号")
        expect(made_by).to_contain_text("测试图")
        expect(page.locator("#map .river")).to_have_count(0)
        assert watch.complaints == []


# Where the tiles in view have a position, in pixels of the window, and their zoom.
_WHERE = """([lat, lon]) => {
  const tile = document.querySelector('#map .leaflet-tile[src*="/vec/"]');
  const [z, column, row] = tile.src.match(/vec\\/(\\d+)\\/(\\d+)\\/(\\d+)/).slice(1).map(Number);
  const sine = Math.sin(lat * Math.PI / 180);
  const world = 2 ** z;
  const box = tile.getBoundingClientRect();
  const x = (lon / 360 + 0.5) * world - column;
  const y = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * world - row;
  return [box.x + x * box.width, box.y + y * box.height, String(Math.log2(world * 256 / 256))];
}"""


def test_a_position_is_moved_for_the_tiles_as_the_datum_says(open_page: Open, tmp_path: Path) -> None:
    dice = Random(7)
    places = [(dice.uniform(27.7, 32.2), dice.uniform(105, 110.2)) for _ in range(300)]
    with tiled(tmp_path, LOCATOR_TILES_URL=VEC, LOCATOR_TILES_DATUM="gcj02") as url:
        page, _ = open_page(url)
        moved = page.evaluate(
            """async (places) => {
              const { drawn, readShift } = await import("/static/shift.js");
              await readShift("/map/shift.json");
              return places.map(([lat, lon]) => drawn({ lat, lon }));
            }""",
            places,
        )
    far = [
        geodesic_m(Point(*ours), Point(*from_wgs84(*place, Datum.GCJ02)))
        for place, ours in zip(places, moved, strict=True)
    ]
    assert max(far) < 3


def test_tiles_that_cannot_be_had_leave_the_offline_map(open_page: Open, tmp_path: Path) -> None:
    with tiled(tmp_path, LOCATOR_TILES_URL=VEC) as url:
        page, _ = open_page("about:blank")
        page.route("https://tiles.example/**", lambda route: route.abort())
        page.goto(url + "/?district=沙坪坝区")
        show_list(page)
        expect(page.locator("#map path.river")).not_to_have_count(0)
        expect(page.locator("#map .outlet")).to_have_count(1)


def test_without_the_datum_of_the_tiles_there_is_no_map_rather_than_a_wrong_one(
    open_page: Open, tmp_path: Path
) -> None:
    with tiled(tmp_path, LOCATOR_TILES_URL=VEC, LOCATOR_TILES_DATUM="gcj02") as url:
        page, _ = open_page(url + "/?district=沙坪坝区", broken="**/shift.json")
        expect(page.locator("#map-section")).to_be_hidden()
        assert page.locator(".card").count() == 1


# -- whoever looks at it otherwise --


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_on_a_map_keeps_anybody_out(
    open_page: Open, live_server: str, scheme: Any, viewport: Any
) -> None:
    page, _ = open_page(live_server, color_scheme=scheme, viewport=viewport)
    show_known(page)
    assert barriers(page) == []
    page.locator("#map .hall").first.focus()
    assert barriers(page) == []
    page.goto(live_server + "/?district=合江县")
    show_list(page)
    page.locator("#map .outlet").nth(1).focus()
    page.keyboard.press("Enter")
    assert barriers(page) == []


@pytest.mark.parametrize("path", ["/", "/?district=合江县"])
def test_four_times_as_large_nothing_is_cut_off(open_page: Open, live_server: str, path: str) -> None:
    page, _ = open_page(live_server + path, viewport={"width": 320, "height": 256})
    (show_known if path == "/" else show_list)(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for control in page.locator("#map .leaflet-bar a").all():
        box = control.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize(("motion", "glides"), [("reduce", False), ("no-preference", True)])
def test_whoever_wants_no_motion_gets_none(
    open_page: Open, live_server: str, motion: Any, *, glides: bool
) -> None:
    page, _ = open_page(live_server + "/?district=合江县", reduced_motion=motion)
    show_list(page)
    page.locator("#map").focus()
    moving = page.evaluate(
        """() => {
          const key = new KeyboardEvent("keydown", { key: "ArrowRight", code: "ArrowRight", keyCode: 39, bubbles: true });
          document.getElementById("map").dispatchEvent(key);
          return document.querySelector(".leaflet-pan-anim") !== null;
        }"""
    )
    assert moving is glides

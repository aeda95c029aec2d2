"""The map of 20,000 halls on a phone: Chromium at a quarter of this machine's speed, 360 by 740 pixels."""

import http.client
import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import Figure
from benchmarks.load import Server, server
from locator.model import Level, Name, Outlet, Point, Precision, Source, Status
from locator.outlets import write_outlets
from locator.places import read_gazetteer
from locator.settings import DATA

COUNT: Final = 20_000
SLOWER: Final = 4
ROUNDS: Final = 6
_RIGHT, _DOWN, _LEFT, _UP, _CLOSER, _FARTHER = (
    *(("ArrowRight", 39), ("ArrowDown", 40), ("ArrowLeft", 37), ("ArrowUp", 38)),
    *(("+", 187), ("-", 189)),
)
_KEYS: Final = [_RIGHT, _DOWN, _CLOSER, _LEFT, _UP, _CLOSER, _RIGHT, _LEFT, _FARTHER, _FARTHER]
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_SOURCE: Final = Source("made up for a benchmark", "", "2026")
# Browsers tell of a task when it took longer than 50 ms.
_WATCH: Final = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    window.longest = Math.max(window.longest, ...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask" });
}"""
# One key after the other, each when the map stands still; resolves to the most markers there were.
_MOVE: Final = """async (keys) => {
  const map = document.getElementById("map");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let most = 0;
  map.focus();
  for (const [key, keyCode] of keys) {
    map.dispatchEvent(new KeyboardEvent("keydown", { key, keyCode, bubbles: true }));
    do await frame(); while (map.querySelector(".leaflet-zoom-anim, .leaflet-pan-anim"));
    await frame();
    most = Math.max(most, map.querySelectorAll(".spot").length);
  }
  return most;
}"""
# From the press to the first marker.
_OPEN: Final = """() => new Promise((resolve) => {
  const start = performance.now();
  const map = document.getElementById("map");
  new MutationObserver((_, watch) => {
    if (!map.querySelector(".spot")) return;
    watch.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - start));
  }).observe(map, { childList: true, subtree: true });
  document.getElementById("map-toggle").click();
})"""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outlets.geojson"
        path.write_bytes(write_outlets(_many(), ()))
        with server("locator.app:create_app", workers=1, settings={"LOCATOR_OUTLETS": str(path)}) as served:
            size = _size(served)
            first_ms, longest_ms, most = _moved_about(served)
    slowed = f"at 1/{SLOWER} speed"
    return [
        Figure(f"{COUNT:,} halls: what the map fetches of them, compressed", size / 1024, "KiB", at_most=500),
        Figure(f"{COUNT:,} halls, a phone {slowed}: from the press to the first markers", first_ms, "ms", at_most=3_000),
        Figure(f"{COUNT:,} halls, a phone {slowed}: longest task while it is moved about", longest_ms, "ms", at_most=200),
        Figure(f"{COUNT:,} halls, a phone: most markers in the page", most, "", at_most=150),
    ]  # fmt: skip


def _size(served: Server) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("GET", "/map/zh-Hans/outlets.json", headers={"Accept-Encoding": "br"})
    return len(connection.getresponse().read())


def _moved_about(served: Server) -> tuple[float, float, float]:
    """Milliseconds to the first markers, milliseconds of the longest task after that, the most markers."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        page = _phone(browser)
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.wait_for_load_state("networkidle")
        page.locator("#map-toggle").scroll_into_view_if_needed()
        first_ms = float(page.evaluate(_OPEN))
        page.wait_for_load_state("networkidle")
        page.evaluate(_WATCH)
        most = float(page.evaluate(_MOVE, _KEYS * ROUNDS))
        longest_ms = float(page.evaluate("window.longest"))
        browser.close()
    return first_ms, longest_ms, most


def _phone(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def _many() -> list[Outlet]:
    """Halls around the towns; of a third only the town is known."""
    dice = Random(COUNT)
    places = read_gazetteer(DATA).places
    towns = [place.point for place in places if place.level is Level.TOWN and place.point]
    return [_hall(number, dice.choice(towns), dice) for number in range(COUNT)]


def _hall(number: int, town: Point, dice: Random) -> Outlet:
    is_exact = number % 3 > 0
    lat, lon = (dice.gauss(0, 0.02) if is_exact else 0 for _ in range(2))
    return Outlet(
        id=f"hall-{dice.randrange(16**8):08x}{number}",
        name=Name(f"第{number}号社会保障服务大厅", f"Social Security Hall {number}"),
        city="重庆市",
        district="沙坪坝区",
        address=f"测试路{number}号",
        point=Point(round(town.lat + lat, 6), round(town.lon + lon, 6)),
        precision=Precision.BUILDING if is_exact else Precision.TOWN,
        status=Status.OFFICIAL,
        source=_SOURCE,
    )

"""One nearest query, k = 5, from Python: ours beside its peers, exactness counted."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import shapely
from geopy.distance import geodesic
from pyproj import Geod
from sklearn.neighbors import BallTree

from benchmarks.figures import Figure, median_us
from locator.calendar import Calendar
from locator.finder import Finder
from locator.guide import make_live
from locator.model import Filter, Name, Offer, Outlet, Point, Precision, Query, Service, Source, Status
from locator.nearest import Index
from locator.outlets import Atlas
from locator.places import read_gazetteer
from locator.settings import DATA, Settings

Floats = npt.NDArray[np.float64]
Ask = Callable[[Point], list[int]]

K = 5
ROUNDS = 3_000
AT = datetime(2026, 10, 10, 2, 0, tzinfo=UTC)
GEOD = Geod(ellps="WGS84")
SMALL = 75
SHIPPED_LIMIT, LIMIT = 35.0, 60.0


def figures() -> list[Figure]:
    queries = _queries()
    found = _shipped(queries)
    medians = {}
    for count in (SMALL, 10_000, 1_000_000):
        lats, lons = _scatter(count)
        medians[count], rows = _peers(count, lats, lons, queries)
        found += rows
    growth = medians[1_000_000] / medians[10_000]
    found.append(Figure("growth from 10,000 to 1,000,000 points", growth, "times", at_most=2))
    return found + _filtered(queries) + _build()


def _shipped(queries: list[Point]) -> list[Figure]:
    finder = make_live(Settings()).value.finder
    index = Index([o.point.lat for o in finder.outlets], [o.point.lon for o in finder.outlets])
    asked = [Query(at=AT, point=point) for point in queries]
    return [
        Figure(
            f"shipped file ({len(index)} outlets): Index.nearest",
            median_us(lambda n: index.nearest(queries[n % len(queries)], K), ROUNDS),
            "µs",
            at_most=SHIPPED_LIMIT,
        ),
        Figure(
            "shipped file: Finder.find, with district, gap and open states",
            median_us(lambda n: finder.find(asked[n % len(asked)]), ROUNDS),
            "µs",
        ),
    ]


def _peers(count: int, lats: Floats, lons: Floats, queries: list[Point]) -> tuple[float, list[Figure]]:
    truth = [_all_sorted(lats, lons, point) for point in queries[: 300 if count <= 10_000 else 60]]
    index = Index(lats, lons)
    ours, found = _measured(f"{count:>9,} points: locator Index", _ours(index), queries, truth)
    limits = [SHIPPED_LIMIT if count <= SMALL else LIMIT, 0.0]
    rows = [figure._replace(at_most=limit) for figure, limit in zip(found, limits, strict=True)]
    for name, ask in _others(count, lats, lons).items():
        what = f"{count:>9,} points: {name}"
        theirs, found = _measured(what, ask, queries, truth)
        rows += [*found, Figure(f"{what}: times the locator's", theirs / ours, "times")]
    return ours, rows


def _measured(
    what: str, ask: Ask, queries: list[Point], truth: list[list[int]]
) -> tuple[float, list[Figure]]:
    """The median microseconds, and how often the top answer is not the true one."""
    rounds = 100 if "geopy" in what else ROUNDS
    median = median_us(lambda n: ask(queries[n % len(queries)]), rounds)
    wrong = [ask(point)[0] != right[0] for point, right in zip(queries, truth, strict=False)]
    return median, [
        Figure(what, median, "µs"),
        Figure(f"{what}: wrong top answer", 100 * float(np.mean(wrong)), "%"),
    ]


def _ours(index: Index) -> Ask:
    return lambda point: [row for _, row in index.nearest(point, K)]


def _others(count: int, lats: Floats, lons: Floats) -> dict[str, Ask]:
    ways = {
        "sklearn BallTree, haversine": _ball_tree(lats, lons),
        "shapely STRtree, degrees": _degrees(lats, lons),
    }
    return ways | ({"geopy loop": _geopy_loop(lats, lons)} if count <= SMALL else {})


def _filtered(queries: list[Point]) -> list[Figure]:
    """A million outlets; a tenth offer a service, another tenth lie all in the far north-east corner."""
    lats, lons = _scatter(1_000_000)
    north_east = (lats > 31.0) & (lons > 108.5)
    tenth = np.random.default_rng(5).random(len(lats)) < 0.1
    finder = _million(lats, lons, tenth, north_east)
    found = []
    for what, service, origins in (
        ("no filter", None, queries),
        ("a 10 % filter", Service.ACTIVATION, queries),
        (
            "a filter whose outlets are all far away",
            Service.PIN_RESET,
            [Point(28.0 + n / 1000, 105.2) for n in range(500)],
        ),
    ):
        found += _one_filter(finder, what, service, origins)
    return found


def _one_filter(finder: Finder, what: str, service: Service | None, origins: list[Point]) -> list[Figure]:
    wanted = Filter(service=service)
    asked = [Query(at=AT, point=point, filter=wanted) for point in origins]
    subset = finder.surely(wanted)
    alone = median_us(lambda n: subset.nearest(origins[n % len(origins)], K), ROUNDS)
    whole = median_us(lambda n: finder.find(asked[n % len(asked)]), ROUNDS)
    title = f"1,000,000 points, {what}"
    return [
        Figure(f"{title} ({len(subset):,} pass): Index.nearest", alone, "µs", at_most=LIMIT),
        Figure(f"{title}: Finder.find", whole, "µs"),
    ]


def _million(lats: Floats, lons: Floats, tenth: npt.NDArray[np.bool_], far: npt.NDArray[np.bool_]) -> Finder:
    name, source = Name("测试网点", "Test outlet"), Source("made up for a benchmark", "", "2026")
    offers = {
        (one, two): {
            Service.ACTIVATION: Offer.YES if one else Offer.NO,
            Service.PIN_RESET: Offer.YES if two else Offer.NO,
        }
        for one in (True, False)
        for two in (True, False)
    }
    outlets = tuple(
        Outlet(f"door-{row:07d}", name, "重庆市", "沙坪坝区", "测试路1号", Point(lat, lon), Precision.BUILDING,
               Status.OFFICIAL, source, services=offers[bool(one), bool(two)])
        for row, (lat, lon, one, two) in enumerate(zip(lats.tolist(), lons.tolist(), tenth, far, strict=True))
    )  # fmt: skip
    return Finder(Atlas(outlets, (), ""), read_gazetteer(DATA), Calendar.shipped())


def _build() -> list[Figure]:
    """In a process of its own, so that its memory is its own."""
    done = subprocess.run([sys.executable, "-c", _BUILD], capture_output=True, check=True, text=True)
    seconds, mebibytes = json.loads(done.stdout)
    return [
        Figure("index of 1,000,000 coordinates: build", seconds, "s", at_most=5),
        Figure("index of 1,000,000 coordinates: memory gained at the peak", mebibytes, "MiB", at_most=400),
    ]


_BUILD = """
import json, time
from pathlib import Path
import numpy as np
from locator.model import Point
from locator.nearest import Index
def peak():
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
dice = np.random.default_rng(1)
lats, lons = dice.uniform(27.6, 32.3, 1_000_000), dice.uniform(104.9, 110.3, 1_000_000)
Index(lats[:10], lons[:10]).nearest(Point(29, 106), 5)
before, start = peak(), time.perf_counter()
index = Index(lats, lons)
seconds = time.perf_counter() - start
index.nearest(Point(29, 106), 5)
print(json.dumps([seconds, peak() - before]))
"""


def _queries() -> list[Point]:
    dice = np.random.default_rng(2)
    return [
        Point(lat, lon)
        for lat, lon in zip(
            dice.uniform(27.6, 32.3, 500).tolist(), dice.uniform(104.9, 110.3, 500).tolist(), strict=True
        )
    ]


def _scatter(count: int) -> tuple[Floats, Floats]:
    dice = np.random.default_rng(count)
    return dice.uniform(27.6, 32.3, count), dice.uniform(104.9, 110.3, count)


def _all_sorted(lats: Floats, lons: Floats, point: Point) -> list[int]:
    metres = GEOD.inv(np.full(len(lats), point.lon), np.full(len(lats), point.lat), lons, lats)[2]
    first: list[int] = np.lexsort((np.arange(len(lats)), metres))[:K].tolist()
    return first


def _ball_tree(lats: Floats, lons: Floats) -> Ask:
    tree = BallTree(np.radians(np.column_stack((lats, lons))), metric="haversine")
    return lambda point: tree.query(np.radians([[point.lat, point.lon]]), K)[1][0].tolist()


def _degrees(lats: Floats, lons: Floats) -> Ask:
    """The nearest one only: an STRtree has no k."""
    tree = shapely.STRtree(shapely.points(lons, lats))
    return lambda point: [int(tree.nearest(shapely.Point(point.lon, point.lat)))]


def _geopy_loop(lats: Floats, lons: Floats) -> Ask:
    places = list(zip(lats.tolist(), lons.tolist(), strict=True))

    def ask(point: Point) -> list[int]:
        metres = [geodesic((point.lat, point.lon), place).meters for place in places]
        return sorted(range(len(metres)), key=lambda row: (metres[row], row))[:K]

    return ask

"""Files and cold starts: how long from a file on disk, or a command typed, to an answer."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure
from locator.model import Name, Offer, Outlet, Point, Precision, Service, Source, Status
from locator.outlets import write_outlets
from locator.settings import Settings

COMMAND = [
    sys.executable,
    "-m",
    "locator",
    "nearest",
    "沙坪坝区",
    "--service",
    "activation",
    "--open-at",
    "2026-10-10 10:00",
]
HOURS = [
    "",
    "Mo-Fr 09:00-17:00; PH off",
    "Mo-Fr 09:00-12:00,13:30-17:30; PH off",
    "Mo-Su 08:00-20:00; PH off",
    "24/7",
]


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outlets.geojson"
        path.write_bytes(write_outlets(_many(200_000), ()))
        large_s, large_mib = _loaded(path)
        size = path.stat().st_size / 2**20
    shipped_s, _ = _loaded(Settings().outlets)
    cold = statistics.median(_timed(COMMAND) for _ in range(7))
    return [
        Figure(f"200,000 outlets ({size:.0f} MiB): read, checked, indexed", large_s, "s", at_most=15),
        Figure("200,000 outlets: memory of the whole process at its peak", large_mib, "MiB", at_most=1536),
        Figure("shipped file: read, checked, indexed", shipped_s * 1000, "ms", at_most=50),
        Figure("`locator nearest` from a cold shell, median of 7", cold, "s", at_most=1),
    ]


def _loaded(path: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(path)], capture_output=True, check=True, text=True
    )
    seconds, mebibytes = json.loads(done.stdout)
    return seconds, mebibytes


# As the service meets it: it runs on a small file, and the file changes.
_LOAD = """
import json, shutil, sys, tempfile, time
from pathlib import Path
from locator.guide import make_live
from locator.settings import Settings
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "outlets.geojson"
    shutil.copy(Settings().outlets, path)
    live = make_live(Settings(outlets=path))
    shutil.copy(sys.argv[1], path)
    path.touch()
    start = time.perf_counter()
    assert live.look()
    seconds = time.perf_counter() - start
status = Path("/proc/self/status").read_text()
peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
print(json.dumps([seconds, peak / 1024]))
"""


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _many(count: int) -> list[Outlet]:
    dice = np.random.default_rng(count)
    offers = list(Offer)
    return [
        Outlet(
            id=f"door-{row:06d}",
            name=Name(f"测试网点{row}", f"Test outlet {row}"),
            city="重庆市",
            district="沙坪坝区",
            address=f"测试路{row}号",
            point=Point(
                round(float(dice.uniform(27.7, 32.2)), 6), round(float(dice.uniform(105.0, 110.2)), 6)
            ),
            precision=Precision.BUILDING,
            status=Status.OFFICIAL,
            source=Source("made up for a benchmark", "", "2026"),
            phone=f"023-{row:08d}",
            services={service: offers[int(dice.integers(3))] for service in Service},
            hours=HOURS[row % len(HOURS)],
        )
        for row in range(count)
    ]

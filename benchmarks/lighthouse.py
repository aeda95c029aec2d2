"""`make lighthouse`: what Lighthouse says of the pages on a phone, beside what was asked for. It alone needs Node.

Lighthouse slows the network and the processor down by calculation, so that a busy machine counts little; still each page is
measured three times, and the median counts.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from benchmarks.figures import Figure, table
from benchmarks.load import server

FOLDER: Final = Path(__file__).parent / "lighthouse"
PROGRAM: Final = FOLDER / "node_modules" / ".bin" / "lighthouse"
ROUNDS: Final = 3
ASKED: Final = {"performance": 95, "accessibility": 100, "best-practices": 95, "seo": 95}
PAGES: Final = ("/", f"/?district={quote('沙坪坝区')}", "/outlets/qijiang-83a4d946", "/chat")
CHROMIUM: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)

Report = dict[str, Any]


def main() -> int:
    if not PROGRAM.exists():
        print(f"{PROGRAM} is not there: run make lighthouse", file=sys.stderr)
        return 2
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        settings = {"BOT_DATABASE_URL": f"sqlite:///{folder}/bot.db"}
        with server("bot.app:create_app", settings=settings) as served:
            for page in PAGES:
                missed |= _shows(page, f"http://127.0.0.1:{served.port}{page}")
    return int(missed)


def _shows(page: str, url: str) -> bool:
    """Print the page's table, and why points were lost; whether one missed what was asked."""
    reports = [_measured(url) for _ in range(ROUNDS)]
    figures = [_figure(name, reports) for name in ASKED]
    print(table(unquote(page), figures), flush=True)
    print("\n".join(sorted({line for report in reports for line in _lost(report)})), flush=True)
    return any(figure.missed for figure in figures)


def _figure(name: str, reports: list[Report]) -> Figure:
    scores = [100 * report["categories"][name]["score"] for report in reports]
    return Figure(name, statistics.median(scores), "", at_least=ASKED[name])


def _lost(report: Report) -> Iterator[str]:
    """What counts in a score and is not well."""
    for category in report["categories"].values():
        counted = (part["id"] for part in category["auditRefs"] if part["weight"])
        audits = (report["audits"][one] for one in counted)
        for audit in audits:
            if audit["score"] is not None and audit["score"] < 1:
                yield f"  {category['id']}: {audit['title']} {audit.get('displayValue', '')}".rstrip()


def _measured(url: str) -> Report:
    command = [
        str(PROGRAM),
        url,
        "--quiet",
        "--output=json",
        "--output-path=stdout",
        "--no-enable-error-reporting",
        f"--only-categories={','.join(ASKED)}",
        f"--chrome-flags={' '.join(CHROMIUM)}",
    ]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=_environment(), text=True).stdout
    report: Report = json.loads(said)
    return report


def _environment() -> dict[str, str]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return os.environ | ({"CHROME_PATH": found} if found else {})


if __name__ == "__main__":
    sys.exit(main())

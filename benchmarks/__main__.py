"""`make bench`: every figure this project claims, measured in one run; a table here, JSON in benchmarks/results/."""

import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import chat, desk, files, http, maps, nearest, questions, telegram
from benchmarks.figures import Figure, table

RESULTS = Path(__file__).parent / "results"
PARTS = {
    "nearest": nearest.figures,
    "files": files.figures,
    "http": http.figures,
    "questions": questions.figures,
    "chat": chat.figures,
    "desk": desk.figures,
    "telegram": telegram.figures,
    "maps": maps.figures,
}


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(PARTS):
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    measured: list[Figure] = []
    for name in wanted or PARTS:
        part = PARTS[name]()
        print(table(name, part), flush=True)
        measured += part
    RESULTS.mkdir(exist_ok=True)
    machine = f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    written = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine,
        "figures": [figure._asdict() for figure in measured],
    }
    (RESULTS / "figures.json").write_text(json.dumps(written, indent=1, ensure_ascii=False), encoding="utf-8")
    return 1 if any(figure.missed for figure in measured) else 0


sys.exit(main(sys.argv[1:]))

"""The whole product against its own OpenAPI description, by schemathesis: no 5xx, no answer the description does not promise."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from tests.serving import PROJECT

# `SCHEMATHESIS_EXAMPLES=600 make test` makes more than 2,000 cases.
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "60")


def run(description: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "run",
        description,
        "--no-color",
        "--seed",
        "20200928",
    ]
    options = ["--checks", "all", "--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, *more]
    settings = os.environ | {"SCHEMATHESIS_HOOKS": "tests.visiting", "PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, cwd=folder, env=settings
    )


def test_no_case_breaks_the_service_or_its_description(bot_server: str, tmp_path: Path) -> None:
    done = run(f"{bot_server}/openapi.json", tmp_path)
    assert done.returncode == 0, done.stdout
    generated = re.search(r"([\d,]+) generated", done.stdout)
    assert generated, done.stdout
    assert int(generated[1].replace(",", "")) >= 300


def test_a_description_that_promises_too_little_is_seen_to_be_broken(bot_server: str, tmp_path: Path) -> None:
    """The negative control: 422 is struck from the description, and every refusal is a breach."""
    described = tmp_path / "openapi.json"
    with build_opener(ProxyHandler({})).open(f"{bot_server}/openapi.json") as answer:
        described.write_bytes(answer.read().replace(b'"422":', b'"418":'))
    done = run(str(described), tmp_path, "--url", bot_server)
    assert done.returncode != 0
    assert "ndocumented" in done.stdout

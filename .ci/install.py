"""Installs a lock file with pip, on one line that moves; shows what pip said only when it failed."""

import re
import subprocess
import sys
from pathlib import Path


def main(lock: str, *more: str) -> int:
    total = len(re.findall(r"^\S+==", Path(lock).read_text(encoding="utf-8"), re.MULTILINE))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--progress-bar",
        "off",
    ]
    command = [*pip, "--require-hashes", "-r", lock, *more]
    said: list[str] = []
    done = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            said.append(line)
            named = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
            if named:
                done += 1
                show(f"  {done} of {total} packages: {named[1]}")
            elif line.startswith("Installing collected"):
                show("  unpacking ...")
    show("")
    if process.returncode:
        print("".join(said[-40:]), file=sys.stderr)
    return process.returncode


def show(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r{text:<60}", end="", flush=True)
    elif text.endswith("..."):
        print(text, flush=True)


sys.exit(main(*sys.argv[1:]))

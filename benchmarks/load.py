"""A server under load: requests a second, the slowest hundredth, and whatever was not answered with 200.

wrk when it is on the PATH, else threads of Python – which take much of the two cores for themselves.
"""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

import numpy as np

BY = "wrk" if shutil.which("wrk") else "threads of Python"
SECONDS = 3
NUMBER = "@NUMBER@"  # in a body: another number each time


class Server(NamedTuple):
    port: int
    process: subprocess.Popen[bytes]


class Load(NamedTuple):
    """What came of it."""

    rate: float  # answers a second
    p99_ms: float
    errors: int


@contextmanager
def server(
    factory: str, workers: int = 2, threads: int = 1, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server]:
    """Granian over the application that `factory` makes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    options = [
        "--interface",
        "wsgi",
        "--factory",
        "--workers",
        str(workers),
        "--blocking-threads",
        str(threads),
        "--no-log",
    ]
    command = [sys.executable, "-m", "granian", *options, "--port", str(port), factory]
    process = subprocess.Popen(command, env={**os.environ, **settings})
    try:
        _wait_for(port)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:  # told to stop while it still starts, it does not hear
            process.kill()


def load(port: int, path: str, bodies: Sequence[str], connections: int, seconds: int = SECONDS) -> Load:
    """The bodies, one after the other and over again."""
    if shutil.which("wrk"):
        return _by_wrk(port, path, bodies, connections, seconds)
    return _by_threads(port, path, bodies, connections, seconds)


def post(port: int, path: str, body: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", path, body.encode(), {"Content-Type": "application/json"})
    return connection.getresponse().read()


class Memory(NamedTuple):
    """Of the largest of the server's working processes, MiB."""

    resident: float  # with what it shares with others: libraries
    private: float


def memory(process: subprocess.Popen[bytes]) -> Memory:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    return max(_memory_of(child) for child in children)


def _memory_of(process: str) -> Memory:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    kib = {name: int(size.split()[0]) for name, _, size in (line.partition(":") for line in lines)}
    return Memory(kib["Rss"] / 1024, (kib["Private_Clean"] + kib["Private_Dirty"]) / 1024)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not answer")


# -- by wrk --

_SCRIPT = """
local bodies, n, thread = {BODIES}, 0, os.time() % 100000
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n + 1
  local body = bodies[n % #bodies + 1]:gsub("NUMBER", thread .. "-" .. n)
  return wrk.format("POST", nil, nil, body)
end
done = function(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("figures %f %f %d", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000, failed))
end
"""


def _by_wrk(port: int, path: str, bodies: Sequence[str], connections: int, seconds: int) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        quoted = ",".join(f"[==[{body}]==]" for body in bodies)
        script.write_text(
            _SCRIPT.replace("BODIES", quoted).replace('"NUMBER"', f'"{NUMBER}"'), encoding="utf-8"
        )
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "-s",
            str(script),
            f"http://127.0.0.1:{port}{path}",
        ]
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    _, rate, p99_ms, errors = next(line for line in said.splitlines() if line.startswith("figures")).split()
    return Load(float(rate), float(p99_ms), int(errors))


# -- by threads --


def _by_threads(port: int, path: str, bodies: Sequence[str], connections: int, seconds: int) -> Load:
    """Requests written by hand on plain sockets: the client must not be what is measured."""
    taken: list[list[float]] = [[] for _ in range(connections)]
    errors = [0] * connections
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_ask, args=(port, path, bodies, until, number, taken, errors))
        for number in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = np.array([one for own in taken for one in own])
    return Load(len(everything) / seconds, float(np.quantile(everything, 0.99)), sum(errors))


def _ask(  # noqa: PLR0913, PLR0917 - all that a thread is given
    port: int,
    path: str,
    bodies: Sequence[str],
    until: float,
    number: int,
    taken: list[list[float]],
    errors: list[int],
) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = connection.makefile("rb")
        while time.monotonic() < until:
            body = bodies[(number * 7919 + len(taken[number])) % len(bodies)]
            request = _request(
                path, body.replace(NUMBER, f"{time.time_ns() % 10**12}-{number}-{len(taken[number])}")
            )
            start = time.perf_counter()
            connection.sendall(request)
            errors[number] += not _is_well(answers)
            taken[number].append(1_000 * (time.perf_counter() - start))


def _request(path: str, body: str) -> bytes:
    held = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(held)}"
    return head.encode() + b"\r\n\r\n" + held


def _is_well(answers: BinaryIO) -> bool:
    well = b" 200 " in answers.readline()
    length = 0
    while (line := answers.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    answers.read(length)
    return well

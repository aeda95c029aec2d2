"""POST /api/v1/nearest beside an empty POST route with the same request model, in the same app and server."""

import http.client
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from flask import Response
from flask_openapi3 import APIBlueprint, OpenAPI

from benchmarks.figures import Figure
from locator import app
from locator.api import refuse_what_is_not_json
from locator.parse import NearestBody

ROUNDS, SECONDS, CONNECTIONS = 5, 3, 16
NEAREST, EMPTY = "/api/v1/nearest", "/api/v1/empty"
# People ask from everywhere: positions all over the two cities, one after the other.
BODIES = [f'{{"lat":{28 + n * 0.037:.4f},"lon":{105.2 + n * 0.049:.4f},"datum":"wgs84"}}' for n in range(100)]


def create_app() -> OpenAPI:
    """The service, and one route more that does nothing with the same request."""
    service = app.create_app()
    bench = APIBlueprint("bench", __name__)
    bench.before_request(refuse_what_is_not_json)

    @bench.post(EMPTY)
    def empty(body: NearestBody) -> Response:  # noqa: ARG001 - checked, then left alone
        return Response(b"{}", content_type="application/json")

    service.register_api(bench)
    return service


def figures() -> list[Figure]:
    with _server() as port:
        for path in (NEAREST, EMPTY):
            _rate(port, path)
        pairs = [(_rate(port, NEAREST), _rate(port, EMPTY)) for _ in range(ROUNDS)]
    nearest, empty = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = 100 * statistics.median(ours / theirs for ours, theirs in pairs)
    by = "wrk" if shutil.which("wrk") else "threads of Python"
    return [
        Figure(f"POST {NEAREST}, {CONNECTIONS} connections by {by}", nearest, "/s"),
        Figure(f"POST {EMPTY}, the same request model", empty, "/s"),
        Figure("the first as a share of the second, median of alternating rounds", ratio, "%", at_least=60),
    ]


@contextmanager
def _server() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--factory",
        "--workers",
        "2",
        "--blocking-threads",
        "1",
        "--no-log",
    ]
    server = subprocess.Popen([*command, "--port", str(port), "benchmarks.http:create_app"])
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
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


def _rate(port: int, path: str) -> float:
    return _by_wrk(port, path) if shutil.which("wrk") else _by_threads(port, path)


def _by_wrk(port: int, path: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        bodies = ",".join(f"'{body}'" for body in BODIES)
        script.write_text(_POST.replace("BODIES", bodies))
        command = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{SECONDS}s",
            "-s",
            str(script),
            f"http://127.0.0.1:{port}{path}",
        ]
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    return float(next(line.split()[1] for line in said.splitlines() if line.startswith("Requests/sec")))


_POST = """
local bodies, n = {BODIES}, 0
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n % #bodies + 1
  return wrk.format("POST", nil, nil, bodies[n])
end
"""


def _by_threads(port: int, path: str) -> float:
    """Requests written by hand on plain sockets: the client must not be what is measured."""
    done = [0] * CONNECTIONS
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=_ask, args=(port, path, until, done, n)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS


def _ask(port: int, path: str, until: float, done: list[int], number: int) -> None:
    requests = [_request(path, body) for body in BODIES]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = connection.makefile("rb")
        while time.monotonic() < until:
            connection.sendall(requests[done[number] % len(requests)])
            _read_answer(answers)
            done[number] += 1


def _request(path: str, body: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode()


def _read_answer(answers: BinaryIO) -> None:
    if b" 200 " not in answers.readline():
        raise RuntimeError("an answer other than 200")
    length = 0
    while (line := answers.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    answers.read(length)

"""How calls reach the Bot API server of the tests, and how answers leave it: HTTP."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from enum import Enum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.bot_api_state import Json, Refused, bad

_CALL: Final = re.compile(r"/bot([^/]+)/([^/]+)/?")
_DOWNLOAD: Final = re.compile(r"/file/bot([^/]+)/(.+)")
_TOKEN: Final = re.compile(r"[1-9][0-9]*:[A-Za-z0-9_-]+")
_STRUCTURES: Final = ("[", "{")


@dataclass(frozen=True)
class Parameters:
    """What a call names, as written, and the files that came with it."""

    values: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """As written; "" if missing."""
        return self.values.get(name, "")

    def required(self, name: str) -> str:
        """As written; 400 if missing."""
        if not self.values.get(name):
            raise bad(f'parameter "{name}" is required')
        return self.values[name]

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "yes", "1")

    def whole(self, name: str, default: int = 0) -> int:
        """The number; the default if there is none, or what is there is none."""
        written = self.text(name)
        return int(written) if re.fullmatch(r"-?[0-9]{1,18}", written) else default

    def real(self, name: str) -> float:
        """The number; 400 if missing or no number."""
        try:
            return float(self.required(name))
        except ValueError:
            raise bad(f'can\'t parse "{name}" as Number') from None

    def structure(self, name: str) -> Any:
        """A JSON value; None if missing, 400 if it is not JSON."""
        written = self.text(name)
        try:
            return json.loads(written) if written else None
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None

    @property
    def readable(self) -> Json:
        """For the journal: objects and arrays decoded, files by their size in bytes."""
        values = {name: _decoded(written) for name, written in self.values.items()}
        return values | {name: f"{len(content)} bytes" for name, content in self.files.items()}


def _decoded(written: str) -> Any:
    if not written.startswith(_STRUCTURES):
        return written
    try:
        return json.loads(written)
    except ValueError:
        return written


def read_parameters(query: str, content_type: str, body: bytes) -> Parameters:
    """Bot API, Making requests: query string, urlencoded form, JSON or multipart, all in UTF-8."""
    values = dict(parse_qsl(query, keep_blank_values=True))
    files: dict[str, bytes] = {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" and body.strip():
        values |= _from_json(body)
    elif kind == "application/x-www-form-urlencoded":
        values |= parse_qsl(body.decode(), keep_blank_values=True)
    elif kind == "multipart/form-data":
        parts, files = _from_multipart(content_type, body)
        values |= parts
    return Parameters(values, files)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body)
    except ValueError:
        raise bad("can't parse JSON object") from None
    if not isinstance(given, dict):
        raise bad("expected a JSON object")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}


def _from_multipart(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    values: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
        name = str(part.get_param("name", "", "content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            values[name] = content.decode()
        else:
            files[name] = content
    return values, files


# -- answers --


class End(Enum):
    """How a call ends for the one who made it."""

    ANSWER = "it is answered"
    HANG_UP = "the connection is closed without an answer"
    SILENCE = "nothing comes, for as long as the caller waits"


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    code: int
    body: bytes
    end: End = End.ANSWER
    content_type: str = "application/json"
    retry_after: int = 0


def accepted(result: Any, description: str = "") -> Answer:
    """Bot API, Making requests: `ok` is true, and the result in `result`."""
    said = {"description": description} if description else {}
    return Answer(HTTPStatus.OK, json.dumps({"ok": True, "result": result} | said).encode())


def refusal(refused: Refused) -> Answer:
    retry_after = refused.parameters.get("retry_after", 0)
    return Answer(refused.code, json.dumps(refused.body).encode(), retry_after=retry_after)


# -- the server --

Answers = Callable[[str, Parameters], Answer]
Downloads = Callable[[str], bytes | None]


class Server(ThreadingHTTPServer):
    """Serves one bot on a port of its own; a thread for each connection."""

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(self, token: str, port: int, answers: Answers, downloads: Downloads) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.token, self.answers, self.downloads = token, answers, downloads
        self._connections: set[socket] = set()
        self._lock = Lock()
        self._thread = Thread(target=self.serve_forever, args=(0.02,), name="bot-api")

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody, and wait for the threads."""
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                _hang_up(connection)
        self.server_close()

    def note(self, connection: socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def forget(self, connection: socket) -> None:
        with self._lock:
            self._connections.discard(connection)


def _hang_up(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        return  # the other side was faster


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.note(self.connection)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the caller has gone

    def finish(self) -> None:
        self.server.forget(self.connection)
        try:
            super().finish()
        except OSError:
            return  # the caller has gone

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        """The journal says it all."""

    def _answer(self) -> None:
        body = self._body()
        address = urlsplit(self.path)
        path = unquote(address.path)  # the token's colon may come escaped
        if download := _DOWNLOAD.fullmatch(path):
            answer = self._download(*download.groups())
        elif call := _CALL.fullmatch(path):
            answer = self._call(call[1], call[2], address.query, body)
        else:
            answer = refusal(Refused(404, "Not Found"))
        self._send(answer)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(chunks)

    def _call(self, token: str, method: str, query: str, body: bytes) -> Answer:
        try:
            self._check(token)
            given = read_parameters(query, self.headers.get("Content-Type", ""), body)
        except UnicodeDecodeError:
            # Bot API, Making requests: "All queries must be made using UTF-8".
            return refusal(bad("strings must be encoded in UTF-8"))
        except Refused as refused:
            return refusal(refused)
        return self.server.answers(method, given)

    def _check(self, token: str) -> None:
        """404 for what cannot be a token, 401 for another's."""
        if not _TOKEN.fullmatch(token):
            raise Refused(404, "Not Found")
        if token != self.server.token:
            raise Refused(401, "Unauthorized")

    def _download(self, token: str, path: str) -> Answer:
        content = self.server.downloads(path) if token == self.server.token else None
        if content is None:
            return refusal(Refused(404, "Not Found"))
        return Answer(HTTPStatus.OK, content, content_type="application/octet-stream")

    def _send(self, answer: Answer) -> None:
        if answer.end is not End.ANSWER:
            self.close_connection = True
            if answer.end is End.SILENCE:
                self.connection.recv(1)  # until the caller has had enough, or the server stops
            return
        self.send_response(answer.code)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.retry_after:
            self.send_header("Retry-After", str(answer.retry_after))
        self.end_headers()
        self.wfile.write(answer.body)

"""The files that pages load, and what every answer of a page carries.

Law: a page loads nothing from elsewhere, runs nothing inline, and leaves no trace elsewhere. A file's URL is new
whenever its content is.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import flask_openapi3_swagger
from flask import Response, request, send_from_directory
from xstatic.pkg import leaflet

from locator.settings import DATA, HERE, Settings

STATIC: Final = "/static/"
_FOREVER: Final = "public, max-age=31536000, immutable"  # the URL holds a hash of the content


class Files:
    """The folders below /static/, by the first part of a name; "" holds the names without one."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """A folder may also be a single file, which then has just that name."""
        self._folders = dict(folders)
        self._urls: dict[str, str] = {}

    def beside(self, name: str, folder: Path) -> "Files":
        """These, and one folder more."""
        return Files(self._folders | {name: folder})

    def url(self, name: str) -> str:
        """Where a browser finds the file. Read once: files do not change while the program runs."""
        if name not in self._urls:
            root, rest = self._found(name)
            content = (root / rest).read_bytes()
            self._urls[name] = f"{STATIC}{name}?v={sha256(content).hexdigest()[:12]}"
        return self._urls[name]

    def answer(self, name: str) -> Response:
        root, rest = self._found(name)
        folder, file = (root, rest) if rest else (root.parent, root.name)
        answer = send_from_directory(folder, file)
        answer.headers["Cache-Control"] = _FOREVER if "v" in request.args else "no-cache"
        return answer

    def _found(self, name: str) -> tuple[Path, str]:
        first, _, rest = name.partition("/")
        return (self._folders[first], rest) if first in self._folders else (self._folders[""], name)


OWN: Final = Files(
    {
        "": HERE / "static",
        "leaflet": Path(leaflet.BASE_DIR),
        "swagger": Path(str(resources.files(flask_openapi3_swagger))) / "templates" / "swagger",
        "rivers.geojson": DATA / "rivers.geojson",
    }
)


def guard(settings: Settings) -> Callable[[Response], Response]:
    """What makes an answer say what a browser may do with it. A policy of its own stays."""
    policy = _policy(settings)

    def guarded(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", policy)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Permissions-Policy"] = "geolocation=(self)"
        return answer

    return guarded


def allow_own_styles(answer: Response, settings: Settings) -> Response:
    """Let the page write styles into itself; nothing a person types may be shown there."""
    answer.headers["Content-Security-Policy"] = _policy(settings) + "; style-src 'self' 'unsafe-inline'"
    return answer


def _policy(settings: Settings) -> str:
    rules = (
        "default-src 'self'",
        " ".join(["img-src 'self' data:", *_tiles_origins(settings.tiles_url)]),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return "; ".join(rules)


def _tiles_origins(templates: str) -> list[str]:
    """The origins of the map tiles, each once; "https://t{s}.example" is any host beside it."""
    return list(dict.fromkeys(filter(None, map(_tiles_origin, templates.split()))))


def _tiles_origin(template: str) -> str:
    parts = urlsplit(template)
    host = ".".join("*" if "{" in label else label for label in parts.netloc.split("."))
    return f"{parts.scheme}://{host}" if host else ""

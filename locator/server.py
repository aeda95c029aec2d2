"""The web server under a service: where it listens, with how many processes."""

import socket

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from locator.errors import BadInput
from locator.settings import Settings

MOST_PORTS = 65_535
MOST_WORKERS = 64
GEOCODING_THREADS = 8


def listening(settings: Settings, *, host: str | None, port: int | None, workers: int | None) -> Settings:
    """The settings, with what a command line says otherwise. Raises BadInput."""
    given = {"host": host, "port": port, "workers": workers}
    changed = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    if not 1 <= changed.port <= MOST_PORTS:
        raise BadInput("--port", f"must lie between 1 and {MOST_PORTS}")
    if not 1 <= changed.workers <= MOST_WORKERS:
        raise BadInput("--workers", f"must lie between 1 and {MOST_WORKERS}")
    return changed


def serve(factory: str, settings: Settings, threads: int = 1) -> None:
    """Serve the WSGI application that `factory` ("module:function") makes, until told to stop.

    `threads` of each process: an answer is all computing, so they wait for each other, unless it waits for a database.
    Raises BadInput when nobody can listen there.
    """
    server = Granian(
        factory,
        factory=True,
        interface=Interfaces.WSGI,
        websockets=False,
        address=_free_address(settings.host, settings.port),
        port=settings.port,
        workers=settings.workers,
        blocking_threads=max(threads, GEOCODING_THREADS) if settings.geocoder else threads,
        log_level=LogLevels.warning,
    )
    print(f"LuYu Card listens on http://{settings.host}:{settings.port} (Ctrl-C stops it)", flush=True)  # noqa: T201 - it is what a person waits for
    server.serve()


def _free_address(host: str, port: int) -> str:
    """The IP address of `host`. The server itself would share a port with whoever listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as probe:
            address: str = probe.getsockname()[0]
    except OSError as error:
        why = f"cannot listen on {host}, port {port} ({str(error.strerror).partition(' (')[0]}); name another with --port or --host"
        raise BadInput("serve", why) from None
    return address

"""POST /api/v1/nearest beside an empty POST route with the same request model, in the same app and server."""

import statistics

from flask import Response
from flask_openapi3 import APIBlueprint, OpenAPI

from benchmarks.figures import Figure
from benchmarks.load import BY, load, server
from locator import app
from locator.api import refuse_what_is_not_json
from locator.parse import NearestBody

ROUNDS, CONNECTIONS = 5, 16
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
    with server("benchmarks.http:create_app") as served:
        for path in (NEAREST, EMPTY):
            _rate(served.port, path)
        pairs = [(_rate(served.port, NEAREST), _rate(served.port, EMPTY)) for _ in range(ROUNDS)]
    nearest, empty = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = 100 * statistics.median(ours / theirs for ours, theirs in pairs)
    return [
        Figure(f"POST {NEAREST}, {CONNECTIONS} connections by {BY}", nearest, "/s"),
        Figure(f"POST {EMPTY}, the same request model", empty, "/s"),
        Figure("the first as a share of the second, median of alternating rounds", ratio, "%", at_least=60),
    ]


def _rate(port: int, path: str) -> float:
    measured = load(port, path, BODIES, CONNECTIONS)
    if measured.errors:
        raise RuntimeError(f"{measured.errors} answers other than 200")
    return measured.rate

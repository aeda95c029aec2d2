"""The service as it is, and one route more that does nothing with the same request as `ask`.

It imports nothing else, or the memory of the other benchmarks would be measured with it.
"""

from flask import Response
from flask_openapi3 import APIBlueprint, OpenAPI

from bot import app
from bot.api import AskBody
from locator.api import refuse_what_is_not_json

ASK, EMPTY = "/api/v1/ask", "/api/v1/empty"


def create_app() -> OpenAPI:
    service = app.create_app()
    bench = APIBlueprint("bench", __name__)
    bench.before_request(refuse_what_is_not_json)

    @bench.post(EMPTY)
    def empty(body: AskBody) -> Response:  # noqa: ARG001 - checked, then left alone
        return Response(b"{}", content_type="application/json")

    service.register_api(bench)
    return service

"""The web service, put together in one place."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

import orjson
from flask.json.provider import JSONProvider
from flask_compress import Compress
from flask_openapi3 import Info, OpenAPI

from locator.answers import ProblemAnswer
from locator.api import JSON, LARGEST_BODY, Clock, add_refusals, make_api, make_status, refuse_fields
from locator.chart import make_chart
from locator.guide import Guide, make_live
from locator.live import Current
from locator.offline import Along, make_offline
from locator.outlet_page import Annex, make_outlet_pages, no_annex
from locator.pages import Panel, lost_page, make_pages, no_panel
from locator.render import GEOJSON, PROBLEM
from locator.search import Read, read_place
from locator.settings import Settings, read_settings

VERSION = "0.1.0"
COMPRESSED = [GEOJSON, PROBLEM, JSON, "text/html", "text/css", "text/javascript", "image/svg+xml"]


def create_app() -> OpenAPI:
    """The WSGI service, set up from the environment."""
    settings = read_settings()
    live = make_live(settings)
    live.watch(settings.look_every_s)
    return make_app(live, settings, lambda: datetime.now(UTC))


class Added(NamedTuple):
    """What a product that stands on the locator adds to it."""

    panel: Panel = no_panel  # a part of the first page
    annex: Annex = no_annex  # parts of the page of a hall
    read: Read = read_place  # what a text in its search box says
    along: Along = Along()  # what a browser takes along besides


ALONE: Final = Added()


def make_app(live: Current[Guide], settings: Settings, now: Clock, added: Added = ALONE) -> OpenAPI:
    """The WSGI service over what is handed in; tests hand in their own."""
    app = OpenAPI(
        "locator",
        info=Info(title="LuYu Card 泸渝社保卡通: outlets", version=VERSION),
        doc_ui=False,
        validation_error_model=ProblemAnswer,
        validation_error_callback=refuse_fields,
        static_folder=None,
    )
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["COMPRESS_MIMETYPES"] = COMPRESSED
    Compress(app)
    add_refusals(app, partial(lost_page, settings))
    app.register_api(make_api(live, now))
    app.register_api(make_status(live))
    app.register_blueprint(make_chart(live, settings))
    app.register_blueprint(make_pages(live, settings, now, added.panel, added.read))
    app.register_blueprint(make_offline(live, settings, now, added.along))
    app.register_blueprint(make_outlet_pages(live, settings, now, added.annex))
    app.add_url_rule("/openapi.json", "openapi", lambda: app.json.response(describe(app)))
    return app


def describe(app: OpenAPI) -> dict[str, Any]:
    """The OpenAPI description, without the empty list of security schemes that flask-openapi3 writes."""
    described: dict[str, Any] = app.api_doc
    described["components"].pop("securitySchemes", None)
    return described


class OrjsonProvider(JSONProvider):
    """Strict in (no NaN, no infinity, no half surrogate pair), fast out."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

"""The JSON face: /api/v1, /healthz, /readyz. Requests are checked by pydantic, answers encoded by orjson.

Law: a position or a typed address comes in a POST body only, and nothing of it is logged or repeated in an error.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

import orjson
import shapely
from flask import Flask, Response, request
from flask_openapi3 import APIBlueprint, Schema, Tag
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from locator import answers
from locator.errors import BadInput
from locator.guide import Guide
from locator.live import Current
from locator.parse import FilterFields, NearestBody, PlacesBody, nearest_query, parse_filter, reasons
from locator.render import GEOJSON, PROBLEM, Json, faults_json, outlet_page, places_json, problem, result_json

Clock = Callable[[], datetime]

JSON = "application/json"
LARGEST_BODY = 16_384  # bytes; the largest honest request is some 1,000
MOST_LISTED = 1_000

_TAG = Tag(name="outlets", description="Where social-security cards are served in Luzhou and Chongqing.")
_STATUS = Tag(name="status", description="For those who run the service.")
REFUSALS = {
    400: "The body is not JSON.",
    404: "No such outlet.",
    413: f"The body is larger than {LARGEST_BODY} bytes.",
    415: "The body is not application/json.",
    422: "Something in the request is wrong; `errors` says what.",
}
_LON = r"-?(?:180|1[0-7]\d(?:\.\d{1,9})?|\d{1,2}(?:\.\d{1,9})?)"
_LAT = r"-?(?:90|[0-8]?\d(?:\.\d{1,9})?)"
_BOX = f"^{_LON},{_LAT},{_LON},{_LAT}$"


class ListedQuery(FilterFields):
    """Which outlets to list."""

    bbox: str | None = Field(
        None, pattern=_BOX, description="Two opposite corners: lon,lat,lon,lat in WGS-84 degrees."
    )
    limit: int = Field(100, ge=1, le=MOST_LISTED)
    offset: int = Field(0, ge=0, le=1_000_000)


class OutletPath(BaseModel):
    outlet_id: str = Field(pattern=r"^[a-z0-9-]{1,64}$", description="An outlet's id.")


def make_api(live: Current[Guide], now: Clock) -> APIBlueprint:
    """Routes that answer from whatever `live` holds at that moment; `now` gives an aware datetime."""
    api = APIBlueprint("api", __name__, url_prefix="/api/v1", abp_tags=[_TAG])
    api.components_schemas.update(
        {name: Schema(**schema) for name, schema in answers.schemas(*_SHAPES).items()}
    )
    api.before_request(refuse_what_is_not_json)

    @api.get("/outlets", responses=responses(200, GEOJSON, answers.OutletsAnswer, 422))
    def outlets(query: ListedQuery) -> Response:
        """The outlets that pass the filter, in the order of their ids."""
        finder, features = live.value
        at = now()
        wanted = parse_filter(query, at=at)
        found = finder.listed(wanted, _area(query.bbox))
        page = found[query.offset : query.offset + query.limit]
        shown = [features.of(outlet, finder.told(outlet, wanted.open_at or at)) for outlet in page]
        body = {"type": "FeatureCollection", "features": shown, "matched": len(found), "returned": len(shown)}
        return cached_answer(body, GEOJSON)

    @api.get("/outlets/<outlet_id>", responses=responses(200, GEOJSON, answers.OutletAnswer, 404, 422))
    def outlet(path: OutletPath) -> Response:
        """One outlet."""
        finder = live.value.finder
        found = finder.outlet(path.outlet_id)
        if found is None:
            return refused(404, [("outlet_id", "is the id of no outlet here")])
        return cached_answer(outlet_page(found, finder.told(found, now())), GEOJSON)

    @api.post("/nearest", responses=responses(200, GEOJSON, answers.NearestAnswer, 400, 413, 415, 422))
    def nearest(body: NearestBody) -> Response:
        """The nearest outlets for what is needed, open when one can go."""
        finder, features = live.value
        query = nearest_query(body, at=now())
        result = finder.find(query)
        return json_answer(result_json(result, features), GEOJSON)

    @api.post("/places", responses=responses(200, JSON, answers.PlacesAnswer, 400, 413, 415, 422))
    def places(body: PlacesBody) -> Response:
        """What place a text names; several are given as choices, never guessed."""
        return json_answer(places_json(live.value.finder.gazetteer.find(body.text)))

    return api


def make_status(live: Current[Guide]) -> APIBlueprint:
    """Whether the service lives, and whether what it answers from is in order."""
    status = APIBlueprint("status", __name__, abp_tags=[_STATUS])

    @status.get("/healthz", responses=responses(200, JSON, answers.HealthAnswer))
    def healthz() -> Response:
        """The process answers."""
        return json_answer({"status": "ok"})

    @status.get("/readyz", responses=responses(200, JSON, answers.ReadyAnswer))
    def readyz() -> Response:
        """The data are loaded; faults of a newer file that was refused are listed."""
        finder = live.value.finder
        return json_answer(
            {
                "status": "degraded" if live.faults else "ready",
                "outlets": len(finder.outlets),
                "gaps": len(finder.atlas.gaps),
                "fingerprint": finder.atlas.fingerprint,
                "calendar_until": finder.calendar.last_year,
                "faults": faults_json(live.faults),
            }
        )

    return status


def refuse_what_is_not_json() -> Response | None:
    """Say plainly what is wrong with a body, before anything looks into it."""
    if request.method != "POST":
        return None
    if request.mimetype != JSON:
        return refused(415, [("content-type", f"must be {JSON}")])
    try:
        body = orjson.loads(request.get_data())
    except RequestEntityTooLarge:
        return refused(413, [("body", f"must be at most {LARGEST_BODY} bytes")])
    except orjson.JSONDecodeError:
        return refused(400, [("body", "must be JSON in UTF-8, its numbers finite")])
    return None if isinstance(body, dict) else refused(422, [("body", "must be a JSON object")])


def refuse_fields(error: ValidationError) -> Response:
    """What pydantic found, as a problem; never the values."""
    return refused(422, reasons(error))


def refuse_bad_input(error: BadInput) -> Response:
    return refused(422, [(error.field, error.why)])


def add_refusals(app: Flask, elsewhere: Callable[[HTTPException], Response]) -> None:
    """404, 405 and their kind: problems for programs; `elsewhere` answers those who were looking for a page."""

    def refuse(error: HTTPException) -> Response:
        for_programs = request.path.startswith(_FOR_PROGRAMS)
        refusal = refused(error.code or 500, [], error.name) if for_programs else elsewhere(error)
        for name, value in error.get_headers():
            if name == "Allow":  # RFC 9110 wants it with a 405
                refusal.headers[name] = value
        return refusal

    app.register_error_handler(BadInput, refuse_bad_input)
    app.register_error_handler(HTTPException, refuse)


_FOR_PROGRAMS = ("/api/", "/healthz", "/readyz", "/openapi.json")
_SHAPES = (
    answers.OutletsAnswer,
    answers.OutletAnswer,
    answers.NearestAnswer,
    answers.PlacesAnswer,
    answers.ProblemAnswer,
    answers.ReadyAnswer,
    answers.HealthAnswer,
)


def responses(
    status: int,
    media_type: str,
    shape: type[BaseModel],
    *refusals: int,
    own: Mapping[int, str] = MappingProxyType({}),
) -> ResponseDict:
    """What an operation may answer. `own`: refusals in its own words."""
    described: ResponseDict = {
        str(status): answers.answers(media_type, shape, (shape.__doc__ or shape.__name__).strip())
    }
    # flask-openapi3 writes its own 422, which is no problem+json, wherever none is given.
    for code in {*refusals, 422}:
        described[str(code)] = answers.answers(PROBLEM, answers.ProblemAnswer, REFUSALS[code])
    for code, description in own.items():
        described[str(code)] = answers.answers(PROBLEM, answers.ProblemAnswer, description)
    return described


def _area(bbox: str | None) -> shapely.Geometry | None:
    if bbox is None:
        return None
    lon, lat, other_lon, other_lat = map(float, bbox.split(","))
    return shapely.box(min(lon, other_lon), min(lat, other_lat), max(lon, other_lon), max(lat, other_lat))


def json_answer(body: Json, media_type: str = JSON) -> Response:
    return Response(orjson.dumps(body), content_type=media_type)


def cached_answer(body: Json, media_type: str) -> Response:
    response = json_answer(body, media_type)
    response.cache_control.public = True
    response.cache_control.no_cache = True  # may be kept, must be asked about: a closed door must not linger
    response.add_etag()
    response.make_conditional(request)
    return response


def refused(status: int, errors: list[tuple[str, str]], title: str = "") -> Response:
    body = problem(status, title or REFUSALS.get(status, "The request cannot be answered."), errors)
    return Response(orjson.dumps(body), status, content_type=PROBLEM)

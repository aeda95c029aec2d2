"""The JSON face, as a program meets it."""

import gzip
import json
import logging
from pathlib import Path
from typing import Any

import eviltransform
import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from locator import answers
from locator.app import make_app
from locator.guide import make_live
from locator.outlets import write_outlets
from locator.settings import Settings
from tests.doors import SATURDAY_WORKED, door, gap

SHIPPED = Settings()
Json = dict[str, Any]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """Talks to the service over the shipped file, on the worked Saturday 2026-10-10."""
    return make_app(make_live(SHIPPED), SHIPPED, lambda: SATURDAY_WORKED).test_client()


def post(client: FlaskClient, path: str, body: Json) -> Json:
    response = client.post(f"/api/v1/{path}", json=body)
    assert response.status_code == 200
    said: Json = response.get_json()
    return said


@pytest.mark.parametrize(
    ("place", "district", "has_gap"),
    [("泸州江阳区", "江阳区", False), ("重庆沙坪坝区", "沙坪坝区", True), ("泸州合江县", "合江县", True)],
)
def test_nearest_measures_from_the_named_district_and_brings_its_gap(
    client: FlaskClient, place: str, district: str, *, has_gap: bool
) -> None:
    said = post(client, "nearest", {"place": place})
    assert said["result"] == "found"
    assert (said["origin"]["name"], said["origin"]["precision"]) == (district, "district")
    assert len(said["features"]) == 5
    assert [f["properties"]["distance_m"] for f in said["features"]] == sorted(
        f["properties"]["distance_m"] for f in said["features"]
    )
    assert (said["gap"] is not None) is has_gap
    if has_gap:
        assert "12333" in said["gap"]["notice"]["zh"]
        assert said["gap"]["district"] == district


def test_a_position_in_another_datum_is_understood_as_the_place_it_means(client: FlaskClient) -> None:
    """The same spot in 沙坪坝, as a phone, 高德 and 百度 give it."""
    here = (29.543736, 106.452904)
    given = {"wgs84": here, "gcj02": eviltransform.wgs2gcj(*here), "bd09": eviltransform.wgs2bd(*here)}
    for datum, (lat, lon) in given.items():
        origin = post(client, "nearest", {"datum": datum, "lat": lat, "lon": lon})["origin"]
        assert (origin["lat"], origin["lon"]) == pytest.approx(here, abs=2e-6)


def test_the_worked_saturday_keeps_open_halls_and_marks_what_is_unknown(client: FlaskClient) -> None:
    said = post(
        client, "nearest", {"place": "沙坪坝区", "service": "activation", "open_at": "now", "limit": 20}
    )
    states = [feature["properties"]["open_state"] for feature in said["features"]]
    assert states == sorted(states, key=["open", "unknown"].index)
    assert states[0] == "open"
    assert {feature["properties"]["offer"] for feature in said["features"]} == {"unknown"}


def test_every_question_can_be_asked_for_a_chosen_time(client: FlaskClient) -> None:
    said = post(client, "nearest", {"place": "忠县", "at": "2026-10-03 10:00", "limit": 1})
    properties = said["features"][0]["properties"]
    assert properties["open_state"] == "closed-opens-later"
    assert properties["next_change"] == "2026-10-08T09:00:00+08:00"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-10-10 17:10", "closes-soon"),
        ("2026-10-10T17:10+08:00", "closes-soon"),
        ("2026-10-10T09:10Z", "closes-soon"),
        ("2026-10-10T17:10Z", "closed-opens-later"),
    ],
)
def test_a_time_without_an_offset_is_beijing_time(client: FlaskClient, at: str, state: str) -> None:
    said = post(client, "nearest", {"place": "忠县", "at": at, "limit": 1})
    assert said["features"][0]["properties"]["open_state"] == state


def test_beyond_the_calendar_the_horizon_is_said(client: FlaskClient) -> None:
    said = post(client, "nearest", {"place": "忠县", "at": "2027-01-04 10:00", "limit": 1})
    properties = said["features"][0]["properties"]
    assert (properties["open_state"], properties["horizon"]) == ("unknown", 2027)


def test_an_ambiguous_name_gives_choices_and_each_choice_is_then_understood(client: FlaskClient) -> None:
    said = post(client, "nearest", {"place": "太平镇"})
    assert (said["result"], said["features"]) == ("unclear", [])
    for choice in said["choices"]:
        again = post(client, "nearest", {"place": choice["city"] + choice["district"] + choice["name"]})
        assert (again["result"], again["origin"]["district"]) == ("found", choice["district"])


@pytest.mark.parametrize(("text", "why"), [("成都", "outside"), ("qqqqqqqq", "no-such-place")])
def test_what_is_not_found_says_why(client: FlaskClient, text: str, why: str) -> None:
    assert post(client, "nearest", {"place": text})["why"] == why
    assert post(client, "places", {"text": text})["why"] == why


def test_places_names_what_a_text_means(client: FlaskClient) -> None:
    (place,) = post(client, "places", {"text": "shapingba"})["places"]
    assert (place["name"], place["level"], place["district"], place["city"]) == (
        "沙坪坝区",
        "district",
        "沙坪坝区",
        "重庆市",
    )


def shapes() -> list[tuple[str, str, Json | None, type[BaseModel]]]:
    return [
        ("GET", "/api/v1/outlets", None, answers.OutletsAnswer),
        ("GET", "/api/v1/outlets?bbox=106,29,107,30&status=unconfirmed&limit=2", None, answers.OutletsAnswer),
        ("POST", "/api/v1/nearest", {"place": "沙坪坝"}, answers.NearestAnswer),
        ("POST", "/api/v1/nearest", {"place": "沙坪坝", "service": "inquiry"}, answers.NearestAnswer),
        ("POST", "/api/v1/nearest", {"place": "太平镇"}, answers.NearestAnswer),
        ("POST", "/api/v1/nearest", {"place": "重庆高新区"}, answers.NearestAnswer),
        ("POST", "/api/v1/places", {"text": "沙坪把"}, answers.PlacesAnswer),
        ("GET", "/healthz", None, answers.HealthAnswer),
        ("GET", "/readyz", None, answers.ReadyAnswer),
    ]


@pytest.mark.parametrize(("method", "path", "body", "shape"), shapes())
def test_answers_have_the_shape_that_the_description_promises(
    client: FlaskClient, method: str, path: str, body: Json | None, shape: type[BaseModel]
) -> None:
    response = client.open(path, method=method, json=body)
    assert response.status_code == 200
    shape.model_validate(response.get_json(force=True))


def test_a_list_is_cut_to_a_box_and_paged(client: FlaskClient) -> None:
    whole = client.get("/api/v1/outlets?bbox=106,29,107,30").get_json(force=True)
    page = client.get("/api/v1/outlets?bbox=106,29,107,30&limit=1&offset=1").get_json(force=True)
    assert whole["matched"] == page["matched"] == len(whole["features"]) > 2
    assert page["features"] == whole["features"][1:2]


def test_one_outlet_is_found_by_its_id_and_an_unknown_id_is_a_404_problem(client: FlaskClient) -> None:
    listed = client.get("/api/v1/outlets?limit=1").get_json(force=True)["features"][0]
    page = client.get(f"/api/v1/outlets/{listed['id']}").get_json(force=True)
    answers.OutletAnswer.model_validate(page)
    assert set(page["properties"].pop("links")) == {"amap", "baidu", "tencent", "apple", "google"}
    assert page == listed
    missing = client.get("/api/v1/outlets/no-such-outlet")
    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/api/v1/outlets", "/api/v1/outlets/zhongxian"])
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, path: str) -> None:
    listed = client.get("/api/v1/outlets").get_json(force=True)["features"][0]["id"]
    path = path.replace("zhongxian", listed)
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_answers_are_compressed_for_those_who_ask(client: FlaskClient) -> None:
    response = client.get("/api/v1/outlets", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(response.data))["type"] == "FeatureCollection"


POSITION = '"lat": 29.5437, "lon": 106.4529'
REFUSED = [
    ("a lone NaN", '{"lat": NaN, "lon": 106.4529, "datum": "wgs84"}', 400, "body"),
    ("infinity", '{"lat": Infinity, "lon": 106.4529, "datum": "wgs84"}', 400, "body"),
    ("a number beyond all floats", '{"lat": 1e309, "lon": 106.4529, "datum": "wgs84"}', 400, "body"),
    ("half a surrogate pair", '{"place": "\\ud800"}', 400, "body"),
    ("not JSON", "place=沙坪坝", 400, "body"),
    ("nothing", "", 400, "body"),
    ("a list", "[1]", 422, "body"),
    ("a text", '"沙坪坝"', 422, "body"),
    ("nothing said", "{}", 422, "place"),
    ("a place and a position", f'{{"place": "沙坪坝", {POSITION}, "datum": "wgs84"}}', 422, "place"),
    ("swapped", '{"lat": 106.4529, "lon": 29.5437, "datum": "wgs84"}', 422, "lat"),
    ("outside China", '{"lat": 48.85, "lon": 2.35, "datum": "wgs84"}', 422, "lon"),
    ("a number as text", '{"lat": "29.5", "lon": 106.4529, "datum": "wgs84"}', 422, "lat"),
    ("true is not a number", '{"lat": true, "lon": 106.4529, "datum": "wgs84"}', 422, "lat"),
    ("no datum", f"{{{POSITION}}}", 422, "datum"),
    ("no longitude", '{"lat": 29.5437, "datum": "wgs84"}', 422, "lon"),
    ("an unknown datum", f'{{{POSITION}, "datum": "nad27"}}', 422, "datum"),
    ("an unknown service", '{"place": "沙坪坝", "service": "haircut"}', 422, "service"),
    ("a limit of 0", '{"place": "沙坪坝", "limit": 0}', 422, "limit"),
    ("a limit of -1", '{"place": "沙坪坝", "limit": -1}', 422, "limit"),
    ("a limit of 1e9", '{"place": "沙坪坝", "limit": 1e9}', 422, "limit"),
    ("half an outlet", '{"place": "沙坪坝", "limit": 2.5}', 422, "limit"),
    ("a place of 10,000 letters", json.dumps({"place": "a" * 10_000}), 422, "place"),
    ("a control character", '{"place": "沙坪坝\\u0007"}', 422, "place"),
    ("a day that does not exist", '{"place": "沙坪坝", "open_at": "2026-02-30 10:00"}', 422, "open_at"),
    ("a time in words", '{"place": "沙坪坝", "at": "tomorrow"}', 422, "at"),
    ("a district of elsewhere", '{"place": "沙坪坝", "district": "朝阳区"}', 422, "district"),
    ("a negative radius", '{"place": "沙坪坝", "radius_m": -5}', 422, "radius_m"),
    ("a gap is no outlet to ask for", '{"place": "沙坪坝", "status": ["gap"]}', 422, "status.0"),
    ("an unknown field", '{"place": "沙坪坝", "colour": "red"}', 422, "colour"),
]


@pytest.mark.parametrize(
    ("body", "status", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_bad_input_is_a_problem_that_names_the_field_and_never_the_value(
    client: FlaskClient, body: str, status: int, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    response = client.post("/api/v1/nearest", data=body.encode(), content_type="application/json")
    problem = json.loads(response.data)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["errors"][0]["field"] == field
    assert problem["errors"][0]["why"]
    for value in ("29.5437", "106.4529", "沙坪坝", "haircut", "nad27", "aaaaa"):
        assert value not in response.text
        assert value not in caplog.text


def test_a_swapped_pair_is_told_as_such(client: FlaskClient) -> None:
    response = client.post("/api/v1/nearest", json={"lat": 106.4529, "lon": 29.5437, "datum": "wgs84"})
    assert "swapped" in response.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    ("content_type", "data", "status"),
    [("application/json", b"[" * 1_000_000, 413), ("text/plain", b"{}", 415), (None, b"{}", 415)],
    ids=["a body of 1 MB", "plain text", "no content type"],
)
def test_a_body_of_the_wrong_size_or_kind_is_refused(
    client: FlaskClient, content_type: str | None, data: bytes, status: int
) -> None:
    response = client.post("/api/v1/nearest", data=data, content_type=content_type)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")


def test_a_wrong_path_or_method_under_api_is_a_problem_too(client: FlaskClient) -> None:
    for response, status in ((client.get("/api/v1/nowhere"), 404), (client.get("/api/v1/nearest"), 405)):
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("path", ["/api/v1/outlets", "/readyz", "/", "/docs"])
def test_a_wrong_method_is_told_which_ones_are_right(client: FlaskClient, path: str) -> None:
    response = client.open(path, method="TRACE")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_good_request_leaves_nothing_of_the_person_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post(client, "nearest", {"lat": 29.5437, "lon": 106.4529, "datum": "wgs84"})
    post(client, "nearest", {"place": "沙坪坝区渝碚路5号"})
    assert "29.54" not in caplog.text
    assert "渝碚路" not in caplog.text


def test_the_description_refuses_with_problems_only_and_has_no_null(client: FlaskClient) -> None:
    description = client.get("/openapi.json").get_json()
    assert description["openapi"].startswith("3.1")
    for path in description["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"]
    assert "securitySchemes" not in description["components"]


def test_readyz_shows_the_faults_of_a_newer_file_while_the_old_one_answers(tmp_path: Path) -> None:
    path = tmp_path / "outlets.geojson"
    path.write_bytes(write_outlets([door(1, 29.5, 106.5)], [gap("江津区")]))
    settings = Settings(outlets=path)
    live = make_live(settings)
    client = make_app(live, settings, lambda: SATURDAY_WORKED).test_client()
    path.write_bytes(b"{")
    live.look()
    ready = client.get("/readyz").get_json()
    assert (ready["status"], ready["outlets"], len(ready["faults"])) == ("degraded", 1, 1)
    path.write_bytes(write_outlets([door(1, 29.5, 106.5), door(2, 29.6, 106.6)], []))
    live.look()
    ready = client.get("/readyz").get_json()
    assert (ready["status"], ready["outlets"], ready["faults"]) == ("ready", 2, [])

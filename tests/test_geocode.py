"""The same tests over every outside geocoder, against a real server in a thread that plays all three."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import eviltransform
import pytest
from pyproj import Geod

from locator.datum import Datum
from locator.errors import BadInput
from locator.geocode import Answer, Geocoder, make_geocoder
from locator.model import Located, NoAnswer, Point

KINDS = ("nominatim", "baidu", "tianditu")
ADDRESS = "江阳区某街1-23号"
KEY = "not-a-real-key"
IN_LUZHOU = Point(28.87, 105.44)
IN_BEIJING = Point(39.90, 116.40)
AGENT = "luyu-card-tests (nobody@example.org)"


def found(kind: str, point: Point) -> object:
    """Say in each service's own shape and datum that the place is at this WGS-84 point."""
    if kind == "nominatim":
        return [{"lat": str(point.lat), "lon": str(point.lon), "display_name": "某街, 江阳区, 泸州市"}]
    if kind == "baidu":
        lat, lon = eviltransform.wgs2bd(point.lat, point.lon)
        return {"status": 0, "result": {"location": {"lng": lon, "lat": lat}, "precise": 1, "level": "门址"}}
    place = {"lon": point.lon, "lat": point.lat, "level": "门址", "score": 100}
    return {"status": "0", "msg": "ok", "location": place}


NOTHING: dict[str, object] = {
    "nominatim": [],
    "baidu": {"status": 1, "msg": "Internal Service Error:无相关结果", "results": []},
    "tianditu": {"status": "101", "msg": "无结果"},
}


class Services:
    """Three services behind one address. What they say next is set from outside; what they were asked is kept."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.body = b"[]"
        self.silent = False
        self.released = Event()
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.lock = Lock()

    def say(self, answer: object, status: int = 200) -> None:
        self.status = status
        self.body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def last(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.asked[-1]).query)

    def hear(self, path: str, agent: str) -> None:
        with self.lock:
            self.asked.append(path)
            self.agents.add(agent)
        if self.silent:
            self.released.wait(30)


def handler(stage: Callable[[], Services]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            services = stage()
            services.hear(self.path, self.headers["User-Agent"])
            if not services.silent:
                self.send_response(services.status)
                self.send_header("Content-Length", str(len(services.body)))
                self.end_headers()
                self.wfile.write(services.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Keep the test's output clean."""

    return Handler


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(lambda: stage))
    stage = Services(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield stage
    stage.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


class Clock:
    """Stands still unless told to move; sleeping is written down."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def build(
    kind: str, services: Services, clock: Clock, timeout_s: float = 5.0, processes: int = 1
) -> Geocoder:
    geocoder = make_geocoder(
        kind,
        key=KEY,
        user_agent=AGENT,
        timeout_s=timeout_s,
        url=services.url,
        processes=processes,
        clock=clock.read,
        sleep=clock.sleep,
    )
    assert geocoder is not None
    return geocoder


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def geocoder(kind: str, services: Services, clock: Clock) -> Geocoder:
    return build(kind, services, clock)


def metres_between(one: Point, other: Point) -> float:
    return float(Geod(ellps="WGS84").inv(one.lon, one.lat, other.lon, other.lat)[2])


def test_an_address_comes_back_as_a_wgs84_point_with_a_label(
    kind: str, geocoder: Geocoder, services: Services
) -> None:
    services.say(found(kind, IN_LUZHOU))
    answer = geocoder.locate(ADDRESS, "泸州市")
    assert isinstance(answer, Located)
    assert metres_between(answer.point, IN_LUZHOU) < 1
    assert answer.label in ("某街, 江阳区, 泸州市", "门址")


def test_an_answer_in_bd09_lies_more_than_a_hundred_metres_off_until_it_is_converted(
    services: Services, clock: Clock
) -> None:
    raw = Point(*eviltransform.wgs2bd(IN_LUZHOU.lat, IN_LUZHOU.lon))
    services.say(found("baidu", IN_LUZHOU))
    geocoder = build("baidu", services, clock)
    answer = geocoder.locate(ADDRESS)
    assert geocoder.datum is Datum.BD09
    assert isinstance(answer, Located)
    assert metres_between(raw, IN_LUZHOU) > 100
    assert metres_between(answer.point, IN_LUZHOU) < 1


def test_an_address_nobody_knows_is_not_found(kind: str, geocoder: Geocoder, services: Services) -> None:
    services.say(NOTHING[kind])
    assert geocoder.locate(ADDRESS) is NoAnswer.NOT_FOUND


def test_an_address_in_another_province_is_outside(kind: str, geocoder: Geocoder, services: Services) -> None:
    services.say(found(kind, IN_BEIJING))
    assert geocoder.locate(ADDRESS) is NoAnswer.OUTSIDE


@pytest.mark.parametrize(
    "status, outcome",
    [
        (400, NoAnswer.REFUSED),
        (401, NoAnswer.REFUSED),
        (402, NoAnswer.QUOTA),
        (403, NoAnswer.REFUSED),
        (404, NoAnswer.UNAVAILABLE),
        (429, NoAnswer.QUOTA),
        (500, NoAnswer.UNAVAILABLE),
        (502, NoAnswer.UNAVAILABLE),
        (504, NoAnswer.TIMED_OUT),
    ],
)
def test_an_http_error_has_a_name(
    geocoder: Geocoder, services: Services, status: int, outcome: NoAnswer
) -> None:
    services.say(b"{}", status)
    assert geocoder.locate(ADDRESS) is outcome


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>sorry</html>", id="a web page"),
        pytest.param(b'{"status": 0, "resu', id="half an answer"),
        pytest.param(b"\xff\xfe[]", id="not utf-8"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b'{"x": 1}', id="another object"),
        pytest.param(b"[1]", id="a list of numbers"),
        pytest.param(b'{"status": 0, "result": {"a": 1}, "location": {"b": 2}}', id="no coordinates"),
        pytest.param(b"[" * 200_000, id="two hundred thousand brackets"),
        pytest.param(b"[" + b" " * 2_000_000 + b"]", id="two megabytes"),
    ],
)
def test_an_answer_of_no_use_is_a_bad_answer(geocoder: Geocoder, services: Services, body: bytes) -> None:
    services.say(body)
    assert geocoder.locate(ADDRESS) is NoAnswer.BAD_ANSWER


@pytest.mark.parametrize("degrees", ["NaN", "Infinity", "1e999", "ninety", "1000"])
def test_coordinates_that_are_none_never_become_a_point(
    kind: str, geocoder: Geocoder, services: Services, degrees: str
) -> None:
    bad = {
        "nominatim": [{"lat": degrees, "lon": "105.4", "display_name": "某街"}],
        "baidu": {"status": 0, "result": {"location": {"lat": degrees, "lng": 105.4}, "level": "门址"}},
        "tianditu": {"status": "0", "location": {"lat": degrees, "lon": 105.4}},
    }
    services.say(bad[kind])
    assert geocoder.locate(ADDRESS) is NoAnswer.BAD_ANSWER


@pytest.mark.parametrize(
    "kind, body, outcome",
    [
        ("baidu", {"status": 0}, NoAnswer.NOT_FOUND),
        ("baidu", {"status": 1, "msg": "Internal Service Error"}, NoAnswer.UNAVAILABLE),
        ("baidu", {"status": 2}, NoAnswer.REFUSED),
        ("baidu", {"status": 5}, NoAnswer.REFUSED),
        ("baidu", {"status": 101}, NoAnswer.REFUSED),
        ("baidu", {"status": 240}, NoAnswer.REFUSED),
        ("baidu", {"status": 302}, NoAnswer.QUOTA),
        ("baidu", {"status": 401}, NoAnswer.QUOTA),
        ("tianditu", {"status": "404", "msg": "error"}, NoAnswer.UNAVAILABLE),
        ("tianditu", {"code": 301012, "msg": "权限类型错误"}, NoAnswer.REFUSED),
        ("nominatim", {"error": "no such query"}, NoAnswer.REFUSED),
    ],
)
def test_a_refusal_written_into_a_200_has_a_name(
    services: Services, clock: Clock, kind: str, body: object, outcome: NoAnswer
) -> None:
    services.say(body)
    assert build(kind, services, clock).locate(ADDRESS) is outcome


def test_a_service_that_does_not_answer_in_time_is_timed_out(
    kind: str, services: Services, clock: Clock
) -> None:
    services.silent = True
    assert build(kind, services, clock, timeout_s=0.2).locate(ADDRESS) is NoAnswer.TIMED_OUT


def test_a_closed_door_is_unavailable(kind: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    # Port 1 (tcpmux) is open on no machine that runs tests.
    assert build(kind, Services("http://127.0.0.1:1"), clock).locate(ADDRESS) is NoAnswer.UNAVAILABLE


def test_an_answer_is_given_again_without_a_second_request(
    kind: str, geocoder: Geocoder, services: Services
) -> None:
    services.say(found(kind, IN_LUZHOU))
    answers = [geocoder.locate(text, "泸州市") for text in (ADDRESS, ADDRESS, " 江阳區某街1-23號。")]
    assert answers[0] == answers[1] == answers[2]
    assert len(services.asked) == 1


def test_not_found_is_remembered(kind: str, geocoder: Geocoder, services: Services) -> None:
    services.say(NOTHING[kind])
    assert [geocoder.locate(ADDRESS) for _ in range(2)] == [NoAnswer.NOT_FOUND] * 2
    assert len(services.asked) == 1


def test_a_failure_is_not_remembered(kind: str, geocoder: Geocoder, services: Services) -> None:
    services.say(b"", 500)
    assert geocoder.locate(ADDRESS) is NoAnswer.UNAVAILABLE
    services.say(found(kind, IN_LUZHOU))
    assert isinstance(geocoder.locate(ADDRESS), Located)


def test_an_answer_is_forgotten_after_an_hour(
    kind: str, geocoder: Geocoder, services: Services, clock: Clock
) -> None:
    services.say(found(kind, IN_LUZHOU))
    for _ in range(2):
        geocoder.locate(ADDRESS)
        clock.now += 3600
    assert len(services.asked) == 2


@pytest.mark.parametrize("other", ["江阳区某街12-3号", "江阳区某街123号"])
def test_two_doors_of_one_street_are_not_one_answer(
    geocoder: Geocoder, services: Services, other: str
) -> None:
    services.say(NOTHING[geocoder.kind])
    geocoder.locate(ADDRESS)
    geocoder.locate(other)
    assert len(services.asked) == 2


def test_one_address_in_two_cities_is_not_one_answer(geocoder: Geocoder, services: Services) -> None:
    services.say(NOTHING[geocoder.kind])
    geocoder.locate(ADDRESS, "泸州市")
    geocoder.locate(ADDRESS, "重庆市")
    assert len(services.asked) == 2


def test_a_thousand_answers_are_kept_and_the_least_used_goes_first(services: Services, clock: Clock) -> None:
    services.say(NOTHING["baidu"])
    geocoder = build("baidu", services, clock)
    for number in range(1000):
        geocoder.locate(f"某街{number}号")
    geocoder.locate("某街0号")
    geocoder.locate("某街1000号")
    assert len(services.asked) == 1001
    geocoder.locate("某街0号")
    assert len(services.asked) == 1001
    geocoder.locate("某街1号")
    assert len(services.asked) == 1002


@pytest.mark.parametrize("text", ["", "   ", "，。!", "\ud800"])
def test_a_text_without_words_is_not_found_and_sent_nowhere(
    geocoder: Geocoder, services: Services, text: str
) -> None:
    assert geocoder.locate(text) is NoAnswer.NOT_FOUND
    assert services.asked == []


QUERY = {
    "nominatim": lambda asked: asked["q"][0],
    "baidu": lambda asked: asked["address"][0],
    "tianditu": lambda asked: json.loads(asked["ds"][0])["keyWord"],
}


@pytest.mark.parametrize(
    "typed, chinese, free",
    [
        ((ADDRESS, "泸州市"), "泸州市" + ADDRESS, ADDRESS + ", 泸州市"),
        (("泸州市" + ADDRESS, "泸州市"), "泸州市" + ADDRESS, "泸州市" + ADDRESS),
        ((ADDRESS, ""), ADDRESS, ADDRESS),
        (('a"} &tk=x', ""), 'a"} &tk=x', 'a"} &tk=x'),
        (("号\ud800", ""), "号", "号"),
    ],
)
def test_the_city_is_named_once_and_the_text_arrives_as_it_was_typed(
    geocoder: Geocoder, services: Services, typed: tuple[str, str], chinese: str, free: str
) -> None:
    geocoder.locate(*typed)
    sent = QUERY[geocoder.kind](services.last())
    assert sent == (free if geocoder.kind == "nominatim" else chinese)


def test_a_long_text_is_cut_to_two_hundred_characters(
    kind: str, geocoder: Geocoder, services: Services
) -> None:
    geocoder.locate("街" * 5000)
    assert QUERY[kind](services.last()) == "街" * 200


def test_nominatim_is_told_to_stay_inside_the_two_cities(services: Services, clock: Clock) -> None:
    build("nominatim", services, clock).locate(ADDRESS)
    assert services.last()["viewbox"] == ["104.9,27.6,110.3,32.3"]
    assert services.last()["bounded"] == ["1"]


def test_the_key_and_the_user_agent_are_sent(kind: str, geocoder: Geocoder, services: Services) -> None:
    geocoder.locate(ADDRESS)
    assert services.agents == {AGENT}
    sent = [value for name in ("ak", "tk") for value in services.last().get(name, [])]
    assert sent == ([] if kind == "nominatim" else [KEY])


def test_nominatim_is_asked_at_most_once_a_second_by_all_threads_together(
    services: Services, clock: Clock
) -> None:
    geocoder = build("nominatim", services, clock, timeout_s=10)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(geocoder.locate, [f"某街{number}号" for number in range(6)]))
    assert sorted(clock.slept) == [1, 2, 3, 4, 5]
    assert len(services.asked) == 6


def test_a_turn_that_would_come_too_late_is_quota_and_costs_no_request(
    services: Services, clock: Clock
) -> None:
    geocoder = build("nominatim", services, clock, timeout_s=2.5)
    outcomes = [geocoder.locate(f"某街{number}号") for number in range(5)]
    assert outcomes == [NoAnswer.NOT_FOUND] * 3 + [NoAnswer.QUOTA] * 2
    assert len(services.asked) == 3
    clock.now += 3
    assert geocoder.locate("某街4号") is NoAnswer.NOT_FOUND


def test_processes_share_the_pace(services: Services, clock: Clock) -> None:
    geocoder = build("nominatim", services, clock, processes=4)
    geocoder.locate("某街1号")
    geocoder.locate("某街2号")
    assert clock.slept == [4]


@pytest.mark.parametrize("kind", ["baidu", "tianditu"])
def test_the_others_need_no_pace(services: Services, clock: Clock, kind: str) -> None:
    geocoder = build(kind, services, clock)
    geocoder.locate("某街1号")
    geocoder.locate("某街2号")
    assert clock.slept == []


def every_answer(geocoder: Geocoder, services: Services) -> list[Answer]:
    """One of each kind: an answer, a refusal, an error page and an answer that is none."""
    answers = []
    for body, status in (
        (found(geocoder.kind, IN_LUZHOU), 200),
        (b"denied", 403),
        (b"oops", 500),
        (b"<html>", 200),
    ):
        services.say(body, status)
        answers.append(geocoder.locate(ADDRESS + str(status)))
    return answers


def test_neither_the_address_nor_the_key_is_ever_logged(
    geocoder: Geocoder, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("geopy", "urllib3", "urllib3.connectionpool"):
        caplog.set_level(logging.DEBUG, name)
    every_answer(geocoder, services)
    for secret in (ADDRESS, quote(ADDRESS), quote_plus(ADDRESS), KEY, "某街"):
        assert secret not in caplog.text


def test_a_geocoder_shows_its_name_and_not_its_key(geocoder: Geocoder) -> None:
    assert geocoder.name.zh
    assert geocoder.name.zh in repr(geocoder)
    assert KEY not in repr(geocoder)


def test_no_geocoder_is_the_default() -> None:
    assert make_geocoder("") is None


def test_nominatim_needs_no_key() -> None:
    assert make_geocoder("nominatim", user_agent=AGENT) is not None


@pytest.mark.parametrize(
    "kind, settings, field",
    [
        ("google", {}, "LOCATOR_GEOCODER"),
        ("baidu", {"key": ""}, "LOCATOR_GEOCODER_KEY"),
        ("tianditu", {"key": ""}, "LOCATOR_GEOCODER_KEY"),
        ("nominatim", {"user_agent": ""}, "LOCATOR_GEOCODER_CONTACT"),
        ("nominatim", {"user_agent": "泸渝"}, "LOCATOR_GEOCODER_CONTACT"),
        ("nominatim", {"user_agent": "a\r\nb: c"}, "LOCATOR_GEOCODER_CONTACT"),
        ("nominatim", {"user_agent": "my-application"}, "LOCATOR_GEOCODER_CONTACT"),
        ("nominatim", {"url": "file:///etc/passwd"}, "LOCATOR_GEOCODER_URL"),
        ("nominatim", {"url": "geocoder.example"}, "LOCATOR_GEOCODER_URL"),
        ("nominatim", {"url": "https://[::1"}, "LOCATOR_GEOCODER_URL"),
    ],
)
def test_a_setting_that_cannot_work_is_named(kind: str, settings: dict[str, object], field: str) -> None:
    usual: dict[str, object] = {"key": KEY, "user_agent": AGENT}
    with pytest.raises(BadInput) as caught:
        make_geocoder(kind, **(usual | settings))  # type: ignore[arg-type] # one of them is wrong on purpose
    assert caught.value.field == field

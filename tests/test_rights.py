"""Every route of the whole product, for everybody who may come, with every verb: who may has a row, all else is refused."""

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from werkzeug.routing import Rule

from bot.database import Database
from bot.gate import COOKIE
from bot.rights import ANYBODY, RIGHTS, allows, is_for_anybody
from bot.staff import Role
from tests.desks import form_token, sign_in
from tests.props import Clock

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# A part that the tests do not switch on: Telegram's.
ELSEWHERE = {("telegram.update", "POST")}
EVERYBODY = (None, *Role)


def verbs_of(rule: Rule) -> set[str]:
    return set(rule.methods or ())


def is_desk(rule: Rule) -> bool:
    return rule.rule == "/desk" or rule.rule.startswith("/desk/")


def url_of(desk: OpenAPI, rule: Rule) -> str:
    """With something in each gap."""
    return desk.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))


@pytest.fixture
def visitors(desk: OpenAPI, database: Database, clock: Clock) -> dict[Role | None, FlaskClient]:
    """A client for nobody, and for somebody of each role."""
    clients = {role: desk.test_client() for role in EVERYBODY}
    for role in Role:
        token = sign_in(database, f"the-{role.value}", role, clock())
        clients[role].set_cookie(COOKIE, token, secure=True)
    return clients


def test_every_route_has_a_row_for_each_of_its_verbs_and_no_row_is_left_over(desk: OpenAPI) -> None:
    routes = {
        (rule.endpoint, verb)
        for rule in desk.url_map.iter_rules()
        for verb in verbs_of(rule) - {"HEAD", "OPTIONS"}
    }
    assert routes - RIGHTS.keys() == set(), "routes without a row in bot/rights.py"
    assert RIGHTS.keys() - routes == ELSEWHERE, "rows of bot/rights.py without a route"


def test_who_may_get_in_gets_in_and_all_others_are_refused(
    desk: OpenAPI, visitors: dict[Role | None, FlaskClient]
) -> None:
    """Without a form token: what changes anything is refused to those too who may do it, and nothing changes."""
    walked = 0
    for rule in filter(is_desk, desk.url_map.iter_rules()):
        for verb in sorted(verbs_of(rule)):
            for role, client in visitors.items():
                answer = client.open(url_of(desk, rule), method=verb)
                assert (rule.rule, verb, role, answer.status_code) == (
                    rule.rule,
                    verb,
                    role,
                    expected(rule, verb, role, answer.status_code),
                )
                assert answer.headers["Cache-Control"] == "no-store"
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
                walked += 1
    assert walked > 80


def expected(rule: Rule, verb: str, role: Role | None, got: int) -> int:
    """The one right answer; whatever a page itself says to who may have it is not this test's business."""
    is_safe = verb in ("GET", "HEAD", "OPTIONS")
    is_for_scripts = rule.rule.startswith("/desk/api/")
    if is_for_anybody(rule.endpoint, verb):
        return got if is_safe and got < 400 else 400
    if role is None:
        return 401 if is_for_scripts else 302
    if not allows(role, rule.endpoint, verb):
        return 403
    return got if is_safe and got not in (302, 401, 403) else 400


def test_nobody_is_led_to_the_door_and_back_to_where_they_wanted_to_go(desk: OpenAPI) -> None:
    answer = desk.test_client().get("/desk/account")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/sign-in?next=%2Fdesk%2Faccount")


def test_a_route_without_a_row_is_refused_whoever_comes(
    desk: OpenAPI, visitors: dict[Role | None, FlaskClient]
) -> None:
    desk.add_url_rule("/desk/forgotten", "forgotten", lambda: "nobody checked this", methods=["GET", "POST"])
    desk.add_url_rule("/desk/api/forgotten", "api_forgotten", lambda: "nor this")
    token = form_token(visitors[Role.ADMIN], "/desk/account")
    for role, client in visitors.items():
        assert client.get("/desk/forgotten").status_code == (302 if role is None else 403)
        assert client.get("/desk/api/forgotten").status_code == (401 if role is None else 403)
    answer = visitors[Role.ADMIN].post("/desk/forgotten", data={"form_token": token})
    assert answer.status_code == 403
    assert "您的角色不能做这件事" in answer.get_data(as_text=True)


def test_scripts_are_refused_with_a_problem(desk: OpenAPI, visitors: dict[Role | None, FlaskClient]) -> None:
    desk.add_url_rule("/desk/api/forgotten", "api_forgotten", lambda: "nobody checked this")
    for role, status in ((None, 401), (Role.ADMIN, 403)):
        answer = visitors[role].get("/desk/api/forgotten")
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["status"] == status


def test_citizens_get_no_cookie_wherever_they_go(desk: OpenAPI) -> None:
    client = desk.test_client()
    reached = 0
    for rule in desk.url_map.iter_rules():
        if not is_desk(rule):
            for verb in sorted(verbs_of(rule)):
                answer = client.open(url_of(desk, rule), method=verb)
                assert answer.status_code not in (401, 403)
                assert "Set-Cookie" not in answer.headers, rule
                reached += 1
    assert reached > 50
    assert "Set-Cookie" in client.get("/desk/sign-in").headers


@pytest.mark.parametrize(
    ("role", "other", "includes"),
    [
        (Role.AGENT, Role.AGENT, True),
        (Role.AGENT, Role.EDITOR, False),
        (Role.EDITOR, Role.AGENT, True),
        (Role.EDITOR, Role.ADMIN, False),
        (Role.ADMIN, Role.EDITOR, True),
    ],
)
def test_a_role_may_all_that_those_before_it_may(role: Role, other: Role, includes: bool) -> None:
    assert role.includes(other) is includes


def test_nobody_may_what_has_no_row() -> None:
    assert not allows(Role.ADMIN, "lookup.home", "DELETE")
    assert not is_for_anybody("lookup.home", "DELETE")
    assert all(least is ANYBODY or isinstance(least, Role) for least in RIGHTS.values())

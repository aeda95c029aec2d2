"""The knowledge at the desk, page by page: misses become phrases, drafts are inspected, published and rolled back."""

import json
import re
from collections.abc import Callable
from html import unescape
from itertools import count
from time import monotonic

import pytest
import sqlalchemy as sa
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from bot.database import Database
from bot.living import Living
from bot.staff import Role
from bot.tables import AUDIT
from tests.desks import Clerk
from tests.props import Clock
from tests.reading import Reader, read

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

NUMBERS = count()
MISSED = "我嘞卡卡儿遭水冲起跑了咋整"
Clerks = Callable[..., Clerk]


@pytest.fixture
def bela(clerk: Clerks) -> Clerk:
    return clerk("bela", Role.EDITOR)


@pytest.fixture
def cora(clerk: Clerks) -> Clerk:
    return clerk("cora", Role.EDITOR)


def ask(desk: OpenAPI, text: str) -> dict[str, str]:
    answer: dict[str, str] = desk.test_client().post("/api/v1/ask", json={"text": text}).get_json()
    return answer


def converse(desk: OpenAPI, *texts: str) -> None:
    """A citizen writes in the chat, one thing after the other."""
    client = desk.test_client()
    token = client.post("/api/v1/visitors", json={}).get_json()["token"]
    for text in texts:
        message = f"message-{next(NUMBERS)}"
        said = client.post("/api/v1/chat", json={"token": token, "id": message, "text": text})
        assert said.status_code == 200


def fields(page: Reader, action: str) -> dict[str, str]:
    """What the first form with this action sends besides its boxes."""
    return next(button.fields for button in page.buttons() if button.action == action)


def await_replay(clerk: Clerk, entry: str) -> None:
    until = monotonic() + 60
    while not clerk.get(f"/desk/api/drafts/{entry}").get_json()["done"]:
        assert monotonic() < until


def publish(clerk: Clerk, entry: str, **more: str) -> str:
    """Inspect, wait for the replay, publish; where that leads."""
    await_replay(clerk, entry)
    page = read(clerk.get(f"/desk/drafts/{entry}"))
    answer = clerk.post(
        f"/desk/drafts/{entry}/publish", **fields(page, f"/desk/drafts/{entry}/publish") | more
    )
    return answer.headers.get("Location", "") or answer.get_data(as_text=True)


def attach(clerk: Clerk, phrase: str, entry: str, key: str = "0" * 32) -> int:
    return clerk.post("/desk/misses/attach", key=key, phrase=phrase, entry=entry).status_code


def test_a_miss_becomes_a_phrase_and_is_answered_at_once(desk: OpenAPI, bela: Clerk) -> None:
    assert ask(desk, MISSED)["entry"] != "loss-report"
    converse(desk, MISSED, MISSED)
    page = read(bela.get("/desk/misses"))
    assert MISSED in page.text
    assert "2 次" in page.text
    (key,) = {one["value"] for one in page.all("input", name="key")}
    attached = bela.post("/desk/misses/attach", key=key, phrase=MISSED, entry="挂失 · loss-report")
    assert attached.headers["Location"] == "/desk/misses?days=7&said=attached&entry=loss-report"
    assert MISSED not in read(bela.get("/desk/misses")).text
    assert ask(desk, MISSED)["entry"] != "loss-report"  # a draft answers nobody
    assert publish(bela, "loss-report") == "/desk/drafts?said=published"
    assert ask(desk, MISSED)["entry"] == "loss-report"


def entry_form(clerk: Clerk, entry: str) -> dict[str, str]:
    """All that the form of an entry sends as it is opened."""
    return entry_form_of(clerk.get(f"/desk/entries/{entry}"), entry)


def entry_form_of(response: TestResponse, entry: str) -> dict[str, str]:
    html = response.get_data(as_text=True)
    boxes = re.findall(r'<textarea id="([^"]+)"[^>]*>\n(.*?)</textarea>', html, re.DOTALL)
    lines = re.findall(r'<input type="text" id="([^"]+)" name="[^"]+" value="([^"]*)"', html)
    return {name: unescape(text) for name, text in (*boxes, *lines)} | fields(
        read(response), f"/desk/entries/{entry}"
    )


def save(clerk: Clerk, entry: str, form: dict[str, str], **typed: str) -> TestResponse:
    named = {name.replace("__", "."): text for name, text in typed.items()}
    return clerk.post(f"/desk/entries/{entry}", **form | named)


# -- misses --


def test_whoever_answers_the_phone_sees_the_misses_and_decides_nothing(desk: OpenAPI, clerk: Clerks) -> None:
    converse(desk, MISSED)
    anna = clerk()
    page = read(anna.get("/desk/misses"))
    assert MISSED in page.text
    assert not page.all("form", action="/desk/misses/attach")
    assert attach(anna, MISSED, "loss-report") == 403


def test_a_question_is_shown_as_text_whatever_is_in_it(desk: OpenAPI, bela: Clerk) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)> =HYPERLINK(1) {{7*7}} {title}"
    converse(desk, nasty)
    response = bela.get("/desk/misses")
    assert nasty in read(response).text
    assert "<script>alert" not in response.get_data(as_text=True)
    assert attach(bela, nasty, "loss-report") == 303
    inspected = bela.get("/desk/drafts/loss-report")
    assert nasty in read(inspected).text
    assert "<script>alert" not in inspected.get_data(as_text=True)


@pytest.mark.parametrize(
    ("phrase", "entry", "why"),
    [
        ("社保卡挂失", "loss-report", "里已经有这条说法了"),
        ("社保卡 挂失！", "activate", "一条说法只能指向一个条目"),
        ("卡找到了想解除挂失", "loss-report", "正好相反"),
        ("我的身份证掉了咋个办嘛", "loss-report", "别的证件"),
        ("我的卡号是***", "loss-report", "遮住的号码"),
        ("？！", "loss-report", "至少要有一个字"),
        ("问" * 121, "loss-report", "最多 120 个字"),
        ("卡卡落水头了", "no-such-entry", "没有这个条目"),
        ("卡卡落水头了", "", "没有这个条目"),
    ],
)
def test_a_phrase_that_would_lead_people_wrong_is_refused_with_the_reason(
    desk: OpenAPI, bela: Clerk, phrase: str, entry: str, why: str
) -> None:
    converse(desk, MISSED)
    (key,) = {one["value"] for one in read(bela.get("/desk/misses")).all("input", name="key")}
    response = bela.post("/desk/misses/attach", key=key, phrase=phrase, entry=entry)
    assert response.status_code == 422
    page = read(response)
    assert why in page.text
    assert phrase in [one["value"] for one in page.all("input", name="phrase")]  # what was typed is not lost
    assert "没有草稿" in read(bela.get("/desk/drafts")).text


def test_what_was_put_aside_comes_back_when_it_was_asked_three_times_more(
    desk: OpenAPI, bela: Clerk, clock: Clock
) -> None:
    converse(desk, MISSED)
    (key,) = {one["value"] for one in read(bela.get("/desk/misses")).all("input", name="key")}
    assert bela.post("/desk/misses/dismiss", key=key).status_code == 303
    clock.pass_by(minutes=1)
    converse(desk, MISSED, MISSED)
    assert MISSED not in read(bela.get("/desk/misses")).text
    converse(desk, MISSED)
    assert MISSED in read(bela.get("/desk/misses")).text


# -- drafts --


def test_a_changed_text_is_inspected_published_and_rolled_back(
    desk: OpenAPI, bela: Clerk, clerk: Clerks, database: Database
) -> None:
    form = entry_form(bela, "loss-report")
    saved = save(bela, "loss-report", form, title__zh="挂失（新）")
    assert saved.headers["Location"] == "/desk/drafts/loss-report?said=saved"
    page = read(bela.get("/desk/drafts/loss-report"))
    assert "标题 · 中文" in page.text
    assert publish(bela, "loss-report") == "/desk/drafts?said=published"
    for url in ("/api/v1/topics", "/offline.json"):
        told = json.dumps(desk.test_client().get(url).get_json(), ensure_ascii=False)
        assert "挂失（新）" in told, url
    overview = read(bela.get("/desk/drafts"))
    assert "第 1 版" in overview.text
    assert "bela" in overview.text
    assert bela.post("/desk/editions/back", to="0", after="1").status_code == 403
    dora = clerk("dora", Role.ADMIN)
    assert dora.post("/desk/editions/back", to="0", after="1").headers["Location"] == "/desk/drafts?said=back"
    assert "挂失（新）" not in desk.test_client().get("/api/v1/topics").get_data(as_text=True)
    assert dora.post("/desk/editions/back", to="1", after="1").status_code == 409
    assert dora.post("/desk/editions/back", to="1", after="2").status_code == 303
    assert "挂失（新）" in json.dumps(desk.test_client().get("/api/v1/topics").get_json(), ensure_ascii=False)
    with database.statements() as connection:
        noted = [(row.who, row.what) for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number))]
    assert noted == [
        ("bela", "draft.save"),
        ("bela", "edition.publish"),
        ("dora", "edition.roll-back"),
        ("dora", "edition.roll-back"),
    ]


def test_nothing_is_published_that_was_not_replayed(desk: OpenAPI, bela: Clerk) -> None:
    attach(bela, MISSED, "loss-report")
    response = bela.post("/desk/drafts/loss-report/publish", version="1", edition="0")
    assert response.status_code == 422
    assert "还没有用标准题检查过" in read(response).text
    assert ask(desk, MISSED)["entry"] != "loss-report"


def test_a_replay_shows_the_figures_and_the_questions_that_move(bela: Clerk) -> None:
    attach(bela, "那卡背面那一长串数字是啥意思", "fee")  # a labelled question, led wrong on purpose
    await_replay(bela, "fee")
    page = read(bela.get("/desk/drafts/fee"))
    assert "1317 道标准题" in page.text
    assert "那卡背面那一长串数字是啥意思" in page.text
    assert "变差" in page.text


def test_an_answer_with_a_figure_that_no_source_states_is_refused(bela: Clerk) -> None:
    form = entry_form(bela, "loss-report")
    save(bela, "loss-report", form, sms__zh="挂失请打{hotline}，99天内有效。")
    page = read(bela.get("/desk/drafts/loss-report"))
    assert "短信 · 中文：数字 99 在来源里找不到依据" in page.text
    assert not page.all("form", action="/desk/drafts/loss-report/publish")
    refused = bela.post("/desk/drafts/loss-report/publish", version="1", edition="0")
    assert refused.status_code == 422


def test_two_editors_collide_and_the_second_is_shown_both_texts(bela: Clerk, cora: Clerk) -> None:
    mine, theirs = entry_form(bela, "loss-report"), entry_form(cora, "loss-report")
    assert save(bela, "loss-report", mine, title__zh="贝拉的标题", fee__en="Bela's fee").status_code == 303
    collided = save(cora, "loss-report", theirs, title__zh="科拉的标题", sms__zh="科拉的短信")
    assert collided.status_code == 409
    page = read(collided)
    assert "bela 在此期间改过这个条目" in page.text
    assert "贝拉的标题" in page.text  # beside the box
    again = entry_form_of(collided, "loss-report")
    assert again["title.zh"] == "科拉的标题"
    assert again["sms.zh"] == "科拉的短信"
    assert again["fee.en"] == "Bela's fee"  # where only one of them wrote, nothing is asked
    assert save(cora, "loss-report", again).status_code == 303
    assert entry_form(bela, "loss-report") | {"form_token": ""} == again | {
        "form_token": "",
        "version": "2",
        "seen": entry_form(bela, "loss-report")["seen"],
    }


def test_whoever_saves_over_what_was_published_meanwhile_is_told(bela: Clerk, cora: Clerk) -> None:
    late = entry_form(cora, "loss-report")
    save(bela, "loss-report", entry_form(bela, "loss-report"), title__zh="贝拉的标题")
    publish(bela, "loss-report")
    collided = save(cora, "loss-report", late, title__zh="科拉的标题")
    assert collided.status_code == 409
    assert "贝拉的标题" in read(collided).text


def test_whoever_saves_over_what_was_rolled_back_meanwhile_is_told(
    bela: Clerk, cora: Clerk, clerk: Clerks, clock: Clock
) -> None:
    save(bela, "loss-report", entry_form(bela, "loss-report"), title__zh="贝拉的标题")
    publish(bela, "loss-report")
    late = entry_form(cora, "loss-report")
    clock.pass_by(minutes=1)
    assert clerk("dora", Role.ADMIN).post("/desk/editions/back", to="0", after="1").status_code == 303
    collided = save(cora, "loss-report", late, sms__zh="科拉的短信，请打{hotline}。")
    assert collided.status_code == 409
    assert "dora 在此期间改过" in read(collided).text
    assert entry_form_of(collided, "loss-report")["title.zh"] == "到窗口挂失"


def test_a_draft_that_changed_while_it_was_inspected_is_not_published(bela: Clerk, cora: Clerk) -> None:
    attach(bela, MISSED, "loss-report")
    await_replay(bela, "loss-report")
    inspected = fields(read(bela.get("/desk/drafts/loss-report")), "/desk/drafts/loss-report/publish")
    attach(cora, "卡卡落堰塘头去了", "loss-report")
    response = bela.post("/desk/drafts/loss-report/publish", **inspected)
    assert response.status_code == 409
    assert "别人先改了" in read(response).text


def test_a_change_may_hold_from_a_later_day(desk: OpenAPI, bela: Clerk, clock: Clock, living: Living) -> None:
    attach(bela, MISSED, "loss-report")
    today = living.today()
    for since in (today.isoformat(), "yesterday", "2020-01-01"):
        assert "日期要从明天起" in publish(bela, "loss-report", since=since)
    tomorrow = today.fromordinal(today.toordinal() + 1).isoformat()
    assert publish(bela, "loss-report", since=tomorrow) == "/desk/drafts?said=later"
    living.look()
    assert ask(desk, MISSED)["entry"] != "loss-report"
    clock.pass_by(days=1)
    assert living.look()
    assert ask(desk, MISSED)["entry"] == "loss-report"


def test_an_entry_past_its_review_is_listed_and_reviewed(
    desk: OpenAPI, clerk: Clerks, clock: Clock, living: Living
) -> None:
    clock.pass_by(days=400)
    bela = clerk("bela", Role.EDITOR)
    assert "应在" in read(bela.get("/desk/drafts")).text
    assert "该复核了" in read(bela.get("/desk/entries/loss-report")).text
    assert bela.post("/desk/entries/loss-report/reviewed").status_code == 303
    assert publish(bela, "loss-report") == "/desk/drafts?said=published"
    assert living.knowledge.entries["loss-report"].reviewed == living.today()
    assert "该复核了" not in read(bela.get("/desk/entries/loss-report")).text
    del desk


def test_a_new_entry_is_begun_with_a_miss_and_answers_when_it_is_whole(desk: OpenAPI, bela: Clerk) -> None:
    converse(desk, MISSED)
    page = read(bela.get("/desk/misses"))
    (key,) = {one["value"] for one in page.all("input", name="key")}
    form = bela.post("/desk/entries/new", key=key, phrase=MISSED)
    assert MISSED in read(form).text
    new = {
        "entry": "door-pass",
        "topic": "card.toml",
        "intent": "scene_use",
        "title.zh": "当门禁卡",
        "title.en": "As a door pass",
        "phrase": MISSED,
        "key": key,
    }
    for wrong in ({"entry": "Door"}, {"entry": "fee"}, {"topic": "../x.toml"}, {"intent": "made-up"}):
        assert bela.post("/desk/entries", **new | wrong).status_code == 422
    begun = bela.post("/desk/entries", **new)
    assert begun.headers["Location"] == "/desk/entries/door-pass?said=saved"
    assert MISSED not in read(bela.get("/desk/misses")).text
    assert "来源：没有填" in read(bela.get("/desk/drafts/door-pass")).text
    save(bela, "door-pass", entry_form(bela, "door-pass"), sources="hrss-2022")
    assert "只有 1 条说法，至少要 12 条" in read(bela.get("/desk/drafts/door-pass")).text
    whole = {
        "answer__zh": "能不能当门禁卡，我们没有查到，请打{hotline}问。",
        "answer__en": "We do not know; ask {hotline}.",
        "phone__zh": "我们没有查到，请打{hotline}问。",
        "sms__zh": "没有查到，请打{hotline}问。",
        "sources": "hrss-2022",
        "ask__zh": "\n".join(f"社保卡刷{one}门禁行不行" for one in "小区单位学校医院公司宿舍大楼"),
        "ask__en": "\n".join(f"door pass {one}" for one in ("home", "work", "school", "dorm")),
    }
    assert save(bela, "door-pass", entry_form(bela, "door-pass"), **whole).status_code == 303
    assert publish(bela, "door-pass") == "/desk/drafts?said=published"
    assert ask(desk, "社保卡刷小门禁行不行")["entry"] == "door-pass"


def test_a_draft_is_thrown_away_by_whoever_saw_its_newest_version(bela: Clerk) -> None:
    attach(bela, MISSED, "loss-report")
    assert bela.post("/desk/drafts/loss-report/drop", version="0").status_code == 409
    assert bela.post("/desk/drafts/loss-report/drop", version="1").status_code == 303
    assert "没有草稿" in read(bela.get("/desk/drafts")).text
    assert bela.get("/desk/drafts/loss-report").headers["Location"] == "/desk/entries/loss-report"
    assert bela.get("/desk/drafts/made-up").status_code == 404

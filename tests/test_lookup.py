"""The look-up of the desk: what is found while somebody types, what is said of it, and the page without scripts."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.evaluate import read_questions
from bot.grams import initials_of, see
from bot.lookup import SHOWN, look_up_with
from bot.model import SMALL_TALK, Entry, Region
from bot.nearby import Nearby
from bot.snippet import GENERAL, LONGEST_SMS, VOICES, tell, variants
from bot.spoken import SIMPLIFIED
from bot.spots import Search, Spots, full_name
from bot.staff import Role
from bot.typed import Reader, Sent, Typed
from bot.view import view
from locator.errors import BadInput
from locator.hours import CHINA_TIME
from locator.language import ENGLISH
from locator.model import Found, Offer, Service, Unclear, Unknown
from tests.desks import Clerk
from tests.props import Clock

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

PROJECT = Path(__file__).parents[1]
QUESTIONS = {
    path.stem: path
    for folder in (PROJECT / "faq" / "yardstick", PROJECT / "tests" / "questions")
    for path in folder.glob("*.jsonl")
}
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in China


@pytest.fixture(scope="module")
def reader(adviser: Adviser, nearby: Nearby) -> Reader:
    return Reader(adviser, nearby)


def found(adviser: Adviser, text: str) -> list[Entry]:
    hits = look_up_with(adviser.matcher).find(view(text, adviser.matcher.lexicon))
    return [hit.entry for hit in hits]


def ids(adviser: Adviser, text: str) -> list[str]:
    return [entry.id for entry in found(adviser, text)]


# -- while somebody types --


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("挂失", "loss-report"),
        ("社保卡挂", "loss-report"),
        ("社保卡挂失", "loss-report"),
        ("guashi", "loss-report"),
        ("guas", "loss-report"),  # a syllable that is half there
        ("GuaShi", "loss-report"),
        ("gua shi", "loss-report"),
        ("sbkgs", "loss-report"),
        ("sbkg", "loss-report"),
        ("SBKGS", "loss-report"),
        ("gs", "loss-report"),
        ("卦失", "loss-report"),  # heard
        ("掛失", "loss-report"),
        ("jg", "loss-cancel"),
        ("解挂", "loss-cancel"),
        ("卡落了", "lost"),
        ("啷个补", "replace-lost"),
        ("jihuo", "activate"),
        ("shebaokaguas", "loss-report"),
        ("report lost card", "loss-report-phone"),
    ],
)
def test_what_is_typed_leads_to_its_entry(adviser: Adviser, typed: str, first: str) -> None:
    assert ids(adviser, typed)[0] == first


@pytest.mark.parametrize("typed", ["转人工", "你好", "谢谢", "你是谁"])
def test_small_talk_is_no_entry_for_a_clerk(adviser: Adviser, typed: str) -> None:
    assert by_matcher(adviser, typed)[0].intent == SMALL_TALK
    assert all(entry.intent != SMALL_TALK for entry in found(adviser, typed))


def test_the_matcher_alone_does_not_know_what_is_half_typed(adviser: Adviser) -> None:
    """What the look-up adds, and the tests above would not see if it were gone."""
    alone = adviser.matcher.ranking(view("sbkg", adviser.matcher.lexicon))
    assert alone[0].id != "loss-report"


@pytest.mark.parametrize("name", ["card", "held_out", "mixed", "other"])
def test_a_whole_question_is_ranked_no_worse_than_by_the_matcher(adviser: Adviser, name: str) -> None:
    for share in (1.0, 0.4):
        ours, theirs = ranks(adviser, name, share, found), ranks(adviser, name, share, by_matcher)
        for place in (1, 3):
            known, before = (sum(rank <= place for rank in one) for one in (ours, theirs))
            # A beginning of a question may mean another one: one question in a hundred may move.
            assert known >= before - (len(ours) // 100 if share < 1 else 0)


def by_matcher(adviser: Adviser, text: str) -> list[Entry]:
    return adviser.matcher.ranking(view(text, adviser.matcher.lexicon))


def ranks(
    adviser: Adviser, name: str, share: float, find: Callable[[Adviser, str], list[Entry]]
) -> list[int]:
    """Of the right entry, for each card question of a file of which so much is typed."""
    asked = [one for one in read_questions(QUESTIONS[name]) if one.is_card]
    typed = [(one, one.q[: max(2, int(len(one.q) * share))]) for one in asked]
    return [rank(one.intent, find(adviser, text)) for one, text in typed]


def rank(intent: str, entries: list[Entry]) -> int:
    return next((place for place, entry in enumerate(entries, 1) if entry.intent == intent), 1_000)


@pytest.mark.parametrize(
    ("write", "share", "least"),
    [
        (lambda phrase: phrase, 0.75, 0.97),
        (lambda phrase: "".join(see(phrase).sounds), 1, 0.99),
        (lambda phrase: "".join(see(phrase).sounds), 0.75, 0.97),
        (lambda phrase: initials_of(see(phrase)), 1, 0.98),
        (lambda phrase: initials_of(see(phrase)), 0.75, 0.97),
    ],
    ids=[
        "three quarters",
        "pinyin",
        "three quarters of pinyin",
        "initials",
        "three quarters of the initials",
    ],
)
def test_short_ways_to_ask_are_among_the_first_three(
    adviser: Adviser, write: Callable[[str], str], share: float, least: float
) -> None:
    asked = [
        (entry, written[: max(2, round(len(written) * share))])
        for entry in adviser.matcher.entries
        if entry.is_card
        for phrase in entry.asked
        if len(phrase) <= 8 and not any(map(str.isascii, phrase)) and len(written := write(phrase)) > 1
    ]
    right = [entry.intent in [one.intent for one in found(adviser, text)[:3]] for entry, text in asked]
    assert len(right) > 300
    assert sum(right) / len(right) >= least


def test_opposites_are_told_apart_by_what_is_typed(adviser: Adviser) -> None:
    for typed, right, wrong in (
        ("解挂", "loss-cancel", "loss-report"),
        ("挂失", "loss-report", "loss-cancel"),
    ):
        hits = ids(adviser, typed)
        assert wrong not in hits or hits.index(right) < hits.index(wrong)


@given(st.text(max_size=40))
def test_any_text_is_looked_up(adviser: Adviser, text: str) -> None:
    hits = found(adviser, text)
    assert len(hits) in (0, SHOWN)
    assert len({entry.id for entry in hits}) == len(hits)


def test_new_phrases_are_found_at_once(adviser: Adviser) -> None:
    entry = adviser.knowledge.entries["loss-report"]
    grown = [
        replace(one, asked=(*one.asked, "卡卡要冻起")) if one is entry else one
        for one in adviser.matcher.entries
    ]
    matcher = type(adviser.matcher)(grown, adviser.matcher.lexicon)
    assert look_up_with(matcher).find(view("卡卡要", matcher.lexicon))[0].entry.id == "loss-report"
    assert ids(adviser, "卡卡要")[0] != "loss-report"


# -- the place, the service, the time --


def read(reader: Reader, text: str, **chosen: str) -> Typed:
    return reader.read(Sent(text, **chosen), AT)


@pytest.mark.parametrize(
    ("text", "entry", "service", "place"),
    [
        ("补卡 沙坪坝", "replace-lost", Service.REPLACEMENT, "沙坪坝区"),
        ("补卡 spb", "replace-lost", Service.REPLACEMENT, "沙坪坝区"),
        ("补卡 沙平坝", "replace-lost", Service.REPLACEMENT, "沙坪坝区"),
        ("guashi shapingba", "loss-report", Service.LOSS_REPORT, "沙坪坝区"),
        ("挂失 jy", "loss-report", Service.LOSS_REPORT, "江阳区"),
        ("沙坪坝附近哪里可以补卡", "replace-lost", Service.REPLACEMENT, "沙坪坝区"),
        ("沙坪坝", None, None, "沙坪坝区"),
        ("沙坪坝 周六", None, None, "沙坪坝区"),
        ("附近网点 沙坪坝", "outlets", None, "沙坪坝区"),
        ("领电子社保卡 合川", "ecard-get", None, "合川区"),
        ("补卡 重庆", "replace-lost", Service.REPLACEMENT, "重庆市"),
    ],
)
def test_a_text_is_an_entry_and_a_place(
    reader: Reader, text: str, entry: str | None, service: Service | None, place: str
) -> None:
    typed = read(reader, text)
    assert (typed.entry and typed.entry.id) == entry
    assert typed.service == service
    assert isinstance(typed.place, Found)
    assert typed.place.place.name.zh == place


@pytest.mark.parametrize(
    ("text", "kind"),
    [("补卡 太平镇", Unclear), ("补卡 成都", Unknown), ("补卡 身份证", Unknown), ("挂失", Unknown)],
)
def test_what_names_no_single_place_of_ours_is_not_measured_from(
    reader: Reader, text: str, kind: type
) -> None:
    typed = read(reader, text)
    assert isinstance(typed.place, kind)
    assert typed.search(AT) is None
    assert typed.entry is not None


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("补卡", None),
        ("补卡 沙坪坝", Region.CHONGQING),
        ("补卡 江阳区", Region.SICHUAN),
        ("重庆怎么补卡", Region.CHONGQING),
        ("四川的卡 沙坪坝", Region.SICHUAN),  # the card's, not the place's
    ],
)
def test_the_region_is_the_one_named_else_that_of_the_place(
    reader: Reader, text: str, region: Region | None
) -> None:
    assert read(reader, text).region is region


def test_a_time_is_looked_for_and_one_that_is_over_is_not(reader: Reader) -> None:
    saturday = read(reader, "补卡 沙坪坝 周六上午9点").search(AT)
    assert saturday
    assert saturday.open_at == datetime(2026, 11, 28, 9, 0, tzinfo=CHINA_TIME)
    told = read(reader, "周六丢了卡 沙坪坝").search(AT)
    assert told
    assert told.open_at is None


def test_a_choice_wins_over_the_best(reader: Reader) -> None:
    typed = read(reader, "补卡 太平镇", entry="loss-report", place="重庆市沙坪坝区")
    assert typed.entry is not None
    assert typed.entry.id == "loss-report"
    assert isinstance(typed.place, Found)
    assert typed.place.place.name.zh == "沙坪坝区"
    assert read(reader, "补卡", entry="no-such").entry is typed.hits[0].entry


@pytest.mark.parametrize("text", ["x" * 501, "挂\x00失", "\ud800"])
def test_what_nobody_types_is_refused(reader: Reader, text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(reader, text)
    assert text not in str(refusal.value)


# -- what is said --


def test_each_region_has_its_own_text_and_what_is_missing_is_general(adviser: Adviser) -> None:
    entry = adviser.knowledge.entries["replace-damaged"]
    general, sichuan, chongqing = variants(entry, adviser, SIMPLIFIED)
    assert (general.code, sichuan.name, chongqing.name) == (GENERAL, "四川", "重庆")
    assert chongqing.texts["sms"] == entry.regions[Region.CHONGQING].sms
    assert chongqing.texts["phone"] == entry.said.phone == general.texts["phone"]
    assert chongqing.lent == {"phone"}
    assert not general.lent
    told = "四川补卡是带身份证原件"
    assert (told in sichuan.texts["full"], told in chongqing.texts["full"]) == (True, False)


def test_every_entry_can_be_told_in_every_voice(adviser: Adviser) -> None:
    for entry in adviser.knowledge.entries.values():
        for one in variants(entry, adviser, ENGLISH):
            assert list(one.texts) == list(VOICES)
            assert all(one.texts.values()), (entry.id, one.code)
            assert len(one.texts["sms"]) <= LONGEST_SMS


def test_who_goes_for_somebody_is_told_what_is_known_and_what_is_not(adviser: Adviser) -> None:
    entries = adviser.knowledge.entries
    unknown = variants(entries["replace-lost"], adviser, SIMPLIFIED)[0].facts[1]
    assert (unknown.name, unknown.is_known) == ("别人代办，带", False)
    assert "12333" in unknown.said
    known = [fact for fact in variants(entries["apply-agent"], adviser, SIMPLIFIED)[0].facts if fact.is_known]
    assert "别人代办，带" in [fact.name for fact in known]


def near(reader: Reader, place: str, **wanted: object) -> Spots:
    spots = reader.nearby.find(Search(AT, place=place, **wanted))  # type: ignore[arg-type]
    assert isinstance(spots, Spots)
    return spots


def test_a_hall_is_told_with_its_address_and_that_it_must_be_asked_first(reader: Reader) -> None:
    spots = near(reader, "重庆市沙坪坝区", service=Service.REPLACEMENT)
    for hit in spots.result.hits:
        told = tell(hit, spots)
        for said in told:
            assert hit.outlet.address in said
            assert "12333" in said
        assert hit.outlet.phone in told.said
        assert hit.outlet.name.en in told.english


def test_only_the_nearest_is_called_the_nearest(reader: Reader) -> None:
    spots = near(reader, "重庆市沙坪坝区")
    first, *others = (tell(hit, spots).said for hit in spots.result.hits)
    assert first.startswith("最近的是")
    assert not any("最近" in said for said in others)
    timed = near(reader, "重庆市沙坪坝区", open_at=AT + timedelta(days=1))
    assert not tell(timed.result.hits[0], timed).said.startswith("最近的是")  # the open ones stand first
    done = spots.result.hits[0]._replace(offer=Offer.YES)
    sure = spots._replace(result=spots.result._replace(hits=(done,)))
    assert not tell(done, sure).said.startswith("最近的是")  # those stand first that do it


def test_every_hall_fits_in_one_message(reader: Reader) -> None:
    districts = [
        place for city in ("重庆市", "泸州市") for place in reader.nearby.districts(city) if place.point
    ]
    assert len(districts) > 40
    for place in districts:
        spots = near(reader, full_name(place), service=Service.LOSS_REPORT)
        for hit in spots.result.hits:
            assert len(tell(hit, spots).sms) <= LONGEST_SMS


# -- the page --


def shown(clerk: Clerk, **fields: str) -> str:
    answer = clerk.post("/desk/look-up", **fields)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_without_scripts_the_form_brings_entries_answer_and_halls(clerk: Callable[..., Clerk]) -> None:
    told = shown(clerk(), text="补卡 沙坪坝")
    assert 'value="补卡 沙坪坝"' in told
    for words in ("丢了补一张", "身份证原件", "沙坪坝区附近", "最近的是", "一眼看清", "复核过"):
        assert words in told
    other = shown(clerk(), text="补卡 沙坪坝", entry="loss-report")
    assert "不要和“卡找到了：解挂”弄混" in other
    assert "沙坪坝区附近，办挂失" in other


def test_a_place_that_has_to_be_told_more_exactly_is_asked_for(clerk: Callable[..., Clerk]) -> None:
    anna = clerk()
    assert "泸州市古蔺县" in shown(anna, text="补卡 太平镇")
    assert "太平镇附近" in shown(anna, text="补卡 太平镇", place="泸州市古蔺县太平镇")
    districts = shown(anna, text="补卡 重庆")
    assert 'value="重庆市沙坪坝区"' in districts


def test_a_district_without_a_position_is_said_to_be_one(clerk: Callable[..., Clerk]) -> None:
    told = shown(clerk(), text="补卡 重庆高新区")
    assert "重庆高新区的办理网点地址待核实" in told
    assert "data-hall" not in told


def test_an_entry_has_an_address_and_a_text_has_none(clerk: Callable[..., Clerk]) -> None:
    anna = clerk()
    told = anna.get("/desk?entry=loss-cancel").get_data(as_text=True)
    assert "不要和“到窗口挂失”弄混" in told
    assert 'data-answer="loss-cancel"' in told
    assert "data-answer" not in anna.get("/desk?text=挂失&entry=no-such").get_data(as_text=True)
    assert anna.get("/desk/look-up").status_code == 405


def test_an_entry_past_its_review_is_marked(clerk: Callable[..., Clerk], clock: Clock) -> None:
    late = "就该复核了"
    assert late not in shown(clerk(), text="挂失")
    clock.pass_by(days=365)
    assert late in shown(clerk("bela"), text="挂失")


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', '挂失" autofocus onfocus="alert(1)'],
)
def test_what_is_typed_stays_text(clerk: Callable[..., Clerk], text: str) -> None:
    anna = clerk()
    told = shown(anna, text=text)
    assert text not in told
    parts = anna.send("/desk/api/look-up", {"text": text}).get_data(as_text=True)
    assert "onfocus" not in parts
    assert "alert(1)" not in parts
    assert "onerror" not in parts


def test_what_is_too_long_is_refused_in_words(clerk: Callable[..., Clerk]) -> None:
    answer = clerk().post("/desk/look-up", text="挂" * 501)
    assert answer.status_code == 422
    assert "请改短一些" in answer.get_data(as_text=True)


# -- for the script --


def test_the_script_is_sent_the_three_parts(clerk: Callable[..., Clerk]) -> None:
    answer = clerk().send("/desk/api/look-up", {"text": "sbkgs"})
    assert answer.headers["Cache-Control"] == "no-store"
    parts = json.loads(answer.data)
    assert parts.keys() == {"list", "answer", "spots"}
    assert re.findall('value="([a-z-]+)" class="hit', parts["list"])[0] == "loss-report"
    assert 'data-answer="loss-report"' in parts["answer"]


@pytest.mark.parametrize(
    "body",
    [{"text": 1}, {"text": "挂" * 501}, {"text": "挂\x00"}, {"other": ""}, [], {"text": "挂" * 2_000}, "x"],
)
def test_the_script_is_told_what_is_wrong(clerk: Callable[..., Clerk], body: object) -> None:
    answer = clerk().send("/desk/api/look-up", body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert "挂" not in answer.get_data(as_text=True)


def test_nobody_looks_up_who_is_not_signed_in_or_sends_no_token(
    clerk: Callable[..., Clerk], desk: object
) -> None:
    anna = clerk()
    assert anna.client.post("/desk/api/look-up", json={"text": "挂失"}).status_code == 400
    stranger = desk.test_client()  # type: ignore[attr-defined]
    assert stranger.post("/desk/api/look-up", json={"text": "挂失"}).status_code == 401


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Replace a lost card", "Phone script", "Near Shapingba District")),
        ("zh-Hant", ("丟了補一張", "電話說法", "沙坪壩區附近")),
    ],
)
def test_the_desk_speaks_the_clerks_language(
    clerk: Callable[..., Clerk], language: str, words: tuple[str, ...]
) -> None:
    told = shown(clerk("lin", Role.EDITOR, language), text="补卡 沙坪坝")
    for word in words:
        assert word in told

"""Every reply there is: its shape, its length, its language, and that each of its buttons leads somewhere."""

import json
import re
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest
from opencc import OpenCC

from bot import answers
from bot.adviser import Adviser
from bot.button import Kind, Pick
from bot.chat import Chat, Turn
from bot.join import EITHER
from bot.model import Region
from bot.ports import Session
from bot.render import reply_json
from bot.spoken import SPOKEN
from bot.spots import full_name
from locator.model import Point
from tests.visitors import offered, said, session, without_store

CODES = sorted(SPOKEN)
CHINESE = re.compile("[\u3400-\u9fff]+")
SENTENCE = re.compile("[，。；：？！、]")
LONGEST_NAME = 12  # of an authority, a program, a website
TO_TAIWANS = OpenCC("s2tw")
# Written so in both scripts, as 里 in 五里 and 公里, 台 in 天台, or in a place of that name.
ALSO_TRADITIONAL = set("里台划咸几余岳郁")
OTHER_WORDS = re.compile("[髮覈彆谿澂乾麵]|餘家|嶽溪|鬱山|鍾多|東昇|幾江")
# What is looked up, sent back or shown to a driver.
NO_WORDS = set(
    "id decision entry language kind state status url source_url address district precision phone lat lon number".split()
)


@pytest.fixture(scope="module")
def chat(adviser: Adviser) -> Chat:
    return without_store(adviser)


def as_json(turn: Turn) -> dict[str, Any]:
    body = reply_json(
        turn.reply,
        message_id="message",
        decision=turn.decision,
        entry=turn.entry,
        spoken=turn.spoken,
        opinion=turn.opinion,
        mark="ab12cd",
    )
    told: dict[str, Any] = json.loads(body)
    return told


class Pressed(NamedTuple):
    """A button in the session in which it is pressed."""

    choice: str
    session: Session


def walked(chat: Chat, code: str) -> Iterator[tuple[Pressed, Turn]]:
    """All that can be reached by buttons from all answers, breadth first; each button as it was offered first."""
    entries = [Pick(Kind.ENTRY, entry).id for entry in chat.adviser.knowledge.entries]
    starts = [*entries, Pick(Kind.WHERE).id, Pick(Kind.FIND).id]
    waiting = deque(Pressed(choice, session()) for choice in starts)
    seen = set(starts)
    while waiting:
        pressed = waiting.popleft()
        turn = chat.turn(said(choice=pressed.choice, language=code), pressed.session)
        yield pressed, turn
        for button in offered(turn):
            # The same button does another thing once there is a place, a service, or an answer it speaks of.
            what = f"{button.id} {bool(turn.session.place)} {turn.session.service} {turn.session.region}"
            if what not in seen:
                seen.add(what)
                waiting.append(Pressed(button.id, turn.session))


@pytest.fixture(scope="module", params=CODES)
def walk(chat: Chat, request: pytest.FixtureRequest) -> list[tuple[Pressed, Turn]]:
    return list(walked(chat, request.param))


def test_every_button_that_is_offered_leads_on(walk: list[tuple[Pressed, Turn]]) -> None:
    """Something is said or shown; and there is another button, or the number of people who know more."""
    for pressed, turn in walk:
        assert turn.reply.text or turn.reply.listing, pressed
        assert turn.reply.buttons or "12333" in turn.reply.text, pressed
        assert turn.decision not in {"clarify", "decline"} or pressed.choice.startswith("entry:"), pressed
    assert {pressed.choice.partition(":")[0] for pressed, _ in walk} == {
        *("entry", "region", "find", "place", "city", "where", "more")
    }


def test_no_button_is_offered_twice_or_without_a_name(walk: list[tuple[Pressed, Turn]]) -> None:
    for pressed, turn in walk:
        names = [button.text for button in turn.reply.buttons]
        assert all(names), pressed
        assert len({button.id for button in turn.reply.buttons}) == len(names), pressed
        assert len(set(names)) == len(names), pressed


def test_a_typed_number_does_what_the_button_does(chat: Chat, walk: list[tuple[Pressed, Turn]]) -> None:
    for _, turn in walk[::20]:
        for number, button in enumerate(offered(turn), start=1):
            typed = chat.turn(said(str(number), language=turn.spoken.code), turn.session)
            pressed = chat.turn(said(choice=button.id, language=turn.spoken.code), turn.session)
            assert typed == pressed


def test_every_button_works_however_old_it_is(chat: Chat, walk: list[tuple[Pressed, Turn]]) -> None:
    """Also when the conversation in which it was offered is forgotten."""
    for choice in {button.id for _, turn in walk for button in offered(turn)}:
        turn = chat.turn(said(choice=choice), session())
        assert turn.reply.buttons or "12333" in turn.reply.text, choice


# -- what is written in each --


def every_turn(chat: Chat, code: str) -> Iterator[Turn]:
    """Every answer, with each region, either, and none, from a place and from nowhere; and every way to be asked where."""
    for entry in chat.adviser.knowledge.entries:
        for region in ("", EITHER, *Region):
            for place in ("", "重庆市沙坪坝区"):
                before = session(region=region, place=place)
                yield chat.turn(said(choice=Pick(Kind.ENTRY, entry).id, language=code), before)
    find = partial(said, choice=Pick(Kind.FIND, "replacement").id, language=code)
    for city in ("重庆市", "泸州市"):
        for district in chat.nearby.districts(city):
            yield chat.turn(find(), session(place=full_name(district)))
        yield chat.turn(said(choice=Pick(Kind.CITY, city).id, language=code), session())
    for text in ("太平镇", "成都", "重庆高新区", "周六下午", "沙坪把", "咕噜咕噜"):
        yield chat.turn(said(text, language=code), session(choices=("city:重庆市",)))
        yield chat.turn(said(text, language=code), session(place="泸州市江阳区", service="activation"))
    yield chat.turn(said("510502199001011234", language=code), session())
    yield chat.turn(said(choice=Pick(Kind.LANGUAGE, code).id), session())
    yield chat.turn(said(point=Point(28.887654, 105.443219), language=code), session(service="pin-reset"))


@pytest.fixture(scope="module")
def told(chat: Chat) -> dict[str, list[dict[str, Any]]]:
    return {code: list(map(as_json, every_turn(chat, code))) for code in CODES}


def words_of(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """What people read: (field, text)."""
    if isinstance(value, str) and name not in NO_WORDS:
        yield name, value
    elif isinstance(value, list):
        yield from (found for one in value for found in words_of(one, name))
    elif isinstance(value, dict):
        yield from (found for field, one in value.items() for found in words_of(one, field))


@pytest.mark.parametrize("code", CODES)
def test_every_reply_has_its_shape_and_fits_into_a_message(
    code: str, told: dict[str, list[dict[str, Any]]]
) -> None:
    for reply in told[code]:
        shape = answers.ReplyAnswer.model_validate(reply)
        assert shape.language == code
        assert shape.text or shape.spots
        assert len(shape.text) <= answers.LONGEST == 4_096
        assert not shape.asks or shape.buttons


def test_english_holds_no_chinese_but_names(told: dict[str, list[dict[str, Any]]]) -> None:
    """Authorities, programs and websites are written as people must look for them; sources are titled as they are."""
    for reply in told["en"]:
        for field, text in words_of(reply):
            if field in {"source", "sources"}:
                continue
            found = CHINESE.findall(text)
            assert not found or field == "text", text
            assert not SENTENCE.search(text), text
            assert all(len(name) <= LONGEST_NAME for name in found), text


def test_traditional_chinese_holds_no_simplified_character_and_no_other_word(
    told: dict[str, list[dict[str, Any]]],
) -> None:
    texts = {text for reply in told["zh-Hant"] for _, text in words_of(reply)}
    written = set("".join(texts)) - ALSO_TRADITIONAL
    assert {character for character in written if TO_TAIWANS.convert(character) != character} == set()
    assert [text for text in texts if OTHER_WORDS.search(text)] == []


def test_addresses_stay_as_they_are_written_there(told: dict[str, list[dict[str, Any]]]) -> None:
    def addresses(code: str) -> set[str]:
        found = {
            card["address"] for reply in told[code] if reply["spots"] for card in reply["spots"]["cards"]
        }
        assert found
        return found

    assert addresses("zh-Hant") == addresses("zh-Hans") == addresses("en")


def test_only_buttons_that_can_be_sent_back_carry_whose_they_are(
    told: dict[str, list[dict[str, Any]]],
) -> None:
    for reply in told["zh-Hans"]:
        for button in reply["buttons"]:
            assert (button["kind"] == "here") != button["id"].endswith("@ab12cd")

"""Kill -9 of the bot on Telegram under load: each update is answered, and once. The long runs are those of the harness itself."""

import json
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.bot_api import BotApi, serving_bot_api
from tests.telegram_kills import Tally, found, kill_often
from tests.telegram_service import Mode

KILLS = 5


@pytest.mark.parametrize("mode", ["webhook", "polling"])
def test_killed_under_load_it_answers_each_update_once(tmp_path: Path, mode: Mode) -> None:
    seen = kill_often(mode, KILLS, tmp_path)
    assert seen.faults == []
    assert seen.updates > 20 * KILLS
    # At most the one letter that was on its way when the kill came.
    assert len(seen.unsure) <= KILLS


def test_a_bot_that_keeps_its_updates_in_memory_is_seen_to_lose(tmp_path: Path) -> None:
    """The negative control: python-telegram-bot as it comes."""
    assert kill_often("polling", 1, tmp_path, program="tests.careless_telegram").lost


def test_what_is_told_twice_or_to_nobodys_question_is_seen(tmp_path: Path) -> None:
    """The negative control."""
    with serving_bot_api() as api:
        user = api.user("Li")
        user.says("?")
        (asked,) = (update.id for update in api.updates)
        for number in (asked, asked, 0):
            tell(api, user.id, number)
        tally = Tally(api)
        tally.look()
    seen = found(tally, 0, tmp_path / "bot.db")
    assert (seen.twice, seen.strays, seen.lost) == ([asked], 1, [])


def tell(api: BotApi, chat: int, update: int) -> None:
    keyboard = [[{"text": "Helpful", "callback_data": f"helped:{update}"}]]
    told = {"chat_id": chat, "text": "!", "reply_markup": {"inline_keyboard": keyboard}}
    address, kind = f"{api.base_url}{api.token}/sendMessage", {"Content-Type": "application/json"}
    with build_opener(ProxyHandler({})).open(Request(address, json.dumps(told).encode(), kind)) as answer:
        assert answer.status == 200

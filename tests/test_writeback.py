"""What the desk published, written into the files: only that, in their style, and never a file with a fault."""

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from pathlib import Path

import pytest

from bot import cli
from bot.change import Change, apply, home_of, phrases_of, texts_of
from bot.database import open_database
from bot.editions import Deed, Editions
from bot.faq import read_files
from bot.settings import BotSettings
from bot.writeback import write_back
from locator.errors import FaultyFile

pytest_plugins = ("tests.databases",)

SHIPPED = BotSettings().faq


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped knowledge."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "faq"))


def said(folder: Path, entry: str) -> tuple[dict[str, str], tuple[str, ...]]:
    home = home_of(read_files(folder), entry)
    assert home
    return texts_of(home.table), phrases_of(home.table)


def difference(folder: Path) -> list[str]:
    """The lines that are not as shipped."""
    lines: list[str] = []
    for path in sorted(SHIPPED.glob("*.toml")):
        old, new = (one.read_text(encoding="utf-8").splitlines() for one in (path, folder / path.name))
        lines += [
            line
            for line in unified_diff(old, new, "", "", n=0, lineterm="")
            if line[:2] not in ("--", "++", "@@")
        ]
    return lines


def test_nothing_to_write_leaves_every_file_as_it_is(folder: Path) -> None:
    assert write_back(folder, []) == ((), ())
    assert difference(folder) == []


def test_a_phrase_is_one_line_among_the_others(folder: Path) -> None:
    write_back(folder, [Change("activate", asked=('新卡卡要开一哈不"', "brand new way"), unasked=("开卡",))])
    assert difference(folder) == ['-  "开卡",', '+  "新卡卡要开一哈不\\"",', '+  "brand new way",']


def test_texts_stand_where_they_stood_and_as_they_were_written(folder: Path) -> None:
    texts, _ = said(folder, "activate")
    longer = texts["answer.zh"] + '\n7. 说完了，"完" \\ 了。'
    change = Change(
        "activate",
        texts={
            "answer.zh": (texts["answer.zh"], longer),
            "fee.en": (texts["fee.en"], "ask"),
            "see": (texts["see"], "activate-bank"),
            "reviewed": (texts["reviewed"], "2026-11-24"),
            "region.chongqing.fee.zh": ("", "请打电话问"),
            "region.chongqing.fee.en": ("", "please ask"),
            "region.sichuan.answer.zh": (texts["region.sichuan.answer.zh"], ""),
            "region.sichuan.answer.en": (texts["region.sichuan.answer.en"], ""),
        },
    )
    assert write_back(folder, [change]) == ((change,), ())
    added = [line for line in difference(folder) if line.startswith("+")]
    assert added == [
        '+see = ["activate-bank"]',
        '+7. 说完了，"完" \\\\ 了。',
        '+fee.en = "ask"',
        "+reviewed = 2026-11-24",
        '+region.chongqing.fee.zh = "请打电话问"',
        '+region.chongqing.fee.en = "please ask"',
    ]
    after, _ = said(folder, "activate")
    assert after["answer.zh"] == longer
    assert after == texts_of(home_of(apply(read_files(SHIPPED), [change]).files, "activate").table)  # type: ignore[union-attr]


def test_what_was_written_falls_away_by_itself(folder: Path) -> None:
    changes = [Change("activate", asked=("新卡卡要开一哈不",)), Change("fee", asked=("要好多钱嘛",))]
    assert write_back(folder, changes) == (tuple(changes), ())
    before = difference(folder)
    assert write_back(folder, changes) == ((), ())
    assert difference(folder) == before


def test_a_new_entry_stands_last_in_its_file_and_is_checked(folder: Path) -> None:
    texts = {
        "intent": "scene_use",
        "title.zh": "当门禁卡",
        "title.en": "As a door pass",
        "answer.zh": "没有查到，请打{hotline}问。\n\n真的。",
        "answer.en": "Ask {hotline}.",
        "phone.zh": "请打{hotline}问。",
        "sms.zh": "请打{hotline}问。",
        "sources": "hrss-2022",
        "reviewed": "2026-11-20",
        "review_by": "2027-05-20",
    }
    asked = (
        *(f"刷门禁行不行之{one}" for one in "甲乙丙丁戊己庚辛壬癸子丑"),
        *(f"door pass {one}" for one in "abcd"),
    )
    change = Change("door-pass", "card.toml", {path: ("", text) for path, text in texts.items()}, asked)
    assert write_back(folder, [change]) == ((change,), ())
    assert said(folder, "door-pass") == (texts, asked)
    assert not [line for line in difference(folder) if line.startswith("-")]
    assert (folder / "card.toml").read_text(encoding="utf-8").endswith('"door pass d",\n]\n')
    assert cli.main(["check", str(folder)]) == 0


def test_nothing_is_written_when_anything_would_be_faulty(folder: Path) -> None:
    texts, _ = said(folder, "fee")
    good = Change("activate", asked=("新卡卡要开一哈不",))
    faulty = Change("fee", texts={"sms.zh": (texts["sms.zh"], "99元。")})
    with pytest.raises(FaultyFile, match="99"):
        write_back(folder, [good, faulty])
    assert difference(folder) == []


def test_what_does_not_fit_is_told_of_and_the_rest_is_written(folder: Path) -> None:
    good, unfit = Change("activate", asked=("新卡卡要开一哈不",)), Change("nowhere", asked=("说法",))
    written, left = write_back(folder, [good, unfit])
    assert written == (good,)
    assert [one.change for one in left] == [unfit]


# -- the command --


@pytest.fixture
def published(sqlite_url: str) -> str:
    """Somebody published one change for now and one for later."""
    deed = Deed("anna", datetime.now(UTC))
    changes = [
        Change("activate", asked=("新卡卡要开一哈不",)),
        Change("nowhere", asked=("说法",)),
        Change("fee", asked=("要好多钱嘛",), since=deed.at.date() + timedelta(days=3)),
    ]
    with closing(open_database(sqlite_url)) as database:
        editions = Editions(database)
        editions.publish(editions.add(changes[0], deed), changes, 0, deed)
    return sqlite_url


def test_the_command_writes_what_holds_and_tells_of_the_rest(
    folder: Path, published: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_DATABASE_URL", published)
    assert cli.main(["export", str(folder)]) == 0
    told = capsys.readouterr()
    assert told.out == "activate: written\n"
    assert "warning: nowhere: The entry nowhere is no more." in told.err
    assert "warning: fee: holds from" in told.err
    assert "edition 1: 1 change(s) written" in told.err
    assert difference(folder) == ['+  "新卡卡要开一哈不",']
    assert cli.main(["check", str(folder)]) == 0
    assert cli.main(["export", str(folder)]) == 0
    assert "0 change(s)" in capsys.readouterr().err


def test_whoever_asks_on_the_command_line_is_told_what_was_published(
    published: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_DATABASE_URL", published)
    assert cli.main(["ask", "--published", "--why", "新卡卡要开一哈不"]) == 0
    reason = "it is one of the entry's phrases, word for word"
    assert reason in capsys.readouterr().out
    assert cli.main(["ask", "--why", "新卡卡要开一哈不"]) == 0
    assert reason not in capsys.readouterr().out

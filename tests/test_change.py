"""Changes of the knowledge: applied, found not to fit, fallen away, made one of two."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change import (
    Change,
    Texts,
    apply,
    between,
    change_json,
    combined,
    home_of,
    in_force,
    joined,
    phrases_of,
    pieces,
    read_change,
    texts_of,
    tidy,
)
from bot.faq import Files
from bot.reference import Reference
from tests.knowledge import REPORT, Folder

TODAY = date(2026, 11, 26)
LATER = date(2026, 12, 1)


@pytest.fixture(scope="module")
def files() -> Files:
    """Two topics, nothing in them true."""
    topics = {name: tables for name, tables in Folder().files.items() if "entry" in tables}
    return Files("faq", topics, Reference({}, {}, {}, {}))


def said(files: Files, entry: str = REPORT) -> tuple[Texts, tuple[str, ...]]:
    home = home_of(files, entry)
    assert home
    return texts_of(home.table), phrases_of(home.table)


def setting(path: str, was: str, becomes: str) -> Change:
    return Change(REPORT, texts={path: (was, becomes)})


def test_a_text_becomes_another_one_and_nothing_else_changes(files: Files) -> None:
    before = deepcopy(files.topics)
    (texts, phrases), change = said(files), setting("fee.zh", "不收费", "收费")
    applied = apply(files, [change])
    assert said(applied.files) == (dict(texts) | {"fee.zh": "收费"}, phrases)
    assert (applied.held, applied.unfit) == ((change,), ())
    assert files.topics == before


@pytest.mark.parametrize(
    ("path", "was", "becomes", "value"),
    [
        ("documents.self", "id-card\nphoto", "photo", {"self": ["photo"], "agent": []}),
        ("documents.agent", "-", "id-card", {"self": ["id-card", "photo"], "agent": ["id-card"]}),
        ("documents.self", "id-card\nphoto", "", {"agent": []}),
        ("reviewed", "2026-03-01", "2026-04-01", date(2026, 4, 1)),
        ("reviewed", "2026-03-01", "soon", "soon"),
        ("see", "loss-cancel\nfee", "fee", ["fee"]),
    ],
)
def test_lists_and_days_are_written_as_the_files_have_them(
    files: Files, path: str, was: str, becomes: str, value: object
) -> None:
    applied = apply(files, [setting(path, was, becomes)])
    home = home_of(applied.files, REPORT)
    assert home
    assert home.table[path.partition(".")[0]] == value


def test_what_a_region_says_is_taken_out_with_all_that_held_it(files: Files) -> None:
    texts, _ = said(files)
    gone = {path: (text, "") for path, text in texts.items() if path.startswith("region.")}
    assert len(gone) > 3
    home = home_of(apply(files, [Change(REPORT, texts=gone)]).files, REPORT)
    assert home
    assert "region" not in home.table


def test_a_phrase_is_added_and_one_is_taken_away(files: Files) -> None:
    _, phrases = said(files)
    change = Change(REPORT, asked=("卡卡落了", "lost it"), unasked=(phrases[0],))
    _, after = said(apply(files, [change]).files)
    assert set(after) == {*phrases[1:], "卡卡落了", "lost it"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (Change("nowhere", asked=("卡卡落了",)), "nowhere"),
        (Change("fresh", "gone.toml", {"intent": ("", "fee")}), "gone.toml"),
        (setting("fee.zh", "原来收费", "收费"), "fee.zh"),
        (setting("region.sichuan.fee.zh", "有", "没有"), "region.sichuan.fee.zh"),
        (Change(REPORT, asked=("fee怎么办之0！",)), "fee怎么办之0！"),
    ],
)
def test_a_change_that_does_not_fit_is_told_of_and_not_half_applied(
    files: Files, change: Change, what: str
) -> None:
    both = combined(change, Change(change.entry, asked=("还有一条说法",)))
    applied = apply(files, [both])
    assert [(one.change, one.what) for one in applied.unfit] == [(both, what)]
    assert applied.held == ()
    assert applied.files.topics == files.topics


def test_what_the_files_hold_already_falls_away(files: Files) -> None:
    change = Change(REPORT, texts={"fee.zh": ("不收费", "收费")}, asked=("卡卡落了",))
    once = apply(files, [change]).files
    again = apply(once, [change])
    assert (again.held, again.unfit) == ((), ())
    assert again.files.topics == once.topics


def test_a_new_entry_is_added_to_its_topic(files: Files) -> None:
    change = Change("fresh", "loss.toml", {"title.zh": ("", "新"), "intent": ("", "fee")}, ("新的怎么办",))
    home = home_of(apply(files, [change]).files, "fresh")
    assert home
    assert home.topic == "loss.toml"
    assert home.table == {
        "id": "fresh",
        "ask": {"zh": ["新的怎么办"], "en": []},
        "title": {"zh": "新"},
        "intent": "fee",
    }


def test_changes_hold_from_their_day_on_in_the_order_of_their_days() -> None:
    now, late, later = Change("a"), Change("b", since=TODAY), Change("c", since=LATER)
    assert in_force([later, late, now], TODAY) == (now, late)
    assert in_force([later, late, now], LATER) == (now, late, later)


def test_what_is_published_is_one_change_an_entry_as_far_as_it_holds() -> None:
    first, second = setting("fee.zh", "不收费", "收费"), setting("fee.zh", "收费", "不清楚")
    other, later = Change("fee", asked=("要钱不",)), Change(REPORT, asked=("明天的",), since=LATER)
    published = joined((first, other, later), second, TODAY)
    assert published == (other, later, setting("fee.zh", "不收费", "不清楚"))
    assert joined(published, later, TODAY) == (*published, later)
    undone = setting("fee.zh", "不清楚", "不收费")
    assert joined(published, undone, TODAY) == (other, later)


TEXTS = st.dictionaries(
    st.sampled_from(["fee.zh", "time.zh", "sms.zh", "region.sichuan.answer.zh"]),
    st.sampled_from(["一", "二", "三", ""]),
)
PHRASES = st.lists(st.sampled_from(["甲甲", "乙乙", "丙丙", "丁 丁", "x1", "x2"]), unique=True)


@given(TEXTS, PHRASES, TEXTS, PHRASES)
def test_two_changes_made_one_do_what_the_two_do(
    one: Mapping[str, str], first: list[str], two: Mapping[str, str], second: list[str]
) -> None:
    files = Files(
        "faq",
        {"t.toml": {"entry": [{"id": "a", "ask": {"zh": ["甲甲"], "en": ["x1"]}}]}},
        Reference({}, {}, {}, {}),
    )

    def made(files: Files, texts: Texts, phrases: list[str]) -> Change:
        home = home_of(files, "a")
        assert home
        return between("a", home.table, texts, phrases)

    change = made(files, one, first)
    between_them = apply(files, [change]).files
    after = made(between_them, two, second)
    both = apply(files, [combined(change, after)])
    texts, phrases = said(both.files, "a")
    assert both.unfit == ()
    assert texts == {path: text for path, text in two.items() if text}
    assert set(phrases) == set(second)
    assert said(apply(between_them, [after]).files, "a")[0] == texts


@given(st.text("ab\n ", max_size=12))
def test_however_a_text_was_typed_it_is_compared_alike(text: str) -> None:
    assert tidy(text) == tidy(tidy(text)) == tidy(text.replace("\n", "\r\n"))


@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_the_pieces_hold_both_texts(was: str, becomes: str) -> None:
    found = list(pieces(was, becomes))
    assert "".join(one.text for one in found if one.kind != "new") == was
    assert "".join(one.text for one in found if one.kind != "gone") == becomes


def test_a_change_comes_back_from_json_as_it_was() -> None:
    change = Change("a", "t.toml", {"fee.zh": ("一", "二")}, ("甲",), ("乙",), LATER)
    assert read_change(change_json(change)) == change

"""Replies are remembered for a while, and what was asked is not."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.recall import Recall, Remembered

TEN = "2026-11-25T10:00+08:00"


def test_what_is_asked_again_is_not_made_again() -> None:
    recall, made = Recall(), [Remembered(b"first", TEN), Remembered(b"second", TEN)]
    assert [recall.reply(("卡丢了",), TEN, lambda: made.pop(0)) for _ in range(2)] == [b"first"] * 2


def test_another_question_has_a_reply_of_its_own() -> None:
    recall = Recall()
    asked = [("卡丢了", "en"), ("卡丢", "了en"), ("", "卡丢了en")]
    replies = [
        recall.reply(one, TEN, partial(Remembered, str(number).encode(), TEN))
        for number, one in enumerate(asked)
    ]
    assert replies == [b"0", b"1", b"2"]


@pytest.mark.parametrize(
    "during, moment, holds",
    [
        ("2026-11-25T10:00+08:00", "2026-11-25T10:00+08:00", True),
        ("2026-11-25T10:00+08:00", "2026-11-25T10:01+08:00", False),
        ("2026-11-25", "2026-11-25T10:01+08:00", True),
        ("2026-11-25", "2026-11-26T10:00+08:00", False),
    ],
)
def test_a_reply_is_remembered_as_long_as_it_holds(during: str, moment: str, holds: bool) -> None:
    recall = Recall()
    recall.reply(("卡丢了",), TEN, lambda: Remembered(b"first", during))
    assert recall.reply(("卡丢了",), moment, lambda: Remembered(b"second", during)) == (
        b"first" if holds else b"second"
    )


@given(st.lists(st.integers(0, 9), max_size=60))
def test_it_remembers_the_last_few_that_were_asked_for(asked: list[int]) -> None:
    recall, order = Recall(3), list[int]()
    for number in asked:
        made: list[int] = []

        def make(number: int = number, made: list[int] = made) -> Remembered:
            made.append(number)
            return Remembered(b"", TEN)

        recall.reply((str(number),), TEN, make)
        assert (made == []) is (number in order[-3:])
        order = [*(one for one in order if one != number), number]


def test_a_reply_that_could_not_be_made_is_asked_for_anew() -> None:
    recall = Recall()

    def fail() -> Remembered:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            recall.reply(("x",), TEN, fail)


def test_what_was_asked_is_nowhere_in_it() -> None:
    recall = Recall()
    recall.reply(("海棠溪畔的金丝雀",), TEN, lambda: Remembered(b"{}", TEN))
    assert "金丝雀" not in repr(vars(recall))

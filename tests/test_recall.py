"""Replies are remembered for a while, and what was asked is not."""

from hypothesis import given
from hypothesis import strategies as st

from bot.recall import Recall


def test_what_is_asked_again_is_not_made_again() -> None:
    recall, made = Recall(), [b"first", b"second"]
    assert [recall.reply(("卡丢了", "10:00"), lambda: made.pop(0)) for _ in range(2)] == [b"first"] * 2


def test_another_question_or_another_minute_has_a_reply_of_its_own() -> None:
    recall = Recall()
    asked = [("卡丢了", "10:00"), ("卡丢了", "10:01"), ("卡丢", "了10:00"), ("", "卡丢了10:00")]
    replies = [recall.reply(one, str(number).encode) for number, one in enumerate(asked)]
    assert replies == [b"0", b"1", b"2", b"3"]


@given(st.lists(st.integers(0, 9), max_size=60))
def test_it_remembers_the_last_few_that_were_asked_for(asked: list[int]) -> None:
    recall, order = Recall(3), list[int]()
    for number in asked:
        made: list[int] = []
        recall.reply((str(number),), lambda number=number, made=made: made.append(number) or b"")  # type: ignore[misc]
        assert (made == []) is (number in order[-3:])
        order = [*(one for one in order if one != number), number]


def test_a_reply_that_could_not_be_made_is_asked_for_anew() -> None:
    recall = Recall()

    def fail() -> bytes:
        raise LookupError

    for _ in range(2):
        try:
            recall.reply(("x",), fail)
        except LookupError:
            continue
        raise AssertionError("it remembered a failure")


def test_what_was_asked_is_nowhere_in_it() -> None:
    recall = Recall()
    recall.reply(("海棠溪畔的金丝雀",), lambda: b"{}")
    assert "金丝雀" not in repr(vars(recall))

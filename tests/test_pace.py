"""How fast a party may write."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Pace, TooFast
from tests.visitors import WEDNESDAY

PACE = Pace(at_once=5, per_minute=12)


def accepted(moments: list[datetime]) -> list[datetime]:
    whole, taken = None, []
    for at in moments:
        try:
            whole = PACE.after(whole, at)
        except TooFast:
            continue
        taken.append(at)
    return taken


@given(st.lists(st.integers(0, 300), max_size=80).map(sorted))
def test_in_any_span_no_more_pass_than_at_once_and_by_the_minute(seconds: list[int]) -> None:
    taken = accepted([WEDNESDAY + timedelta(seconds=one) for one in seconds])
    for first, start in enumerate(taken):
        for last, end in enumerate(taken[first:], first):
            allowed = PACE.at_once + PACE.per_minute * (end - start).total_seconds() / 60
            assert last - first + 1 <= allowed + 1e-9


@given(st.integers(1, 60))
def test_who_writes_as_slowly_as_the_long_run_allows_is_never_stopped(messages: int) -> None:
    moments = [WEDNESDAY + number * timedelta(minutes=1) / PACE.per_minute for number in range(messages)]
    assert accepted(moments) == moments


def test_the_wait_that_is_told_is_enough_and_a_second_less_is_not() -> None:
    whole = None
    for _ in range(PACE.at_once):
        whole = PACE.after(whole, WEDNESDAY)
    with pytest.raises(TooFast) as told:
        PACE.after(whole, WEDNESDAY)
    assert told.value.wait_s == 5
    PACE.after(whole, WEDNESDAY + timedelta(seconds=5))
    with pytest.raises(TooFast):
        PACE.after(whole, WEDNESDAY + timedelta(seconds=4))

"""When nothing fits: which condition to let go of."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.loosen import Condition, conditions_of, ways_out
from locator.model import Filter, Service, Status
from tests.doors import OFFICE_HOURS, SATURDAY_WORKED, door, finder, town

SERVICE, OPEN, STATUS = Condition
SUNDAY = datetime.fromisoformat("2026-10-11T10:00+08:00")
EVERYTHING = Filter(Service.REPLACEMENT, frozenset({Status.OFFICIAL}), "", SATURDAY_WORKED)

Conditions = tuple[Condition, ...]


@pytest.mark.parametrize(
    ("wanted", "conditions"),
    [
        (Filter(), ()),
        (Filter(district="沙坪坝区"), ()),
        (Filter(service=Service.REPLACEMENT), (SERVICE,)),
        (Filter(open_at=SATURDAY_WORKED), (OPEN,)),
        (Filter(statuses=frozenset({Status.OFFICIAL})), (STATUS,)),
        (EVERYTHING, (SERVICE, OPEN, STATUS)),
    ],
)
def test_a_condition_is_what_the_filter_asks_for(wanted: Filter, conditions: Conditions) -> None:
    assert conditions_of(wanted) == conditions


@pytest.mark.parametrize(
    ("passing", "ways"),
    [
        ({(SERVICE, OPEN): 5}, [((STATUS,), 5)]),
        ({(SERVICE, OPEN): 5, (OPEN, STATUS): 2, (): 9}, [((SERVICE,), 2), ((STATUS,), 5)]),
        ({(SERVICE,): 5, (): 16}, [((SERVICE, OPEN, STATUS), 16)]),
        ({}, []),
    ],
)
def test_one_condition_is_let_go_of_or_else_all(
    passing: dict[Conditions, int], ways: list[tuple[Conditions, int]]
) -> None:
    """`passing`: how many outlets there are when just those conditions are asked for."""
    found = ways_out(EVERYTHING, lambda left: passing.get(conditions_of(left), 0))
    assert list(found) == ways


def test_no_way_is_told_where_nothing_was_asked() -> None:
    assert ways_out(Filter(), lambda _: 0) == ()


def test_a_hall_that_is_open_on_weekdays_is_found_without_the_sunday() -> None:
    found = finder([door(1, 29.5, 106.5, hours=OFFICE_HOURS)])
    wanted = Filter(service=Service.REPLACEMENT, open_at=SUNDAY)
    assert found.listed(wanted) == []
    assert ways_out(wanted, lambda left: len(found.listed(left))) == (((OPEN,), 1),)


FOUND = finder(town(60))


@given(
    st.builds(
        Filter,
        st.none() | st.sampled_from(Service),
        st.frozensets(st.sampled_from([Status.OFFICIAL, Status.UNCONFIRMED])),
        st.sampled_from(["", "沙坪坝区", "江北区"]),
        st.none() | st.sampled_from([SUNDAY, SATURDAY_WORKED]),
    )
)
def test_every_way_leads_to_as_many_halls_as_it_says_and_to_no_fewer_than_now(wanted: Filter) -> None:
    for way in ways_out(wanted, lambda left: len(FOUND.listed(left))):
        left = wanted._replace(**{one.value: Filter()._asdict()[one] for one in way.dropped})
        assert way.leaves == len(FOUND.listed(left)) >= len(FOUND.listed(wanted))
        assert left.district == wanted.district

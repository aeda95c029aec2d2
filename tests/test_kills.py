"""Kill -9 under load: what was acknowledged is stored, and nothing is done twice. `make soak` does it 200 times."""

from pathlib import Path

from tests.kills import kill_often

KILLS = 5


def test_killed_under_load_it_keeps_what_it_acknowledged_and_does_nothing_twice(tmp_path: Path) -> None:
    found = kill_often(KILLS, tmp_path)
    assert found.faults == []
    assert len(found.ledger.acknowledged) == len(found.ledger.sent) > KILLS


def test_a_service_that_answers_first_and_stores_later_is_seen_to_lose(tmp_path: Path) -> None:
    """The negative control."""
    assert kill_often(2, tmp_path, package="tests.careless").lost

"""A watcher looks at once and again, outlives what goes wrong, and ends when it is told to."""

import logging
import threading

import pytest

from locator.watcher import Watcher

FAR_OFF_S = 3600.0


def test_it_looks_at_once_and_not_only_after_a_while() -> None:
    looked = threading.Event()
    watcher = Watcher("hall", looked.set, FAR_OFF_S)
    watcher.start()
    assert looked.wait(30)
    watcher.stop()


def test_it_looks_again_after_a_fault_and_tells_of_it(caplog: pytest.LogCaptureFixture) -> None:
    looks = threading.Semaphore(0)

    def look() -> None:
        looks.release()
        raise ZeroDivisionError

    watcher = Watcher("hall", look, 0.001)
    watcher.start()
    assert all(looks.acquire(timeout=30) for _ in range(3))
    watcher.stop()
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) >= 3
    assert "hall: looking failed" in caplog.text


def test_when_it_is_stopped_its_last_look_is_over() -> None:
    is_looking, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def look() -> None:
        is_looking.set()
        may_end.wait(30)
        ended.set()

    watcher = Watcher("hall", look, FAR_OFF_S)
    watcher.start()
    assert is_looking.wait(30)
    threading.Timer(0.05, may_end.set).start()
    watcher.stop()
    assert ended.is_set()
    assert "hall" not in {thread.name for thread in threading.enumerate()}


def test_one_that_never_began_can_be_stopped() -> None:
    Watcher("hall", lambda: None, FAR_OFF_S).stop()

from __future__ import annotations

import threading

import pytest

from app.jobs import LatestJob
from app.slots import Closed

TIMEOUT_S = 5.0


def test_work_runs_on_a_thread_of_its_own_and_answers_with_its_result() -> None:
    job, done = LatestJob("test"), threading.Event()
    results: list[tuple[int, str]] = []

    def take(result: int) -> None:
        results.append((result, threading.current_thread().name))
        done.set()

    job.submit(lambda: 6 * 7, take, pytest.fail)
    assert done.wait(TIMEOUT_S)
    job.close()

    assert results == [(42, "test")]


def test_work_that_fails_answers_with_the_error_and_the_next_runs() -> None:
    job, failed, done = LatestJob("test"), threading.Event(), threading.Event()
    errors: list[Exception] = []

    def take_error(error: Exception) -> None:
        errors.append(error)
        failed.set()

    job.submit(lambda: [][1], lambda _: pytest.fail("there is no result"), take_error)
    assert failed.wait(TIMEOUT_S)
    job.submit(lambda: None, lambda _: done.set(), pytest.fail)
    assert done.wait(TIMEOUT_S)
    job.close()

    assert [type(error) for error in errors] == [IndexError]


def test_newer_work_replaces_what_has_not_begun() -> None:
    job, begun, go, done = LatestJob("test"), threading.Event(), threading.Event(), threading.Event()
    ran: list[str] = []

    def hold() -> str:
        begun.set()
        assert go.wait(TIMEOUT_S)
        return "first"

    job.submit(hold, ran.append, pytest.fail)
    assert begun.wait(TIMEOUT_S)
    job.submit(lambda: "second", ran.append, pytest.fail)
    job.submit(lambda: "third", lambda text: (ran.append(text), done.set()) and None, pytest.fail)
    go.set()
    assert done.wait(TIMEOUT_S)
    job.close()

    assert ran == ["first", "third"]


def test_closing_gives_back_on_the_same_thread_and_refuses_more() -> None:
    done = threading.Event()
    released: list[str] = []
    job = LatestJob("test", lambda: released.append(threading.current_thread().name))
    job.submit(lambda: None, lambda _: done.set(), pytest.fail)
    assert done.wait(TIMEOUT_S)

    job.close()
    job.close()

    assert released == ["test"]
    with pytest.raises(Closed):
        job.submit(lambda: None, lambda _: None, pytest.fail)


def test_closing_what_never_ran_does_nothing() -> None:
    LatestJob("test").close()


def test_closing_does_not_wait_longer_than_it_is_given_for_work_that_goes_on() -> None:
    job, begun, go = LatestJob("test"), threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert go.wait(TIMEOUT_S)

    job.submit(hold, lambda _: None, pytest.fail)
    assert begun.wait(TIMEOUT_S)

    job.close(0.0)

    assert not go.is_set()
    go.set()
    job.close(TIMEOUT_S)

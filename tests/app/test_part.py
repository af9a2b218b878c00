"""One replaceable worker: started for what is wanted, tried again, given up, replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from app.errors import EnvironmentProblem
from app.part import BACKOFF_S, LONGEST_PAUSE_S, LateStage, Part
from tests.helpers.live import HandClock
from tests.helpers.waiting import wait_for


class Turning:
    """A stage that runs until it is stopped, or fails when told to."""

    name = "turning"

    def __init__(self, target: str, error: Exception | None = None, fails_later: Exception | None = None) -> None:
        self.target, self.error, self.fails_later = target, error, fails_later
        self.ended = threading.Event()
        self.released = False

    def open(self) -> None:
        if self.error is not None:
            raise self.error

    def step(self) -> None:
        self.ended.wait(5)
        if self.fails_later is not None:
            raise self.fails_later

    def release(self) -> None:
        self.released = True

    def unblock(self) -> None:
        self.ended.set()


class Shop:
    """Builds stages and remembers them; the next `errors` of them fail."""

    def __init__(self) -> None:
        self.built: list[Turning] = []
        self.errors: list[Exception] = []
        self.fails_later: Exception | None = None

    def __call__(self, target: str) -> Turning:
        self.built.append(Turning(target, self.errors.pop(0) if self.errors else None, self.fails_later))
        return self.built[-1]


def problem(text: str = "It broke.") -> EnvironmentProblem:
    return EnvironmentProblem(text, why="It is old.", fix="Buy another.")


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def make(shop: Shop, clock: HandClock) -> Iterator[Callable[..., Part[str]]]:
    parts: list[Part[str]] = []

    def make(**options: object) -> Part[str]:
        parts.append(Part("recorder", shop, clock, **options))  # type: ignore[arg-type]
        return parts[-1]

    yield make
    for part in parts:
        part.stop()


def built(shop: Shop, count: int) -> None:
    wait_for(lambda: len(shop.built) == count, f"{count} stages; there are {len(shop.built)}")


def test_what_is_wanted_is_started_once_and_ended_when_it_is_not(shop: Shop, make: Callable[..., Part[str]]) -> None:
    part = make()
    part.reconcile()
    assert shop.built == []
    part.want("a")
    part.reconcile()
    part.reconcile()
    built(shop, 1)
    part.want(None)
    part.reconcile()
    assert shop.built[0].released
    assert len(shop.built) == 1


def test_another_target_replaces_the_running_one(shop: Shop, make: Callable[..., Part[str]]) -> None:
    part = make()
    for target in ("a", "b"):
        part.want(target)
        part.reconcile()
    built(shop, 2)
    assert [stage.target for stage in shop.built] == ["a", "b"]
    assert shop.built[0].released


def test_a_failure_is_listed_and_not_tried_again_without_attempts(shop: Shop, make: Callable[..., Part[str]]) -> None:
    shop.errors = [problem()]
    part = make()
    part.want("a")
    part.reconcile()
    wait_for(lambda: part.problem is not None, "a problem")
    part.reconcile()
    part.reconcile()
    assert part.exhausted
    assert len(shop.built) == 1
    assert str(part.error) == "It broke. It is old. Buy another."
    part.want("a")
    part.reconcile()
    built(shop, 2)
    assert part.problem is None


def test_attempts_follow_each_other_with_growing_pauses_until_the_fallback(
    shop: Shop, clock: HandClock, make: Callable[..., Part[str]]
) -> None:
    shop.errors = [problem(f"Failure {number}.") for number in range(3)]
    part = make(attempts=2, fallback=lambda target: shop(f"fallback for {target}"))
    part.want("a")
    part.reconcile()
    for number, pause_s in enumerate((BACKOFF_S, 2 * BACKOFF_S)):
        wait_for(lambda n=number: str(part.error).startswith(f"Failure {n}"), "the failure")  # type: ignore[misc]
        part.reconcile()
        assert len(shop.built) == number + 1
        clock.pass_s(pause_s)
        part.reconcile()
        built(shop, number + 2)
    wait_for(lambda: str(part.error).startswith("Failure 2"), "the last failure")
    part.reconcile()
    built(shop, 4)
    assert shop.built[-1].target == "fallback for a"
    part.working()  # frames of the fallback do not make the failure forgotten
    assert part.problem is not None


def test_a_fallback_that_fails_is_not_tried_again(shop: Shop, make: Callable[..., Part[str]]) -> None:
    shop.errors = [problem("First."), problem("Fallback.")]
    part = make(fallback=shop)
    part.want("a")
    part.reconcile()
    wait_for(lambda: part.problem is not None, "a problem")
    part.reconcile()
    wait_for(lambda: str(part.error).startswith("Fallback"), "the fallback's failure")
    part.reconcile()
    part.reconcile()
    assert len(shop.built) == 2


def test_what_never_worked_is_not_tried_again_and_what_was_lost_is(
    shop: Shop, clock: HandClock, make: Callable[..., Part[str]]
) -> None:
    shop.errors = [problem("Not there.")]
    part = make(attempts=1, must_work_first=True)
    part.want("a")
    part.reconcile()
    wait_for(lambda: part.problem is not None, "a problem")
    part.reconcile()
    assert part.exhausted
    assert len(shop.built) == 1
    shop.fails_later, shop.errors = problem("Lost."), []
    part.want("a")
    part.reconcile()
    built(shop, 2)
    part.working()
    shop.built[1].ended.set()
    wait_for(lambda: str(part.error).startswith("Lost"), "the loss")
    shop.fails_later = None
    clock.pass_s(BACKOFF_S)
    part.reconcile()
    built(shop, 3)
    assert not part.exhausted
    part.working()
    wait_for(lambda: part.working() is None and part.problem is None, "all well again")


def test_what_was_lost_is_tried_for_ever_with_pauses_that_stop_growing(
    shop: Shop, clock: HandClock, make: Callable[..., Part[str]]
) -> None:
    part = make(attempts=None, must_work_first=True)
    part.want("a")
    part.reconcile()
    built(shop, 1)
    part.working()
    shop.errors = [problem(f"Failure {number}.") for number in range(1, 12)]
    shop.built[0].fails_later = problem("Failure 0.")
    shop.built[0].ended.set()
    for number in range(12):
        wait_for(lambda n=number: str(part.error).startswith(f"Failure {n}."), "the failure")  # type: ignore[misc]
        part.reconcile()
        assert not part.exhausted
        clock.pass_s(min(LONGEST_PAUSE_S, BACKOFF_S * 2**number))
        part.reconcile()
        built(shop, number + 2)


def test_a_part_that_was_given_up_begins_anew_with_the_next_start(shop: Shop, make: Callable[..., Part[str]]) -> None:
    shop.errors = [problem()]
    part = make()
    part.want("a")
    part.reconcile()
    wait_for(lambda: part.problem is not None, "a problem")
    part.reconcile()
    assert part.exhausted
    part.stop()
    part.begin_anew()
    assert (part.exhausted, part.problem, part.error) == (False, None, None)
    part.reconcile()
    built(shop, 2)


def test_a_reported_problem_is_over_when_the_part_works_again(make: Callable[..., Part[str]]) -> None:
    changes: list[int] = []
    part = make()
    part.on_change = lambda: changes.append(1)
    part.report(problem())
    assert part.problem is not None
    part.working()
    assert part.problem is None
    assert len(changes) == 2
    part.working()
    assert len(changes) == 2


def test_a_stage_that_is_stopped_before_it_is_built_ends_at_once() -> None:
    inner = Turning("late")
    late = LateStage("late", lambda: inner)
    late.unblock()
    late.open()
    assert inner.ended.is_set()

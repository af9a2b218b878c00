"""A failure of the program itself leaves the away card to the others, says so, and can be tried again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.headless import HeadlessRun
from app.commands.run_options import RunOptions
from app.control import EngineConfig, EngineState
from app.engine import Engine
from app.errors import EnvironmentProblem
from app.support.run_mark import Crash
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for

CONFIG = EngineConfig(camera="synthetic")
OPTIONS = RunOptions(
    headless=True, camera="synthetic", avatar="small", virtual_camera="none", size=(320, 192), duration_s=20.0
)


class Watched(TestStages):
    """Writes down what becomes of the virtual camera."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config)
        self.ends: list[str] = []

    def close(self) -> None:
        self.ends.append("closed")

    def abandon(self) -> None:
        self.ends.append("abandoned")


class Failing:
    """An engine whose supervisor fails when `failure` is set."""

    def __init__(self, config: EngineConfig = CONFIG) -> None:
        self.stages = Watched(config)
        self.engine = Engine(config, self.stages)
        self.failure: Exception | None = None
        part = self.engine._parts[0]
        reconcile = part.reconcile

        def struck() -> None:
            if self.failure is not None:
                raise self.failure
            reconcile()

        part.reconcile = struck  # type: ignore[method-assign]


@pytest.fixture
def failing() -> Iterator[Failing]:
    made = Failing()
    made.engine.set_portrait(small_portrait())
    made.engine.start()
    wait_for(lambda: made.stages.first_sink.frames > 0, "frames")
    yield made
    made.engine.stop()


def has_failed(failing: Failing) -> bool:
    return failing.engine.status().state is EngineState.FAILED


def test_a_supervisor_that_fails_is_a_failed_engine_with_the_camera_left_open(
    failing: Failing, expected_log: pytest.LogCaptureFixture
) -> None:
    failing.failure = LookupError("the supervisor")

    wait_for(lambda: has_failed(failing), "the failure")

    assert [problem.part for problem in failing.engine.problems()] == ["engine"]
    assert failing.engine.failure("engine") is failing.failure
    wait_for(lambda: not failing.engine._running[0].alive, "the end of its thread")  # type: ignore[index]
    assert failing.stages.ends == []


def test_a_failed_engine_can_be_tried_again(failing: Failing, expected_log: pytest.LogCaptureFixture) -> None:
    failing.failure = LookupError("the supervisor")
    wait_for(lambda: has_failed(failing), "the failure")
    failing.failure = None
    before = failing.stages.first_sink.frames

    failing.engine.restart()

    wait_for(lambda: failing.stages.first_sink.frames > before, "frames again")
    assert failing.engine.status().state is EngineState.RUNNING
    assert failing.engine.problems() == ()


def test_an_abandoned_engine_leaves_the_camera_to_its_keeper(failing: Failing) -> None:
    failing.engine.abandon()

    assert failing.stages.ends == ["abandoned"]
    assert failing.engine.status().state is EngineState.STOPPED


def test_an_engine_that_is_stopped_takes_the_camera_away(failing: Failing) -> None:
    failing.engine.stop()

    assert failing.stages.ends == ["closed"]


@pytest.mark.parametrize(
    ("failure", "end"),
    [
        (LookupError("a bug"), "abandoned"),
        (EnvironmentProblem("No.", why="No.", fix="No."), "closed"),
        (MemoryError(), "closed"),
        (KeyboardInterrupt(), "closed"),
    ],
)
def test_only_a_bug_of_a_headless_run_leaves_the_camera_open(
    failure: BaseException, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Failing] = []

    def engine(config: EngineConfig) -> Engine:
        made.append(Failing(config))
        return made[0].engine

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(HeadlessRun, "_wait_for_end", fail)
    with pytest.raises(type(failure)):
        HeadlessRun(OPTIONS, engine, lambda who, references: small_portrait(who)).run()

    assert made[0].stages.ends == [end]


def test_a_supervisor_that_fails_ends_a_headless_run_with_its_failure(expected_log: pytest.LogCaptureFixture) -> None:
    made: list[Failing] = []

    def engine(config: EngineConfig) -> Engine:
        made.append(Failing(config))
        made[0].failure = LookupError("the supervisor")
        return made[0].engine

    with pytest.raises(LookupError, match="the supervisor"):
        HeadlessRun(OPTIONS, engine, lambda who, references: small_portrait(who)).run()

    assert made[0].stages.ends == ["abandoned"]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (None, "Understudy stopped unexpectedly last time.\n"),
        (
            Path("/var/crash-1.txt"),
            "Understudy stopped unexpectedly last time. What is known about it is in /var/crash-1.txt.\n",
        ),
    ],
)
def test_a_headless_run_tells_how_the_last_one_ended(
    report: Path | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = replace(OPTIONS, crash=Crash(report), duration_s=0.1)

    HeadlessRun(options, lambda config: Failing(config).engine, lambda who, references: small_portrait(who)).run()

    assert capsys.readouterr().err.startswith(said)

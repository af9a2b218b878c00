"""Compiling: by another process, never waited for, taken over where it is faster, and done without where it fails."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.errors import ModelError
from models.session.compiling import JOB, CompiledStep, CompileJob, Compiling
from models.session.engine import Engine
from models.session.plan import Way
from models.session.program import Recipe
from tests.models.session.rehearsal import Adding, Rehearsal, adding_person

ON_REQUEST = "UNDERSTUDY_TEST_COMPILER"
ROW = np.arange(6, dtype=np.float32)
CPU = torch.device("cpu")


class Scaling(nn.Module):
    """`Adding` with a weight, for the compiler."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Linear(1, 1, bias=False)

    def forward(self, row: Tensor, kept: tuple[Tensor, ...], weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
        picture = (row[:, None] * weights["weight"][0] + kept[0]).clamp(0, 255).to(torch.uint8)
        return picture, row.mean().reshape(1)


def scaling(arguments: Mapping[str, object]) -> nn.Module:
    """What recipes of these tests name."""
    assert arguments == {"of": "a test"}
    return Scaling()


class Compilable(Adding):
    """`Adding` that can be compiled."""

    def recipe(self) -> Recipe | None:
        return Recipe("tests.models.session.test_compiling:scaling", {"of": "a test"})

    def weights(self) -> Mapping[str, Tensor]:
        return {"weight": torch.ones(1, 1)}


class Answering:
    """Stands for the worker: says what it is told to when it is asked."""

    def __init__(self, answers: list[CompiledStep | Exception | None]) -> None:
        self.answers, self.begun, self.cancelled = answers, 0, 0

    def begin(self, kept: Sequence[Tensor]) -> None:
        self.begun += 1

    def poll(self) -> CompiledStep | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cancel(self) -> None:
        self.cancelled += 1


def engine_with(answering: Answering, monkeypatch: pytest.MonkeyPatch, backend: Rehearsal) -> Engine:
    monkeypatch.setattr("models.session.engine.Compiling", lambda *_: answering)
    return Engine(backend, compiles=True)


def as_adding(row: Tensor, kept: tuple[Tensor, ...], weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
    return (row[:, None] + kept[0]).clamp(0, 255).to(torch.uint8), row.mean().reshape(1)


def improved(engine: Engine, frame: Callable[[], Any]) -> None:
    frame()
    for _ in range(50):
        if not engine.improve():
            return
        frame()
    raise AssertionError("it never ends")


@pytest.mark.parametrize(("faster", "way"), [(True, Way.COMPILED), (False, Way.RECORDED)])
def test_the_compiled_step_is_taken_where_it_is_faster_and_frames_go_on_meanwhile(
    monkeypatch: pytest.MonkeyPatch, faster: bool, way: Way
) -> None:
    backend, answering = Rehearsal(), Answering([None, None, None, as_adding])
    times = iter([1.0, 2.0] if faster else [2.0, 1.0])
    backend.takes_ms = lambda work: next(times)
    engine, person = engine_with(answering, monkeypatch, backend), adding_person(Compilable(), 1.0)

    def frame() -> None:
        np.testing.assert_array_equal(engine.run(person, ROW)[0][:, 0], (ROW + 1).astype(np.uint8))

    improved(engine, frame)
    frame()

    assert engine.way is way
    assert (answering.begun, answering.answers) == (1, [])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ModelError("compiling failed (1): no compiler"), "compiling failed (1): no compiler"),
        (RuntimeError("cannot open shared object"), "cannot open shared object"),
        (
            lambda row, kept, weights: (torch.zeros(6, 3, dtype=torch.uint8), row.mean().reshape(1)),
            "makes other pictures",
        ),
        (lambda row, kept, weights: 1 / 0, "division by zero"),
    ],
)
def test_where_compiling_fails_or_is_wrong_the_recorded_step_stays(
    monkeypatch: pytest.MonkeyPatch, expected_log: pytest.LogCaptureFixture, answer: Any, said: str
) -> None:
    engine = engine_with(Answering([None, answer]), monkeypatch, Rehearsal())
    person = adding_person(Compilable(), 100.0)

    improved(engine, lambda: engine.run(person, ROW))

    np.testing.assert_array_equal(engine.run(person, ROW)[0][:, 0], (ROW + 100).astype(np.uint8))
    assert engine.way is Way.RECORDED
    assert len(expected_log.messages) == 1
    assert expected_log.messages[0].startswith("The GPU goes on with cuda graph, a faster way failed: ")
    assert said in expected_log.messages[0]


def test_a_closed_engine_ends_its_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = Answering([None] * 9)
    engine = engine_with(answering, monkeypatch, Rehearsal())
    engine.run(adding_person(Compilable(), 1.0), ROW)
    for _ in range(6):
        engine.improve()

    engine.close()

    assert (answering.begun, answering.cancelled) == (1, 1)


def waited_for(compiling: Compiling) -> CompiledStep:
    deadline = time.monotonic() + 150.0
    while time.monotonic() < deadline:
        step = compiling.poll()
        if step is not None:
            return step
        time.sleep(0.1)  # a process of its own cannot ring
    raise TimeoutError


def compiling_by(code: str, folder: Path) -> Compiling:
    """A worker that runs some code in place of the compiler."""
    program = Compilable()
    recipe = program.recipe()
    assert recipe is not None
    return Compiling(program, recipe, CPU, folder, (sys.executable, "-c", code))


def test_a_worker_that_fails_says_why_and_leaves_nothing_behind(tmp_path: Path) -> None:
    compiling = compiling_by("import sys; print('much'); sys.exit('RuntimeError: no compiler is found')", tmp_path)
    compiling.begin((torch.zeros(6, 3),))

    with pytest.raises(ModelError, match=r"^compiling failed \(1\): RuntimeError: no compiler is found$"):
        waited_for(compiling)

    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_dies_without_a_word_is_a_failure_too(tmp_path: Path) -> None:
    compiling = compiling_by("import os; os.kill(os.getpid(), 9)", tmp_path)
    compiling.begin((torch.zeros(6, 3),))

    with pytest.raises(ModelError, match=r"^compiling failed \(-9\): no word$"):
        waited_for(compiling)


def test_a_worker_that_is_not_wanted_any_more_is_ended(tmp_path: Path) -> None:
    compiling = compiling_by("import time; time.sleep(600)", tmp_path)
    compiling.begin((torch.zeros(6, 3),))
    assert compiling._process is not None

    compiling.cancel()
    compiling.cancel()

    assert compiling._process.poll() is not None
    assert list(tmp_path.iterdir()) == []


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    job = CompileJob(Recipe("a.b:c", {"d": [1, 2]}), (((2, 3), (1, 2), "float32"),), 7, "cuda:0")

    job.write(tmp_path / JOB)

    assert CompileJob.read(tmp_path / JOB) == job


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get(ON_REQUEST), reason=f"a minute of a compiler; set {ON_REQUEST}=1 to run it")
def test_a_compiled_step_reads_what_it_is_given_as_it_lies(tmp_path: Path) -> None:
    if shutil.which("g++") is None:
        pytest.skip("there is no C++ compiler")
    kept = torch.arange(18.0).reshape(3, 6).T  # not contiguous
    program = Compilable()
    recipe = program.recipe()
    assert recipe is not None
    compiling = Compiling(program, recipe, CPU, tmp_path)
    compiling.begin((kept,))

    step = waited_for(compiling)
    picture, mean = step(torch.from_numpy(ROW), (kept,), {"weight": torch.full((1, 1), 2.0)})

    torch.testing.assert_close(picture, (torch.from_numpy(ROW)[:, None] * 2.0 + kept).to(torch.uint8))
    assert mean.tolist() == [2.5]
    assert list(tmp_path.iterdir()) == []

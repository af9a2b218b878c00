"""Memory that runs out is a sentence in every command, whatever library met it first."""

from __future__ import annotations

import errno
from pathlib import Path

import cv2
import pytest
import torch

from app.cli import run_command_line
from app.control import Problem
from app.engine import Engine
from app.out_of_memory import OutOfMemory, is_expected, out_of_memory
from tests.helpers.live import StillAnimator, TestStages, small_portrait

CPU_LINE = (
    "Out of memory. The memory of this machine does not hold the pictures, the model or the batch that was asked for. "
    "Close other programs, or ask for less: a smaller size, a smaller batch.\n"
)
TORCH_ON_CPU = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:116] . DefaultCPUAllocator: can't allocate memory: you tried"
)
CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")


@pytest.mark.parametrize(
    ("error", "gpu"),
    [
        (MemoryError(), False),
        (TORCH_ON_CPU, False),
        (CUDA, True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), False),
        (cv2.error("OpenCV(4.11.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 9 bytes"), False),
        (RuntimeError("std::bad_alloc"), False),
    ],
)
def test_every_library_is_understood(error: Exception, gpu: bool) -> None:
    told = out_of_memory(error)

    assert told is not None
    assert (str(told), told.exit_code) == (str(OutOfMemory(gpu=gpu)), 3)
    assert Problem.of("render", error).what == "Out of memory."
    assert is_expected(error)


def test_the_real_refusal_of_torch_is_understood() -> None:
    with pytest.raises(RuntimeError) as refused:
        torch.empty(1 << 60, dtype=torch.uint8)

    assert out_of_memory(refused.value) is not None


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), ValueError("can't allocate memory"), KeyError("x")])
def test_other_failures_are_not_taken_for_it(error: Exception) -> None:
    assert out_of_memory(error) is None
    assert not is_expected(error)


def test_a_gpu_has_another_way_out() -> None:
    assert str(OutOfMemory(gpu=True)).endswith("a smaller size, a smaller batch, or --device cpu.")


@pytest.mark.parametrize("failure", [MemoryError(), TORCH_ON_CPU], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["run", "--headless", "--camera", "synthetic"], "app.commands.run.HeadlessRun.run"),
        (["animate", "--source", "tomas", "--driving", "{clip}", "--output", "{out}"], "app.commands.animate.animate"),
        (["train", "--pack", "{clip}", "--output", "{out}"], "app.commands.train.train_from_arguments"),
    ],
    ids=["run", "animate", "train"],
)
def test_it_is_one_line_and_exit_3_in_every_command(
    arguments: list[str],
    where: str,
    failure: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise failure

    monkeypatch.setattr(where, fail)
    paths = {"clip": str(tmp_path / "clip.mp4"), "out": str(tmp_path / "out.mp4")}

    assert run_command_line([argument.format(**paths) for argument in arguments]) == 3
    assert capsys.readouterr().err == CPU_LINE


def test_a_live_run_whose_model_has_no_memory_ends_with_the_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, expected_log: pytest.LogCaptureFixture
) -> None:
    def build() -> StillAnimator:
        raise TORCH_ON_CPU

    monkeypatch.setattr("app.part.BACKOFF_S", 0.01)
    monkeypatch.setattr("app.commands.run.live_engine", lambda config: Engine(config, TestStages(config, build)))
    monkeypatch.setattr("app.commands.run.portrait_loading", lambda model: lambda who, references: small_portrait(who))

    code = run_command_line(["run", "--headless", "--camera", "synthetic", "--virtual-camera", "none", "--quiet"])

    assert code == 3
    assert capsys.readouterr().err == CPU_LINE

from __future__ import annotations

import csv
import os
import signal
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from models.synergy.config import PRESETS
from models.synergy.network import SynergyWarpNet
from models.synergy.weights import load_weights
from models.training import stopping
from models.training.checkpoints import load_checkpoint
from models.training.problems import TrainingProblem
from models.training.record import CsvLog
from models.training.schedule import plan_step
from models.training.settings import SizeStep
from models.training.stages import STAGES, recipe_of, train
from models.training.stopping import PAUSE_VARIABLE, StopRequest, Stopwatch
from models.training.trainer import MOST_BAD_STEPS, BaseTrainer, Ending
from tests.models.training.packs import QuietListener, blobs, setting, tiny_recipe

__all__ = ["blobs"]

FULL = {
    "sizes": (SizeStep(64, 0.0, 4), SizeStep(96, 0.5, 2)),
    "adversarial_from": 0.4,
    "temporal_share": 0.4,
    "equivariance_share": 0.5,
    "still_share": 0.3,
    "part_dropout": 0.5,
}
"""Every kind of step within a few."""


class StopAfter(StopRequest):
    """Asks for an end after so many steps; a step asks once."""

    def __init__(self, steps: int) -> None:
        self._left = steps
        super().__init__()

    @property
    def asked(self) -> bool:  # type: ignore[override]
        self._left -= 1
        return self._left < 0

    @asked.setter
    def asked(self, value: bool) -> None:
        self._left = 0 if value else self._left


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_twenty_steps_overfit_four_frames(tmp_path: Path) -> None:
    recipe = tiny_recipe(still_share=0.0, temporal_share=0.0, stage_mix=(1, 0, 0), picture_chances=(0, 1))
    trainer = BaseTrainer(setting(tmp_path, recipe))
    trainer.network.train()
    steps = [trainer.take_step(plan_step(recipe, step, 0.0)) for step in range(20)]
    history = [float(losses.total.detach()) for losses in steps]

    assert np.mean(history[-3:]) < 0.7 * np.mean(history[:3])


def test_a_resumed_run_gives_the_same_numbers_as_one_that_was_never_stopped(tmp_path: Path) -> None:
    recipe = tiny_recipe(**FULL)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    small = {"steps": 8, "validation_batches": 1}
    assert BaseTrainer(setting(whole, recipe, **small)).train() is Ending.DONE
    first = replace(setting(broken, recipe, **small), stop=StopAfter(4))
    assert BaseTrainer(first).train() is Ending.INTERRUPTED
    torch.manual_seed(99)  # what happens in between must not matter
    again = setting(broken, recipe, **small, resume=broken / "checkpoint.pth")
    assert BaseTrainer(again).train() is Ending.DONE

    a, b = (load_checkpoint(folder / "checkpoint.pth", "base") for folder in (whole, broken))
    assert (a.step, a.samples, a.best) == (b.step, b.samples, b.best) == (8, b.samples, b.best)
    assert set(a.states) == {"network", "average", "optimiser", "critics", "critics_optimiser"}
    for name in a.states:
        assert same(a.states[name], b.states[name]), name


def same(a: object, b: object) -> bool:
    """Whether two nested states hold the same numbers, bit by bit."""
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def test_a_run_leaves_weights_logs_and_a_sheet(tmp_path: Path) -> None:
    given = setting(tmp_path, tiny_recipe(), steps=25, validation_batches=1)
    assert BaseTrainer(given).train() is Ending.DONE

    config, state = load_weights(tmp_path / "best.safetensors")
    assert (config.name, config.image_px) == ("tiny", 64)
    SynergyWarpNet(config).load_state_dict(state)
    rows = rows_of(tmp_path / "train.csv")
    assert [int(row["step"]) for row in rows] == [25]
    assert float(rows[0]["pixel"]) > 0
    measured = rows_of(tmp_path / "validation.csv")
    assert float(measured[-1]["psnr_3"]) > 5
    sheet = cv2.imread(str(tmp_path / "sheet-0000025.png"))
    assert sheet is not None
    assert sheet.shape == (6 * 64, 7 * 64, 3)
    assert isinstance(given.listener, QuietListener)
    assert given.listener.standings[0].step == 25


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_rows_logged_after_the_checkpoint_are_logged_once(tmp_path: Path) -> None:
    log = CsvLog(tmp_path / "train.csv", ("step", "total"))
    for step in (25, 50, 75):
        log.add({"step": step, "total": 1.0})
    CsvLog(tmp_path / "train.csv", ("step", "total"), keep_until=50).add({"step": 75, "total": 2.0})

    assert (tmp_path / "train.csv").read_text().splitlines() == ["step,total", "25,1", "50,1", "75,2"]


def test_sigterm_leaves_a_checkpoint_and_ends_the_run(tmp_path: Path, blobs: None) -> None:
    run = setting(tmp_path, steps=100_000).run
    listener = QuietListener(on_stand=lambda _: os.kill(os.getpid(), signal.SIGTERM))

    assert train(run, tiny_recipe(), listener) is Ending.INTERRUPTED
    assert load_checkpoint(tmp_path / "checkpoint.pth", "base").step == 25
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_second_ctrl_c_does_not_wait_for_the_checkpoint() -> None:
    with StopRequest() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_run_starts_from_shipped_weights_with_a_short_warm_up(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    BaseTrainer(setting(first, steps=1, validation_batches=1)).train()
    trainer = BaseTrainer(setting(second, init=first / "best.safetensors"))

    shipped = load_weights(first / "best.safetensors")[1]
    started = trainer.network.state_dict()
    assert all(torch.equal(started[name], shipped[name]) for name in shipped)
    assert trainer.step == 0


def test_weights_of_another_preset_are_a_sentence(tmp_path: Path) -> None:
    torch.save(SynergyWarpNet(replace(PRESETS["tiny"], channels=32)).state_dict(), tmp_path / "other.pth")
    with pytest.raises(TrainingProblem) as refused:
        BaseTrainer(setting(tmp_path, init=tmp_path / "other.pth"))

    assert str(refused.value) == (
        "other.pth cannot be used. Its weights do not fit the preset 'tiny'. "
        "Give the --preset the weights were made for."
    )


def test_a_checkpoint_of_another_preset_is_a_sentence(tmp_path: Path) -> None:
    first = replace(setting(tmp_path), stop=StopAfter(0))
    BaseTrainer(first).train()
    with pytest.raises(TrainingProblem, match=r"^The checkpoint cannot be resumed\. It was made by a network of anoth"):
        BaseTrainer(setting(tmp_path, tiny_recipe(preset="lite"), resume=tmp_path / "checkpoint.pth"))


def test_a_resumed_run_keeps_its_recipe(tmp_path: Path) -> None:
    recipe = tiny_recipe(seed=11)
    BaseTrainer(replace(setting(tmp_path, recipe), stop=StopAfter(0))).train()

    assert recipe_of(setting(tmp_path, resume=tmp_path / "checkpoint.pth").run) == recipe


def test_gradients_that_are_never_finite_end_the_run_with_a_sentence(tmp_path: Path) -> None:
    trainer = BaseTrainer(setting(tmp_path))
    weight = next(trainer.network.parameters())
    before = weight.detach().clone()
    weight.grad = torch.full_like(weight, float("nan"))
    for _ in range(MOST_BAD_STEPS - 1):
        trainer._apply()
    assert torch.equal(weight, before)  # steps left out change nothing

    with pytest.raises(TrainingProblem, match=r"^The training fell apart\. The gradient was not finite 50 times"):
        trainer._apply()


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:128] . DefaultCPUAllocator: can't allocate memory: you tried to"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not enough memory: you tried to"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.06 GiB)"),
    ],
    ids=["cuda", "python", "cpu", "cpu on Windows", "mps"],
)
def test_a_device_that_is_too_small_is_a_sentence(
    tmp_path: Path, blobs: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fills_up(_: object) -> Ending:
        raise error

    monkeypatch.setitem(STAGES, "base", fills_up)
    with pytest.raises(
        TrainingProblem, match=r"^The training does not fit into the device's memory\. .* Give a smaller"
    ):
        train(setting(tmp_path).run, tiny_recipe(), QuietListener())


def test_memory_that_torch_really_cannot_get_is_a_sentence(
    tmp_path: Path, blobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fills_up(_: object) -> Ending:
        torch.empty(1 << 60)
        return Ending.DONE

    monkeypatch.setitem(STAGES, "base", fills_up)
    with pytest.raises(TrainingProblem, match=r"^The training does not fit into the device's memory\."):
        train(setting(tmp_path).run, tiny_recipe(), QuietListener())


def test_other_failures_of_torch_stay_what_they_are(
    tmp_path: Path, blobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: object) -> Ending:
        raise RuntimeError("The size of tensor a (3) must match the size of tensor b (4)")

    monkeypatch.setitem(STAGES, "base", breaks)
    with pytest.raises(RuntimeError, match=r"^The size of tensor a"):
        train(setting(tmp_path).run, tiny_recipe(), QuietListener())


def test_an_unknown_stage_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingProblem, match=r"^There is no stage 'paint'\. It is not built into this program\. Use"):
        train(setting(tmp_path, stage="paint").run, tiny_recipe(), QuietListener())


def test_a_run_waits_while_the_pause_file_exists_and_the_wait_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause = tmp_path / "PAUSE"
    pause.touch()
    monkeypatch.setenv(PAUSE_VARIABLE, str(pause))
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] > 160:
            pause.unlink()

    monkeypatch.setattr(stopping.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(stopping.time, "sleep", sleep)
    watch = Stopwatch(already_s=5.0)
    watch.wait_while_paused(StopRequest())

    assert now[0] > 160
    assert watch.elapsed_s == pytest.approx(5.0)

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models.synergy.config import Stages
from models.training.checkpoints import load_checkpoint
from models.training.motions import BatchMotionEncoder
from models.training.performer import Performer
from models.training.problems import TrainingProblem
from models.training.world import World, open_world
from tests.models.training.packs import gradients_of, joined_sample, tiny_network

PROCESSES = 2
LIMIT_S = 150.0
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes, joined as `torchrun` joins them, left behind."""
    place = tmp_path_factory.mktemp("ddp")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = {"WORLD_SIZE": str(PROCESSES), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    command = [sys.executable, "-m", "tests.models.training.ddp_worker", str(place)]
    started = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(PROCESSES)
    ]
    try:
        said = [process.communicate(timeout=LIMIT_S)[1] for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert [process.returncode for process in started] == [0] * PROCESSES, "\n".join(said)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("stages", [Stages.SYNERGY, Stages.EXPLICIT])
def test_two_processes_find_the_gradient_that_one_finds_with_the_joined_batch(folder: Path, stages: Stages) -> None:
    torch.set_num_threads(1)
    alone = gradients_of(Performer(tiny_network(), BatchMotionEncoder(), bfloat16=False), joined_sample(), stages)
    both = [torch.load(folder / f"gradients-{stages.value}-{rank}.pth", weights_only=True) for rank in range(PROCESSES)]

    assert max(float(gradient.abs().max()) for gradient in alone.values()) > 1e-3
    for name, gradient in alone.items():
        assert torch.equal(both[0][name], both[1][name]), name
        torch.testing.assert_close(both[0][name], gradient, atol=2e-5, rtol=2e-3, msg=name)


@pytest.mark.slow
def test_two_processes_hold_the_same_weights_after_a_run_and_one_writes_the_files(folder: Path) -> None:
    weights = [torch.load(folder / f"weights-{rank}.pth", weights_only=True) for rank in range(PROCESSES)]

    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    kept = load_checkpoint(folder / "run" / "checkpoint.pth", "base")
    assert (kept.step, kept.samples) == (4, 4 * 4 * PROCESSES)


def test_a_device_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingProblem) as refused, open_world("cuda"):
        pass

    assert refused.value.machine
    assert str(refused.value) == (
        "The device cuda cannot be used. PyTorch finds none on this machine. "
        "Use --device cpu, or install a driver and a PyTorch that fit the device."
    )


def test_one_process_agrees_with_itself() -> None:
    world = World(torch.device("cpu"))

    assert world.agree(True, 0.25) == (True, 0.25)
    assert world.is_first

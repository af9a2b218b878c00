"""OpenVINO makes the pictures that eager PyTorch makes, and a graph that makes others is refused."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from models.errors import CheckpointError
from models.synergy.config import LITE, Stages
from models.synergy.network import SynergyWarpNet
from models.synergy.openvino_runtime import OpenVinoRuntime, openvino_serves
from models.synergy.runtime import EagerRuntime, RuntimeFrame, StepRuntime
from models.synergy.runtime_choice import fastest_runtime
from models.types import MotionState
from models.weights_manifest import WEIGHTS
from tests.models.faces import face_state
from tests.models.synergy.networks import random_network

CPU = torch.device("cpu")
SHIPPED = WEIGHTS / "synergy-lite.graph"
REFUSED = (
    r"^synergy-lite\.graph does not make the pictures of this version of the network with these weights "
    r"\(\d+\.\d of 255 levels and \d+\.\d pixels apart on average\)$"
)


@pytest.fixture(scope="module")
def lite() -> SynergyWarpNet:
    pytest.importorskip("openvino", reason="openvino is not installed")
    torch.manual_seed(3)
    return SynergyWarpNet(LITE).eval()


def person(count: int) -> tuple[list[torch.Tensor], list[MotionState]]:
    generator = torch.Generator().manual_seed(4)
    coarse = torch.rand(count, 3, 16, 16, generator=generator)
    pictures = torch.nn.functional.interpolate(coarse, size=(256, 256), mode="bilinear", align_corners=False)
    return list(pictures.split(1)), [face_state((0.0, 0.2 * r, 0.0)) for r in range(count)]


def frame(runtime: StepRuntime, count: int) -> RuntimeFrame:
    bank = runtime.prepare_bank(*person(count))
    return runtime.run(bank, face_state((0.0, -0.15, 0.0)))


@pytest.mark.parametrize("count", [1, 3])
def test_every_result_is_that_of_pytorch(lite: SynergyWarpNet, count: int) -> None:
    expected = frame(EagerRuntime(lite, Stages.SYNERGY, CPU, torch.float32), count)

    got = frame(OpenVinoRuntime(lite, SHIPPED, lower=False), count)

    for name, value in vars(expected).items():
        assert (getattr(got, name) - value).abs().max() < 1e-4, name


def test_bfloat16_stays_out_of_the_geometry(lite: SynergyWarpNet) -> None:
    exact = frame(OpenVinoRuntime(lite, SHIPPED, lower=False), 2)
    runtime = OpenVinoRuntime(lite, SHIPPED, lower=True)

    lower = frame(runtime, 2)

    assert runtime.dtype == "bfloat16"
    assert (lower.flow - exact.flow).abs().max() < 0.2 * 2 / 256  # a fifth of a pixel
    assert 0.0 < float((lower.image - exact.image).abs().mean()) < 1e-3


def test_a_frame_stays_as_it_is_when_the_next_is_made(lite: SynergyWarpNet) -> None:
    runtime = OpenVinoRuntime(lite, SHIPPED, lower=False)
    bank = runtime.prepare_bank(*person(1))
    first = runtime.run(bank, face_state())
    kept = first.image.clone()

    second = runtime.run(bank, face_state((0.0, 0.3, 0.0)))

    torch.testing.assert_close(first.image, kept, atol=0, rtol=0)
    assert (second.image - kept).abs().max() > 0.01


def test_two_people_can_be_ready_at_once(lite: SynergyWarpNet) -> None:
    runtime = OpenVinoRuntime(lite, SHIPPED, lower=False)
    alone = runtime.prepare_bank(*person(1))
    before = runtime.run(alone, face_state()).image
    runtime.run(runtime.prepare_bank([torch.zeros(1, 3, 256, 256)], [face_state()]), face_state())

    torch.testing.assert_close(runtime.run(alone, face_state()).image, before, atol=0, rtol=0)


def test_the_work_of_a_step_can_be_counted_whatever_does_it(lite: SynergyWarpNet) -> None:
    runtimes: list[StepRuntime] = [
        EagerRuntime(lite, Stages.SYNERGY, CPU, torch.float32),
        OpenVinoRuntime(lite, SHIPPED, lower=False),
    ]
    operations = []
    for runtime in runtimes:
        bank = runtime.prepare_bank(*person(1))
        with FlopCounterMode(display=False) as counter:
            runtime.run_in_pytorch(bank, face_state())
        operations.append(counter.get_total_flops())

    assert operations[0] == operations[1]
    assert 4e9 < operations[0] < 6e9


def test_stages_on_their_own_run_on_pytorch() -> None:
    assert isinstance(fastest_runtime(random_network(), Stages.EXPLICIT, CPU), EagerRuntime)


def test_a_network_without_a_graph_runs_on_pytorch() -> None:
    assert not openvino_serves(random_network(), CPU)
    assert isinstance(fastest_runtime(random_network(), Stages.SYNERGY, CPU), EagerRuntime)


def test_a_graph_is_refused_for_a_network_of_another_configuration() -> None:
    pytest.importorskip("openvino", reason="openvino is not installed")
    with pytest.raises(CheckpointError, match="another configuration"):
        OpenVinoRuntime(random_network(), SHIPPED)


def test_a_graph_is_refused_for_a_network_that_has_changed_since(lite: SynergyWarpNet) -> None:
    changed = copy.deepcopy(lite)
    changed.extra = torch.nn.Linear(2, 2)

    with pytest.raises(CheckpointError, match=r"^synergy-lite\.graph was made for another version of the network$"):
        OpenVinoRuntime(changed, SHIPPED)


def test_a_graph_that_makes_other_pictures_is_refused(lite: SynergyWarpNet) -> None:
    runtime = OpenVinoRuntime(lite, SHIPPED, lower=False)
    with torch.no_grad():
        runtime._network.warp.detail_head.bias.fill_(2.0)  # the code or the weights have changed since it was filled

    for _ in range(2):  # not only the first time
        with pytest.raises(CheckpointError, match=REFUSED):
            runtime.prepare_bank(*person(1))


def test_pictures_that_are_not_numbers_are_refused(lite: SynergyWarpNet, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = OpenVinoRuntime(lite, SHIPPED, lower=False)
    made = runtime.run

    def broken(*arguments: Any) -> RuntimeFrame:
        return replace(made(*arguments), image=torch.full((1, 3, 256, 256), torch.nan))

    monkeypatch.setattr(runtime, "run", broken)

    with pytest.raises(CheckpointError, match=r"\(nan of 255 levels and 0\.0 pixels apart on average\)$"):
        runtime.prepare_bank(*person(1))

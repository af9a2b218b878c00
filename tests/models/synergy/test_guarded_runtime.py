"""Wherever OpenVINO fails, the picture goes on with PyTorch, and the log says why, once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from models.errors import CheckpointError
from models.synergy import runtime_choice
from models.synergy.animator import SynergyAnimator
from models.synergy.config import LITE, Stages
from models.synergy.guarded_runtime import GuardedRuntime
from models.synergy.network import SynergyWarpNet
from models.synergy.openvino_runtime import OpenVinoRuntime
from models.synergy.runtime import EagerRuntime, RuntimeFrame
from models.synergy.runtime_choice import fastest_runtime
from models.types import MotionState, StepOptions
from models.weights_manifest import WEIGHTS
from tests.models.faces import face_state, painted_portrait
from tests.models.synergy.networks import random_network

CPU = torch.device("cpu")


class Failing(EagerRuntime):
    """A runtime that fails at its n-th `prepare_bank` or `run` (1 is the first; 0: never)."""

    name = "openvino"

    def __init__(self, network: SynergyWarpNet, prepare: int = 0, run: int = 0, error: Exception | None = None) -> None:
        super().__init__(network, Stages.SYNERGY, CPU, torch.float32)
        self._prepares, self._runs = prepare, run
        self._error = error or RuntimeError("Exception from src/inference: no kernel")

    def prepare_bank(self, pictures: Sequence[torch.Tensor], states: Sequence[MotionState]) -> Any:
        self._prepares -= 1
        if self._prepares == 0:
            raise self._error
        return super().prepare_bank(pictures, states)

    def run(self, bank: Any, driving: MotionState) -> RuntimeFrame:
        self._runs -= 1
        if self._runs == 0:
            raise self._error
        return super().run(bank, driving)


class Eager(EagerRuntime):
    """PyTorch, made at most once."""

    made = 0

    def __init__(self, network: SynergyWarpNet) -> None:
        super().__init__(network, Stages.SYNERGY, CPU, torch.float32)
        type(self).made += 1


@pytest.fixture(autouse=True)
def _count() -> None:
    Eager.made = 0


@pytest.fixture(scope="module")
def network() -> SynergyWarpNet:
    return random_network()


def person(seed: int) -> tuple[list[torch.Tensor], list[MotionState]]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(1, 3, 64, 64, generator=generator)], [face_state((0.0, 0.1 * seed, 0.0))]


def expected(network: SynergyWarpNet, seed: int) -> torch.Tensor:
    alone = EagerRuntime(network, Stages.SYNERGY, CPU, torch.float32)
    return alone.run(alone.prepare_bank(*person(seed)), face_state()).image


REASON = "OpenVINO cannot be used, PyTorch takes its place: Exception from src/inference: no kernel"


@pytest.mark.parametrize("where", [{"prepare": 1}, {"prepare": 2}, {"run": 1}, {"run": 2}])
def test_a_failure_anywhere_leaves_the_picture_as_pytorch_makes_it(
    network: SynergyWarpNet, where: dict[str, int], expected_log: pytest.LogCaptureFixture
) -> None:
    runtime = GuardedRuntime(lambda: Failing(network, **where), lambda: Eager(network))
    first, second = (runtime.prepare_bank(*person(seed)) for seed in (1, 2))

    for _ in range(2):
        for seed, bank in ((1, first), (2, second)):
            torch.testing.assert_close(runtime.run(bank, face_state()).image, expected(network, seed))

    assert expected_log.messages == [REASON]
    assert (runtime.name, runtime.dtype, Eager.made) == ("eager", "float32", 1)


def test_one_that_cannot_even_be_made_is_replaced(
    network: SynergyWarpNet, expected_log: pytest.LogCaptureFixture
) -> None:
    def refuse() -> EagerRuntime:
        raise CheckpointError("synergy-tiny.graph is not a graph of this program, or is damaged")

    runtime = GuardedRuntime(refuse, lambda: Eager(network))

    torch.testing.assert_close(runtime.run(runtime.prepare_bank(*person(1)), face_state()).image, expected(network, 1))
    assert expected_log.messages == [
        "OpenVINO cannot be used, PyTorch takes its place: "
        "synergy-tiny.graph is not a graph of this program, or is damaged"
    ]


def test_one_that_works_stays(network: SynergyWarpNet) -> None:
    runtime = GuardedRuntime(lambda: Failing(network), lambda: Eager(network))

    bank = runtime.prepare_bank(*person(1))
    torch.testing.assert_close(runtime.run(bank, face_state()).image, expected(network, 1))

    assert (runtime.name, Eager.made) == ("openvino", 0)


def test_a_failure_of_pytorch_itself_is_not_hidden(
    network: SynergyWarpNet, expected_log: pytest.LogCaptureFixture
) -> None:
    broken = RuntimeError("not enough memory")
    runtime = GuardedRuntime(lambda: Failing(network, run=1), lambda: Failing(network, run=2, error=broken))
    bank = runtime.prepare_bank(*person(1))
    runtime.run(bank, face_state())

    with pytest.raises(RuntimeError, match=r"^not enough memory$"):
        runtime.run(bank, face_state())
    assert expected_log.messages == [REASON]


def test_a_mistake_of_the_caller_is_no_reason_to_change_the_runtime(network: SynergyWarpNet) -> None:
    runtime = GuardedRuntime(lambda: Failing(network, run=1, error=TypeError("wrong")), lambda: Eager(network))

    with pytest.raises(TypeError):
        runtime.run(runtime.prepare_bank(*person(1)), face_state())
    assert runtime.name == "openvino"


def test_the_animator_names_the_runtime_that_made_the_last_frame(
    network: SynergyWarpNet, expected_log: pytest.LogCaptureFixture
) -> None:
    runtime = GuardedRuntime(lambda: Failing(network, run=2), lambda: Eager(network))
    animator = SynergyAnimator(network, CPU, Stages.SYNERGY, runtime)
    prepared = animator.prepare(painted_portrait(face_state(), 64))
    used = []

    for _ in range(3):
        frame = animator.step(prepared, prepared.state, StepOptions())
        used.append(animator.runtime)
        assert frame.image.shape == (64, 64, 3)

    assert used == ["openvino", "eager", "eager"]


class _BrokenCore:
    """OpenVINO's core with a compiler that fails, as it does on a CPU whose instructions it does not know."""

    def __init__(self, core: Any) -> None:
        self._core = core

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def compile_model(self, *arguments: Any) -> Any:
        raise RuntimeError("Check 'false' failed: no implementation for MVN")


@pytest.fixture(scope="module")
def lite() -> SynergyWarpNet:
    pytest.importorskip("openvino", reason="openvino is not installed")
    torch.manual_seed(3)
    return SynergyWarpNet(LITE).eval()


def large_person() -> tuple[list[torch.Tensor], list[MotionState]]:
    return [torch.full((1, 3, 256, 256), 0.5)], [face_state()]


def test_openvino_that_cannot_compile_is_replaced_when_the_person_is_prepared(
    lite: SynergyWarpNet, monkeypatch: pytest.MonkeyPatch, expected_log: pytest.LogCaptureFixture
) -> None:
    import openvino

    core = openvino.Core
    monkeypatch.setattr(openvino, "Core", lambda: _BrokenCore(core()))
    runtime = fastest_runtime(lite, Stages.SYNERGY, CPU)
    assert runtime.name == "openvino"

    bank = runtime.prepare_bank(*large_person())

    assert runtime.name == "eager"
    assert runtime.run(bank, face_state()).image.shape == (1, 3, 256, 256)
    assert expected_log.messages == [
        "OpenVINO cannot be used, PyTorch takes its place: Check 'false' failed: no implementation for MVN"
    ]


def test_a_graph_of_other_code_is_replaced_before_a_frame_of_it_is_shown(
    lite: SynergyWarpNet, monkeypatch: pytest.MonkeyPatch, expected_log: pytest.LogCaptureFixture
) -> None:
    def of_other_code(network: SynergyWarpNet) -> OpenVinoRuntime:
        runtime = OpenVinoRuntime(network, WEIGHTS / "synergy-lite.graph", lower=False)
        with torch.no_grad():
            runtime._network.warp.detail_head.bias.fill_(2.0)
        return runtime

    monkeypatch.setattr(runtime_choice, "OpenVinoRuntime", of_other_code)
    runtime = fastest_runtime(lite, Stages.SYNERGY, CPU)

    runtime.prepare_bank(*large_person())

    assert runtime.name == "eager"
    assert len(expected_log.messages) == 1
    assert expected_log.messages[0].startswith(
        "OpenVINO cannot be used, PyTorch takes its place: synergy-lite.graph does not make the pictures of "
    )

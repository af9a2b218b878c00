"""When the GPU gives up, the picture goes on: with a smaller network, or on the CPU; and it is said once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from models.errors import CheckpointError
from models.session.engine import Engine
from models.session.failures import Failure, failure_of
from models.session.guarded_animator import Choice, GaveUp, GuardedAnimator
from models.synergy.animator import SynergyAnimator
from models.synergy.config import Stages
from models.synergy.engine_animator import EngineSynergyAnimator
from models.synergy.network import SynergyWarpNet
from models.synergy.runtime import EagerRuntime
from models.types import AnimatedFrame, Animator, MotionState, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait
from tests.models.session.rehearsal import LOST, OUT_OF_MEMORY, Rehearsal
from tests.models.synergy.networks import random_network

CPU = torch.device("cpu")
MEMORY = str(OUT_OF_MEMORY)


class Failing(EngineSynergyAnimator):
    """The engine's animator, which fails where it is told to.

    failing: place ("prepare", "step", or one of `Rehearsal`) -> how often.
    """

    def __init__(self, network: SynergyWarpNet, failing: dict[str, int], error: Exception) -> None:
        self.rehearsal = Rehearsal(failing, error)
        super().__init__(network, Engine(self.rehearsal), dtype=torch.float32)
        self.rehearsal.fail_at("load")

    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> Any:
        self.rehearsal.fail_at("prepare")
        return super().prepare(portrait, references)

    def step(self, prepared: Any, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        self.rehearsal.fail_at("step")
        return super().step(prepared, driving, options)


def plain(network: SynergyWarpNet) -> SynergyAnimator:
    return SynergyAnimator(network, CPU, Stages.SYNERGY, EagerRuntime(network, Stages.SYNERGY, CPU, torch.float32))


@pytest.fixture(scope="module")
def network() -> SynergyWarpNet:
    return random_network()


def guarded(
    network: SynergyWarpNet,
    failing: dict[str, int],
    error: Exception = OUT_OF_MEMORY,
    small: dict[str, int] | None = None,
) -> GuardedAnimator:
    """base and lite on the "GPU", then the CPU."""

    def on_gpu(where: dict[str, int]) -> Callable[[], Animator[Any]]:
        return lambda: Failing(network, dict(where), error)

    return GuardedAnimator(
        [
            Choice("synergy:base on the GPU", on_gpu(failing), on_gpu=True),
            Choice("synergy on the GPU", on_gpu(small or {}), on_gpu=True),
            Choice("synergy on the CPU", lambda: plain(network), on_gpu=False),
        ]
    )


def shown(animator: GuardedAnimator, frames: int = 3) -> None:
    """Frames in between which the animator gets faster; each must be the plain one's."""
    view, driving = painted_portrait(face_state(), 64), face_state((0.0, 0.2, 0.0))
    prepared = animator.prepare(view)
    right = plain(random_network())
    wanted = right.step(right.prepare(view), driving, StepOptions()).image.int()
    for _ in range(frames):
        got = animator.step(prepared, driving, StepOptions()).image.int()
        assert float((got - wanted).abs().float().mean()) < 0.1
        while animator.improve():
            pass


STAGES_OF_A_FRAME = [{"load": 1}, {"prepare": 1}, {"host bytes": 1}, {"step": 1}, {"wait": 1}]


@pytest.mark.parametrize("failing", STAGES_OF_A_FRAME, ids=lambda stage: next(iter(stage)))
def test_memory_that_runs_out_at_any_stage_brings_the_smaller_network(
    network: SynergyWarpNet, failing: dict[str, int], expected_log: pytest.LogCaptureFixture
) -> None:
    animator = guarded(network, failing)

    shown(animator)

    assert expected_log.messages == [
        f"synergy:base on the GPU cannot be used, synergy on the GPU takes its place: {MEMORY}"
    ]
    assert animator.gave_up is not None
    assert animator.gave_up.kind is Failure.MEMORY
    assert animator.runtime == "cuda graph"


@pytest.mark.parametrize("failing", STAGES_OF_A_FRAME, ids=lambda stage: next(iter(stage)))
def test_a_lost_gpu_brings_the_cpu_at_once(
    network: SynergyWarpNet, failing: dict[str, int], expected_log: pytest.LogCaptureFixture
) -> None:
    animator = guarded(network, failing, LOST)

    shown(animator)

    assert expected_log.messages == [
        f"synergy:base on the GPU cannot be used, synergy on the CPU takes its place: {LOST}"
    ]
    assert (animator.runtime, animator.used.device) == ("eager", CPU)


@pytest.mark.parametrize("place", ["record", "replay"])
def test_recording_that_fails_changes_no_network(
    network: SynergyWarpNet, place: str, expected_log: pytest.LogCaptureFixture
) -> None:
    animator = guarded(network, {place: 9})

    shown(animator)

    assert animator.gave_up is None
    assert len(expected_log.messages) == 1
    assert expected_log.messages[0].startswith("The GPU goes on with")


def test_when_the_smaller_network_fails_too_the_cpu_serves(
    network: SynergyWarpNet, expected_log: pytest.LogCaptureFixture
) -> None:
    animator = guarded(network, {"step": 1}, small={"load": 1})
    told: list[GaveUp] = []
    animator.listener = told.append

    shown(animator)

    assert [(gave_up.failed, gave_up.serves) for gave_up in told] == [
        ("synergy on the GPU", "synergy on the CPU"),
        ("synergy:base on the GPU", "synergy on the CPU"),
    ]
    assert len(expected_log.messages) == 2


def test_what_failed_gives_its_memory_back_before_the_next_is_made(
    network: SynergyWarpNet, expected_log: pytest.LogCaptureFixture
) -> None:
    animator = guarded(network, {"step": 1})
    failed = animator.used
    assert isinstance(failed, Failing)

    shown(animator)

    assert failed.rehearsal.given_back == 1
    assert failed.engine._plans == {}
    assert animator.gave_up is not None
    assert animator.gave_up.error.__traceback__ is None
    assert len(expected_log.messages) == 1


def test_people_prepared_before_and_after_the_failure_are_all_shown(
    network: SynergyWarpNet, expected_log: pytest.LogCaptureFixture
) -> None:
    animator = guarded(network, {"step": 1}, LOST)
    first = animator.prepare(painted_portrait(face_state(), 64))
    second = animator.prepare(painted_portrait(face_state((0.0, 0.2, 0.0)), 64))

    for prepared in (first, second, first):
        assert animator.step(prepared, prepared.state, StepOptions()).image.shape == (64, 64, 3)
    assert len(expected_log.messages) == 1


def test_the_last_ones_failure_is_not_hidden(network: SynergyWarpNet) -> None:
    animator = GuardedAnimator(
        [Choice("synergy on the CPU", lambda: Failing(network, {"step": 1}, LOST), on_gpu=False)]
    )
    prepared = animator.prepare(painted_portrait(face_state(), 64))

    with pytest.raises(RuntimeError, match="illegal memory access"):
        animator.step(prepared, prepared.state, StepOptions())


@pytest.mark.parametrize("error", [CheckpointError("weights are missing"), TypeError("wrong")])
def test_missing_weights_and_mistakes_are_no_reason_to_take_another(network: SynergyWarpNet, error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        guarded(network, {"load": 1}, error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OUT_OF_MEMORY, Failure.MEMORY),
        (MemoryError(), Failure.MEMORY),
        (RuntimeError("CUDA error: out of memory"), Failure.MEMORY),
        (RuntimeError("cuBLAS error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), Failure.MEMORY),
        (LOST, Failure.LOST),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), Failure.LOST),
        (torch.AcceleratorError("unspecified launch failure", 719), Failure.LOST),
        (RuntimeError("expected scalar type Float but found Half"), Failure.OTHER),
    ],
)
def test_failures_are_told_apart_by_what_helps(error: Exception, kind: Failure) -> None:
    assert failure_of(error) is kind

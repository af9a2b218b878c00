"""What is said when the GPU gives up, word for word, and when."""

from __future__ import annotations

import pytest
import torch

from app.animators import open_animator, open_or_fall_back
from app.gpu_fallback import GpuGaveUp, report_model
from app.pipeline import ModelInUse
from models.build import ModelChoice
from models.errors import CheckpointError
from models.geometric.animator import GeometricAnimator
from models.guarded_build import build_guarded
from models.session.failures import Failure
from models.session.guarded_animator import Choice, GaveUp, GuardedAnimator
from models.types import AnimatedFrame, MotionState, StepOptions
from tests.models.faces import face_state, painted_portrait

CPU = torch.device("cpu")
FAILED, SERVES = "synergy:base on the GPU", "synergy on the CPU"


@pytest.mark.parametrize(
    ("kind", "error", "sentence"),
    [
        (
            Failure.MEMORY,
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
            "The GPU has no memory left. Close other programs that use the GPU, then start again.",
        ),
        (
            Failure.LOST,
            RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be ..."),
            "The GPU stopped working for this program (CUDA error: an illegal memory access was encountered). "
            "Start again; if it comes back, update the GPU's driver.",
        ),
        (
            Failure.OTHER,
            RuntimeError("no engine to run this"),
            "no engine to run this. Start again; if it comes back, use --device cpu.",
        ),
    ],
)
def test_the_sentence_says_what_failed_what_serves_why_and_what_helps(
    kind: Failure, error: Exception, sentence: str
) -> None:
    problem = GpuGaveUp(GaveUp(FAILED, SERVES, kind, error))

    told = f"{problem.what} {problem.why} {problem.fix}"
    assert told == f"{FAILED} cannot be used, {SERVES} takes its place. {sentence}"


class Failing(GeometricAnimator):
    def step(self, prepared: object, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        raise RuntimeError("CUDA error: unspecified launch failure")


def guarded() -> GuardedAnimator:
    return GuardedAnimator(
        [
            Choice("geometric on the GPU", lambda: Failing(CPU), on_gpu=True),
            Choice("geometric on the CPU", lambda: GeometricAnimator(CPU), on_gpu=False),
        ]
    )


def test_the_engine_is_told_at_the_start_and_when_the_gpu_gives_up(expected_log: pytest.LogCaptureFixture) -> None:
    animator, told = guarded(), list[tuple[ModelInUse, Exception | None]]()
    report_model(animator, None, lambda model, problem: told.append((model, problem)))
    prepared = animator.prepare(painted_portrait(face_state(), 64))

    animator.step(prepared, prepared.state, StepOptions())

    assert [model for model, _ in told] == [ModelInUse("geometric", "cpu", False)] * 2
    assert told[0][1] is None
    assert isinstance(told[1][1], GpuGaveUp)
    assert told[1][1].what == "geometric on the GPU cannot be used, geometric on the CPU takes its place."
    assert len(expected_log.messages) == 1


def test_a_gpu_that_gave_up_while_loading_is_told_too(expected_log: pytest.LogCaptureFixture) -> None:
    def refuse() -> GeometricAnimator:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    choices = [
        Choice("geometric on the GPU", refuse, on_gpu=True),
        Choice("geometric on the CPU", lambda: GeometricAnimator(CPU), on_gpu=False),
    ]
    told: list[Exception | None] = []

    report_model(GuardedAnimator(choices), None, lambda model, problem: told.append(problem))

    assert isinstance(told[0], GpuGaveUp)
    assert len(expected_log.messages) == 1


def test_on_a_cpu_nothing_is_guarded() -> None:
    assert isinstance(open_animator("geometric", "cpu"), GeometricAnimator)


def test_a_gpu_of_which_torch_knows_nothing_is_replaced_by_the_cpu(expected_log: pytest.LogCaptureFixture) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")

    animator = build_guarded(ModelChoice("synergy"), torch.device("cuda"))

    assert isinstance(animator, GuardedAnimator)
    assert (animator.name, animator.device.type) == ("synergy", "cpu")
    assert animator.gave_up is not None
    assert animator.gave_up.serves == "synergy on the CPU"
    assert len(expected_log.messages) == 1


def test_weights_that_are_missing_stay_missing_on_a_gpu() -> None:
    with pytest.raises(CheckpointError, match="ships no weights for 'synergy' and the preset 'base'"):
        build_guarded(ModelChoice("synergy", "base"), torch.device("cuda"))


LOST = RuntimeError("CUDA error: unspecified launch failure")


@pytest.mark.parametrize(
    ("model", "live", "serves"),
    [
        ("synergy", True, "synergy"),
        ("geometric", True, "geometric"),
        ("synergy:base", True, "geometric"),  # a frame takes seconds on a CPU
        ("synergy:base", False, "synergy:base"),
        ("liveportrait", False, "liveportrait"),
        ("explicit-multi", False, "explicit-multi"),
    ],
)
def test_on_the_cpu_a_live_run_goes_on_with_what_is_quick_there_and_others_with_what_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, expected_log: pytest.LogCaptureFixture, model: str, live: bool, serves: str
) -> None:
    def fail(*_: object, **__: object) -> GeometricAnimator:
        raise LOST

    def build(choice: ModelChoice, place: torch.device, own: object) -> GeometricAnimator:
        return GeometricAnimator(place) if place.type == "cpu" else fail()

    monkeypatch.setattr("models.guarded_build.weights_of", lambda choice, own: None)
    monkeypatch.setattr("models.guarded_build.build_on_engine", fail)
    monkeypatch.setattr("models.guarded_build.build_animator", build)

    build_guarded(ModelChoice.parse(model), torch.device("cuda"), live=live)

    said = f"{model} on the GPU cannot be used, {serves} on the CPU takes its place: {LOST}"
    assert expected_log.messages == [said]


def test_where_nothing_can_take_its_place_a_live_run_goes_on_with_geometric_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> GeometricAnimator:
        raise LOST

    monkeypatch.setattr("models.guarded_build.build_on_engine", fail)
    monkeypatch.setattr(
        "app.animators.choose_device", lambda wanted: torch.device("cuda" if wanted == "auto" else wanted)
    )

    animator, refused = open_or_fall_back("liveportrait", "auto")

    assert (animator.name, animator.device) == ("geometric", CPU)
    assert isinstance(refused, GpuGaveUp)
    assert refused.what == "liveportrait on the GPU cannot be used, geometric on the CPU takes its place."


def test_a_failure_on_a_cpu_is_not_taken_for_one_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> GeometricAnimator:
        raise RuntimeError("a bug")

    monkeypatch.setattr("models.guarded_build.build_animator", fail)

    with pytest.raises(RuntimeError, match=r"^a bug$"):
        open_or_fall_back("geometric", "cpu")


def test_the_usual_preset_stands_behind_a_larger_one_and_the_cpu_behind_both(
    monkeypatch: pytest.MonkeyPatch, expected_log: pytest.LogCaptureFixture
) -> None:
    def refuse(wanted: ModelChoice, place: torch.device, *_: object, **__: object) -> GeometricAnimator:
        raise torch.OutOfMemoryError(f"CUDA out of memory for {wanted.preset}.")

    monkeypatch.setattr("models.guarded_build.weights_of", lambda *_: "there")
    monkeypatch.setattr("models.guarded_build.build_on_engine", refuse)
    monkeypatch.setattr("models.guarded_build.build_animator", lambda choice, place, own: GeometricAnimator(place))

    build_guarded(ModelChoice("synergy", "base"), torch.device("cuda"))

    assert expected_log.messages == [
        "synergy:base on the GPU cannot be used, synergy on the GPU takes its place: CUDA out of memory for base.",
        "synergy on the GPU cannot be used, synergy on the CPU takes its place: CUDA out of memory for lite.",
    ]

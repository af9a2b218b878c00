"""The render thread with a GPU: it alone uses it, gives its animator time between frames, and goes on when it fails."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch

from app.packets import FrameStatus
from app.render.stage import RenderStage
from models.session.guarded_animator import Choice, GuardedAnimator
from models.types import AnimatedFrame, MotionState, StepOptions
from tests.app.render.test_render_stage import SMALLER, AnotherAnimator, Theatre, theatre_with_levels
from tests.helpers.live import StillAnimator, face, render_tools


class Improving(StillAnimator):
    """Notes when it was given time: after how many frames."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[int] = []

    def improve(self) -> bool:
        self.given.append(len(self.driven))
        return True


class FailingAnimator(StillAnimator):
    """A GPU's, which is lost at a frame."""

    def __init__(self, fails_at: int) -> None:
        super().__init__()
        self._left = fails_at

    def step(self, prepared: object, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        self._left -= 1
        if self._left == 0:
            raise RuntimeError("CUDA error: unspecified launch failure")
        return super().step(prepared, driving, options)  # type: ignore[arg-type]


def theatre_of(animator: StillAnimator | GuardedAnimator) -> Theatre:
    theatre = Theatre()
    tools = render_tools(lambda: animator, theatre.shown.append, theatre.clock)  # type: ignore[arg-type, return-value]
    theatre.stage = RenderStage(theatre.inbox, theatre.wishes, tools)
    theatre.stage.open()
    return theatre


def test_the_animator_is_given_time_after_every_frame_and_on_the_render_thread() -> None:
    improving = Improving()
    theatre = theatre_of(improving)

    theatre.see(*[face()] * 5)

    assert improving.given[-1] == len(improving.driven) == 5
    assert len(improving.given) == 5
    theatre.stage.release()


def test_another_level_is_made_by_the_render_thread_itself() -> None:
    made_by: list[str] = []

    class Another(AnotherAnimator):
        def prepare(self, *views: object) -> object:  # type: ignore[override]
            made_by.append(threading.current_thread().name)
            return super().prepare(*views)  # type: ignore[arg-type]

    theatre, said = theatre_with_levels(lambda model: Another())
    theatre.animator.device = torch.device("meta")
    theatre.stage.open()
    theatre.see(*[face()] * 5)
    theatre.wishes.change(lambda wishes: replace(wishes, level=SMALLER))

    theatre.see(*[face()] * 2)

    assert said == [(SMALLER, None)]
    assert made_by == [threading.current_thread().name]
    theatre.stage.release()


def test_a_gpu_that_is_lost_in_a_frame_costs_no_frame(expected_log: pytest.LogCaptureFixture) -> None:
    cpu = StillAnimator()
    on_gpu = Choice("still on the GPU", lambda: FailingAnimator(6), on_gpu=True)
    theatre = theatre_of(GuardedAnimator([on_gpu, Choice("still on the CPU", lambda: cpu, on_gpu=False)]))

    theatre.see(*[face()] * 12)

    assert theatre.statuses.count(FrameStatus.LIVE) == 11
    assert len(cpu.driven) == 7  # the frame at which the GPU was lost among them
    assert [frame.frame_id for frame in theatre.shown[-11:]] == sorted(frame.frame_id for frame in theatre.shown[-11:])
    assert expected_log.messages == [
        "still on the GPU cannot be used, still on the CPU takes its place: CUDA error: unspecified launch failure"
    ]
    theatre.stage.release()

"""Another model while live: real threads and stages, and animators that cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.control import EngineConfig, Problem
from app.engine import Engine
from app.errors import EnvironmentProblem
from app.governor.model_choice import ModelChoice, ModelNotChanged
from app.packets import FrameStatus
from app.settings import OutputSettings
from models.types import Animator
from tests.helpers.live import StillAnimator, TestStages, small_portrait
from tests.helpers.waiting import wait_for

CONFIG = EngineConfig(camera="synthetic", output=OutputSettings(width=320, height=192, fps=100.0))


class Detailed(StillAnimator):
    """Another model."""

    name = "synergy"


class Stages(TestStages):
    """Opens `answer` as every other model."""

    answer: Animator[Any] | Exception

    def open_other(self, model: str) -> Animator[Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Live:
    """A running engine with a face in front of it."""

    def __init__(self) -> None:
        self.stages = Stages(CONFIG)
        self.engine = Engine(CONFIG, self.stages)
        self.engine.set_portrait(small_portrait())


@pytest.fixture
def live() -> Iterator[Live]:
    live = Live()
    yield live
    live.engine.stop()


def test_a_chosen_model_takes_over_without_the_card_and_the_status_names_it(live: Live) -> None:
    live.stages.answer = chosen = Detailed()
    live.engine.start()
    wait_for(lambda: live.engine.status().frame_status is FrameStatus.LIVE, "live frames")
    assert live.engine.status().chosen_model == "still"

    live.engine.set_model("synergy")

    assert live.engine.status().chosen_model == "synergy"
    wait_for(lambda: live.engine.status().model == "synergy", "the other model", 30.0)
    count = len(chosen.driven)
    wait_for(lambda: len(chosen.driven) > count + 5, "frames of the other model")
    assert {frame.status for frame in live.stages.first_sink.sent[-50:]} == {FrameStatus.LIVE}
    assert live.engine.problems() == ()


def test_a_model_that_cannot_be_opened_is_refused_with_a_sentence_and_can_be_chosen_again(live: Live) -> None:
    live.stages.answer = EnvironmentProblem("No.", why="Its file is damaged.", fix="Get another.")
    live.engine.start()
    live.engine.set_model("synergy")
    wait_for(lambda: live.engine.problems() != (), "the refusal", 30.0)
    assert live.engine.problems() == (
        Problem(
            "model",
            "The model 'synergy' cannot be used now; the one before it goes on.",
            "Its file is damaged.",
            "Go on with this one, or choose the other again later.",
        ),
    )
    status = live.engine.status()
    assert (status.model, status.chosen_model, status.frame_status) == ("still", "still", FrameStatus.LIVE)

    live.stages.answer = Detailed()
    live.engine.set_model("synergy")

    assert live.engine.problems() == ()
    wait_for(lambda: live.engine.status().model == "synergy", "the other model", 30.0)


def test_a_chosen_model_is_used_again_after_stop_and_start(live: Live) -> None:
    live.stages.answer = Detailed()
    live.engine.set_model("synergy")
    for _ in range(2):
        live.engine.start()
        wait_for(lambda: live.engine.status().model == "still", "the model it begins with", 30.0)
        wait_for(lambda: live.engine.status().model == "synergy", "the other model", 30.0)
        live.engine.stop()
    assert live.engine.problems() == ()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (None, "It took too long to open."),
        (MemoryError(), "The memory of this machine does not hold"),
        (ValueError("odd shape."), "Unexpected ValueError: odd shape."),
    ],
)
def test_the_reason_of_a_refusal_is_a_sentence(error: Exception | None, why: str) -> None:
    assert ModelNotChanged("synergy", error).why.startswith(why)


def test_a_refusal_says_nothing_where_a_third_model_was_chosen_meanwhile() -> None:
    choice = ModelChoice()
    choice.choose("synergy")
    choice.choose("explicit")
    choice.refuse("synergy", "geometric")
    assert (choice.name, choice.problem) == ("explicit", None)

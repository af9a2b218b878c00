from __future__ import annotations

import numpy as np
import pytest

from app.render.few_views import farthest_turns, widest_spread
from models.motion.landmark import LandmarkMotionEncoder
from models.types import FaceView, MotionState, PortraitView
from tests.models.faces import face_state


class Observing:
    """The part of an animator that is asked here."""

    def observe(self, view: FaceView) -> MotionState:
        return LandmarkMotionEncoder().encode(view.landmarks)


def view(turn: float) -> PortraitView:
    return PortraitView(np.zeros((8, 8, 3), np.uint8), face_state((0.0, turn, 0.0)).keypoints())


def spread(*turns: float) -> list[int]:
    """Places of the references chosen for a portrait that looks straight ahead."""
    references = [view(turn) for turn in turns]
    chosen = widest_spread(Observing(), view(0.0), references, most=2)  # type: ignore[arg-type]
    return [next(place for place, one in enumerate(references) if one is taken) for taken in chosen]


def test_the_pictures_turned_farthest_from_each_other_are_kept_in_their_order() -> None:
    assert spread(0.05, -0.5, 0.1, 0.6, 0.3) == [1, 3]


def test_of_two_that_are_turned_alike_only_one_is_kept() -> None:
    assert spread(0.6, 0.59, -0.35, 0.2) == [0, 2]


@pytest.mark.parametrize("count", range(3))
def test_a_few_pictures_are_all_kept(count: int) -> None:
    assert spread(*np.linspace(0.1, 0.3, count)) == list(range(count))


def test_never_the_same_picture_twice() -> None:
    same = [np.eye(3, dtype=np.float32)] * 6

    assert sorted(farthest_turns(same, 3)) == sorted(set(farthest_turns(same, 3)))
    assert 0 not in farthest_turns(same, 3)

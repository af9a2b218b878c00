from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from models.sampling import unit_grid
from models.synergy.lids import with_lids
from models.types import MotionState
from tests.models.faces import face_state, with_openness

SIDE = 128
OPEN = with_openness(face_state(scale=0.6), eyes=1.0)


def eyes_painted(state: MotionState) -> Tensor:
    """A brown face whose eyes, between the lashes, are white."""
    picture = torch.full((1, 3, SIDE, SIDE), 0.4)
    points = state.keypoints()
    axis = unit_grid((SIDE, SIDE), like=picture)[0].numpy()
    for corners, top, bottom in (((33, 133), 159, 145), ((362, 263), 386, 374)):
        middle = (points[corners[0], :2] + points[corners[1], :2]) / 2
        width = np.linalg.norm(points[corners[1], :2] - points[corners[0], :2]) / 2
        height = (points[bottom, 1] - points[top, 1]) / 2
        inside = ((axis[..., 0] - middle[0]) / width) ** 2 + ((axis[..., 1] - middle[1]) / height) ** 2 < 0.6
        picture[0, :, torch.from_numpy(inside)] = 1.0
    return picture


def white(picture: Tensor) -> float:
    return float((picture[0, 0] > 0.7).float().sum())


def still() -> Tensor:
    return unit_grid((32, 32), like=torch.zeros(1))


def test_a_shut_eye_shows_no_eyeball_although_the_flow_stands_still() -> None:
    portrait = eyes_painted(OPEN)
    shut = with_openness(OPEN, eyes=0.0)

    lidded = with_lids(portrait, still(), portrait, OPEN, shut)

    assert lidded is not None
    assert white(portrait) > 40
    assert white(lidded.image) == 0


def test_the_less_open_the_less_eyeball() -> None:
    portrait = eyes_painted(OPEN)
    seen = []
    for wanted in (0.15, 0.35, 0.55, 0.75):
        lidded = with_lids(portrait, still(), portrait, OPEN, with_openness(OPEN, eyes=wanted))
        assert lidded is not None
        seen.append(white(lidded.image))

    assert seen == sorted(seen)
    assert seen[0] < seen[-1]


@pytest.mark.parametrize("wanted", [1.0, None])
def test_eyes_as_open_as_the_portraits_stay_as_the_network_made_them(wanted: float | None) -> None:
    portrait = eyes_painted(OPEN)
    driving = OPEN if wanted is None else with_openness(OPEN, eyes=wanted)

    assert with_lids(portrait, still(), portrait, OPEN, driving) is None


def test_nothing_far_from_the_eyes_changes_and_the_input_stays() -> None:
    portrait = eyes_painted(OPEN)
    image = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    before = image.clone()

    lidded = with_lids(image, still(), portrait, OPEN, with_openness(OPEN, eyes=0.0))

    assert lidded is not None
    assert torch.equal(image, before)
    away = (lidded.share == 0.0).expand_as(image)
    assert torch.equal(lidded.image[away], image[away])
    assert float(lidded.share[..., SIDE // 2 + 20 :, :].max()) == 0.0

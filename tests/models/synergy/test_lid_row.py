"""Eyelids as fixed work on a device shut as those of the host do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.sampling import unit_grid
from models.synergy.lid_row import ROW_LENGTH, lid_row, paint_lids
from models.synergy.lids import with_lids
from models.types import MotionState
from tests.models.faces import face_state, painted_portrait, with_openness

SIDE = 128


def portrait() -> torch.Tensor:
    picture = torch.from_numpy(painted_portrait(face_state(), SIDE).image.copy()).permute(2, 0, 1)[None] / 255.0
    noise = torch.rand(picture.shape, generator=torch.Generator().manual_seed(1))
    return (0.7 * picture + 0.3 * noise).clamp(0.0, 1.0)


def turned(state: MotionState, shift: tuple[float, float]) -> MotionState:
    moved = face_state((0.05, 0.25, 0.1), scale=0.45)
    place = np.array([*shift, 0.0], np.float32)
    return replace(moved, expression=state.expression, translation=moved.translation + place)


def flow() -> torch.Tensor:
    bend = 0.05 * torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(2))
    smooth = torch.nn.functional.interpolate(bend, size=(32, 32), mode="bicubic", align_corners=False)
    return unit_grid((32, 32), like=bend) + smooth.permute(0, 2, 3, 1)


@pytest.mark.parametrize("openness", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.1, -0.05), (0.75, 0.0)])
def test_shutting_eyes_are_those_of_the_host(openness: float, shift: tuple[float, float]) -> None:
    source = with_openness(face_state(), eyes=1.0)
    driving = turned(with_openness(face_state(), eyes=openness), shift)
    image = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(3))

    wanted = with_lids(image, flow(), portrait(), source, driving)
    made = paint_lids(image, flow(), portrait(), torch.from_numpy(lid_row(source, driving, SIDE)))

    assert wanted is not None
    assert float(wanted.share.max()) > 0.0
    difference = (made.image - wanted.image).abs()
    assert float(difference.mean()) < 2e-5
    assert float(difference.max()) < 0.03
    torch.testing.assert_close(made.share, wanted.share, atol=2e-3, rtol=0)


def test_eyes_that_stay_open_change_nothing_at_all() -> None:
    source = with_openness(face_state(), eyes=0.8)
    driving = with_openness(face_state(), eyes=0.85)
    image = torch.rand(1, 3, SIDE, SIDE)
    row = lid_row(source, driving, SIDE)

    made = paint_lids(image, flow(), portrait(), torch.from_numpy(row))

    assert row.shape == (ROW_LENGTH,)
    assert with_lids(image, flow(), portrait(), source, driving) is None
    torch.testing.assert_close(made.image, image, atol=0, rtol=0)
    assert float(made.share.abs().max()) == 0.0

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.liveportrait.framing import DRIVER, InnerSquare, hand_over
from models.motion.rotation import rotation_matrix
from models.sampling import unit_grid
from models.types import FloatArray
from tests.models.faces import face_state

TURNED = InnerSquare((0.1, -0.2), 0.6, 0.4)


def rolled(landmarks: FloatArray, angle: float) -> FloatArray:
    return landmarks @ rotation_matrix(np.array([0.0, 0.0, angle], np.float32)).T


def test_what_is_cut_out_goes_back_to_where_it_was() -> None:
    outer = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    places = TURNED.places(64, outer)
    inner = TURNED.cut(unit_grid((256, 256), like=outer).permute(0, 3, 1, 2), 128)

    back = torch.nn.functional.grid_sample(inner, places, align_corners=False)

    shown = (places.abs() < 0.95).all(-1)[0]
    own = unit_grid((64, 64), like=outer)[0]
    assert int(shown.sum()) > 500
    torch.testing.assert_close(back[0].permute(1, 2, 0)[shown], own[shown], atol=0.01, rtol=0)


def test_a_portrait_is_seen_upright_however_the_head_is_held() -> None:
    landmarks = face_state(scale=0.3).keypoints() * np.array([1.0, 1.0, 0.0], np.float32)

    upright, tilted = InnerSquare.of_portrait(landmarks), InnerSquare.of_portrait(rolled(landmarks, 0.5))

    assert tilted.angle == pytest.approx(upright.angle + 0.5, abs=1e-3)
    assert tilted.half == pytest.approx(upright.half, rel=1e-3)
    centre = rolled(np.array([[*upright.centre, 0.0]], np.float32), 0.5)[0, :2]
    np.testing.assert_allclose(tilted.centre, centre, atol=1e-3)


def test_the_drivers_square_is_near_that_of_a_portrait_in_the_programs_framing() -> None:
    landmarks = face_state((0.0, 0.1, 0.0)).keypoints()
    low, high = landmarks[:468, :2].min(0), landmarks[:468, :2].max(0)
    box = float((high - low).max())
    framed = (landmarks[:, :2] - (low + high) / 2 + np.array([0.0, 0.08 * box])) * (2.0 / (2.3 * box))

    own = InnerSquare.of_portrait(np.column_stack([framed, landmarks[:, 2]]).astype(np.float32))

    assert own.half == pytest.approx(DRIVER.half, abs=0.08)
    np.testing.assert_allclose(own.centre, DRIVER.centre, atol=0.05)
    assert abs(own.angle) < 0.05


def test_an_animated_square_is_shown_in_its_middle_and_fades_to_its_edge() -> None:
    shown = hand_over(InnerSquare((0.0, 0.0), 0.5, 0.0).places(64, torch.zeros(1)))[0, 0]

    assert float(shown[32, 32]) == 1.0
    assert float(shown[:16].max()) == float(shown[:, :16].max()) == float(shown[48:].max()) == 0.0
    assert 0.0 < float(shown[44, 32]) < 1.0

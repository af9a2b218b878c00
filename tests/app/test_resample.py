from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resample import blurred, limited, resized, smoothstep, strongly_blurred, warped
from tests.helpers.portraits import textured

MOVE = np.array([[1.0, 0.0, 7.0], [0.0, 1.0, -3.0]])


def test_a_whole_pixel_shift_moves_pixels_exactly() -> None:
    picture = textured((60, 80))
    moved = warped(picture, MOVE, (60, 80))
    assert (moved[:57, 7:] == picture[3:, :73]).all()
    assert (moved[:, :7] == 0).all()


@pytest.mark.parametrize("scale", [0.1, 0.25, 0.5, 0.9, 1.0, 1.7, 4.0])
def test_scaling_keeps_the_middle_of_the_picture_in_the_middle(scale: float) -> None:
    """A map that shrinks goes through a smaller copy: the half pixels of both steps must add up."""
    x = (np.arange(400, dtype=np.float32) + 0.5) / 400
    ramp = np.repeat(x[None], 400, 0)
    size = round(400 * scale)
    seen = warped(ramp, np.array([[scale, 0, 0], [0, scale, 0.0]]), (size, size))
    expected = (np.arange(size) + 0.5) / size
    inner = slice(size // 8, -(size // 8))
    assert seen[size // 2, inner] == pytest.approx(expected[inner], abs=2e-3)


def test_shrinking_averages_instead_of_skipping() -> None:
    stripes = np.zeros((400, 400), np.uint8)
    stripes[:, ::2] = 255
    seen = warped(stripes, np.array([[0.25, 0, 0], [0, 0.25, 0.0]]), (100, 100))
    assert np.abs(seen[5:-5, 5:-5].astype(int) - 128).max() <= 3


def test_resizing_to_its_own_size_is_the_same_picture() -> None:
    picture = textured((30, 40))
    assert resized(picture, (30, 40)) is picture
    assert resized(picture, (15, 20)).shape == (15, 20, 3)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 3000))
def test_a_limited_size_fits_and_keeps_proportions(h: int, w: int, limit: int) -> None:
    new_h, new_w = limited((h, w), limit)
    assert 1 <= new_h <= h
    assert 1 <= new_w <= w
    assert max(new_h, new_w) <= max(1, limit)
    scale = min(1.0, limit / max(h, w))
    assert abs(new_h - h * scale) <= 1
    assert abs(new_w - w * scale) <= 1


def test_the_cheap_wide_blur_is_close_to_the_real_one() -> None:
    picture = textured((200, 300))
    real = blurred(picture, 20.0)
    cheap = strongly_blurred(picture, 20.0)
    inner = (slice(60, -60), slice(60, -60))
    assert np.abs(real[inner].astype(int) - cheap[inner]).max() <= 6


def test_smoothstep_is_flat_at_both_ends() -> None:
    assert smoothstep(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]

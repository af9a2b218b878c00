from __future__ import annotations

import numpy as np
import pytest

from app.background_fill import paint_out

SIZE = (360, 480)


def person(size: tuple[int, int] = SIZE) -> np.ndarray:
    h, w = size
    y, x = np.mgrid[0:h, 0:w]
    return (np.hypot((x - w / 2) / (0.2 * w), (y - 0.6 * h) / (0.5 * h)) < 1).astype(np.float32)


def test_a_person_before_a_plain_wall_leaves_the_wall() -> None:
    wall = np.full((*SIZE, 3), (90, 140, 180), np.uint8)
    picture = np.where(person()[..., None] > 0, np.array((220, 20, 20), np.uint8), wall).astype(np.uint8)
    assert np.abs(paint_out(picture, person()).astype(int) - wall).max() <= 2


def test_the_fill_continues_a_slope_without_a_jump() -> None:
    ramp = np.repeat(np.linspace(40, 220, SIZE[1])[None, :, None], SIZE[0], 0).repeat(3, 2)
    picture = np.where(person()[..., None] > 0, 0, ramp).astype(np.uint8)
    filled = paint_out(picture, person()).astype(float)
    assert np.abs(np.diff(filled, axis=1)).max() <= 8
    assert np.abs(filled - ramp).max() <= 30


def test_what_is_far_from_the_person_stays_to_the_pixel() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), np.uint8)
    filled = paint_out(picture, person())
    assert (filled[:, :60] == picture[:, :60]).all()
    assert (filled[:, -60:] == picture[:, -60:]).all()


@pytest.mark.parametrize("covered", [0.0, 1.0])
def test_all_person_and_no_person_are_no_special_case(covered: float) -> None:
    picture = np.random.default_rng(0).integers(90, 110, (*SIZE, 3), np.uint8)
    filled = paint_out(picture, np.full(SIZE, covered, np.float32))
    assert filled.shape == picture.shape
    if covered == 0.0:
        assert (filled == picture).all()
    else:
        assert np.ptp(filled.reshape(-1, 3), axis=0).max() <= 4
        assert 85 <= filled.mean() <= 110


@pytest.mark.parametrize("size", [(64, 64), (64, 900), (1300, 70), (97, 131)])
def test_every_size_is_filled(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 77, np.uint8)
    assert (np.abs(paint_out(picture, person(size)).astype(int) - 77) <= 1).all()


def test_the_light_of_a_studio_wall_goes_on_behind_the_person() -> None:
    """The brightest part of the wall is hidden by the head; a fill of edge colours alone would be darker."""
    h, w = SIZE
    y, x = np.mgrid[0:h, 0:w]
    light = 230 - 110 * (((x - w / 2) / (w / 2)) ** 2 + ((y - h / 2) / (h / 2)) ** 2) / 2
    wall = np.repeat(light[..., None], 3, 2)
    picture = np.where(person()[..., None] > 0, 30, wall).astype(np.uint8)
    filled = paint_out(picture, person()).astype(float)
    assert np.abs(filled - wall).max() <= 12
    assert np.abs(np.diff(filled, axis=1)).max() <= 5


def test_a_busy_room_is_not_extrapolated() -> None:
    rng = np.random.default_rng(3)
    room = np.repeat(np.repeat(rng.integers(20, 230, (9, 12, 3), np.uint8), 40, 0), 40, 1)
    filled = paint_out(np.where(person()[..., None] > 0, 128, room).astype(np.uint8), person())
    inside = filled[person() > 0].reshape(-1, 3)
    assert np.abs(inside.mean(0) - room.reshape(-1, 3).mean(0)).max() < 45

from __future__ import annotations

import numpy as np
import pytest

from app.tracking.one_euro import LOCAL_DEAD_ZONE, REST_S, OneEuro, passed
from models.types import FloatArray

FRAME_S = 0.04
NOISE = 0.002  # standard deviation of a row, in the unit of the rows


def white(frames: int, rows: int = 300) -> FloatArray:
    return np.random.default_rng(0).normal(0.0, NOISE / np.sqrt(3.0), (frames, rows, 3)).astype(np.float32)


def filtered(
    track: FloatArray, dt_s: float | list[float] = FRAME_S, dead_zone: float = LOCAL_DEAD_ZONE
) -> tuple[FloatArray, OneEuro]:
    """What comes out for each frame, and the filter afterwards."""
    steps = dt_s if isinstance(dt_s, list) else [dt_s] * (len(track) - 1)
    one_euro, noise = OneEuro(track[0].astype(np.float64)), np.full((track.shape[1], 1), NOISE)
    result = [track[0]]
    for rows, step_s in zip(track[1:], steps, strict=True):
        result.append(one_euro.update(rows.astype(np.float64), noise, step_s, dead_zone).astype(np.float32))
    return np.stack(result), one_euro


def test_noise_does_not_open_the_filter() -> None:
    """After two seconds still rows are averages of tens of frames, and stand still."""
    result, one_euro = filtered(white(60))
    assert np.median(one_euro.frames) > 30
    assert result[50:].std(axis=0).max() < 0.25 * NOISE


def test_without_a_dead_zone_noise_does_open_it() -> None:
    """The fault of a filter that takes noise for speed: what the dead zone is there for."""
    _, one_euro = filtered(white(60), dead_zone=0.0)
    assert np.median(one_euro.frames) < 5


@pytest.mark.parametrize("fps", [15.0, 25.0, 60.0])
def test_noise_does_not_open_the_filter_at_any_frame_rate(fps: float) -> None:
    _, one_euro = filtered(white(round(3 * fps)), 1.0 / fps)
    assert np.median(one_euro.frames) > fps


def test_noise_does_not_open_the_filter_when_frames_come_unevenly() -> None:
    steps_s = [0.02, 0.06, 0.033, 0.1] * 20
    result, one_euro = filtered(white(81), steps_s)
    assert np.median(one_euro.frames) > 10
    assert result[60:].std(axis=0).max() < 0.3 * NOISE


@pytest.mark.parametrize("step_noises", [20.0, 100.0])
def test_a_step_far_beyond_the_noise_has_passed_within_two_frames(step_noises: float) -> None:
    track = white(60)
    track[50:] += step_noises * NOISE
    result, _ = filtered(track)
    np.testing.assert_allclose(result[51], track[51], atol=0.05 * step_noises * NOISE)


def test_a_step_of_five_times_the_noise_has_passed_within_a_fifth_of_a_second() -> None:
    track = white(60)
    track[50:, :, 0] += 5 * NOISE
    result, _ = filtered(track)
    assert np.median(result[55, :, 0]) > 4 * NOISE


def test_the_cut_off_rises_linearly_with_the_speed_beyond_the_noise() -> None:
    """The logarithm of what is held back is proportional to the cut-off."""
    held_back = []
    for moved in (8.0, 10.0, 12.0):
        one_euro = OneEuro(np.zeros((1, 3)))
        one_euro.update(np.array([[moved * 1e-3 * NOISE, 0.0, 0.0]]), np.array([[1e-3 * NOISE]]), FRAME_S, 3.0)
        held_back.append(np.log(1.0 - 1.0 / one_euro.frames[0, 0]))
    assert held_back[1] - held_back[0] == pytest.approx(held_back[2] - held_back[1], rel=1e-6)
    assert held_back[2] < held_back[1] < held_back[0] < 0


def test_a_row_that_has_just_stopped_is_steady_within_a_second() -> None:
    track = white(75)
    track[:50] += 40 * NOISE * np.arange(-50, 0, dtype=np.float32)[:, None, None]
    result, one_euro = filtered(track)
    assert np.median(one_euro.frames) > 8
    assert np.median(np.linalg.norm(result[-1], axis=1)) < 0.5 * NOISE


def test_rows_at_rest_are_averaged_no_longer_than_the_lowest_cut_off_says() -> None:
    _, one_euro = filtered(np.zeros((500, 4, 3), np.float32))
    np.testing.assert_allclose(one_euro.frames, 1.0 / (1.0 - np.exp(-FRAME_S / REST_S)))


def test_a_row_that_moves_does_not_open_its_neighbours() -> None:
    track = white(60)
    still, _ = filtered(track)
    track[50:, 0] += 50 * NOISE
    moving, _ = filtered(track)
    np.testing.assert_array_equal(moving[:, 1:], still[:, 1:])


def test_two_short_steps_let_through_as_much_as_a_long_one() -> None:
    assert 1.0 - (1.0 - passed(2.0, 0.03)) ** 2 == pytest.approx(float(passed(2.0, 0.06)))

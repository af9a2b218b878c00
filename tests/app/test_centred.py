from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.packets import FaceObservation
from app.tracking.centred import AHEAD, BLOCK, smooth_centred
from models.types import FloatArray
from tests.helpers.faces import face_px


def face(offset: float = 0.0, noise: FloatArray | None = None) -> FaceObservation:
    points = face_px((128.0 + offset, 128.0), 120.0)
    return FaceObservation(points if noise is None else points + noise, (256, 256))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9, 10, 30, 110])
def test_one_observation_comes_out_for_each_that_goes_in_and_gaps_stay_gaps(count: int) -> None:
    observations = [None if i % 7 == 3 else face(i) for i in range(count)]

    smoothed = list(smooth_centred(observations))

    assert [o is None for o in smoothed] == [o is None for o in observations]


@pytest.mark.parametrize("count", [BLOCK, BLOCK + AHEAD - 1, BLOCK + AHEAD, BLOCK + AHEAD + 1, 3 * BLOCK + AHEAD])
def test_blocks_come_out_whole_and_in_order(count: int) -> None:
    """A face that goes steadily to the right."""
    smoothed = [o.landmarks_px[0, 0] for o in smooth_centred(face(2.0 * i) for i in range(count)) if o is not None]

    np.testing.assert_allclose(np.diff(smoothed), np.full(count - 1, 2.0), atol=0.3)


def test_no_more_than_two_blocks_are_read_ahead() -> None:
    """Hours of video fit into memory."""
    read = 0

    def faces() -> Iterator[FaceObservation]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield face()

    smoothed = smooth_centred(faces())
    for _ in range(100):
        next(smoothed)

    assert read <= 100 + BLOCK + AHEAD


def test_a_still_face_trembles_a_quarter_as_much_after_it_has_been_seen_for_two_seconds() -> None:
    noise = np.random.default_rng(0).normal(0, 0.5, (150, 478, 3)).astype(np.float32)

    smoothed = np.stack([o.landmarks_px for o in smooth_centred(face(noise=n) for n in noise) if o is not None])

    assert np.std(smoothed[50:] - smoothed[50:].mean(0)) < 0.25 * np.std(noise)


def test_a_movement_is_neither_late_nor_early() -> None:
    """A head that sways, under noise: the filter that lags and the one that leads cancel out."""
    rng, phase = np.random.default_rng(0), 2 * np.pi * 0.5 * 0.04 * np.arange(100)
    sway = 5.0 * np.sin(phase)
    track = [face(x, rng.normal(0, 0.2, (478, 3)).astype(np.float32)) for x in sway]

    smoothed = np.array([o.landmarks_px[:, 0].mean() for o in smooth_centred(track) if o is not None])

    errors = [np.std((smoothed - 5.0 * np.sin(phase - np.pi * d))[10:-10]) for d in (-0.02, 0.0, 0.02)]
    assert int(np.argmin(errors)) == 1


@pytest.mark.parametrize("noise_px", [0.1, 0.5])
def test_the_noise_of_a_still_face_is_more_than_halved_however_strong(noise_px: float) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, noise_px, (60, 478, 3)).astype(np.float32)
    still = face().landmarks_px

    smoothed = [o.landmarks_px - still for o in smooth_centred(face(noise=n) for n in noise) if o is not None]

    assert np.std(smoothed) < 0.5 * np.std(noise)


def test_a_fast_movement_is_neither_delayed_nor_damped() -> None:
    offsets = [0.0] * 10 + [20.0] * 10

    start = face().landmarks_px[0, 0]
    smoothed = [o.landmarks_px[0, 0] - start for o in smooth_centred(face(x) for x in offsets) if o is not None]

    np.testing.assert_allclose(smoothed, offsets, atol=0.01)


def test_nothing_is_averaged_across_a_gap() -> None:
    before, after = face(0.0), face(0.5)

    smoothed = list(smooth_centred([before, before, None, after, after]))

    assert smoothed[1] is not None
    assert smoothed[3] is not None
    np.testing.assert_allclose(smoothed[1].landmarks_px, before.landmarks_px, atol=1e-4)
    np.testing.assert_allclose(smoothed[3].landmarks_px, after.landmarks_px, atol=1e-4)


def test_points_that_are_no_face_come_out_as_they_went_in() -> None:
    point = FaceObservation(np.zeros((478, 3), np.float32), (256, 256))

    smoothed = list(smooth_centred([face(), face(), point, point, face()]))

    assert smoothed[2] is point
    assert smoothed[3] is point
    assert smoothed[4] is not None
    np.testing.assert_allclose(smoothed[4].landmarks_px, face().landmarks_px, atol=1e-4)


def test_a_blink_under_noise_keeps_its_amplitude() -> None:
    rng, clean = np.random.default_rng(0), face().landmarks_px
    track = clean + rng.normal(0, 0.1, (60, 478, 3)).astype(np.float32)
    drop = clean[145] - clean[159]  # the upper lid onto the lower one
    for frame, share in ((29, 0.6), (30, 1.0), (31, 0.6)):
        track[frame, 159] += share * drop

    smoothed = list(smooth_centred(FaceObservation(points, (256, 256)) for points in track))

    assert smoothed[30] is not None
    lid = smoothed[30].landmarks_px
    assert np.linalg.norm(lid[159] - lid[145]) < 0.2 * np.linalg.norm(drop)

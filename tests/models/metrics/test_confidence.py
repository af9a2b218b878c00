from __future__ import annotations

import numpy as np
import pytest
import torch

from models.metrics.confidence import ConfidenceRecord, between_frames, rank_correlation, warp_error
from models.sampling import unit_grid
from models.types import FloatArray, ImageArray, StageMaps

SIDE, CELLS = 32, 8


def maps(confidence: FloatArray, shift: float = 0.0) -> StageMaps:
    """A flow that reads every position `shift` (unit coordinates) to its right."""
    flow = unit_grid((CELLS, CELLS), like=torch.zeros(1))[0].numpy() + np.array([shift, 0.0], np.float32)
    return StageMaps(flow, np.ones((CELLS, CELLS), np.float32), np.zeros((CELLS, CELLS), np.uint8), confidence)


def picture() -> ImageArray:
    return np.random.default_rng(3).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ([1.0, 2.0, 3.0], [10.0, 20.0, 900.0], 1.0),
        ([1.0, 2.0, 3.0], [5.0, 4.0, 3.0], -1.0),
        ([1.0, 2.0, 2.0, 3.0], [1.0, 2.0, 2.0, 3.0], 1.0),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0], 0.8207826816681233),  # the classic example with a tie
    ],
)
def test_rank_correlation_looks_at_order_alone(first: list[float], second: list[float], wanted: float) -> None:
    assert rank_correlation(np.array(first), np.array(second)) == pytest.approx(wanted)


def test_what_does_not_vary_has_no_rank_correlation() -> None:
    assert rank_correlation(np.array([1.0, 2.0]), np.array([3.0, 3.0])) is None
    assert rank_correlation(np.array([1.0]), np.array([3.0])) is None


def test_a_warp_that_shows_the_truth_has_no_error() -> None:
    portrait = picture()
    moved = np.roll(portrait, -4, axis=1)  # every pixel shows what stood 4 to its right

    error = warp_error(maps(np.ones((CELLS, CELLS), np.float32), shift=4 * 2 / SIDE), portrait, moved)

    assert error.shape == (CELLS, CELLS)
    assert error[:, :-1].max() == pytest.approx(0.0, abs=1e-5)
    assert error[:, -1].min() > 0.05  # beyond the border there is nothing to read


def test_the_error_is_found_where_it_is() -> None:
    portrait, truth = picture(), picture()
    truth[8:12, 20:24] = 255 - truth[8:12, 20:24]

    error = warp_error(maps(np.ones((CELLS, CELLS), np.float32)), portrait, truth)

    assert np.argwhere(error > 1e-4).tolist() == [[2, 5]]


def test_confidence_that_falls_where_the_error_grows_correlates_fully() -> None:
    portrait, truth = picture(), picture()[::-1].copy()
    error = warp_error(maps(np.ones((CELLS, CELLS), np.float32)), portrait, truth)
    record = ConfidenceRecord()

    record.add(maps(1.0 - error), portrait, truth)
    record.add(maps(error), portrait, truth)

    assert record.within == pytest.approx([1.0, -1.0], abs=1e-3)  # rounding makes a tie or two
    assert record.errors[0] == pytest.approx(record.errors[1])


def test_a_confidence_that_is_the_same_everywhere_is_left_out() -> None:
    record = ConfidenceRecord()

    record.add(maps(np.ones((CELLS, CELLS), np.float32)), picture(), picture()[::-1].copy())

    assert record.within == []


def test_frames_of_all_clips_are_ranked_together() -> None:
    records = [ConfidenceRecord([0.0], [0.9], [0.1]), ConfidenceRecord([0.0, 0.0], [0.7, 0.2], [0.2, 0.6])]

    assert between_frames(records) == pytest.approx(1.0)
    assert between_frames([ConfidenceRecord()]) is None

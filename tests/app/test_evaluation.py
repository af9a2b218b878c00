from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation import REFERENCE_MARGIN, Scored, confidence_image, reference_frames, scored_frames


def test_references_are_spread_over_the_clip_and_the_source_is_the_first() -> None:
    assert reference_frames(100, 1) == [0]
    assert reference_frames(100, 3) == [0, 33, 67]
    assert reference_frames(250, 5) == [0, 50, 100, 150, 200]


@given(frame_count=st.integers(20, 500), largest=st.integers(1, 8), wanted=st.none() | st.integers(1, 40))
def test_a_scored_frame_is_far_from_every_reference_and_never_the_source(
    frame_count: int, largest: int, wanted: int | None
) -> None:
    scored = scored_frames(frame_count, largest, wanted)

    assert scored == sorted(set(scored))
    assert all(0 < frame < frame_count for frame in scored)
    for reference in reference_frames(frame_count, largest):
        assert all(abs(frame - reference) >= REFERENCE_MARGIN for frame in scored)
    if wanted is not None:
        assert len(scored) <= wanted


@pytest.mark.parametrize(("wanted", "count"), [(None, 92), (9, 9), (92, 92), (500, 92)])
def test_as_many_frames_are_scored_as_wanted_where_there_are_so_many(wanted: int | None, count: int) -> None:
    scored = scored_frames(100, 1, wanted)

    assert len(scored) == count
    assert (scored[0], scored[-1]) == (8, 99)


def test_frames_of_every_count_of_references_are_scored_alike() -> None:
    scored = scored_frames(100, 5, None)

    assert scored == [i for i in range(100) if min(abs(i - frame) for frame in (0, 20, 40, 60, 80)) >= 8]
    assert set(scored) <= set(scored_frames(100, 1, None))


def test_every_frame_after_the_first_is_scored_where_that_is_asked_for() -> None:
    assert scored_frames(100, 1, None, Scored.AFTER_FIRST) == list(range(1, 100))
    assert scored_frames(102, 1, 3, Scored.AFTER_FIRST) == [1, 51, 101]


def test_trusted_positions_are_white() -> None:
    image = confidence_image(np.array([[1.0, 0.0], [1.0, 0.0]], np.float32))

    assert image.shape == (256, 256, 3)
    assert image[128, 10].tolist() == [255] * 3
    assert image[128, -10].tolist() == [0] * 3

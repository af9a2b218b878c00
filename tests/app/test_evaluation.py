from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation import REFERENCE_MARGIN, reference_frames, scored_frames


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

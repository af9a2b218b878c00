from __future__ import annotations

import numpy as np
import pytest

from app.capture.base import CaptureFormat
from app.capture.synthetic import Pattern, SyntheticSource, marker_share, synthetic_image, wash_share
from app.slots import Closed
from tests.helpers.fake_time import FakeClock

SMALL = CaptureFormat(width=160, height=90, fps=25.0)


@pytest.mark.parametrize("pattern", Pattern)
def test_a_picture_is_the_same_whenever_its_number_is_asked_for(pattern: Pattern) -> None:
    assert np.array_equal(synthetic_image(pattern, (90, 160), 7), synthetic_image(pattern, (90, 160), 7))


@pytest.mark.parametrize("pattern", Pattern)
def test_the_picture_moves(pattern: Pattern) -> None:
    assert not np.array_equal(synthetic_image(pattern, (90, 160), 7), synthetic_image(pattern, (90, 160), 8))


def test_pictures_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        synthetic_image(Pattern.CARD, (90, 160), 1)[0, 0] = 0


def test_every_pixel_of_the_marker_is_recognised_and_none_of_the_card_or_of_grey() -> None:
    assert marker_share(synthetic_image(Pattern.MARKER, (90, 160), 3)) == 1.0
    assert marker_share(synthetic_image(Pattern.CARD, (90, 160), 3)) == 0.0
    assert marker_share(np.full((90, 160, 3), 128, np.uint8)) == 0.0


def test_the_wash_is_recognised_blurred_small_and_half_mixed_with_grey_and_nothing_else_is() -> None:
    wash = synthetic_image(Pattern.WASH, (90, 160), 3)
    half = (wash // 2 + 64).astype(np.uint8)
    assert wash_share(wash) == wash_share(half) == wash_share(wash[::10, ::10]) == 1.0
    assert wash_share(synthetic_image(Pattern.WASH, (90, 160), 4)) == 1.0
    assert wash_share(np.full((90, 160, 3), 128, np.uint8)) == 0.0
    assert wash_share(np.full((90, 160, 3), (224, 172, 140), np.uint8)) == 0.0, "skin"


def test_pictures_come_at_the_rate_asked_for() -> None:
    clock = FakeClock()
    source = SyntheticSource(SMALL, clock)
    source.open()
    stamps = [source.grab(1.0).t_capture_ns for _ in range(26)]

    assert stamps[-1] - stamps[0] == pytest.approx(1e9, abs=100)


def test_pictures_that_came_too_late_are_missing_from_the_ids() -> None:
    clock = FakeClock()
    source = SyntheticSource(SMALL, clock)
    source.open()
    first = source.grab(1.0).frame_id
    clock.advance(0.21)

    assert source.grab(1.0).frame_id == first + 5


def test_a_picture_that_is_not_due_within_the_timeout_is_a_timeout() -> None:
    source = SyntheticSource(SMALL, FakeClock())
    source.open()
    source.grab(1.0)

    with pytest.raises(TimeoutError):
        source.grab(0.01)


def test_an_interrupted_source_is_closed() -> None:
    source = SyntheticSource(SMALL, FakeClock())
    source.open()
    source.grab(1.0)
    source.interrupt()

    with pytest.raises(Closed):
        source.grab(1.0)

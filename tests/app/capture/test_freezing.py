from __future__ import annotations

import numpy as np

from app.capture.freezing import FreezeDetector
from app.clock import NS_PER_S
from models.types import ImageArray


def noisy(seed: int) -> ImageArray:
    return np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8)


def test_pictures_that_differ_are_never_frozen() -> None:
    detector = FreezeDetector(1.0)

    assert not any(detector.is_frozen(noisy(second), second * NS_PER_S) for second in range(20))


def test_a_picture_is_frozen_once_it_has_repeated_for_longer_than_allowed() -> None:
    detector = FreezeDetector(2.0)

    assert [detector.is_frozen(noisy(1), second * NS_PER_S) for second in range(4)] == [False, False, False, True]


def test_a_new_picture_starts_the_count_anew() -> None:
    detector = FreezeDetector(2.0)
    detector.is_frozen(noisy(1), 0)
    detector.is_frozen(noisy(2), 2 * NS_PER_S)

    assert not detector.is_frozen(noisy(2), 4 * NS_PER_S)


def test_a_closed_shutter_may_stay_ten_times_longer_than_a_picture_with_something_in_it() -> None:
    detector = FreezeDetector(2.0)
    black = np.zeros((48, 64, 3), np.uint8)
    detector.is_frozen(black, 0)

    assert not detector.is_frozen(black, 19 * NS_PER_S)
    assert detector.is_frozen(black, 21 * NS_PER_S)


def test_a_repeated_picture_is_nothing_new_unless_it_is_a_closed_shutter() -> None:
    detector = FreezeDetector(2.0)
    black = np.zeros((48, 64, 3), np.uint8)

    seen = []
    for t_ns, picture in enumerate([noisy(1), noisy(1), noisy(2), black, black]):
        detector.is_frozen(picture, t_ns)
        seen.append(detector.repeated)

    assert seen == [False, True, False, False, False]

from __future__ import annotations

from app.capture.timeline import Timeline

STEP = 40


def due_times(stamps: list[int | None]) -> list[int]:
    timeline = Timeline(STEP)
    return [timeline.due_ns(stamp) for stamp in stamps]


def test_the_first_picture_is_due_at_once_whatever_its_stamp() -> None:
    assert due_times([5000]) == [0]


def test_pictures_keep_the_distances_of_their_stamps() -> None:
    assert due_times([100, 140, 240]) == [0, 40, 140]


def test_without_stamps_pictures_come_at_the_steady_rate() -> None:
    assert due_times([None, None, None]) == [0, 40, 80]


def test_stamps_that_go_back_repeat_or_leap_count_as_one_step() -> None:
    assert due_times([0, 40, 20, 20, 3_600_000_000_000]) == [0, 40, 80, 120, 160]


def test_after_the_last_picture_the_first_one_follows_one_step_later() -> None:
    timeline = Timeline(STEP)
    timeline.due_ns(0)
    timeline.due_ns(40)
    timeline.rewind()

    assert [timeline.due_ns(0), timeline.due_ns(40)] == [80, 120]

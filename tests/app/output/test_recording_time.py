from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.output.recording_time import RecordingTime

times = st.integers(0, 10**12)


def begun(t_ns: int = 100) -> RecordingTime:
    time = RecordingTime()
    time.begin(t_ns)
    return time


def test_time_counts_from_the_first_frame_and_nothing_is_before_it() -> None:
    time = RecordingTime()
    assert time.file_ns(100) is None
    time.begin(100)
    time.begin(150)
    assert [time.file_ns(t) for t in (99, 100, 175)] == [None, 0, 75]


def test_a_pause_is_left_out_and_no_time_passes_in_it() -> None:
    time = begun()
    time.pause(200)
    assert time.paused
    assert [time.file_ns(t) for t in (199, 200, 10**9)] == [99, None, None]
    time.resume(1000)
    assert not time.paused
    assert [time.file_ns(t) for t in (199, 200, 999, 1000, 1010)] == [99, None, None, 100, 110]


def test_what_was_rendered_before_a_pause_and_is_written_after_it_keeps_its_place() -> None:
    time = begun()
    time.pause(200)
    time.resume(1000)
    assert time.file_ns(150) == 50


def test_pausing_twice_is_one_pause_and_resuming_without_one_is_nothing() -> None:
    time = begun()
    time.resume(110)
    time.pause(200)
    time.pause(300)
    time.resume(400)
    time.resume(500)
    assert time.file_ns(500) == 200


def test_a_frame_of_a_pause_cannot_be_the_first() -> None:
    time = RecordingTime()
    time.pause(50)
    time.begin(100)
    time.resume(200)
    assert time.file_ns(200) is None
    time.begin(210)
    assert time.file_ns(220) == 10


def test_another_recording_begins_at_zero_and_knows_nothing_of_old_pauses() -> None:
    time = begun()
    time.pause(200)
    time.resume(300)
    time.restart()
    assert time.file_ns(400) is None
    time.begin(400)
    assert time.file_ns(450) == 50


def test_a_pause_that_lasts_goes_on_in_the_next_recording() -> None:
    time = begun()
    time.pause(200)
    time.restart()
    time.begin(300)
    assert time.file_ns(300) is None


@given(st.lists(times, min_size=2, max_size=12, unique=True), st.lists(times, min_size=2, max_size=20))
def test_time_in_the_file_never_runs_backwards_nor_faster_than_the_clock(marks: list[int], asked: list[int]) -> None:
    time, ordered = begun(0), sorted(marks)
    for number, mark in enumerate(ordered):
        (time.pause if number % 2 == 0 else time.resume)(mark)
    found = [(t, file_ns) for t in sorted(asked) if (file_ns := time.file_ns(t)) is not None]
    for (t_before, before), (t_after, after) in pairwise(found):
        assert 0 <= after - before <= t_after - t_before


@pytest.mark.parametrize("seconds", [1, 3600])
def test_the_length_of_a_pause_does_not_matter(seconds: int) -> None:
    time = begun(0)
    time.pause(10**9)
    time.resume((1 + seconds) * 10**9)
    assert time.file_ns((2 + seconds) * 10**9) == 2 * 10**9

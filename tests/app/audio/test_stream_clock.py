"""The clock of a sound card, learnt from stamps that jitter."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.stream_clock import JUMPS_BELIEVED, StreamClock
from app.audio.stream_time import StreamTime
from app.clock import NS_PER_MS, NS_PER_S

RATE = 48_000
BLOCK = 480
START_NS = 5_000 * NS_PER_S


def run(clock: StreamClock, seconds: float, *, skew: float, jitter_ms: float, first: int = 0) -> float:
    """Stamps of a card that is `skew` too fast; the largest error after the first half, in milliseconds."""
    rng = np.random.default_rng(1)
    worst = 0.0
    blocks = int(seconds * RATE / BLOCK)
    for block in range(blocks):
        number = first + block * BLOCK
        true_ns = START_NS + number * NS_PER_S / (RATE * (1 + skew))
        clock.stamp(number, round(true_ns + abs(rng.normal(0, jitter_ms)) * NS_PER_MS))
        if block > blocks / 2:
            worst = max(worst, abs(clock.time_ns(number) - true_ns) / NS_PER_MS)
    return worst


@pytest.mark.parametrize("skew", [-300e-6, -30e-6, 0.0, 100e-6, 300e-6])
def test_a_card_that_runs_fast_or_slow_is_followed(skew: float) -> None:
    clock = StreamClock(RATE)

    worst_ms = run(clock, 60.0, skew=skew, jitter_ms=0.0)

    assert worst_ms < 0.05
    assert clock.rate == pytest.approx(RATE * (1 + skew), rel=5e-6)
    assert clock.jumps == 0


@pytest.mark.parametrize("skew", [-250e-6, 250e-6])
def test_ten_minutes_of_a_card_that_is_off_by_150_ms_end_where_they_should(skew: float) -> None:
    clock = StreamClock(RATE)

    worst_ms = run(clock, 600.0, skew=skew, jitter_ms=0.3)

    assert worst_ms < 0.5, "5 ms are allowed; the mean of the jitter alone is 0.24"


def test_jitter_of_the_stamps_is_smoothed_away() -> None:
    clock = StreamClock(RATE)

    worst_ms = run(clock, 60.0, skew=80e-6, jitter_ms=1.0)

    assert worst_ms < 1.2, "the mean of the jitter, 0.8 ms, and little more"
    assert clock.rate == pytest.approx(RATE * (1 + 80e-6), rel=60e-6)


def test_a_stamp_that_comes_late_once_changes_nothing() -> None:
    clock = StreamClock(RATE)
    run(clock, 20.0, skew=0.0, jitter_ms=0.0)
    number = 20 * RATE
    clock.stamp(number, START_NS + 20 * NS_PER_S + 400 * NS_PER_MS)

    assert clock.jumps == 0
    assert clock.time_ns(number) == pytest.approx(START_NS + 20 * NS_PER_S, abs=10_000)


def test_stamps_that_stay_far_off_are_believed() -> None:
    clock = StreamClock(RATE)
    run(clock, 5.0, skew=0.0, jitter_ms=0.0)
    lost_ns = 300 * NS_PER_MS

    for block in range(JUMPS_BELIEVED):
        number = 5 * RATE + block * BLOCK
        clock.stamp(number, START_NS + round(number * NS_PER_S / RATE) + lost_ns)

    assert clock.jumps == 1
    assert clock.time_ns(6 * RATE) == pytest.approx(START_NS + 6 * NS_PER_S + lost_ns, abs=10_000)


def test_number_and_time_are_each_others_inverse() -> None:
    clock = StreamClock(RATE)
    run(clock, 5.0, skew=100e-6, jitter_ms=0.0)

    assert clock.number_at(clock.time_ns(123_456.5)) == pytest.approx(123_456.5, abs=1e-3)


def test_being_told_late_does_not_move_the_moment_a_card_names() -> None:
    times = StreamTime()
    moments = []

    for n in range(100):
        card_s = 77.0 + n * 0.01
        late_ns = (n % 7) * NS_PER_MS
        now_ns = START_NS + n * 10 * NS_PER_MS + late_ns
        moments.append(times.moment_ns(now_ns, card_s, card_s + 0.02, 0.0) - (START_NS + n * 10 * NS_PER_MS))

    assert moments == pytest.approx([20 * NS_PER_MS] * 100, abs=2_000)


def test_where_the_card_names_no_moment_it_is_the_usual_one() -> None:
    assert StreamTime().moment_ns(START_NS, 77.0, 0.0, 0.02) == START_NS + 20 * NS_PER_MS


def test_when_the_clocks_are_set_apart_the_new_difference_is_learnt() -> None:
    times = StreamTime()
    for n in range(2000):
        now_ns = START_NS + n * 10 * NS_PER_MS
        card_s = 77.0 + n * 0.01 - (0.5 if n > 300 else 0.0)
        moment_ns = times.moment_ns(now_ns, card_s, card_s, 0.0)

    assert moment_ns == pytest.approx(START_NS + 1999 * 10 * NS_PER_MS, abs=2_000)

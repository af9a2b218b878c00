"""The keeper's rate does not depend on how long a step took."""

from __future__ import annotations

import numpy as np
import pytest

from app.output.pacing import MAX_CATCH_UP, Pacer

MS = 1_000_000


def sends_during(fps: float, seconds: float, stall_at: int = -1, stall_ms: int = 0) -> list[int]:
    """Times in ns at which a pacer asks for frames, sending taking 3 ms and one send taking `stall_ms` more."""
    now, times = 5 * MS, []
    pacer = Pacer(fps, now)
    while now < 5 * MS + seconds * 1e9:
        now += round(pacer.remaining_s(now) * 1e9)
        times.append(now)
        now += 3 * MS + (stall_ms * MS if len(times) == stall_at else 0)
        pacer.advance(now)
    return times


@pytest.mark.parametrize("fps", [1, 24, 29.97, 30, 60, 120])
def test_the_rate_does_not_drift(fps: float) -> None:
    times = sends_during(fps, 60)
    assert (len(times) - 1) / ((times[-1] - times[0]) / 1e9) == pytest.approx(fps, rel=1e-4)


def test_a_short_stall_is_made_up_for() -> None:
    assert len(sends_during(30, 10, stall_at=100, stall_ms=90)) == len(sends_during(30, 10))


def test_a_long_stall_is_not_followed_by_a_burst() -> None:
    times = sends_during(30, 10, stall_at=100, stall_ms=2000)
    assert len(times) == pytest.approx(8 * 30, abs=MAX_CATCH_UP + 1)
    assert times[101] - times[100] > 30 * MS


def repeats_after_locking(producer_fps: float, jitter_ms: float, aligned: bool) -> tuple[int, float, float]:
    """(ticks without a new frame, fps, mean age in ms) over 60 s, after 10 s, of frames made at `producer_fps`."""
    rng = np.random.default_rng(3)
    steady = np.arange(1, round(75 * producer_fps)) / producer_fps
    made_ns = np.sort((steady + rng.uniform(-jitter_ms, jitter_ms, len(steady)) / 1e3) * 1e9).astype(np.int64)
    now, newest, repeats, ages, ticks = 17 * MS, -1, 0, [], []
    pacer = Pacer(30, now)
    while now < 70e9:
        now += round(pacer.remaining_s(now) * 1e9)
        found = int(np.searchsorted(made_ns, now)) - 1
        if found > newest and aligned:
            pacer.align(now - int(made_ns[found]))
        if now > 10e9:
            repeats += found == newest
            ages.append((now - int(made_ns[found])) / MS)
            ticks.append(now)
        newest = found
        pacer.advance(now)
    return repeats, (len(ticks) - 1) / ((ticks[-1] - ticks[0]) / 1e9), float(np.mean(ages))


@pytest.mark.parametrize("producer_fps", [29.8, 29.97, 30.0, 30.2])
def test_frames_made_at_about_the_same_rate_are_each_sent_once_and_soon(producer_fps: float) -> None:
    repeats, fps, age_ms = repeats_after_locking(producer_fps, jitter_ms=4, aligned=True)
    assert repeats == 0
    assert fps == pytest.approx(producer_fps, abs=0.05)
    assert age_ms == pytest.approx(1000 / 30 / 4, abs=3)
    unaligned, _, _ = repeats_after_locking(producer_fps, jitter_ms=4, aligned=False)
    assert unaligned > 0 or producer_fps >= 30, "without alignment frames are shown twice"


@pytest.mark.parametrize("producer_fps", [5, 10, 17, 25, 28, 33, 45, 60, 100])
def test_alignment_never_takes_the_rate_away_from_thirty(producer_fps: float) -> None:
    _, fps, _ = repeats_after_locking(producer_fps, jitter_ms=2, aligned=True)
    assert fps == pytest.approx(30, abs=0.65)

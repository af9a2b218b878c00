"""The keeper's rate does not depend on how long a step took."""

from __future__ import annotations

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

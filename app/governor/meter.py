"""Turns the counters of a live run into what the governor looks at."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import psutil

from app.clock import NS_PER_S
from app.governor.measured import Interval
from app.stats import PipelineStats


def machine_busy() -> float:
    """Share of all cores in use since the last call, by every program, 0 to 1."""
    return float(psutil.cpu_percent(interval=None)) / 100.0


class IntervalMeter:
    """Measures from one `look` to the next."""

    def __init__(self, stats: PipelineStats, now_ns: int, busy: Callable[[], float] = machine_busy) -> None:
        self._stats, self._busy = stats, busy
        self._before, self._t_before_ns = stats.totals(), now_ns
        busy()

    def look(self, now_ns: int) -> Interval:
        """Everything since the last look."""
        before, now = self._before, self._stats.totals()
        seconds = max(1, now_ns - self._t_before_ns) / NS_PER_S
        self._before, self._t_before_ns = now, now_ns
        followed = max(0, now.followed - before.followed)  # a run that began anew counts from 0
        latencies_ms = self._stats.latest_latencies_ms(followed)
        return Interval(
            face_share=_mean(now.faces - before.faces, now.tracked - before.tracked),
            captured_fps=max(0, now.captured - before.captured) / seconds,
            followed_fps=followed / seconds,
            track_ms=_mean(now.track_ms - before.track_ms, now.tracked - before.tracked),
            render_ms=_mean(now.render_ms - before.render_ms, now.rendered - before.rendered),
            latency_ms=median(latencies_ms) if latencies_ms else 0.0,
            machine_busy=self._busy(),
        )


def _mean(total: float, count: int) -> float:
    return total / count if count > 0 else 0.0

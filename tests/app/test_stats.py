"""What is counted, from when on, and what the figures mean."""

from __future__ import annotations

import numpy as np
import pytest

from app.clock import NS_PER_MS
from app.packets import FrameStatus, RenderedFrame
from app.stats import FACELESS_PICTURES, WINDOW, PipelineStats, percentiles, quantile
from tests.helpers.live import HandClock

IMAGE = np.zeros((2, 2, 3), np.uint8)


class Bench:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.stats = PipelineStats(self.clock)

    def deliver(self, status: FrameStatus, *, age_ms: float = 10.0, stage_ms: dict[str, float] | None = None) -> None:
        now_ns = self.clock.now_ns()
        frame = RenderedFrame(1, IMAGE, now_ns - int(age_ms * NS_PER_MS), now_ns, status, 1.0, stage_ms or {})
        self.stats.rendered(frame)
        self.stats.delivered(frame, now_ns)


def test_counting_begins_with_the_first_live_frame() -> None:
    bench = Bench()
    bench.deliver(FrameStatus.IDLE)
    assert bench.stats.figures().frames == 0
    assert bench.stats.t_first_frame_ns is None
    bench.deliver(FrameStatus.LIVE)
    bench.deliver(FrameStatus.IDLE)
    assert bench.stats.figures().frames == 2
    assert bench.stats.t_first_frame_ns == bench.clock.now_ns()


def test_idle_frames_count_once_the_tracker_has_looked_in_vain_long_enough() -> None:
    bench = Bench()
    for _ in range(FACELESS_PICTURES):
        bench.stats.tracked()
    bench.deliver(FrameStatus.IDLE)
    assert bench.stats.figures().frames == 1


@pytest.mark.parametrize("status", [FrameStatus.HELD, FrameStatus.AWAY])
def test_repeated_frames_and_cards_are_no_animated_frames(status: FrameStatus) -> None:
    bench = Bench()
    bench.deliver(FrameStatus.LIVE)
    bench.deliver(status)
    figures = bench.stats.figures()
    assert (figures.frames, figures.rendered, figures.frame_status) == (1, 2, status)


def test_latency_is_that_of_live_frames_alone() -> None:
    bench = Bench()
    for _ in range(99):
        bench.deliver(FrameStatus.LIVE, age_ms=20.0)
    bench.deliver(FrameStatus.LIVE, age_ms=50.0)
    bench.deliver(FrameStatus.IDLE, age_ms=900.0)
    latency = bench.stats.figures().latency_ms
    assert (latency.p50, latency.p95) == (20.0, 20.0)
    assert 20.0 < latency.p99 < 50.0


def test_rates_are_those_of_the_latest_two_seconds() -> None:
    bench = Bench()
    for _ in range(200):
        bench.clock.pass_s(0.04)
        bench.stats.captured(bench.clock.now_ns())
        bench.deliver(FrameStatus.LIVE)
    assert bench.stats.figures().fps == pytest.approx(25.0)
    assert bench.stats.figures().camera_fps == pytest.approx(25.0)
    bench.clock.pass_s(3.0)
    assert bench.stats.figures().fps == 0.0


def test_stage_times_are_medians_and_memory_is_bounded() -> None:
    bench = Bench()
    for value in range(3 * WINDOW):
        bench.deliver(FrameStatus.LIVE, stage_ms={"animate": float(value % 3)})
    assert bench.stats.figures().stage_ms == {"animate": 1.0}
    assert max(len(values) for values in (bench.stats._latencies_ms, *bench.stats._stages_ms.values())) == WINDOW


def test_a_restart_forgets_everything() -> None:
    bench = Bench()
    bench.deliver(FrameStatus.LIVE, stage_ms={"animate": 1.0})
    bench.stats.restart()
    assert bench.stats.figures() == PipelineStats(bench.clock).figures()


def test_quantiles_agree_with_numpy() -> None:
    values = list(np.random.default_rng(0).uniform(size=57))
    for share in (0.0, 0.5, 0.95, 1.0):
        assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)))
    assert quantile([], 0.5) == 0.0
    assert percentiles([]).p99 == 0.0

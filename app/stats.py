"""Figures of the live pipeline: rates, latency, time by stage. Written by every worker, read by anyone."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from app.clock import NS_PER_MS, NS_PER_S, Clock
from app.control import Percentiles
from app.packets import FrameStatus, RenderedFrame

WINDOW = 4096
"""Latest measurements kept of each kind: over two minutes at 30 frames a second, and a bound on memory."""

RATE_WINDOW_S = 2.0
"""Rates are counted over the latest two seconds."""

ANIMATED = frozenset({FrameStatus.LIVE, FrameStatus.IDLE})
"""What counts as an animated frame: a repeated one (HELD) and the card (AWAY) do not."""


ON_RENDER_THREAD = ("animate", "compose")

FACELESS_PICTURES = 30
"""A session counts from the first frame that follows a face; if so many pictures showed none, from an idle one."""


@dataclass(frozen=True)
class PipelineFigures:
    """One snapshot.

    frames: animated frames delivered to the first sink since the first that counts (`FACELESS_PICTURES`).
    t_first_frame_ns: when that was delivered; None before.
    fps, camera_fps: over the latest two seconds.
    stage_ms: median by stage. rendered: finished frames, whatever they show.
    """

    frames: int = 0
    t_first_frame_ns: int | None = None
    fps: float = 0.0
    camera_fps: float = 0.0
    latency_ms: Percentiles = field(default_factory=Percentiles)
    stage_ms: dict[str, float] = field(default_factory=dict)
    frame_status: FrameStatus = FrameStatus.AWAY
    rendered: int = 0


@dataclass(frozen=True)
class PipelineTotals:
    """Counts and sums since the start; two of them tell what happened between. Times in milliseconds."""

    captured: int = 0
    followed: int = 0
    tracked: int = 0
    faces: int = 0
    track_ms: float = 0.0
    rendered: int = 0
    render_ms: float = 0.0


class RateMeter:
    """Events a second over the latest `RATE_WINDOW_S`; not safe for threads by itself."""

    def __init__(self) -> None:
        self._times_ns: deque[int] = deque(maxlen=512)

    def add(self, t_ns: int) -> None:
        """Count one event."""
        self._times_ns.append(t_ns)

    def rate(self, now_ns: int) -> float:
        """Events a second; 0 with fewer than two of them in the window."""
        start_ns = now_ns - int(RATE_WINDOW_S * NS_PER_S)
        recent = [t for t in self._times_ns if t >= start_ns]
        if len(recent) < 2 or recent[-1] <= recent[0]:
            return 0.0
        return (len(recent) - 1) * NS_PER_S / (recent[-1] - recent[0])


class PipelineStats:
    """Collects what the workers measure. Every method may be called from any thread and returns at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # protects everything below
        self._reset()

    def restart(self) -> None:
        """Forget everything: the engine starts anew."""
        with self._lock:
            self._reset()

    def _reset(self) -> None:
        self._captured, self._delivered = RateMeter(), RateMeter()
        self._latencies_ms: deque[float] = deque(maxlen=WINDOW)
        self._stages_ms: dict[str, deque[float]] = {}
        self._frames = self._tracked = self._rendered = 0
        self._t_first_frame_ns: int | None = None
        self._frame_status = FrameStatus.AWAY
        self._totals = PipelineTotals()

    def captured(self, t_capture_ns: int) -> None:
        """A picture came from the camera."""
        with self._lock:
            self._captured.add(t_capture_ns)
            self._totals = replace(self._totals, captured=self._totals.captured + 1)

    def spent(self, stage: str, milliseconds: float) -> None:
        """A stage took that long for one frame."""
        with self._lock:
            self._stages_ms.setdefault(stage, deque(maxlen=WINDOW)).append(milliseconds)
            if stage == "track":
                totals = self._totals
                self._totals = replace(totals, tracked=totals.tracked + 1, track_ms=totals.track_ms + milliseconds)

    def tracked(self, *, found: bool = True) -> None:
        """The tracker looked at a picture, whether it found a face or not."""
        with self._lock:
            self._tracked += 1
            self._totals = replace(self._totals, faces=self._totals.faces + found)

    def rendered(self, frame: RenderedFrame) -> None:
        """A frame was finished."""
        with self._lock:
            self._frame_status = frame.status
            self._rendered += 1
            if frame.status in ANIMATED:
                spent_ms = sum(frame.stage_ms.get(stage, 0.0) for stage in ON_RENDER_THREAD)
                totals = self._totals
                self._totals = replace(totals, rendered=totals.rendered + 1, render_ms=totals.render_ms + spent_ms)
            for stage, milliseconds in frame.stage_ms.items():
                self._stages_ms.setdefault(stage, deque(maxlen=WINDOW)).append(milliseconds)

    def delivered(self, frame: RenderedFrame, t_delivered_ns: int) -> None:
        """The first sink has `frame`."""
        if frame.status not in ANIMATED:
            return
        with self._lock:
            self._delivered.add(t_delivered_ns)
            if frame.status is FrameStatus.LIVE:
                self._latencies_ms.append((t_delivered_ns - frame.t_capture_ns) / NS_PER_MS)
                self._totals = replace(self._totals, followed=self._totals.followed + 1)
            if self._t_first_frame_ns is None:
                if frame.status is not FrameStatus.LIVE and self._tracked < FACELESS_PICTURES:
                    return
                self._t_first_frame_ns = t_delivered_ns
            self._frames += 1

    def totals(self) -> PipelineTotals:
        """Everything counted since the start."""
        with self._lock:
            return self._totals

    def latest_latencies_ms(self, count: int) -> list[float]:
        """Of the latest `count` frames that followed a face; fewer where there were not so many."""
        with self._lock:
            return list(islice(reversed(self._latencies_ms), count))

    @property
    def t_first_frame_ns(self) -> int | None:
        """When the first frame that counts was delivered."""
        with self._lock:
            return self._t_first_frame_ns

    def figures(self) -> PipelineFigures:
        """A snapshot of everything."""
        now_ns = self._clock.now_ns()
        with self._lock:
            latencies = list(self._latencies_ms)
            stages = {name: list(values) for name, values in self._stages_ms.items()}
            partial = PipelineFigures(
                frames=self._frames,
                t_first_frame_ns=self._t_first_frame_ns,
                fps=self._delivered.rate(now_ns),
                camera_fps=self._captured.rate(now_ns),
                frame_status=self._frame_status,
                rendered=self._rendered,
            )
        stage_ms = {name: quantile(values, 0.5) for name, values in stages.items()}
        return replace(partial, latency_ms=percentiles(latencies), stage_ms=stage_ms)


def percentiles(values: Sequence[float]) -> Percentiles:
    """p50, p95 and p99; 0 where nothing was measured."""
    return Percentiles(quantile(values, 0.5), quantile(values, 0.95), quantile(values, 0.99))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the others lie, interpolated; 0 where there is none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)

"""When each part of a frame ran, and on which lane: medians for reports, and a trace that Perfetto opens."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from models.session.lanes import Lane, Lanes

FRAME = "frame"
"""The span of the whole, which holds the others."""


class Instant(Protocol):
    """A moment on a lane, which may still lie ahead."""

    def ms_since(self, other: Instant) -> float:
        """Milliseconds from the other to this one; waits until both are behind."""
        ...


Now = Callable[[], Instant]
"""Makes the present moment of the lane that work is given to just now."""


@dataclass(frozen=True)
class HostInstant:
    """A moment of the host's clock."""

    seconds: float

    def ms_since(self, other: Instant) -> float:
        assert isinstance(other, HostInstant)
        return (self.seconds - other.seconds) * 1e3


def host_now() -> Instant:
    """For a CPU, where work is done when it is given."""
    return HostInstant(time.perf_counter())


class CudaInstant:
    """A moment of a stream."""

    def __init__(self) -> None:
        self.event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]  # missing in torch's types
        self.event.record()

    def ms_since(self, other: Instant) -> float:
        assert isinstance(other, CudaInstant)
        for event in (other.event, self.event):
            event.synchronize()
        return float(other.event.elapsed_time(self.event))


@dataclass(frozen=True)
class Span:
    """One part of one frame. begin_ms: since the first span that was given began; a copy beside it may begin before."""

    name: str
    lane: Lane
    begin_ms: float
    duration_ms: float


class SpanLanes:
    """Lanes that note when their work begins and ends; the eager way only, a recorded step runs as one.

    The spans also appear under these names in what `torch.profiler` records meanwhile.
    """

    def __init__(self, inner: Lanes, now: Now = host_now) -> None:
        self._inner, self._now = inner, now
        self._noted: list[tuple[str, Lane, Instant, Instant]] = []

    def fork(self, lane: Lane) -> None:
        """As the inner lanes do."""
        self._inner.fork(lane)

    def on(self, lane: Lane, name: str) -> AbstractContextManager[None]:
        """As the inner lanes do, and note it."""
        return self._noting(lane, name)

    def join(self, lane: Lane) -> None:
        """As the inner lanes do."""
        self._inner.join(lane)

    @contextmanager
    def _noting(self, lane: Lane, name: str) -> Iterator[None]:
        with self._inner.on(lane, name):
            begin, place = self._now(), len(self._noted)
            self._noted.append((name, lane, begin, begin))
            try:
                yield
            finally:
                self._noted[place] = (name, lane, begin, self._now())

    def taken(self) -> list[Span]:
        """The spans noted since the last call, by when they began; waits for the device."""
        noted, self._noted = self._noted, []
        if not noted:
            return []
        first = noted[0][2]
        spans = [Span(name, lane, begin.ms_since(first), end.ms_since(begin)) for name, lane, begin, end in noted]
        return sorted(spans, key=lambda span: span.begin_ms)


def medians_ms(frames: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Median duration of every part over several frames."""
    found: dict[str, list[float]] = {}
    for spans in frames:
        for span in spans:
            found.setdefault(span.name, []).append(span.duration_ms)
    return {name: round(statistics.median(durations), 4) for name, durations in found.items()}


def overlap_ms(spans: Sequence[Span]) -> float:
    """How long side lanes ran while the main lane did too; the frame's own span does not count."""
    main = [span for span in spans if span.lane is Lane.MAIN and span.name != FRAME]
    beside = [span for span in spans if span.lane is not Lane.MAIN]
    return sum(_shared(a, b) for a in beside for b in main)


def _shared(a: Span, b: Span) -> float:
    end = min(a.begin_ms + a.duration_ms, b.begin_ms + b.duration_ms)
    return max(0.0, end - max(a.begin_ms, b.begin_ms))


def write_trace(path: Path, frames: dict[str, Sequence[Span]]) -> None:
    """Frames by name in Chrome's trace format: a process for each name, a row for each lane.

    Raises:
        OSError: the file cannot be written.
    """
    events: list[dict[str, object]] = []
    for process, (name, spans) in enumerate(frames.items(), start=1):
        events.append({"ph": "M", "pid": process, "name": "process_name", "args": {"name": name}})
        for row, lane in enumerate(Lane):
            events.append({"ph": "M", "pid": process, "tid": row, "name": "thread_name", "args": {"name": lane.value}})
        for span in spans:
            row = list(Lane).index(span.lane)
            times = {"ts": round(span.begin_ms * 1e3, 1), "dur": round(span.duration_ms * 1e3, 1)}
            events.append({"ph": "X", "pid": process, "tid": row, "name": span.name, "cat": "stage", **times})
    path.write_text(json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}))

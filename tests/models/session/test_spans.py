"""Spans: what ran when, beside what, and as a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.session.lanes import ONE_LANE, Lane
from models.session.spans import FRAME, HostInstant, Instant, Span, SpanLanes, medians_ms, overlap_ms, write_trace


class Clock:
    """Every look at it is a millisecond later."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> Instant:
        self.looks += 1
        return HostInstant(self.looks / 1e3)


def test_spans_are_told_by_when_they_began_and_taken_once() -> None:
    lanes = SpanLanes(ONE_LANE, Clock())

    with lanes.on(Lane.MAIN, "outer"), lanes.on(Lane.REFERENCES, "inner"):
        pass

    spans = lanes.taken()
    assert [(span.name, span.lane) for span in spans] == [("outer", Lane.MAIN), ("inner", Lane.REFERENCES)]
    assert [span.begin_ms for span in spans] == pytest.approx([0.0, 1.0])
    assert [span.duration_ms for span in spans] == pytest.approx([3.0, 1.0])
    assert lanes.taken() == []


def test_work_that_fails_is_noted_too() -> None:
    lanes = SpanLanes(ONE_LANE, Clock())

    with pytest.raises(RuntimeError), lanes.on(Lane.MAIN, "broken"):
        raise RuntimeError

    assert [span.name for span in lanes.taken()] == ["broken"]


def test_overlap_is_what_side_lanes_do_while_the_main_lane_is_busy() -> None:
    spans = [
        Span(FRAME, Lane.MAIN, 0.0, 20.0),
        Span("stage 1", Lane.MAIN, 0.0, 5.0),
        Span("decode", Lane.MAIN, 8.0, 4.0),
        Span("align", Lane.REFERENCES, 3.0, 6.0),
        Span("read-back", Lane.READ_BACK, 13.0, 2.0),
    ]

    assert overlap_ms(spans) == pytest.approx(2.0 + 1.0)


def test_medians_are_by_name() -> None:
    frames = [[Span("a", Lane.MAIN, 0.0, value)] for value in (1.0, 9.0, 2.0)]

    assert medians_ms(frames) == {"a": 2.0}


def test_the_trace_has_a_row_for_every_lane_and_times_in_microseconds(tmp_path: Path) -> None:
    write_trace(tmp_path / "trace.json", {"one": [Span("stage 1", Lane.MAIN, 1.5, 0.25)]})

    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    span = next(event for event in events if event["ph"] == "X")
    assert (span["name"], span["ts"], span["dur"]) == ("stage 1", 1500.0, 250.0)
    assert sum(event["name"] == "thread_name" for event in events) == len(Lane)

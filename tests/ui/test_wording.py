from __future__ import annotations

import pytest

from app.control import EngineState, EngineStatus, Percentiles
from app.packets import FrameStatus
from ui.shown import Badge
from ui.wording import length_text, status_line

RUNNING = EngineStatus(
    state=EngineState.RUNNING,
    frame_status=FrameStatus.LIVE,
    fps=29.7,
    camera_fps=30.0,
    latency_ms=Percentiles(41.2, 55.0, 70.4),
)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (725, "12:05"), (3600, "1:00:00"), (-1, "0:00")]
)
def test_a_length_reads_like_a_clock(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


@pytest.mark.parametrize(
    ("status", "badge"),
    [
        (FrameStatus.LIVE, Badge.LIVE),
        (FrameStatus.HELD, Badge.HELD),
        (FrameStatus.IDLE, Badge.IDLE),
        (FrameStatus.AWAY, Badge.AWAY),
    ],
)
def test_the_badge_is_what_the_viewer_sees(status: FrameStatus, badge: Badge) -> None:
    shown = EngineStatus(state=EngineState.RUNNING, frame_status=status)

    assert status_line(shown, has_camera=True, has_frames=True, wants_portrait=False).badge is badge


def test_figures_are_shown_with_their_meaning_in_the_hint() -> None:
    line = status_line(RUNNING, has_camera=True, has_frames=True, wants_portrait=False)

    assert line.rates == "30 fps   41 ms"
    assert "Camera 30 fps · delay 41 ms, at worst 70 ms · geometric on cpu" in line.rates_hint


def test_figures_are_left_out_while_there_are_none() -> None:
    status = EngineStatus(state=EngineState.RUNNING, frame_status=FrameStatus.IDLE)

    assert status_line(status, has_camera=True, has_frames=True, wants_portrait=False).rates == ""


def test_idling_without_a_camera_says_that_there_is_no_camera() -> None:
    status = EngineStatus(state=EngineState.RUNNING, frame_status=FrameStatus.IDLE)

    line = status_line(status, has_camera=False, has_frames=True, wants_portrait=False)

    assert line.sentence == "No camera chosen. The portrait breathes and blinks by itself."


def test_an_engine_without_a_frame_yet_is_starting() -> None:
    assert status_line(RUNNING, has_camera=True, has_frames=False, wants_portrait=False).badge is Badge.STARTING


@pytest.mark.parametrize("state", [EngineState.STOPPED, EngineState.FAILED])
def test_an_engine_that_does_not_run_says_that_nothing_is_sent(state: EngineState) -> None:
    line = status_line(EngineStatus(state=state), has_camera=True, has_frames=True, wants_portrait=False)

    assert (line.badge, line.sentence) == (Badge.STOPPED, "Nothing is sent.")

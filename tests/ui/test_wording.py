from __future__ import annotations

from dataclasses import replace

import pytest

from app.control import EngineState, EngineStatus, Percentiles, Problem
from app.packets import FrameStatus
from ui.shown import Badge, CameraLine, LiveLine
from ui.wording import camera_line, length_text, live_line, status_line

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


BUSY_CAMERA = Problem("camera", "The camera cannot be opened.", "Another program uses it.", "Close that.")
NO_DEVICE = Problem("virtual camera", "There is no virtual camera.", "A module is missing.", "Install it.")


@pytest.mark.parametrize(
    ("status", "has_camera", "found", "line"),
    [
        (RUNNING, False, False, CameraLine("The portrait breathes and blinks by itself.")),
        (RUNNING, True, True, CameraLine("Your face is seen. 30 fps")),
        (RUNNING, True, False, CameraLine("No face in view. 30 fps")),
        (replace(RUNNING, camera_fps=0.0), True, False, CameraLine("Waiting for pictures…")),
        (replace(RUNNING, problems=(BUSY_CAMERA,)), True, True, CameraLine("Not available", trouble=True)),
    ],
    ids=["none", "seen", "nobody", "waiting", "trouble"],
)
def test_the_camera_says_what_comes_from_it(
    status: EngineStatus, has_camera: bool, found: bool, line: CameraLine
) -> None:
    assert camera_line(status, has_camera=has_camera, found=found) == line


OPEN = replace(RUNNING, virtual_camera="Loopback")
BROKEN = replace(RUNNING, problems=(NO_DEVICE,))
FAILED = replace(OPEN, state=EngineState.FAILED)


@pytest.mark.parametrize(
    ("status", "away", "camera_wanted", "sends_elsewhere", "line"),
    [
        (OPEN, False, True, False, LiveLine(True, "Others see the portrait.")),
        (OPEN, True, True, False, LiveLine(False, "Others see the away card.")),
        (RUNNING, False, False, False, LiveLine(False, "Nobody sees the portrait yet.")),
        (RUNNING, True, False, False, LiveLine(False, "Nobody sees the portrait yet.")),
        (RUNNING, False, True, False, LiveLine(True, "Starting the virtual camera…")),
        (BROKEN, False, True, False, LiveLine(True, "Nobody sees it: the virtual camera is not available.", True)),
        (FAILED, False, True, False, LiveLine(True, "The picture stopped: others see the away card.", True)),
        (BROKEN, True, True, False, LiveLine(False, "Nobody sees it: the virtual camera is not available.", True)),
        (BROKEN, False, True, True, LiveLine(True, "Others see the portrait.")),
        (RUNNING, False, False, True, LiveLine(True, "Others see the portrait.")),
    ],
    ids=[
        "live",
        "away",
        "off",
        "off and away",
        "starting",
        "trouble",
        "stopped",
        "trouble and away",
        "trouble but browser",
        "browser",
    ],
)
def test_live_means_that_others_can_see_the_portrait(
    status: EngineStatus, away: bool, camera_wanted: bool, sends_elsewhere: bool, line: LiveLine
) -> None:
    assert live_line(status, away=away, camera_wanted=camera_wanted, sends_elsewhere=sends_elsewhere) == line


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

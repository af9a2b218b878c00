"""Engine status into the words of the window: pure functions, no state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.control import EngineState, EngineStatus, Problem
from app.packets import FrameStatus
from app.support.crash_report import read_report
from app.support.run_mark import Crash
from ui import strings
from ui.sentences import said
from ui.shown import (
    Badge,
    CameraLine,
    LiveLine,
    ModelEntry,
    ModelLine,
    Notice,
    NoticeKind,
    QualityLine,
    StatusLine,
    VirtualCameraLine,
)

CAMERA_PART = "camera"
"""`Problem.part` of everything about the camera."""

VIRTUAL_CAMERA_PART = "virtual camera"
"""`Problem.part` of everything about the virtual camera."""

RECORDER_PART = "recorder"
"""`Problem.part` of everything about the recording."""


def status_line(status: EngineStatus, *, has_camera: bool, has_frames: bool, wants_portrait: bool) -> StatusLine:
    """What the line under the preview says.

    has_frames: whether any frame came since the start. wants_portrait: whether there is nobody to show yet.
    """
    if status.state in (EngineState.STOPPED, EngineState.FAILED):
        return StatusLine(Badge.STOPPED, strings.BADGE_STOPPED, strings.STATUS_STOPPED)
    if wants_portrait:
        return StatusLine(Badge.STOPPED, strings.BADGE_STOPPED, strings.STATUS_NO_PORTRAIT)
    if status.state is EngineState.STARTING or not has_frames:
        return StatusLine(Badge.STARTING, strings.BADGE_STARTING, strings.STATUS_STARTING)
    badge, word, sentence = _seen(status.frame_status)
    if status.frame_status is FrameStatus.IDLE and not has_camera:
        sentence = strings.STATUS_IDLE_NO_CAMERA
    return StatusLine(badge, word, sentence)


def _seen(status: FrameStatus) -> tuple[Badge, str, str]:
    return {
        FrameStatus.LIVE: (Badge.LIVE, strings.BADGE_LIVE, strings.STATUS_LIVE),
        FrameStatus.HELD: (Badge.HELD, strings.BADGE_HELD, strings.STATUS_HELD),
        FrameStatus.IDLE: (Badge.IDLE, strings.BADGE_IDLE, strings.STATUS_IDLE),
        FrameStatus.AWAY: (Badge.AWAY, strings.BADGE_AWAY, strings.STATUS_AWAY),
    }[status]


def camera_line(status: EngineStatus, *, has_camera: bool, found: bool, playing: str = "") -> CameraLine:
    """What comes from the camera. found: whether the newest picture shows a face. playing: what stands in for it."""
    if playing:
        return CameraLine(strings.CAMERA_PLAYING.format(name=playing))
    if not has_camera:
        return CameraLine(strings.CAMERA_OFF)
    if any(problem.part == CAMERA_PART for problem in status.problems):
        return CameraLine(strings.CAMERA_TROUBLE, trouble=True)
    if status.camera_fps <= 0:
        return CameraLine(strings.CAMERA_STARTING)
    text = strings.CAMERA_FACE if found else strings.CAMERA_NO_FACE
    return CameraLine(f"{text} {strings.CAMERA_RATE.format(fps=status.camera_fps)}")


def live_line(status: EngineStatus, *, away: bool, camera_wanted: bool, sends_elsewhere: bool) -> LiveLine:
    """What others see. camera_wanted: the virtual camera is on; sends_elsewhere: browser source or stream are."""
    sends = camera_wanted or sends_elsewhere
    if not sends:
        return LiveLine(False, strings.LIVE_OFF)
    in_trouble = any(problem.part == VIRTUAL_CAMERA_PART for problem in status.problems)
    if in_trouble and not sends_elsewhere:
        return LiveLine(not away, strings.LIVE_TROUBLE, trouble=True)
    if away:
        return LiveLine(False, strings.LIVE_AWAY)
    if status.state is EngineState.FAILED:
        return LiveLine(True, strings.LIVE_STOPPED, trouble=True)
    if camera_wanted and not in_trouble and status.virtual_camera is None and not sends_elsewhere:
        return LiveLine(True, strings.LIVE_STARTING)
    return LiveLine(True, strings.LIVE_SEEN)


def virtual_camera_line(wanted: str, status: EngineStatus) -> VirtualCameraLine:
    """State of the virtual camera in one line; `wanted` as in `EngineConfig.virtual_camera`."""
    if wanted == "none":
        return VirtualCameraLine(False, strings.VIRTUAL_OFF)
    if any(problem.part == VIRTUAL_CAMERA_PART for problem in status.problems):
        return VirtualCameraLine(True, strings.VIRTUAL_TROUBLE, trouble=True)
    if status.virtual_camera is None:
        return VirtualCameraLine(True, strings.VIRTUAL_STARTING)
    return VirtualCameraLine(True, strings.VIRTUAL_ON.format(name=status.virtual_camera))


def quality_line(status: EngineStatus) -> QualityLine:
    """What was chosen, and the reasons why the picture is not as it could be."""
    quality = status.quality
    reasons = [said(sentence) for sentence in (quality.reason, quality.camera_note) if sentence is not None]
    return QualityLine(quality.wish, " ".join(reasons) or strings.QUALITY_TEXTS[quality.wish.value])


def model_line(models: Sequence[str], chosen: str) -> ModelLine:
    """The models to choose from, with the chosen one in any case: a flag may have named one that is not offered."""
    names = (*models, *(() if chosen in models else (chosen,)))
    entries = tuple(ModelEntry(name, strings.MODELS.get(name, name)) for name in names)
    return ModelLine(entries, names.index(chosen))


def length_text(seconds: float) -> str:
    """0:07, 12:05 or 1:00:00."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def notice_of(problem: Problem) -> Notice:
    """A failure as a message."""
    return Notice(NoticeKind.PROBLEM, said(problem.what), said(problem.why), said(problem.fix))


def notice_of_error(part: str, error: Exception) -> Notice:
    """Any exception as a message; what is not an `AppError` is a bug and says so."""
    return notice_of(Problem.of(part, error))


def crash_notice(crash: Crash, *, away: bool) -> Notice:
    """An earlier run crashed: what is known about it can be copied, and how to go on."""
    report = "" if crash.report is None else read_report(crash.report)
    why = strings.CRASHED_WHY if report else strings.CRASHED_UNKNOWN
    return Notice(NoticeKind.PROBLEM, strings.CRASHED, why, strings.CRASHED_AWAY if away else "", copy=report)


def snapshot_saved(path: Path) -> Notice:
    """Where the snapshot is."""
    return Notice(NoticeKind.INFO, strings.SNAPSHOT_SAVED, str(path), "", folder=path.parent)


def recording_saved(path: Path, length_s: float) -> Notice:
    """The recording ended well: where it is and how long."""
    why = strings.RECORDING_SAVED_WHY.format(length=length_text(length_s), path=path)
    return Notice(NoticeKind.INFO, strings.RECORDING_SAVED, why, "", folder=path.parent)

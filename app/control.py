"""What a window, a command or a remote control may ask of the running engine, and what it may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from app.audio.level import SILENT_DBFS
from app.errors import AppError
from app.governor.levels import QualityWish
from app.governor.status import QualityStatus
from app.out_of_memory import out_of_memory
from app.output.destinations import BrowserWish, StreamTarget
from app.packets import CapturedFrame, FrameStatus, RenderedFrame, TrackedFrame
from app.portrait import LoadedPortrait
from app.settings import MotionSettings, OutputSettings, SoundSettings
from app.slots import LatestSlot
from models.types import StageMaps as StageMaps  # offered on to the window, which does not know models


class EngineState(Enum):
    """Where the engine is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"


NAMES = {"render": "animation"}
"""What people call a part, where its own name tells them nothing."""


@dataclass(frozen=True)
class Problem:
    """A failure as the window shows it.

    part: "camera", "tracking", "render", "virtual camera", "recorder", "browser source",
        "stream", "snapshot", "microphone", "sound output", "monitor", "background", "calibration", "model" or "engine".
    """

    part: str
    what: str
    why: str
    fix: str

    @classmethod
    def of(cls, part: str, error: Exception) -> Problem:
        """Any exception as a sentence; what is not an `AppError` is a bug and says so."""
        known = error if isinstance(error, AppError) else out_of_memory(error)
        if known is not None:
            return cls(part, known.what, known.why, known.fix)
        why = f"Unexpected {type(error).__name__}: {error}".rstrip(".") + "."
        return cls(
            part, f"The {NAMES.get(part, part)} stopped working.", why, "Please report this; the log has the details."
        )


@dataclass(frozen=True)
class Percentiles:
    """Milliseconds; 0 while nothing was measured."""

    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


@dataclass(frozen=True)
class SoundStatus:
    """What is heard.

    microphone, output, monitor: names of what is open now.
    peak_dbfs, rms_dbfs: of the microphone over the last 0.3 s; 0 is as loud as it gets, -100 is silence.
    delay_ms: how long sound is held back for the picture. late_ms: by how much longer than that, because it has to be.
    """

    settings: SoundSettings = field(default_factory=SoundSettings)
    microphone: str | None = None
    output: str | None = None
    monitor: str | None = None
    peak_dbfs: float = SILENT_DBFS
    rms_dbfs: float = SILENT_DBFS
    delay_ms: float = 0.0
    late_ms: float = 0.0


@dataclass(frozen=True)
class EngineStatus:
    """One frozen snapshot, made when asked for.

    fps: animated frames a second over the last two seconds. camera_fps: the same for pictures from the camera.
    latency_ms: grab returns -> a sink has the frame, over the last seconds.
    dropped: slot name -> items replaced unread.
    model: what frames are made with now. chosen_model: what they are made with where quality is not stepped down.
    recording_paused: the recording waits; no time passes in it.
    snapshot: the newest one that was saved.
    browser_source: where the browser source listens, without its token; viewers: who watches it now.
    quality: the level of quality in use, why, and what slows the camera down.
    stream: where the stream goes, without its key, while the server takes it.
    """

    state: EngineState = EngineState.STOPPED
    frame_status: FrameStatus = FrameStatus.AWAY
    fps: float = 0.0
    camera_fps: float = 0.0
    latency_ms: Percentiles = Percentiles()
    stage_ms: dict[str, float] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    model: str = "geometric"
    chosen_model: str = "geometric"
    device: str = "cpu"
    camera: str | None = None
    portrait: str | None = None
    calibrated: bool = False
    virtual_camera: str | None = None
    recording: Path | None = None
    recording_paused: bool = False
    snapshot: Path | None = None
    browser_source: str | None = None
    browser_viewers: int = 0
    stream: str | None = None
    sound: SoundStatus = field(default_factory=SoundStatus)
    quality: QualityStatus = field(default_factory=QualityStatus)
    problems: tuple[Problem, ...] = ()


class DriverWatch(Protocol):
    """Sees the driver as the camera and the tracker do: for guided capture alone, which keeps it from every output."""

    def captured(self, frame: CapturedFrame) -> None:
        """A picture of the camera, on the capture thread, before it is tracked; returns at once."""
        ...

    def tracked(self, frame: TrackedFrame) -> None:
        """What the tracker found in it, on the tracking thread."""
        ...


@dataclass(frozen=True)
class EngineConfig:
    """How a session starts; everything but `device` can be changed while it runs.

    camera: a camera id, a list index as text, "synthetic", or the path of a video file or motion clip (played in
        real time and looped). None: no camera, the portrait idles.
    virtual_camera: "auto", "none" or a device name. record: a file, or None.
    browser_source, stream: further places to send to, or None.
    quality: AUTO steps quality down where the machine is too slow; the others stay whatever happens.
    face_model: a FaceLandmarker `.task` file to track with; None: the built-in tracker.
    sound: which microphone, and where its sound goes; none of it by default.
    """

    model: str = "geometric"
    device: str = "auto"
    camera: str | None = None
    virtual_camera: str = "none"
    record: Path | None = None
    browser_source: BrowserWish | None = None
    stream: StreamTarget | None = None
    face_model: Path | None = None
    quality: QualityWish = QualityWish.BEST
    motion: MotionSettings = field(default_factory=MotionSettings)
    output: OutputSettings = field(default_factory=OutputSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)


class EngineControl(Protocol):
    """The running engine as others see it. Every method returns at once and may be called from any thread."""

    preview: LatestSlot[RenderedFrame]
    """The newest finished frame, for a preview; `take` it when the doorbell rings."""

    def start(self) -> None:
        """Start all threads. What fails afterwards appears in `status().problems`."""
        ...

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop everything and release every device; waits. Idempotent."""
        ...

    def abandon(self, timeout_s: float = 5.0) -> None:
        """Stop after a failure of the program itself. An `Engine` leaves its virtual camera on the away card."""
        self.stop(timeout_s)

    def restart(self, timeout_s: float = 5.0) -> None:
        """Stop and start after failures; waits as `stop` does. An `Engine` keeps its virtual camera open meanwhile."""
        self.stop(timeout_s)
        self.start()

    def status(self) -> EngineStatus: ...

    def set_portrait(self, portrait: LoadedPortrait) -> None:
        """Swap the portrait between two frames; preparation by the animator runs on the render thread."""
        ...

    def set_camera(self, camera: str | None) -> None: ...

    def set_motion(self, motion: MotionSettings) -> None: ...

    def set_output(self, output: OutputSettings) -> None:
        """Change background and fit at once. A new size applies to the next recording and virtual camera only."""
        ...

    def set_quality(self, wish: QualityWish) -> None:
        """Leave quality to the governor, or lock it; followed within a second or two."""
        ...

    def set_model(self, name: str) -> None:
        """Use another model once it is open; one that cannot be had is a problem, and the one in use stays."""
        ...

    def set_virtual_camera(self, name: str) -> None:
        """Take "auto", "none" or a device name."""
        ...

    def set_sound(self, sound: SoundSettings) -> None:
        """Choose microphone and outputs, mute. What stays the same goes on undisturbed."""
        ...

    def start_recording(self, path: Path) -> None: ...

    def stop_recording(self) -> None: ...

    def pause_recording(self, paused: bool) -> None:
        """Leave out what happens from now on, or go on; nothing where nothing is recorded."""
        ...

    def save_snapshot(self, path: Path) -> None:
        """Save what the others see now as a PNG; `status` tells when it is there, or why it is not."""
        ...

    def set_browser_source(self, wish: BrowserWish | None) -> None:
        """Serve the picture to programs on this machine; None ends it."""
        ...

    def set_stream(self, target: StreamTarget | None) -> None:
        """Send the picture to a server; None ends it."""
        ...

    def set_away(self, away: bool) -> None:
        """True shows the AWAY card at once, whatever the camera sees."""
        ...

    def calibrate(self) -> None:
        """Take the next tracked frame as the neutral one, unless the face shown now cannot be it: a problem then."""
        ...

    def watch_driver(self, watch: DriverWatch | None) -> None:
        """Show `watch` every picture of the driver from now on; None ends it."""
        ...

    def watch_stages(self, watch: Callable[[StageMaps], None] | None) -> None:
        """Show `watch` what the stages of the network decide, frame by frame, on the render thread; None ends it."""
        ...

    def on_tracked(self, listen: Callable[[TrackedFrame], None]) -> None:
        """Tell `listen` of every tracked frame, on the tracking thread; it returns at once and keeps no pixel of it."""
        ...

    def on_news(self, ring: Callable[[], None]) -> None:
        """Call `ring` too (from any thread, often) when the preview or the status may have changed."""
        ...

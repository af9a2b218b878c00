"""How the parts of the engine are wired, and where their stages come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.audio.base import AudioFanOut
from app.audio.picture_delay import PictureDelay
from app.audio.streams import SoundSystem
from app.capture.playback import Playback
from app.clock import Clock
from app.governor.levels import Level
from app.outlet import FanOut, Outlet
from app.output.destinations import BrowserWish, StreamTarget
from app.output.recording_time import RecordingTime
from app.packets import CapturedFrame, RenderedFrame, TrackedFrame
from app.render.wishes import WishBox
from app.stats import PipelineStats
from app.worker import Stage


@dataclass(frozen=True)
class ModelInUse:
    """The model and the device that frames are made with."""

    name: str
    device: str
    uses_references: bool = True


@dataclass(frozen=True)
class Reports:
    """What stages tell the engine, from their own threads.

    camera_lost: the camera failed and the stage is trying to open it again.
    model: what was loaded; with the reason where it is not what was asked for.
    background: why the wished background is not shown; None where it is.
    calibrated: whether the driver's neutral face is known.
    delivered: (sink name, frame, t_delivered_ns) for the virtual camera or null sink.
    recorded: the same for a recording. recording_lost: its end could not be written.
    sink_opened: name of the virtual camera that was opened; None for the null sink.
    level: frames are made at this level of quality from now on, or why they cannot be.
    browser: (where it listens or None, how many watch). streaming: whether the server takes the stream.
    """

    camera_lost: Callable[[Exception], None]
    model: Callable[[ModelInUse, Exception | None], None]
    background: Callable[[Exception | None], None]
    calibrated: Callable[[bool], None]
    delivered: Callable[[str, RenderedFrame, int], None]
    recorded: Callable[[str, RenderedFrame, int], None]
    recording_lost: Callable[[Exception], None]
    sink_opened: Callable[[str | None], None]
    browser: Callable[[str | None, int], None]
    streaming: Callable[[bool], None]
    level: Callable[[Level, Exception | None], None] = field(default=lambda level, refused: None)


@dataclass(frozen=True)
class Pipeline:
    """The hand-offs between the parts; they outlive every stage.

    audio: every block of the microphone, at its own time; a stage connects a listener when it opens and takes it away
        when it is released.
    recording_time: the pauses of the recording, for its pictures and its sound alike.
    picture_delay: how late the pictures are, for the sound. playback: where a file that is the camera is.
    """

    captured: Outlet[CapturedFrame]
    tracked: Outlet[TrackedFrame]
    fan_out: FanOut
    wishes: WishBox
    stats: PipelineStats
    clock: Clock
    reports: Reports
    audio: AudioFanOut = field(default_factory=AudioFanOut)
    recording_time: RecordingTime = field(default_factory=RecordingTime)
    picture_delay: PictureDelay = field(default_factory=PictureDelay)
    playback: Playback = field(default_factory=Playback)


class StageFactory(Protocol):
    """Builds stages. Each method runs on the thread of the worker that will run the stage, so it may import at will.

    A stage that reads connects an inbox of its own to the pipeline's outlet.
    """

    def capture(self, camera: str, pipeline: Pipeline) -> Stage: ...

    def tracking(self, pipeline: Pipeline) -> Stage: ...

    def render(self, pipeline: Pipeline) -> Stage: ...

    def card_only(self, pipeline: Pipeline) -> Stage:
        """Show the away card at the output's rate; runs when rendering failed for good."""
        ...

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        """The virtual camera, or for "none" the null sink."""
        ...

    def recorder(self, path: Path, pipeline: Pipeline) -> Stage: ...

    def browser_source(self, wish: BrowserWish, pipeline: Pipeline) -> Stage: ...

    def stream(self, target: StreamTarget, pipeline: Pipeline) -> Stage: ...

    def sound_system(self) -> SoundSystem:
        """Where microphones and sound outputs come from."""
        ...

    def close(self) -> None:
        """Give back what outlives the stages, such as the virtual camera. Idempotent, and stages may follow."""
        ...

    def abandon(self) -> None:
        """The program failed: what others look at stays without it, as far as that can be. Idempotent."""
        ...

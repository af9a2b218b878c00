"""What `run` was asked to do, as one frozen value shared by the headless run and the window."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.animators import default_model
from app.cli_sound import SoundFlags
from app.commands.browser_wish import browser_wish
from app.control import EngineConfig
from app.governor.levels import QualityWish
from app.output.destinations import BrowserWish, StreamTarget, stream_target
from app.settings import Background, BackgroundMode, MotionSettings, OutputSettings
from app.support.run_mark import Crash

QUALITIES = {"auto": QualityWish.AUTO, "fixed": QualityWish.BEST}
"""What `--quality` says."""


BACKGROUNDS = {
    "keep": BackgroundMode.KEEP,
    "blur": BackgroundMode.BLUR,
    "green": BackgroundMode.COLOUR,
    "transparent": BackgroundMode.TRANSPARENT,
}
"""What `--background` says."""


@dataclass(frozen=True)
class RunOptions:
    """The flags of `run` (CONTRACT.md).

    avatar: a picture, an avatar folder, or the name of a shipped avatar; None is the first shipped one.
    camera: an id, a name, a list index, "synthetic", a video file or a motion clip; None is the first camera found.
    virtual_camera: "auto", "none" or a device name; None is "auto", and in the window what was remembered.
    size: (width, height) in pixels.
    duration_s: counts from the first animated frame; None runs until it is interrupted.
    quality: None is "fixed" without a window, so that figures are those of the model that was named, and in the window
        what was remembered, at first "auto".
    model: NAME[:PRESET]; None is the best that is installed.
    browser_source, stream: further places to send to, or None.
    background: what is behind the person; None keeps it, and in the window what was remembered.
    remote_control: the port of the remote control, 0 for any that is free; None is none.
    has_right: the person says to have the right to show the portrait.
    record_motion: a motion clip to write with what the driver's face did.
    face_model: MediaPipe's FaceLandmarker `.task` file; None is the built-in tracker.
    sound: microphone and where its sound goes; none of it where nothing is said.
    away: begin with the away card. crash: how an earlier run ended, if it crashed and nobody was told yet.
    """

    demo: bool = False
    avatar: str | None = None
    references: tuple[Path, ...] = ()
    camera: str | None = None
    virtual_camera: str | None = None
    record: Path | None = None
    size: tuple[int, int] = (1280, 720)
    fps: float = 30.0
    headless: bool = False
    duration_s: float | None = None
    stats: Path | None = None
    device: str = "auto"
    model: str | None = None
    quiet: bool = False
    log_level: str = "warning"
    record_motion: Path | None = None
    browser_source: BrowserWish | None = None
    stream: StreamTarget | None = None
    background: Background | None = None
    face_model: Path | None = None
    badge: bool = False
    has_right: bool = False
    remote_control: int | None = None
    quality: QualityWish | None = None
    sound: SoundFlags = field(default_factory=SoundFlags)
    away: bool = False
    crash: Crash | None = None

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> RunOptions:
        """Read what `app.cli_parser` parsed."""
        return cls(
            demo=parsed.demo,
            avatar=parsed.avatar,
            references=tuple(parsed.reference),
            camera=parsed.camera,
            virtual_camera=parsed.virtual_camera,
            record=parsed.record,
            size=parsed.size,
            fps=float(parsed.fps),
            headless=parsed.headless,
            duration_s=parsed.duration,
            stats=parsed.stats,
            device=parsed.device,
            model=parsed.model,
            quiet=parsed.quiet,
            log_level=parsed.log_level,
            record_motion=parsed.record_motion,
            browser_source=browser_wish(parsed.browser_source, remembered=not parsed.demo),
            stream=None if parsed.stream is None else stream_target(parsed.stream),
            background=None if parsed.background is None else Background(BACKGROUNDS[parsed.background]),
            face_model=parsed.face_model,
            badge=parsed.badge,
            has_right=parsed.i_have_the_right,
            remote_control=parsed.remote_control,
            quality=QUALITIES.get(parsed.quality),
            sound=SoundFlags.from_arguments(parsed),
            away=parsed.away,
        )

    def engine_config(self, camera: str | None) -> EngineConfig:
        """How the engine starts for these flags, reading from `camera`."""
        width, height = self.size
        return EngineConfig(
            model=self.model or default_model(),
            device=self.device,
            camera=camera,
            virtual_camera=self.virtual_camera or "auto",
            record=self.record,
            browser_source=self.browser_source,
            stream=self.stream,
            face_model=self.face_model,
            quality=self.quality or QualityWish.BEST,
            sound=self.sound.settings(),
            motion=MotionSettings(voice_mouth=self.sound.voice_mouth),
            output=OutputSettings(
                width, height, self.fps, background=self.background or Background(), badge=self.badge
            ),
        )


ShowWindow = Callable[[RunOptions], int]
"""Opens the window for a `run` that has a display; given by main.py, because app does not know ui."""

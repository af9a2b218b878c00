"""What the command line hands to the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from app.animators import live_models
from app.cli_sound import SoundFlags
from app.control import EngineConfig, EngineControl
from app.governor.levels import QualityWish
from app.remembered import Remembered
from app.settings import Background
from app.support.run_mark import Crash


class ColourScheme(Enum):
    """Which of the two looks to use."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class WindowOptions:
    """One run with a window.

    config: as the flags say. `camera` None means: as remembered; its `virtual_camera` is not looked at.
    virtual_camera: "auto", "none" or a device name; None, where no flag says, is the remembered one.
    quality: as a flag says; None is the remembered one, at first automatic.
    model: as a flag says; None is the remembered one, else `config`'s.
    background: as a flag says; None is the remembered one.
    avatar: who is shown; None is the remembered one, or the first shipped one.
    references: further pictures of that person.
    duration_s: close by itself this long after the first animated frame; None stays open.
    has_begun: whether that frame was delivered; None goes by the frames the preview shows.
    before_stop: called once with the running engine, just before it is stopped (statistics).
    away: begin with the away card. crash: how an earlier run ended, if it crashed and nobody was told yet.
    remote_control: port of the remote control that a flag asks for, 0 for any that is free.
    remember: False neither reads nor writes the settings (--demo, tests).
    """

    config: EngineConfig = field(default_factory=EngineConfig)
    virtual_camera: str | None = None
    background: Background | None = None
    avatar: str | None = None
    references: tuple[Path, ...] = ()
    duration_s: float | None = None
    has_begun: Callable[[], bool] | None = None
    before_stop: Callable[[EngineControl], None] | None = None
    quality: QualityWish | None = None
    model: str | None = None
    remember: bool = True
    remote_control: int | None = None
    away: bool = False
    crash: Crash | None = None
    sound: SoundFlags = field(default_factory=SoundFlags)
    colours: ColourScheme = ColourScheme.SYSTEM


def session_config(options: WindowOptions, remembered: Remembered) -> EngineConfig:
    """What the engine starts with: flags first, then what was remembered."""
    config, virtual_camera = options.config, options.virtual_camera
    return replace(
        config,
        model=options.model or _remembered_model(remembered) or config.model,
        camera=config.camera if config.camera is not None else remembered.camera,
        virtual_camera=virtual_camera if virtual_camera is not None else remembered.virtual_camera,
        quality=options.quality or remembered.quality,
        motion=replace(remembered.motion, voice_mouth=options.sound.voice_mouth),
        sound=options.sound.settings(remembered.sound),
        output=replace(
            config.output,
            fit=remembered.fit,
            background=options.background or remembered.background,
            badge=config.output.badge or remembered.badge,
        ),
    )


def _remembered_model(remembered: Remembered) -> str | None:
    """The model that was chosen in the window, if it can still be had."""
    return remembered.model if remembered.model is not None and remembered.model in live_models() else None

"""The engine's sound: the microphone, the output that a meeting listens to, and the one for the person's own ears.

Each runs on a thread of its own and is opened again by itself when it was lost; pictures go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.audio.level import LevelMeter
from app.audio.source import SoundSource
from app.audio.stage import MicrophoneStage, SoundListeners
from app.clock import NS_PER_MS, Clock
from app.control import SoundStatus
from app.errors import EnvironmentProblem
from app.part import Part
from app.pipeline import Pipeline, StageFactory
from app.settings import SOUND_AUTO, SOUND_CAMERA, SOUND_NONE, SoundSettings
from app.worker import Stage

T = TypeVar("T")

MICROPHONE, OUTPUT, MONITOR = "microphone", "sound output", "monitor"


@dataclass(frozen=True)
class MicrophoneWish:
    """Which microphone; the camera may be a file whose sound is meant."""

    name: str
    camera: str | None


class Sound:
    """Holds the parts and what they reported. Requests are for any thread."""

    def __init__(self, factory: StageFactory, pipeline: Pipeline, clock: Clock, on_change: Callable[[], None]) -> None:
        self._factory, self._pipeline, self._clock, self._on_change = factory, pipeline, clock, on_change
        self._settings = SoundSettings()
        self._camera: str | None = None
        self._level = LevelMeter()
        self._opened: dict[str, str | None] = {}
        self._late_ns: Callable[[], int] = lambda: 0
        self.microphone: Part[MicrophoneWish] = self._part(MICROPHONE, self._make_microphone)
        self.output: Part[str] = self._part(OUTPUT, lambda name: self._make_output(OUTPUT, name))
        self.monitor: Part[str] = self._part(MONITOR, lambda name: self._make_output(MONITOR, name))

    @property
    def parts(self) -> tuple[Part[MicrophoneWish], Part[str], Part[str]]:
        """What the supervisor keeps running."""
        return self.microphone, self.output, self.monitor

    @property
    def settings(self) -> SoundSettings:
        """What is wanted."""
        return self._settings

    def want(self, settings: SoundSettings) -> None:
        """Take other settings; what stays the same goes on undisturbed."""
        self._settings = settings
        self._ask()

    def camera_is(self, camera: str | None) -> None:
        """Another camera: its sound may be the one that is meant."""
        self._camera = camera
        self._ask()

    def status(self) -> SoundStatus:
        """A snapshot of everything."""
        level = self._level.level()
        return SoundStatus(
            settings=self._settings,
            microphone=self._opened.get(MICROPHONE),
            output=self._opened.get(OUTPUT),
            monitor=self._opened.get(MONITOR),
            peak_dbfs=level.peak_dbfs,
            rms_dbfs=level.rms_dbfs,
            delay_ms=self._pipeline.picture_delay.ns / NS_PER_MS,
            late_ms=self._late_ns() / NS_PER_MS if self._opened.get(OUTPUT) else 0.0,
        )

    def _part(self, name: str, make: Callable[[T], Stage]) -> Part[T]:
        """Devices that are lost are the stage's own affair; what is tried again here is a stage that failed itself."""
        return Part(name, make, self._clock, attempts=None, must_work_first=True)

    def _ask(self) -> None:
        settings = self._settings
        on = settings.microphone != SOUND_NONE
        follows = settings.microphone in (SOUND_AUTO, SOUND_CAMERA)
        wish = MicrophoneWish(settings.microphone, self._camera if follows else None) if on else None
        _change(self.microphone, wish)
        _change(self.output, settings.output if on and settings.output != SOUND_NONE else None)
        _change(self.monitor, settings.monitor if on and settings.monitor != SOUND_NONE else None)

    def _make_microphone(self, wish: MicrophoneWish) -> Stage:
        return MicrophoneStage(
            lambda: self._source(wish),
            self._pipeline.audio.publish,
            lambda: self._settings.muted,
            self._level,
            self._listeners(self.microphone),
            self._clock,
        )

    def _source(self, wish: MicrophoneWish) -> SoundSource:
        """On the sound thread."""
        if wish.name in (SOUND_AUTO, SOUND_CAMERA):
            file = sounding_file(wish.camera)
            if file is not None:
                from app.audio.file_sound import FileSound

                return FileSound(file, self._pipeline.playback, self._clock)
        if wish.name == SOUND_CAMERA:
            from app.audio.problems import CameraHasNoSound

            raise CameraHasNoSound(wish.camera)
        from app.audio.microphone import Microphone

        return Microphone(wish.name, self._factory.sound_system(), self._clock)

    def _make_output(self, part: str, name: str) -> Stage:
        from app.audio.output import SoundOutputStage

        pipeline = self._pipeline
        which = self.output if part == OUTPUT else self.monitor
        stage = SoundOutputStage(
            part,
            name,
            self._factory.sound_system(),
            pipeline.audio,
            pipeline.picture_delay,
            self._listeners(which),
            self._clock,
            tell_takes=self._on_takes if part == OUTPUT else lambda takes_ns: None,
        )
        if part == OUTPUT:
            self._late_ns = lambda: stage.late_ns
        return stage

    def _on_takes(self, takes_ns: int) -> None:
        self._pipeline.picture_delay.sound_takes(takes_ns if self._settings.picture_waits else 0)

    def _listeners(self, part: Part[MicrophoneWish] | Part[str]) -> SoundListeners:
        def lost(problem: EnvironmentProblem) -> None:
            part.report(problem)

        def opened(name: str | None) -> None:
            if self._opened.get(part.name) != name:
                self._opened[part.name] = name
                self._on_change()

        return SoundListeners(working=part.working, lost=lost, opened=opened)


def sounding_file(camera: str | None) -> Path | None:
    """The file that is the camera, if it holds sound."""
    from app.capture.open import is_file_name
    from app.live_driver import MOTION_SUFFIX

    if camera is None or not is_file_name(camera) or Path(camera).suffix.lower() == MOTION_SUFFIX:
        return None
    from app.audio.file_sound import has_sound

    path = Path(camera).expanduser()
    return path if has_sound(path) else None


def _change(part: Part[T], wanted: T | None) -> None:
    """Ask for something else only: asking for the same again would open it anew."""
    if part.wanted != wanted:
        part.want(wanted)

"""The flags of `run` that are about sound, and what they ask for."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from app.settings import SOUND_AUTO, SOUND_CAMERA, SOUND_NONE, SoundSettings


@dataclass(frozen=True)
class SoundFlags:
    """As given; None where nothing was said. Without any, no sound goes anywhere."""

    microphone: str | None = None
    output: str | None = None
    monitor: str | None = None
    mute: bool = False
    voice_mouth: bool = False
    picture_at_once: bool = False

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> SoundFlags:
        """Read what the parser below parsed."""
        return cls(
            microphone=parsed.microphone,
            output=parsed.sound_output,
            monitor=parsed.monitor,
            mute=parsed.mute,
            voice_mouth=parsed.voice_mouth,
            picture_at_once=parsed.picture_at_once,
        )

    def settings(self, remembered: SoundSettings | None = None) -> SoundSettings:
        """What is wanted: the flags, then what was remembered; whoever wants to hear something wants a microphone."""
        kept = remembered or SoundSettings()
        wants_to_hear = any(name not in (None, SOUND_NONE) for name in (self.output, self.monitor))
        usual = SOUND_AUTO if wants_to_hear and kept.microphone == SOUND_NONE else kept.microphone
        return SoundSettings(
            microphone=usual if self.microphone is None else self.microphone,
            output=kept.output if self.output is None else self.output,
            monitor=kept.monitor if self.monitor is None else self.monitor,
            muted=self.mute or kept.muted,
            picture_waits=not self.picture_at_once,
        )


def add_sound(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument(
        "--microphone",
        default=None,
        metavar="auto|none|camera|NAME",
        help="record and send sound, as late as the picture; camera: the sound of the video file that is the camera",
    )
    parser.add_argument(
        "--sound-output", default=None, metavar="NAME", help="where the meeting listens: a virtual cable or null sink"
    )
    parser.add_argument("--monitor", default=None, metavar="auto|NAME", help="hear the delayed sound yourself")
    parser.add_argument("--mute", action="store_true", help="begin with the microphone muted")
    parser.add_argument(
        "--picture-at-once",
        action="store_true",
        help="do not hold the virtual camera's pictures back where the sound takes longer than they do",
    )
    parser.add_argument(
        "--voice-mouth",
        action="store_true",
        help="the voice moves the mouth while the camera does not see yours (an experiment: it follows roughly)",
    )


def check_sound(settings: SoundSettings, camera: str | None) -> None:
    """Refuse devices chosen by name that are not there, before anything heavy is loaded.

    Raises:
        UsageProblem: the camera's sound is wanted and it has none.
        EnvironmentProblem: no such device, or no sound on this machine at all.
    """
    from app.audio.problems import CameraHasNoSound, Direction
    from app.sound import sounding_file

    if settings.microphone == SOUND_CAMERA and sounding_file(camera) is None:
        raise CameraHasNoSound(camera)
    chosen = [
        (settings.microphone, Direction.INPUT),
        (settings.output, Direction.OUTPUT),
        (settings.monitor, Direction.OUTPUT),
    ]
    named = [row for row in chosen if row[0] not in (SOUND_NONE, SOUND_AUTO, SOUND_CAMERA)]
    if named and settings.microphone != SOUND_NONE:
        from app.audio.portaudio import sound_system

        for name, direction in named:
            sound_system().find(name, direction)

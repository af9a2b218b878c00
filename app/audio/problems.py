"""What can be wrong with sound, as sentences for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import Enum

from app.errors import EnvironmentProblem, UsageProblem

LISTED_AT_MOST = 6
"""More names than this make no sentence."""

INSTALL_LINUX = "On Debian and Ubuntu: sudo apt install libportaudio2 libasound2-plugins"
INSTALL_ELSEWHERE = "Run: python3 -m uv sync --reinstall"


class Direction(Enum):
    """Which way sound goes through a device; the value is what a person calls it."""

    INPUT = "microphone"
    OUTPUT = "sound output"


class NoSoundLibrary(EnvironmentProblem):
    """PortAudio is not there; everything but sound works."""

    def __init__(self) -> None:
        super().__init__(
            "There is no sound.",
            why="The library PortAudio is not installed.",
            fix=f"{INSTALL_LINUX if sys.platform.startswith('linux') else INSTALL_ELSEWHERE}.",
        )


class NoSoundDevice(EnvironmentProblem):
    """There is no device of this kind at all."""

    def __init__(self, direction: Direction) -> None:
        what = "No microphone was found." if direction is Direction.INPUT else "No sound output was found."
        fix = "Plug one in, or go on without sound: --microphone none."
        super().__init__(what, why=f"The system lists no {direction.value}.", fix=fix)


class NoSuchSoundDevice(EnvironmentProblem):
    """The device asked for is not there, but others are."""

    def __init__(self, direction: Direction, wanted: str, names: Sequence[str]) -> None:
        listed = ", ".join(names[:LISTED_AT_MOST])
        super().__init__(
            f"There is no {direction.value} {wanted!r}.",
            why=f"Those found are: {listed}." if listed else "The system lists none.",
            fix="Choose one of them by its name." if listed else "Plug it in again; it is picked up by itself.",
        )


class SoundDeviceDenied(EnvironmentProblem):
    """The system does not let this program use it."""

    def __init__(self, direction: Direction, name: str, fix: str) -> None:
        super().__init__(
            f"The {direction.value} {name} may not be used.",
            why="The system does not let this program use it.",
            fix=fix,
        )


class SoundDeviceBusy(EnvironmentProblem):
    """Another program holds it."""

    def __init__(self, direction: Direction, name: str) -> None:
        super().__init__(
            f"The {direction.value} {name} could not be opened.",
            why="Another program is using it.",
            fix="Close the other program, or choose another one.",
        )


class SoundDeviceFailed(EnvironmentProblem):
    """It could not be opened for a reason that only the system knows."""

    def __init__(self, direction: Direction, name: str, text: str) -> None:
        super().__init__(
            f"The {direction.value} {name} could not be opened.",
            why=f"The system says: {text}.",
            fix="Plug it in again, or choose another one.",
        )


class SoundDeviceLost(EnvironmentProblem):
    """It ran and does so no more."""

    def __init__(self, direction: Direction, name: str, why: str) -> None:
        super().__init__(
            f"The {direction.value} {name} stopped.",
            why=why,
            fix="It is opened again by itself as soon as that works.",
        )


class CameraHasNoSound(UsageProblem):
    """`--microphone camera` with a camera that gives no sound."""

    def __init__(self, camera: str | None) -> None:
        why = f"{camera} is no video file with sound." if camera else "No camera is chosen."
        super().__init__("The camera's sound cannot be used.", why=why, fix="Choose a microphone: --microphone auto.")

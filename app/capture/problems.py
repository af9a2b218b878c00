"""What can be wrong with a camera, as sentences for people."""

from __future__ import annotations

from collections.abc import Sequence

from app.capture.base import CameraLost
from app.errors import EnvironmentProblem

LISTED_AT_MOST = 6
"""More names than this make no sentence."""


class NoCameraFound(EnvironmentProblem):
    """There is no camera at all."""

    def __init__(self) -> None:
        super().__init__(
            "No camera was found.",
            why="The system lists no camera that this program could read.",
            fix="Plug a camera in, or use a video file: --camera FILE.",
        )


class NoSuchCamera(EnvironmentProblem):
    """The camera asked for is not there, but others are."""

    def __init__(self, wanted: str, names: Sequence[str]) -> None:
        listed = ", ".join(f"{number} ({name})" for number, name in enumerate(names[:LISTED_AT_MOST]))
        super().__init__(
            f"There is no camera {wanted!r}.",
            why=f"The cameras found are: {listed}.",
            fix="Choose one of them by its number, its name or its id.",
        )


class CameraGone(EnvironmentProblem):
    """The camera was there before and is not listed any more."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The camera {name} is not connected.",
            why="The system does not list it any more.",
            fix="Plug it in again; it is picked up by itself.",
        )


class OwnVirtualCamera(EnvironmentProblem):
    """The camera asked for is one that this program or OBS writes to: reading it would show the program to itself."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} cannot be used as the camera.",
            why="It is a virtual camera, which shows pictures of programs like this one and none of you.",
            fix="Choose a real camera.",
        )


class CameraDenied(EnvironmentProblem):
    """The system does not let this program use the camera."""

    def __init__(self, name: str, fix: str) -> None:
        super().__init__(
            f"The camera {name} may not be used.",
            why="The system does not let this program read it.",
            fix=fix,
        )


class CameraBusy(EnvironmentProblem):
    """The driver refused to open the camera although it is there and allowed: nearly always another program."""

    def __init__(self, name: str, text: str = "") -> None:
        told = f" ({text})" if text else ""
        super().__init__(
            f"The camera {name} could not be opened.",
            why=f"Another program is probably using it{told}.",
            fix="Close the other program, or choose another camera.",
        )


class NoFirstPicture(EnvironmentProblem):
    """The camera was opened and then gave nothing."""

    def __init__(self, name: str, waited_s: float) -> None:
        super().__init__(
            f"The camera {name} gives no picture.",
            why=f"It was opened, but nothing came within {waited_s:g} s.",
            fix="Plug it in again, or choose another camera.",
        )


class CameraNotAnswering(EnvironmentProblem):
    """Opening the camera did not come back in time."""

    def __init__(self, name: str, waited_s: float) -> None:
        super().__init__(
            f"The camera {name} could not be opened.",
            why=f"Its driver did not answer within {waited_s:g} s.",
            fix="Plug it in again, or choose another camera.",
        )


class PictureTooLarge(EnvironmentProblem):
    """The camera gives pictures of a size nobody wants to handle."""

    def __init__(self, name: str, width_by_height: str) -> None:
        super().__init__(
            f"The camera {name} cannot be used.",
            why=f"Its pictures of {width_by_height} are too large.",
            fix="Choose a smaller size in its own settings, or another camera.",
        )


class NoSharedMemory(EnvironmentProblem):
    """Linux promises shared memory it does not have and ends the process on the first write beyond it."""

    def __init__(self, name: str, needed_mb: int, free_mb: int) -> None:
        super().__init__(
            f"The camera {name} could not be opened.",
            why=f"Its pictures need {needed_mb} MB of shared memory and {free_mb} MB are free.",
            fix="Close other programs, or give the container more (docker run --shm-size=256m).",
        )


class GrabberEnded(EnvironmentProblem):
    """The process that reads the camera could not start, or ended before the first picture."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(
            f"The camera {name} could not be opened.",
            why=f"The process that reads it ended: {text}.",
            fix="Try again, or choose another camera.",
        )


def lost(name: str, why: str) -> CameraLost:
    """The camera ran and does so no more."""
    return CameraLost(
        f"The camera {name} stopped.",
        why=why,
        fix="Check its cable; it is opened again by itself as soon as that works.",
    )


def frozen(name: str, repeated_s: float) -> CameraLost:
    """The camera goes on giving one and the same picture, as drivers do after a cable was pulled."""
    return lost(name, f"It has given the same picture for {repeated_s:g} s.")


def silent(name: str, silent_s: float) -> CameraLost:
    """Nothing came for too long: a hung driver call, or a pulled cable that the driver does not report."""
    return lost(name, f"It has given no picture for {silent_s:g} s.")

"""What a camera is to this program: anything that grabs pictures with the time they were grabbed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.errors import EnvironmentProblem
from app.packets import CapturedFrame


@dataclass(frozen=True)
class CameraDescription:
    """A camera as listed to a person, and how to find it again.

    camera_id: stable across restarts where the system allows (device path or vendor:product:serial), else the name.
    name: what the system calls it.
    index, backend: OpenCV's, valid for this session only.
    """

    camera_id: str
    name: str
    index: int
    backend: int


@dataclass(frozen=True)
class CaptureFormat:
    """What to ask a camera for; it may give something else."""

    width: int = 1280
    height: int = 720
    fps: float = 30.0


class CameraLost(EnvironmentProblem):
    """The source gives no pictures any more: unplugged, hung, or taken by another program.

    The capture stage reports it, keeps the state machine going (HELD, IDLE, AWAY) and tries to open again.
    """


class FrameSource(Protocol):
    """One opened camera, file or test source. All methods run on the capture thread, except `interrupt`."""

    name: str

    def open(self) -> None:
        """Open the device or file.

        Raises:
            UsageProblem: a file that cannot be used.
            EnvironmentProblem: no such device, busy, no permission, no first picture in time.
        """
        ...

    def grab(self, timeout_s: float) -> CapturedFrame:
        """The newest picture, waiting for the next one at most `timeout_s`.

        Raises:
            TimeoutError: nothing new came in time (the source is still there).
            CameraLost: the source is gone or stale.
            Closed: the source has ended, or `interrupt` was called.
        """
        ...

    def release(self) -> None:
        """Give the device back. Idempotent."""
        ...

    def interrupt(self) -> None:
        """Make a waiting `grab` raise `Closed` soon; callable from any thread, idempotent."""
        ...

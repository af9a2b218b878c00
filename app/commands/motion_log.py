"""`run --record-motion`: what the driver's face did, kept as a motion clip. Numbers, no pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.engine import Engine
from app.errors import UsageProblem
from app.live_driver import MOTION_SUFFIX
from app.packets import TrackedFrame

if TYPE_CHECKING:
    from app.tracking.motion_recorder import MotionRecorder


class MotionLog:
    """Listens to the tracking of one engine; saved once that was stopped."""

    def __init__(self, path: Path) -> None:
        from app.tracking.motion_recorder import MotionRecorder

        self._path = path
        self._recorder: MotionRecorder = MotionRecorder()

    def listen_to(self, engine: Engine) -> None:
        """Keep every face that `engine` tracks from now on."""
        engine.on_tracked(self._add)

    def save(self) -> str:
        """Write the clip; a sentence about it for a person.

        Raises:
            UsageProblem: no face was seen for long enough.
            EnvironmentProblem: the folder refuses.
        """
        self._recorder.save(self._path)
        length = f"{self._recorder.duration_s:.1f} s"
        if self._recorder.full:
            return f"The first {length} of motion were saved as {self._path}; a motion clip holds no more."
        return f"{length} of motion were saved as {self._path}."

    def _add(self, frame: TrackedFrame) -> None:
        self._recorder.add(frame.observation, frame.t_capture_ns)


def motion_log(path: Path | None) -> MotionLog | None:
    """The log for `--record-motion`, if it was given."""
    return None if path is None else MotionLog(path)


def require_motion_name(path: Path) -> None:
    """Refuse a file name that `--camera` and `animate --driving` would not take for a motion clip.

    Raises:
        UsageProblem: another ending.
    """
    if path.suffix.lower() != MOTION_SUFFIX:
        raise UsageProblem(
            f"Motion cannot be recorded to {path}.",
            why=f"A motion clip cannot have the ending {path.suffix or 'none'!r}.",
            fix=f"Name it {path.with_suffix(MOTION_SUFFIX).name}.",
        )

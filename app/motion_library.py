"""The motion clips a person can play: those that come with the program, and his own in a folder of the program's.

Reading a clip loads libraries the window does not need to open, so those are imported where they are used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from app.avatars import APP_NAME
from app.errors import EnvironmentProblem, UsageProblem
from app.live_driver import MOTION_SUFFIX

if TYPE_CHECKING:
    from app.tracking.motion_clip import MotionClip
    from app.tracking.motion_recorder import MotionRecorder

SHIPPED = Path(__file__).resolve().parents[1] / "assets" / "motion"

MAX_CLIPS = 200
"""No more of a folder are read; each takes some milliseconds."""


@dataclass(frozen=True)
class ClipEntry:
    """One clip; own: recorded or imported here, so it can be removed."""

    path: Path
    name: str
    seconds: float
    own: bool


def motion_folder() -> Path:
    """Where a person's own clips live; need not exist yet."""
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / "motion"


def motion_clips() -> list[ClipEntry]:
    """All clips that can be played, the person's own first; a file that is none is left out."""
    return [*_in_folder(motion_folder(), own=True), *_in_folder(SHIPPED, own=False)]


def keep_recording(recorder: MotionRecorder, name: str) -> ClipEntry:
    """Save a recording among the person's own clips.

    Raises:
        UsageProblem: there is not enough of it.
        EnvironmentProblem: the folder refuses.
    """
    return _keep(recorder.clip(name), name)


def import_clip(path: Path) -> ClipEntry:
    """Copy a file from anywhere among the person's own clips, as this program writes them.

    Raises:
        UsageProblem: it is no motion clip.
        EnvironmentProblem: the folder refuses.
    """
    from app.tracking.motion_clip import load_motion

    return _keep(load_motion(path), path.stem)


def export_clip(path: Path, target: Path) -> Path:
    """Write a clip to a place of the person's choice, with the ending it needs; where it is.

    Raises:
        UsageProblem: the clip is gone.
        EnvironmentProblem: the folder refuses.
    """
    from app.tracking.motion_clip import load_motion, save_motion

    if target.suffix.lower() != MOTION_SUFFIX:
        target = target.with_name(target.name + MOTION_SUFFIX)
    save_motion(load_motion(path), target)
    return target


def remove_clip(path: Path) -> None:
    """Delete one of the person's own clips.

    Raises:
        UsageProblem: it is not one of them.
        EnvironmentProblem: it cannot be deleted.
    """
    if path.resolve().parent != motion_folder().resolve():
        raise UsageProblem(
            f"{path.stem} cannot be removed.", why="It is not one of your own recordings.", fix="Leave it as it is."
        )
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"{path.stem} could not be removed.",
            why=f"The system says: {error.strerror or error}.",
            fix="Close programs that use the file, then try again.",
        ) from error


def _keep(clip: MotionClip, name: str) -> ClipEntry:
    from app.tracking.motion_clip import save_motion

    home = motion_folder()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"The motion could not be saved as {name}.",
            why=f"The system says: {error.strerror or error}.",
            fix="Free some space or check the folder's permissions, then try again.",
        ) from error
    path = _free_path(home, name)
    save_motion(clip, path)
    return ClipEntry(path, path.stem, clip.duration_ms / 1000.0, own=True)


def _free_path(home: Path, name: str) -> Path:
    """The first name that is free; file names every system accepts."""
    plain = re.sub(r"[^\w .-]+", " ", name).strip(" .")[:60].strip(" .") or "motion"
    path, number = home / f"{plain}{MOTION_SUFFIX}", 2
    while path.exists():
        path, number = home / f"{plain} {number}{MOTION_SUFFIX}", number + 1
    return path


def _in_folder(home: Path, *, own: bool) -> list[ClipEntry]:
    from app.tracking.motion_clip import load_motion

    if not home.is_dir():
        return []
    found = []
    for path in sorted(home.glob(f"*{MOTION_SUFFIX}"))[:MAX_CLIPS]:
        try:
            clip = load_motion(path)
        except UsageProblem:
            continue  # the list shows what works; playing the file by name tells what is wrong with it
        name = path.stem if own else path.stem.replace("-", " ").capitalize()
        found.append(ClipEntry(path, name, clip.duration_ms / 1000.0, own))
    return found

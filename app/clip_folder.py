"""Folders of clips that `evaluate` reads: videos/*.mp4 and a manifest.csv that names them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.capture.video_reader import open_video
from app.clip_manifest import UnusableManifest, read_manifest
from app.errors import UsageProblem
from app.evaluation import SIZE_PX, Clip, find_landmarks
from app.resample import resized
from app.tracking.base import Tracker
from models.types import ImageArray

MAX_FRAMES = 3000
"""Frames of one clip that are looked at; 0.6 GB of memory."""


@dataclass(frozen=True)
class ClipFile:
    """A clip on disk. identity: who is in it, as the manifest says; empty if it does not."""

    path: Path
    identity: str = ""


class NotADataFolder(UsageProblem):
    """The folder does not hold what `evaluate` reads."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"{folder} cannot be evaluated.",
            why=why,
            fix="Give a folder with videos/*.mp4 and a manifest.csv that names them.",
        )


def list_clips(folder: Path) -> list[ClipFile]:
    """The clips of a data folder that its manifest names, by name.

    Raises:
        NotADataFolder: no manifest that can be read, or no clip.
    """
    try:
        rows = read_manifest(folder, ())
    except UnusableManifest as error:
        raise NotADataFolder(folder, str(error)) from error
    named = {file: row.get("identity", "") for file, row in rows.items()}
    paths = [path for path in sorted((folder / "videos").glob("*.mp4")) if f"videos/{path.name}" in named]
    if not paths:
        raise NotADataFolder(folder, "It has no videos/*.mp4 named in the manifest.")
    return [ClipFile(path, named[f"videos/{path.name}"]) for path in paths]


def read_clip(path: Path, tracker: Tracker) -> Clip:
    """A clip at 256 x 256 with the landmarks of every frame.

    Raises:
        UsageProblem: not a video, or not square.
    """
    frames = read_frames(path)
    return Clip(path.name, frames, find_landmarks(frames, tracker))


def read_frames(path: Path) -> tuple[ImageArray, ...]:
    """The frames of a clip at 256 x 256.

    Raises:
        UsageProblem: not a video, or not square.
    """
    with closing(open_video(path)) as reader:
        return tuple(_square(path, frame) for frame in islice(reader.frames(), MAX_FRAMES))


def _square(path: Path, frame: ImageArray) -> ImageArray:
    h, w = frame.shape[:2]
    if h != w:
        raise UsageProblem(
            f"{path.name} is {w} x {h} pixels.", why="evaluate needs square clips.", fix="Crop it around the head."
        )
    return resized(frame, (SIZE_PX, SIZE_PX))

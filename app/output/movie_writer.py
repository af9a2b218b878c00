"""Where `animate` writes: a movie or a folder of pictures, complete or not at all.

.mp4: H.264, crf 16, yuv420p, BT.709. .mkv: FFV1, lossless RGB. A folder: PNG files. Everything is written under a
temporary name beside the target and renamed when it is complete; whatever ends the work earlier removes it.
"""

from __future__ import annotations

import os
import secrets
from abc import ABC, abstractmethod
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np

from app.errors import UsageProblem
from app.output.disk import require_no_folder, require_writable_place, unwritable
from models.types import ImageArray

MOVIE_SUFFIXES = (".mp4", ".mkv")

SUPPORTED = "Write to a name ending in .mp4 (H.264) or .mkv (lossless), or to a folder (PNG pictures)."


class MovieWriter(ABC):
    """Takes pictures one after the other. A context manager: leaving it without `commit` is `abort`.

    Args:
        path: the target.
        size: (h, w) of every picture.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self.path, self._size = path, size
        self._temporary = temporary_beside(path)
        self._done = False
        self.frames = 0

    def write(self, image: ImageArray) -> None:
        """Add one picture.

        Shapes:
            image: (h, w, 3) uint8 RGB of the writer's size.

        Raises:
            ValueError: another shape or type, or the writer is done.
            EnvironmentProblem: the disk is full or gone.
        """
        if self._done:
            raise ValueError("the movie is already finished")
        if image.shape != (*self._size, 3) or image.dtype != np.uint8:
            wanted = f"({self._size[0]}, {self._size[1]}, 3) uint8"
            raise ValueError(f"a picture of this movie is {wanted}, got {image.shape} {image.dtype}")
        try:
            self._add(image)
        except OSError as error:
            raise unwritable(self.path, error) from error
        self.frames += 1

    def commit(self) -> None:
        """Finish, and give the result its name; an existing file of that name is replaced.

        Raises:
            EnvironmentProblem: the end could not be written; nothing is left behind.
        """
        if self._done:
            return
        try:
            self._finish()
            self._rename()
        except OSError as error:
            self.abort()
            raise unwritable(self.path, error) from error
        except BaseException:
            self.abort()
            raise
        self._done = True

    def abort(self) -> None:
        """Remove what was written so far. Nothing happens after `commit`."""
        if not self._done:
            self._done = True
            self._discard()

    def __enter__(self) -> MovieWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.abort()

    def _rename(self) -> None:
        os.replace(self._temporary, self.path)

    @abstractmethod
    def _add(self, image: ImageArray) -> None:
        """Write one picture; may raise OSError."""

    @abstractmethod
    def _finish(self) -> None:
        """Complete what is under the temporary name; may raise OSError."""

    @abstractmethod
    def _discard(self) -> None:
        """Remove what is under the temporary name, as far as it exists; raises nothing."""


def open_writer(path: Path, size: tuple[int, int], rate: Fraction, audio_from: Path | None = None) -> MovieWriter:
    """A writer for `path`, chosen by its ending.

    Args:
        path: .mp4, .mkv, or a folder: a name without an ending or an existing folder, which must be empty.
        size: (h, w); even sides for .mp4.
        rate: pictures a second.
        audio_from: a video whose sound is carried over, if it has any; pictures in a folder have no sound.

    Raises:
        ValueError: odd sides for .mp4.
        UsageProblem: another ending, a missing folder, a folder that is not empty.
        EnvironmentProblem: no permission, disk full.
    """
    suffix = path.suffix.lower()
    is_movie = suffix in MOVIE_SUFFIXES
    if not is_movie and suffix and not path.is_dir():
        raise UsageProblem(f"{path} cannot be written.", why=f"The ending {suffix!r} is not known.", fix=SUPPORTED)
    require_writable_place(path)
    if not is_movie:
        from app.output.picture_folder import PictureFolder

        return PictureFolder(path, size)
    require_no_folder(path)
    from app.output.movie_file import LosslessMovie, Mp4Movie

    return (Mp4Movie if suffix == ".mp4" else LosslessMovie)(path, size, rate, audio_from)


def temporary_beside(path: Path) -> Path:
    """A hidden name in the same folder, so that renaming is at once and never crosses disks."""
    return path.with_name(f".{path.stem}.{secrets.token_hex(4)}.partial{path.suffix}")

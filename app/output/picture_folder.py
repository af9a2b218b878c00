"""A movie as numbered PNG files in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2

from app.errors import UsageProblem
from app.output.disk import unwritable
from app.output.movie_writer import SUPPORTED, MovieWriter
from app.output.provenance import marked_png
from models.types import ImageArray

_COMPRESSION = 3  # of 9: a third of the time of the default, files 5 % larger


class PictureFolder(MovieWriter):
    """frame_000001.png and so on. The folder is new, or exists and is empty: nothing is ever mixed or replaced."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        super().__init__(path, size)
        if path.exists() and not path.is_dir():
            raise UsageProblem(f"{path} cannot be written.", why="It is a file, not a folder.", fix=SUPPORTED)
        try:
            if path.is_dir() and any(path.iterdir()):
                raise UsageProblem(
                    f"{path} cannot be written.", why="The folder is not empty.", fix="Empty it, or choose a new name."
                )
            self._temporary.mkdir()
        except OSError as error:
            raise unwritable(path, error) from error

    def _add(self, image: ImageArray) -> None:
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        encoded, data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION])
        assert encoded  # 8-bit RGB of any size is a PNG
        (self._temporary / f"frame_{self.frames + 1:06d}.png").write_bytes(marked_png(data.tobytes()))

    def _finish(self) -> None:
        if self.path.is_dir():
            self.path.rmdir()  # empty since the beginning, or this fails and nothing is lost

    def _discard(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)

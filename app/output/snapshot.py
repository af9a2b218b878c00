"""A picture of what the others see, saved as a PNG file: made of a `RenderedFrame`, so never of the camera."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.errors import AppError, EnvironmentProblem, UsageProblem
from app.jobs import LatestJob
from app.output.base import require_rendered
from app.output.disk import require_no_folder, require_writable_place, unwritable
from app.output.provenance import marked_png
from app.packets import Cutout, RenderedFrame
from models.types import ImageArray

SUFFIX = ".png"

MAX_WAITING = 8
"""Snapshots that wait for the disk; each holds a picture in memory, and nobody presses faster than this for long."""

CLOSE_TIMEOUT_S = 2.0


class Snapshots:
    """Saves frames on a thread of its own, in the order in which they were asked for. For any thread.

    saved, failed: called on that thread, or, where it is known at once that it cannot be done, on the caller's.
    """

    def __init__(self, saved: Callable[[Path], None], failed: Callable[[AppError], None]) -> None:
        self._saved, self._failed = saved, failed
        self._lock = threading.Lock()  # protects the two below
        self._waiting: list[tuple[RenderedFrame, Path]] = []
        self._job: LatestJob | None = None

    def take(self, frame: RenderedFrame | None, path: Path) -> None:
        """Save `frame` as `path` soon; None, where nothing was ever shown, is a failure in words."""
        if frame is None:
            self._failed(_nothing_to_save())
            return
        if not self._enqueue(require_rendered(frame), path):
            self._failed(_too_many())

    def close(self) -> None:
        """Wait for what is being saved. Idempotent; taking another afterwards is fine."""
        with self._lock:
            job, self._job = self._job, None
        if job is not None:
            job.close(CLOSE_TIMEOUT_S)
            self._save_waiting()  # what the closed job had not begun

    def _enqueue(self, frame: RenderedFrame, path: Path) -> bool:
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                return False
            self._waiting.append((frame, path))
            self._job = self._job or LatestJob("save snapshot")
            self._job.submit(self._save_waiting, _done, self._bug)
        return True

    def _save_waiting(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                frame, path = self._waiting.pop(0)
            try:
                save_snapshot(frame, path)
            except AppError as problem:
                self._failed(problem)
            else:
                self._saved(path)

    def _bug(self, error: Exception) -> None:
        self._failed(
            AppError("The snapshot was not saved.", why=f"Unexpected {type(error).__name__}: {error}", fix=_REPORT)
        )


def save_snapshot(frame: RenderedFrame, path: Path) -> None:
    """Write `frame` as `path`, under a temporary name first: a file of that name is whole or not there.

    Raises:
        TypeError: for anything that is not a `RenderedFrame`.
        UsageProblem: not a .png, no such folder, or a folder of that name.
        EnvironmentProblem: disk full, no permission.
    """
    require_rendered(frame)
    if path.suffix.lower() != SUFFIX:
        raise UsageProblem(
            f"{path} cannot be saved.", why="A snapshot is a PNG picture.", fix=f"Choose a name ending in {SUFFIX}."
        )
    require_writable_place(path)
    require_no_folder(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(png_of(frame))
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise unwritable(path, error) from error


def png_of(frame: RenderedFrame) -> bytes:
    """The frame as a PNG, without loss, transparent where its background is, marked as synthetic."""
    import cv2

    picture = np.ascontiguousarray(frame.image[..., ::-1])
    if frame.cutout is not None:
        picture = np.dstack([without_background(frame.image, frame.cutout)[..., ::-1], frame.cutout.alpha])
    done, data = cv2.imencode(SUFFIX, picture)
    if not done:
        raise ValueError(f"OpenCV could not encode {frame.image.shape}")
    return marked_png(data.tobytes())


def without_background(image: ImageArray, cutout: Cutout) -> ImageArray:
    """The person's own colours, with the colour behind taken out of the soft edge; (h, w, 3) uint8 RGB."""
    alpha = cutout.alpha.astype(np.float32)[..., None] / 255.0
    own = (image - (1.0 - alpha) * np.array(cutout.behind, np.float32)) / np.maximum(alpha, 1 / 255.0)
    return np.asarray(np.clip(own * (alpha > 0), 0, 255).round(), np.uint8)


_REPORT = "Please report this; the log has the details."


def _nothing_to_save() -> AppError:
    return EnvironmentProblem(
        "The snapshot was not saved.",
        why="There is no picture yet.",
        fix="Wait until the portrait is seen, then try again.",
    )


def _too_many() -> AppError:
    return EnvironmentProblem(
        "The snapshot was not saved.",
        why=f"{MAX_WAITING} others are still being written.",
        fix="Wait a moment, or choose a faster disk.",
    )


def _done(nothing: None) -> None:
    """Each snapshot was reported by itself."""

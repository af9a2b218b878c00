"""Motion clips behind their page, on threads of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs import LatestJob
from app.motion_library import ClipEntry, export_clip, import_clip, keep_recording, motion_clips, remove_clip
from ui.service_protocols import OnError
from ui.services import Post, posted

if TYPE_CHECKING:  # importing it loads libraries
    from app.tracking.motion_take import MotionTake


class Clips:
    """Implements `ui.clips.ClipService`; listing, beginning and changing never replace each other."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._listing, self._beginning = LatestJob("list motion clips"), LatestJob("begin to record motion")
        self._changing = LatestJob("change motion clips")

    def find(self, on_done: Callable[[Sequence[ClipEntry]], None], on_error: OnError) -> None:
        self._listing.submit(motion_clips, posted(self._post, on_done), posted(self._post, on_error))

    def begin(self, on_done: Callable[[MotionTake], None], on_error: OnError) -> None:
        self._beginning.submit(_new_take, posted(self._post, on_done), posted(self._post, on_error))

    def keep(self, take: MotionTake, name: str, on_done: Callable[[ClipEntry], None], on_error: OnError) -> None:
        self._changing.submit(
            lambda: keep_recording(take.end(), name), posted(self._post, on_done), posted(self._post, on_error)
        )

    def take_in(self, path: Path, on_done: Callable[[ClipEntry], None], on_error: OnError) -> None:
        self._changing.submit(lambda: import_clip(path), posted(self._post, on_done), posted(self._post, on_error))

    def hand_out(self, path: Path, target: Path, on_done: Callable[[Path], None], on_error: OnError) -> None:
        self._changing.submit(
            lambda: export_clip(path, target), posted(self._post, on_done), posted(self._post, on_error)
        )

    def remove(self, path: Path, on_done: Callable[[], None], on_error: OnError) -> None:
        self._changing.submit(
            lambda: remove_clip(path), posted(self._post, lambda nothing: on_done()), posted(self._post, on_error)
        )

    def close(self, timeout_s: float) -> None:
        for job in (self._listing, self._beginning, self._changing):
            job.close(timeout_s)


def _new_take() -> MotionTake:
    from app.tracking.motion_take import MotionTake

    return MotionTake()

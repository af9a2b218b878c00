"""Further pictures of avatars behind their page, on threads of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.job_progress import JobProgress
from app.jobs import LatestJob
from ui.service_protocols import OnError
from ui.services import Post, own_avatar, posted

if TYPE_CHECKING:  # importing them loads OpenCV
    from app.avatar_references import SmallReference
    from app.guided_capture.further_views import FurtherViews


class References:
    """Implements `ui.references.ReferenceService`."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._listing, self._searching = LatestJob("list further pictures"), LatestJob("look for further pictures")
        self._changing = LatestJob("change further pictures")

    def find(self, key: str, on_done: Callable[[Sequence[SmallReference]], None], on_error: OnError) -> None:
        self._listing.submit(lambda: _found(key), posted(self._post, on_done), posted(self._post, on_error))

    def search(
        self,
        key: str,
        files: Sequence[Path],
        progress: JobProgress,
        on_done: Callable[[FurtherViews], None],
        on_error: OnError,
    ) -> None:
        chosen = tuple(files)
        self._searching.submit(
            lambda: _searched(key, chosen, progress), posted(self._post, on_done), posted(self._post, on_error)
        )

    def keep(
        self,
        key: str,
        views: FurtherViews,
        left_out: Sequence[int],
        on_done: Callable[[Sequence[SmallReference]], None],
        on_error: OnError,
    ) -> None:
        def save() -> Sequence[SmallReference]:
            views.approve(tuple(left_out))
            return _found(key)

        self._changing.submit(save, posted(self._post, on_done), posted(self._post, on_error))

    def remove(
        self, key: str, name: str, on_done: Callable[[Sequence[SmallReference]], None], on_error: OnError
    ) -> None:
        self._changing.submit(lambda: _removed(key, name), posted(self._post, on_done), posted(self._post, on_error))

    def close(self, timeout_s: float) -> None:
        for job in (self._listing, self._searching, self._changing):
            job.close(timeout_s)


def _found(key: str) -> Sequence[SmallReference]:
    from app.avatar_references import small_references

    return small_references(own_avatar(key))


def _searched(key: str, files: Sequence[Path], progress: JobProgress) -> FurtherViews:
    from app.guided_capture.further_views import ViewSearch
    from app.tracking.face_mesh import FaceMeshTracker

    progress.report(0.0)
    tracker = FaceMeshTracker(static=True)
    try:
        return ViewSearch(own_avatar(key), tracker).run(files, progress)
    finally:
        tracker.close()


def _removed(key: str, name: str) -> Sequence[SmallReference]:
    from app.avatar_references import remove_reference, small_references

    return small_references(remove_reference(own_avatar(key), name))

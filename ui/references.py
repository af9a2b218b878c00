"""The presenter's part for further pictures of an avatar: looks for them, shows what was found, keeps or drops it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.job_progress import JobProgress
from ui import strings
from ui.gallery import Gallery
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.sentences import said
from ui.service_protocols import OnError
from ui.shown import AvatarTile, ReferenceShot, ReferencesPhase, ReferencesState
from ui.wording import notice_of_error

if TYPE_CHECKING:  # importing them loads OpenCV
    from app.avatar_references import SmallReference
    from app.guided_capture.further_views import FurtherViews

PART = "avatar"

MOST_LINES = 8
"""So many reasons are written out; the rest is counted."""


class ReferenceService(Protocol):
    """Further pictures of avatars off the GUI thread; every answer comes on it. Avatars are those of the person."""

    def find(self, key: str, on_done: Callable[[Sequence[SmallReference]], None], on_error: OnError) -> None:
        """The further pictures an avatar has."""
        ...

    def search(
        self,
        key: str,
        files: Sequence[Path],
        progress: JobProgress,
        on_done: Callable[[FurtherViews], None],
        on_error: OnError,
    ) -> None:
        """Look at photos and videos; `progress` tells how far it is, and can end it."""
        ...

    def keep(
        self,
        key: str,
        views: FurtherViews,
        left_out: Sequence[int],
        on_done: Callable[[Sequence[SmallReference]], None],
        on_error: OnError,
    ) -> None:
        """Save what was approved; answers what the avatar has now."""
        ...

    def remove(
        self, key: str, name: str, on_done: Callable[[Sequence[SmallReference]], None], on_error: OnError
    ) -> None:
        """Delete one of them; answers what the avatar has now."""
        ...

    def close(self, timeout_s: float) -> None: ...


@dataclass(frozen=True)
class ReferenceParts:
    """What the desk talks to. on_changed: an avatar has other pictures now. counts: the model looks at them."""

    view: MainView
    service: ReferenceService
    gallery: Gallery
    notices: NoticeBoard
    on_changed: Callable[[str], None]
    counts: bool


class ReferenceDesk:
    """Implements `ui.intents.ReferenceIntents` for one avatar at a time."""

    def __init__(self, parts: ReferenceParts, on_settled: Callable[[], None]) -> None:
        self._parts, self._on_settled = parts, on_settled
        self._tile: AvatarTile | None = None  # whose page is open
        self._has: tuple[SmallReference, ...] = ()
        self._progress: JobProgress | None = None  # of the search that runs
        self._views: FurtherViews | None = None
        self._phase = ReferencesPhase.CLOSED

    def references_wanted(self, key: str) -> None:
        """Open the page for one of the person's own avatars."""
        tile = self._parts.gallery.tile(key)
        if tile is None or not tile.own:
            return
        self._drop()
        self._tile, self._has = tile, ()
        self._list()
        self._find(tile)

    def photos_wanted(self) -> None:
        """Ask which photos."""
        self._ask(video=False)

    def video_wanted(self) -> None:
        """Ask which video."""
        self._ask(video=True)

    def files_chosen(self, files: Sequence[Path]) -> None:
        """Look at these; what was found before and not kept is thrown away."""
        tile = self._tile
        if tile is None or not files or self._phase is ReferencesPhase.SAVING:
            return
        self._drop()
        progress = self._progress = JobProgress()
        self._show(ReferencesPhase.LOOKING)
        self._parts.service.search(
            tile.key,
            files,
            progress,
            lambda views: self._found(progress, views),
            lambda error: self._not_found(progress, error),
        )

    def search_cancelled(self) -> None:
        """Look no further."""
        if self._phase is ReferencesPhase.LOOKING:
            self._drop()
            self._list()

    def references_kept(self, left_out: Sequence[int]) -> None:
        """Save what was found, without these places."""
        tile, views = self._tile, self._views
        if tile is None or views is None or self._phase is not ReferencesPhase.FOUND:
            return
        self._show(ReferencesPhase.SAVING)
        self._parts.service.keep(
            tile.key, views, left_out, lambda has: self._saved(tile, has), lambda error: self._not_saved(views, error)
        )

    def references_dropped(self) -> None:
        """Throw away what was found."""
        if self._phase is ReferencesPhase.FOUND:
            self._drop()
            self._list()

    def reference_removed(self, name: str) -> None:
        """Delete one that was kept."""
        tile = self._tile
        if tile is not None and self._phase is ReferencesPhase.LISTED:
            self._parts.service.remove(tile.key, name, lambda has: self._changed(tile, has), self._failed)

    def references_closed(self) -> None:
        """The page was closed: nothing is kept that was not approved."""
        self._drop()
        self._tile, self._has, self._phase = None, (), ReferencesPhase.CLOSED

    def tick(self) -> None:
        """Called a few times a second."""
        if self._phase is ReferencesPhase.LOOKING:
            self._show(ReferencesPhase.LOOKING)

    def close(self) -> None:
        """The window closes."""
        self._drop()

    def _ask(self, *, video: bool) -> None:
        if self._tile is not None and self._phase is ReferencesPhase.LISTED:
            self._parts.view.ask_references(self._tile.name, video=video)

    def _find(self, tile: AvatarTile) -> None:
        self._parts.service.find(tile.key, lambda has: self._listed(tile, has), self._failed)

    def _listed(self, tile: AvatarTile, has: Sequence[SmallReference]) -> None:
        if self._tile == tile:
            self._has = tuple(has)
            self._show(self._phase)

    def _changed(self, tile: AvatarTile, has: Sequence[SmallReference]) -> None:
        self._listed(tile, has)
        self._parts.on_changed(tile.key)

    def _found(self, progress: JobProgress, views: FurtherViews) -> None:
        if progress is not self._progress:
            views.reject()  # cancelled just as it was done
            return
        self._progress, self._views = None, views
        self._show(ReferencesPhase.FOUND)

    def _not_found(self, progress: JobProgress, error: Exception) -> None:
        if progress is self._progress:
            self._drop()
            self._list()
            self._failed(error)

    def _saved(self, tile: AvatarTile, has: Sequence[SmallReference]) -> None:
        if self._tile == tile:
            self._views, self._phase = None, ReferencesPhase.LISTED
        self._changed(tile, has)

    def _not_saved(self, views: FurtherViews, error: Exception) -> None:
        if self._views is views:
            self._show(ReferencesPhase.FOUND)
        else:
            views.reject()  # the page was closed while they were saved
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._parts.notices.add(notice_of_error(PART, error))
        self._on_settled()

    def _list(self) -> None:
        self._show(ReferencesPhase.LISTED)

    def _drop(self) -> None:
        """End the search and throw away what was not kept; what is being saved is left to that."""
        progress, self._progress = self._progress, None
        views, self._views = self._views, None
        if progress is not None:
            progress.cancel()
        if views is not None and self._phase is not ReferencesPhase.SAVING:
            views.reject()

    def _show(self, phase: ReferencesPhase) -> None:
        self._phase = phase
        if self._tile is None:
            return
        self._parts.view.show_references(
            ReferencesState(
                phase,
                self._tile.name,
                self._sentence(phase),
                shots=self._shots(phase),
                refused=() if self._views is None else _reasons(self._views),
                share=0.0 if self._progress is None else self._progress.share,
            )
        )

    def _sentence(self, phase: ReferencesPhase) -> str:
        if phase is ReferencesPhase.LOOKING:
            return strings.REFERENCES_LOOKING
        if phase is ReferencesPhase.SAVING:
            return strings.REFERENCES_SAVING
        if phase is ReferencesPhase.FOUND:
            some = self._views is not None and self._views.found
            return strings.REFERENCES_FOUND if some else strings.REFERENCES_NOTHING
        return strings.REFERENCES_TEXT if self._parts.counts else strings.REFERENCES_UNUSED

    def _shots(self, phase: ReferencesPhase) -> tuple[ReferenceShot, ...]:
        if phase is ReferencesPhase.FOUND and self._views is not None:
            return tuple(
                ReferenceShot(
                    str(place),
                    view.name if view.goal is None else strings.CAPTURE_GOALS[view.goal.value],
                    view.small.reveal(),
                )
                for place, view in enumerate(self._views.found)
            )
        if phase is not ReferencesPhase.LISTED:
            return ()
        return tuple(
            ReferenceShot(each.name, strings.REFERENCES_PICTURE.format(number=number), each.image)
            for number, each in enumerate(self._has, 1)
        )


def _reasons(views: FurtherViews) -> tuple[str, ...]:
    lines = [f"{refusal.name}: {said(refusal.why)}" for refusal in views.refused]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [strings.REFERENCES_MORE.format(count=len(lines) - MOST_LINES)]
    return tuple(lines)

"""The presenter's part for guided capture: asks, waits, shows what was found, keeps it or throws it away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.control import EngineControl
from ui import strings
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.sentences import said
from ui.service_protocols import OnError
from ui.shown import AvatarTile, CapturePhase, CaptureShot, CaptureState
from ui.wording import notice_of_error

if TYPE_CHECKING:  # importing them loads OpenCV
    from app.guided_capture.proposal import Proposal
    from app.guided_capture.session import GuidedCapture


class CaptureService(Protocol):
    """Guided capture off the GUI thread; every answer comes on it."""

    def begin(self, on_ready: Callable[[GuidedCapture], None], on_error: OnError) -> None:
        """Make an empty capture."""
        ...

    def keep(
        self,
        proposal: Proposal,
        name: str,
        left_out: Sequence[str],
        on_done: Callable[[AvatarTile], None],
        on_error: OnError,
    ) -> None:
        """Save what was approved as an avatar; `left_out` are goals by name."""
        ...

    def delete(self, key: str, on_done: Callable[[], None], on_error: OnError) -> None:
        """Remove an avatar of the person's own."""
        ...

    def close(self, timeout_s: float) -> None: ...


@dataclass(frozen=True)
class CaptureParts:
    """What the desk talks to. on_kept, on_deleted: the gallery has one more, or one less."""

    view: MainView
    engine: EngineControl
    service: CaptureService
    notices: NoticeBoard
    on_kept: Callable[[AvatarTile], None]
    on_deleted: Callable[[str], None]


class CaptureDesk:
    """Implements `ui.intents.CaptureIntents`. At any time there is at most one of capture, proposal, kept avatar."""

    def __init__(self, parts: CaptureParts) -> None:
        self._parts = parts
        self._capture: GuidedCapture | None = None
        self._proposal: Proposal | None = None
        self._kept: AvatarTile | None = None
        self._phase = CapturePhase.CLOSED

    def capture_wanted(self) -> None:
        """Begin, or begin again; what was found before is thrown away."""
        self._drop()
        if self._parts.engine.status().camera is None:
            self._show(CaptureState(CapturePhase.REFUSED, asked=strings.CAPTURE_NO_CAMERA))
            return
        self._show(CaptureState(CapturePhase.STARTING))
        self._parts.service.begin(self._begun, self._failed)

    def capture_kept(self, name: str, left_out: Sequence[str]) -> None:
        """Save what was found as an avatar."""
        proposal = self._proposal
        if proposal is None or self._phase is not CapturePhase.FOUND:
            return
        self._show(CaptureState(CapturePhase.SAVING))
        self._parts.service.keep(proposal, name, left_out, self._saved, self._not_saved)

    def capture_deleted(self) -> None:
        """Remove what was kept just now, with all its pictures."""
        kept, self._kept = self._kept, None
        if kept is None:
            return
        self._parts.service.delete(kept.key, lambda: self._parts.on_deleted(kept.key), self._failed)
        self._close()

    def capture_closed(self) -> None:
        """The page was closed: nothing is kept that was not approved."""
        self._drop()
        self._phase = CapturePhase.CLOSED

    def tick(self) -> None:
        """Called a few times a second."""
        capture = self._capture
        if capture is None:
            return
        progress = capture.progress()
        if progress.goal is not None:
            found = strings.CAPTURE_HAS_IT if progress.has_it else ""
            self._show(CaptureState(CapturePhase.ASKING, progress.asked, found, progress.share))
            return
        self._parts.engine.watch_driver(None)
        self._capture, self._proposal = None, capture.finish()
        self._show_found(self._proposal)

    def close(self) -> None:
        """The window closes."""
        self._drop()

    def _begun(self, capture: GuidedCapture) -> None:
        if self._phase is not CapturePhase.STARTING:
            capture.cancel()
            return
        self._capture = capture
        self._parts.engine.watch_driver(capture)
        self.tick()

    def _show_found(self, proposal: Proposal) -> None:
        shots = tuple(
            CaptureShot(each.goal.value, strings.CAPTURE_GOALS[each.goal.value], each.picture.reveal())
            for each in proposal.found
        )
        missing = tuple(f"{strings.CAPTURE_GOALS[miss.goal.value]}: {said(miss.why)}" for miss in proposal.misses)
        self._show(CaptureState(CapturePhase.FOUND, shots=shots, missing=missing, can_keep=proposal.can_be_approved))

    def _saved(self, tile: AvatarTile) -> None:
        self._proposal = None
        self._parts.on_kept(tile)
        if self._phase is CapturePhase.SAVING:
            self._kept = tile
            self._show(CaptureState(CapturePhase.KEPT, asked=strings.CAPTURE_KEPT.format(name=tile.name)))

    def _not_saved(self, error: Exception) -> None:
        self._parts.notices.add(notice_of_error("avatar", error))
        if self._proposal is not None and self._phase is CapturePhase.SAVING:
            self._show_found(self._proposal)

    def _failed(self, error: Exception) -> None:
        self._parts.notices.add(notice_of_error("avatar", error))
        self._close()

    def _close(self) -> None:
        self.capture_closed()
        self._parts.view.show_capture(CaptureState(CapturePhase.CLOSED))

    def _show(self, state: CaptureState) -> None:
        self._phase = state.phase
        self._parts.view.show_capture(state)

    def _drop(self) -> None:
        """Throw away every picture that was not kept."""
        capture, self._capture = self._capture, None
        proposal, self._proposal = self._proposal, None
        self._kept = None
        if capture is not None:
            self._parts.engine.watch_driver(None)
            capture.cancel()
        if proposal is not None and self._phase is not CapturePhase.SAVING:
            proposal.reject()

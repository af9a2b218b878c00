"""The presenter's part for recorded movement: record it, play it in place of the camera, take it in and hand it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.control import EngineControl
from app.motion_library import ClipEntry
from app.packets import TrackedFrame
from ui import strings
from ui.cameras import CameraDesk
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.service_protocols import OnError
from ui.shown import ClipLine, ClipsState, Notice, NoticeKind
from ui.wording import length_text, notice_of_error

if TYPE_CHECKING:  # importing it loads libraries
    from app.tracking.motion_take import MotionTake

PART = "motion"


class ClipService(Protocol):
    """Motion clips off the GUI thread; every answer comes on it."""

    def find(self, on_done: Callable[[Sequence[ClipEntry]], None], on_error: OnError) -> None:
        """List what can be played."""
        ...

    def begin(self, on_done: Callable[[MotionTake], None], on_error: OnError) -> None:
        """Make an empty recording."""
        ...

    def keep(self, take: MotionTake, name: str, on_done: Callable[[ClipEntry], None], on_error: OnError) -> None:
        """End a recording and save it among the person's own."""
        ...

    def take_in(self, path: Path, on_done: Callable[[ClipEntry], None], on_error: OnError) -> None:
        """Import a file."""
        ...

    def hand_out(self, path: Path, target: Path, on_done: Callable[[Path], None], on_error: OnError) -> None:
        """Export a clip; answers where it is."""
        ...

    def remove(self, path: Path, on_done: Callable[[], None], on_error: OnError) -> None:
        """Delete one of the person's own."""
        ...

    def close(self, timeout_s: float) -> None: ...


@dataclass(frozen=True)
class ClipParts:
    """What the desk talks to. now: local time, for names."""

    view: MainView
    engine: EngineControl
    service: ClipService
    cameras: CameraDesk
    notices: NoticeBoard
    now: Callable[[], datetime]


class ClipDesk:
    """Implements `ui.intents.ClipIntents`. While a clip plays the camera is off; nothing is recorded then."""

    def __init__(self, parts: ClipParts, on_settled: Callable[[], None]) -> None:
        self._parts, self._on_settled = parts, on_settled
        self._clips: tuple[ClipEntry, ...] = ()
        self._open, self._beginning = False, False
        self._take: MotionTake | None = None
        parts.engine.on_tracked(self._tracked)

    def clips_wanted(self) -> None:
        """Open the page, with a fresh list."""
        self._open = True
        self._look()
        self._show()

    def clips_closed(self) -> None:
        """The page was closed; what plays or is recorded goes on."""
        self._open = False

    def record_toggled(self) -> None:
        """Begin to record, or save what was recorded."""
        take, self._take = self._take, None
        if take is not None:
            name = strings.CLIP_NAME.format(now=self._parts.now())
            self._parts.service.keep(take, name, self._kept, self._failed)
        elif not self._beginning and self._can_record:
            self._beginning = True
            self._parts.service.begin(self._begun, self._failed)
        self._show()

    def play_toggled(self, path: Path) -> None:
        """Play a clip in place of the camera, or end that."""
        clip = self._clip(path)
        if clip is None or self._take is not None:
            return
        playing = self._parts.cameras.stand_in
        self._parts.cameras.let_stand_in(None if playing == clip.path else clip.path, clip.name)
        self._show()

    def stop_wanted(self) -> None:
        """Play nothing."""
        self._parts.cameras.let_stand_in(None)
        self._show()

    def import_wanted(self) -> None:
        self._parts.view.ask_clip()

    def imported(self, path: Path) -> None:
        self._parts.service.take_in(path, self._kept, self._failed)

    def export_wanted(self, path: Path) -> None:
        clip = self._clip(path)
        if clip is not None:
            self._parts.view.ask_clip_target(clip.path, clip.name)

    def exported(self, path: Path, target: Path) -> None:
        self._parts.service.hand_out(path, target, self._handed_out, self._failed)

    def removal_wanted(self, path: Path) -> None:
        clip = self._clip(path)
        if clip is not None and clip.own:
            self._parts.view.ask_clip_removal(clip.path, clip.name)

    def removed(self, path: Path) -> None:
        clip = self._clip(path)
        if clip is not None and clip.own:
            if self._parts.cameras.stand_in == path:
                self._parts.cameras.let_stand_in(None)
            self._parts.service.remove(path, self._look, self._failed)

    def tick(self) -> None:
        """Called a few times a second."""
        if self._take is not None and self._take.full:
            self.record_toggled()
        elif self._open:
            self._show()

    @property
    def _can_record(self) -> bool:
        return self._parts.cameras.chosen is not None and self._parts.cameras.stand_in is None

    def _begun(self, take: MotionTake) -> None:
        self._beginning, self._take = False, take
        self._show()

    def _tracked(self, frame: TrackedFrame) -> None:
        """On the tracking thread."""
        take = self._take
        if take is not None:
            take.add(frame)

    def _kept(self, clip: ClipEntry) -> None:
        why = strings.CLIP_KEPT_WHY.format(name=clip.name, length=length_text(clip.seconds))
        self._parts.notices.add(Notice(NoticeKind.INFO, strings.CLIP_KEPT, why, ""))
        self._look()
        self._on_settled()

    def _handed_out(self, target: Path) -> None:
        notice = Notice(NoticeKind.INFO, strings.CLIP_EXPORTED, str(target), "", folder=target.parent)
        self._parts.notices.add(notice)
        self._on_settled()

    def _failed(self, error: Exception) -> None:
        self._beginning = False
        self._parts.notices.add(notice_of_error(PART, error))
        self._look()
        self._on_settled()

    def _look(self) -> None:
        self._parts.service.find(self._listed, self._not_listed)

    def _listed(self, clips: Sequence[ClipEntry]) -> None:
        self._clips = tuple(clips)
        self._show()

    def _not_listed(self, error: Exception) -> None:
        self._parts.notices.add(notice_of_error(PART, error))
        self._on_settled()

    def _clip(self, path: Path) -> ClipEntry | None:
        return next((clip for clip in self._clips if clip.path == path), None)

    def _show(self) -> None:
        if not self._open:
            return
        playing = self._parts.cameras.stand_in
        lines = tuple(
            ClipLine(clip.path, clip.name, length_text(clip.seconds), clip.own, clip.path == playing)
            for clip in self._clips
        )
        self._parts.view.show_clips(
            ClipsState(
                lines,
                recording=None if self._take is None else length_text(self._take.seconds),
                can_record=self._take is not None or self._can_record,
                text=self._text(),
            )
        )

    def _text(self) -> str:
        if self._take is not None:
            return strings.CLIPS_RECORDING
        if self._parts.cameras.stand_in is not None:
            return strings.CLIPS_PLAYING
        return strings.CLIPS_TEXT if self._can_record else strings.CLIPS_NO_CAMERA

"""The presenter's part for cameras: the list, the choice, a video file in place of a camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.capture.base import CameraDescription
from app.control import EngineControl
from ui import strings
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.service_protocols import CameraService
from ui.shown import CameraEntry, Notice, NoticeKind
from ui.wording import notice_of_error

SYNTHETIC = "synthetic"
"""The test picture's id, as in `EngineConfig.camera`."""


@dataclass(frozen=True)
class CameraParts:
    """What the choice of a camera needs."""

    view: MainView
    engine: EngineControl
    cameras: CameraService
    notices: NoticeBoard
    memory: Memory


@dataclass(frozen=True)
class _Entry:
    camera: str | None
    label: str
    hint: str = ""
    asks_for_file: bool = False


class CameraDesk:
    """Keeps the list in the order: no camera, cameras, the chosen one if it is not among them, video file."""

    def __init__(self, parts: CameraParts, chosen: str | None, on_settled: Callable[[], None]) -> None:
        self._parts = parts
        self._on_settled = on_settled
        self._found: tuple[CameraDescription, ...] = ()
        self._entries: list[_Entry] = []
        self._searching = False
        self._not_listed: Notice | None = None
        self.chosen = chosen
        self.stand_in: Path | None = None
        """A motion clip that plays in place of the chosen camera, which is off meanwhile."""
        self.stand_in_name = ""

    def cameras_wanted(self) -> None:
        """Ask for the list again."""
        self._searching = True
        self.show_again()
        self._parts.cameras.find(self._listed, self._failed)

    def camera_chosen(self, index: int) -> None:
        """Take an entry of the list; the last one asks for a file first."""
        entry = self._entries[index]
        if entry.asks_for_file:
            self._parts.view.ask_video()
        else:
            self._use(entry.camera, entry.label)

    def video_chosen(self, path: Path) -> None:
        """Use a video as the camera."""
        self._use(str(path), path.name)

    def video_refused(self) -> None:
        """Set the list back to the choice, after the file dialog was left."""
        self.show_again()

    def let_stand_in(self, clip: Path | None, name: str = "") -> None:
        """Play a clip in place of the camera, or go back to the camera; not remembered."""
        if clip != self.stand_in:
            self.stand_in, self.stand_in_name = clip, name
            self._parts.engine.set_camera(self.chosen if clip is None else str(clip))
            self._on_settled()

    def _use(self, camera: str | None, name: str) -> None:
        if camera != self.chosen or self.stand_in is not None:
            self.chosen, self.stand_in = camera, None
            self._parts.engine.set_camera(camera)
            remembered = replace(self._parts.memory.values, camera=camera, camera_name=name if camera else "")
            self._parts.memory.update(remembered)
        self.show_again()
        self._on_settled()

    def _listed(self, found: Sequence[CameraDescription]) -> None:
        self._found, self._searching = tuple(found), False
        if self._not_listed is not None:
            self._parts.notices.drop(self._not_listed)
        self.show_again()
        self._on_settled()

    def _failed(self, error: Exception) -> None:
        self._found, self._searching = (), False
        why = notice_of_error("camera", error).why
        self._not_listed = Notice(NoticeKind.PROBLEM, strings.NO_CAMERAS, why, strings.NO_CAMERAS_FIX)
        self._parts.notices.add(self._not_listed)
        self.show_again()
        self._on_settled()

    def show_again(self) -> None:
        """Bring the list in the window up to date."""
        self._entries = self._make_entries()
        selected = next((i for i, entry in enumerate(self._entries) if self._is_chosen(entry)), 0)
        shown = [CameraEntry(entry.label, entry.hint) for entry in self._entries]
        self._parts.view.show_cameras(shown, selected, searching=self._searching)

    def _is_chosen(self, entry: _Entry) -> bool:
        return entry.camera == self.chosen and not entry.asks_for_file

    def _make_entries(self) -> list[_Entry]:
        cameras = [_Entry(found.camera_id, found.name, found.camera_id) for found in self._found]
        first = strings.CAMERA_NONE if cameras or self._searching else strings.CAMERA_NONE_FOUND
        if self._searching and not cameras:
            first = strings.CAMERA_SEARCHING
        entries = [_Entry(None, first if self.chosen is None else strings.CAMERA_NONE), *cameras]
        if self.chosen is not None and all(entry.camera != self.chosen for entry in entries):
            entries.append(self._unlisted(self.chosen))
        return [*entries, _Entry(None, strings.CAMERA_FILE, asks_for_file=True)]

    def _unlisted(self, camera: str) -> _Entry:
        """The chosen camera that is not in the list: a file, one given by number or name, or one that is unplugged."""
        path = Path(camera)
        if path.suffix and path.is_file():
            return _Entry(camera, path.name, camera)
        match = next((found for found in self._found if camera in (found.name, str(found.index))), None)
        if match is not None:
            return _Entry(camera, match.name, match.camera_id)
        if self._searching:
            return _Entry(camera, self._remembered_name(camera, strings.CAMERA_SEARCHING))
        if camera == SYNTHETIC:
            return _Entry(camera, strings.CAMERA_SYNTHETIC)
        return _Entry(camera, strings.CAMERA_MISSING.format(name=self._remembered_name(camera, camera)))

    def _remembered_name(self, camera: str, otherwise: str) -> str:
        remembered = self._parts.memory.values
        return remembered.camera_name if remembered.camera == camera and remembered.camera_name else otherwise

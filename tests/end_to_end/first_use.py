"""The window as a new user meets it, and the pictures of it in docs: `python -m tests.end_to_end.first_use FOLDER`.

The whole program on a screen of its own (Xvfb), with empty settings, operated by mouse and keys. The camera shows a
film of a shipped portrait's pictures, so that no person is in any picture. Said as JSON: after how many
clicks the portrait moved, what guided capture found, what was found in the film for the portrait that was captured.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar
from unittest import mock

import numpy as np
from PySide6.QtCore import QMimeData, QObject, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QLabel, QPushButton, QWidget

from app.avatars import shipped_avatars
from app.capture.base import CameraDescription
from app.control import EngineConfig
from app.engine import Engine
from app.leaving import leave
from app.live_stages import live_engine
from app.packets import FrameStatus
from app.picture_file import read_picture
from app.resample import resized
from tests.helpers.real_window import main_window, measured_beside, run_window, screen_of_its_own
from tests.helpers.videos import Recipe, write_video
from ui.views.capture_page import CapturePage
from ui.views.gallery import StripView
from ui.views.references_page import ReferencesPage

WHO = "mira"
SHOWN_FRAMES = 20
STEP_TIMEOUT_S = 60.0

P = TypeVar("P", bound=QWidget)


class NewUser(QObject):
    """Goes through `_visit`, which waits for what it yields: each a question that is asked until its answer is yes."""

    def __init__(self, engine: Engine, film: Path, pictures: Path) -> None:
        super().__init__()
        self._engine, self._film, self._pictures = engine, film, pictures
        self._clicks = 0
        self.said: dict[str, object] = {}
        self._visiting = self._visit()
        self._until: Callable[[], bool] = self._visible
        self._since_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(100)

    def _look(self) -> None:
        if not self._until():
            if time.monotonic() - self._since_s > STEP_TIMEOUT_S:
                status = self._engine.status()
                self.said["gave up"] = [status.state.value, status.frame_status.value, str(status.camera), self._clicks]
                self._keep("gave-up")
                self._end()
            return
        self._since_s = time.monotonic()
        try:
            self._until = next(self._visiting)
        except StopIteration:
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        main_window().close()

    def _visit(self) -> Iterator[Callable[[], bool]]:
        yield self._is(FrameStatus.IDLE)
        camera = next(each for each in main_window().findChildren(QComboBox) if "HD Webcam" in _entries(each))
        self._choose(camera, _entries(camera).index("HD Webcam"))
        yield self._is(FrameStatus.LIVE)
        self.said["clicks until it moves"] = self._clicks
        self._keep("first-start")
        self._click("Capture yourself")
        page = _page(CapturePage)
        yield _button(page, "Keep").isVisible
        self.said["captured"] = _words(page)
        self._keep("guided-capture", page)
        self._click("Keep", page)
        yield lambda: self._engine.status().portrait == "Me"
        self._click("Close", page)
        strip = main_window().findChild(StripView)
        assert strip is not None
        main_window().activateWindow()  # there is no window manager that would give it the keyboard back
        strip.setFocus()
        yield strip.hasFocus
        QTest.keyClick(strip, Qt.Key.Key_F4)
        further = _page(ReferencesPage)
        yield lambda: bool(_removers(further))
        self.said["has"] = len(_removers(further))
        self._keep("further-pictures", further)
        while _removers(further):
            before = len(_removers(further))
            QTest.mouseClick(_removers(further)[0], Qt.MouseButton.LeftButton)
            yield lambda before=before: len(_removers(further)) < before  # type: ignore[misc]
        self._drop(further)
        yield _button(further, "Throw away").isVisible
        self.said["found in the film"] = _words(further)
        self._click("Keep", further)
        yield lambda: bool(_removers(further))
        self.said["kept of the film"] = len(_removers(further))

    def _is(self, status: FrameStatus) -> Callable[[], bool]:
        def reached() -> bool:
            return self._engine.status().frame_status is status

        return reached

    def _visible(self) -> bool:
        return any(each.isVisible() for each in QApplication.topLevelWidgets())

    def _choose(self, combo: QComboBox, row: int) -> None:
        """Open a list and take an entry of it: two clicks."""
        self._clicks += 2
        QTest.mouseClick(combo, Qt.MouseButton.LeftButton)
        QTest.qWait(600)  # a click just after a list was opened counts as the end of the one that opened it
        view = combo.view()
        assert isinstance(view, QAbstractItemView)
        place = view.visualRect(view.model().index(row, 0)).center()
        QTest.mouseMove(view.viewport(), place)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def _click(self, name: str, inside: QWidget | None = None) -> None:
        self._clicks += 1
        QTest.mouseClick(_button(inside or main_window(), name), Qt.MouseButton.LeftButton)

    def _drop(self, page: ReferencesPage) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(self._film))])
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        page.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, mime, left, none))

    def _keep(self, name: str, of: QWidget | None = None) -> None:
        QApplication.processEvents()
        (of or main_window()).grab().save(str(self._pictures / f"{name}.png"))


def _entries(combo: QComboBox) -> list[str]:
    return [combo.itemText(row) for row in range(combo.count())]


def _page(kind: type[P]) -> P:
    found = main_window().findChild(kind)
    assert found is not None
    return found


def _button(inside: QWidget, name: str) -> QPushButton:
    return next(
        each for each in inside.findChildren(QPushButton) if name in (each.text().strip(), each.accessibleName())
    )


def _removers(page: QWidget) -> list[QPushButton]:
    return [each for each in page.findChildren(QPushButton) if each.isVisible() and each.text() == "Remove"]


def _words(page: QWidget) -> list[str]:
    """Names of the pictures that are shown, and everything that is said beside them."""
    seen = [each for each in page.findChildren(QLabel) if each.isVisible()]
    return [each.accessibleName() or each.text() for each in seen if each.accessibleName() or each.text()]


def _use_here(film: Path, pictures: Path) -> dict[str, object]:
    users: list[NewUser] = []

    def new_engine(config: EngineConfig) -> Engine:
        engine = live_engine(config)
        users.append(NewUser(engine, film, pictures))
        return engine

    with mock.patch("ui.services._list_cameras", return_value=(CameraDescription(str(film), "HD Webcam", 0, 200),)):
        code = run_window(["--virtual-camera", "none", "--quiet"], new_engine)
    return {"exit": code, **users[0].said}


def _film(path: Path) -> Path:
    """All pictures of a shipped avatar, a while each."""
    avatar = next(each for each in shipped_avatars() if each.key == WHO)
    pictures = [read_picture(each, limit_px=720).rgb for each in (avatar.portrait, *avatar.references)]
    h, w = (side // 2 * 2 for side in np.min([picture.shape[:2] for picture in pictures], axis=0))
    shown = [resized(picture, (h, w)) for picture in pictures for _ in range(SHOWN_FRAMES)]
    return write_video(path, Recipe(size=(h, w)), images=shown)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was seen as JSON; pictures go to FOLDER."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inside", type=Path, metavar="FILM", help="in this process, on the screen there is")
    options = parser.parse_args(arguments)
    if options.inside:
        sys.stdout.write(json.dumps(_use_here(options.inside, options.folder)) + "\n")
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, screen_of_its_own() as environment:
        film = _film(Path(folder) / "film.mp4")
        shown = [str(options.folder.resolve()), "--inside", str(film)]
        found = measured_beside(__spec__.name, shown, environment, 1200.0)
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return 0 if found["exit"] == 0 else 1


if __name__ == "__main__":
    leave(main())

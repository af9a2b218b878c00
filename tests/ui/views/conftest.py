"""The main window over mocks, for every test in this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import pytest
from PySide6.QtWidgets import QApplication

from app.settings import MotionSettings, OutputSettings
from tests.helpers.window import TILES
from tests.ui.conftest import settle
from tests.ui.views.window_parts import Wishes
from ui.intents import (
    CameraIntents,
    CaptureIntents,
    ClipIntents,
    DoctorIntents,
    GalleryIntents,
    HelpIntents,
    LookIntents,
    OutputIntents,
    PortraitIntents,
    ReferenceIntents,
    RemoteIntents,
    SoundIntents,
)
from ui.shown import (
    CameraEntry,
    VirtualCameraLine,
)
from ui.theme import DARK
from ui.views.main_window import MainWindow


@pytest.fixture
def wishes() -> Wishes:
    seen = (PortraitIntents, CameraIntents, OutputIntents, SoundIntents, LookIntents)
    more = (RemoteIntents, DoctorIntents, CaptureIntents, GalleryIntents, HelpIntents, ClipIntents, ReferenceIntents)
    groups = (*seen, *more)
    return Wishes(*(create_autospec(group, instance=True) for group in groups), *(MagicMock() for _ in range(5)))


@pytest.fixture
def window(qt_app: QApplication, wishes: Wishes, tmp_path: Path) -> Iterator[MainWindow]:
    made = MainWindow()
    made.pasted_folder = tmp_path / "pasted"
    made.bind(wishes, lambda: None)
    made.apply_theme(DARK)
    made.show_output(OutputSettings())
    made.show_motion(MotionSettings())
    made.show_mirror(True)
    made.show_virtual_camera(VirtualCameraLine(False, "Off"))
    made.show_avatars(TILES, "ada")
    made.show_cameras(
        (CameraEntry("No camera"), CameraEntry("HD Webcam"), CameraEntry("Video file…")), 0, searching=False
    )
    made.resize(1280, 760)
    made.show()
    qt_app.processEvents()
    yield made
    made.close()
    made.deleteLater()
    settle(qt_app)

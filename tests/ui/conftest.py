"""For everything under tests/ui: the presenter with fakes around it, and a Qt that must leave nothing behind."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, NonCallableMock, create_autospec

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from app.control import EngineConfig
from app.remembered import Language
from app.settings_file import SettingsFile
from tests.helpers.window import (
    FakeAvatars,
    FakeCameras,
    FakeCaptures,
    FakeClips,
    FakeDoctor,
    FakeEngine,
    FakePortraits,
    FakeReferences,
    FakeRemote,
    FakeSounds,
)
from ui.language import speak
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.presenter import FirstPortrait, Presenter, PresenterParts
from ui.protocols import MainView
from ui.qt_application import qt_application
from ui.shown import Notice

SAID_BY_THE_OFFSCREEN_PLATFORM = re.compile(r"^This plugin does not support (propagateSizeHints|raise|grabbing).*")


class HandClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time_ns = 0

    def now_ns(self) -> int:
        return self.time_ns

    def wait_until_ns(self, deadline_ns: int, wake: object) -> bool:
        raise AssertionError("nothing in the window waits")

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.time_ns += round(seconds * 1e9)


@dataclass
class Rig:
    """A presenter and everything around it."""

    presenter: Presenter
    view: MagicMock
    engine: FakeEngine
    portraits: FakePortraits
    cameras: FakeCameras
    avatars: FakeAvatars
    sounds: FakeSounds
    remote: FakeRemote
    doctor: FakeDoctor
    captures: FakeCaptures
    clips: FakeClips
    references: FakeReferences
    memory: Memory
    clock: HandClock
    videos: Path

    @property
    def notice(self) -> Notice | None:
        """What the message bar shows now."""
        shown: Notice | None = self.view.show_notice.call_args.args[0]
        return shown


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sentences are tested in English, whatever this system speaks and whatever a test made the window speak."""
    monkeypatch.setattr("ui.session.system_languages", lambda: ["en-GB"])
    yield
    speak(Language.ENGLISH)


@pytest.fixture
def make_rig(tmp_path: Path) -> Callable[..., Rig]:
    """Makes a presenter whose view is a mock of `MainView`: a call the protocol lacks fails.

    view, engine: real ones in place of the mock and the fake.
    """

    def make(
        config: EngineConfig | None = None,
        first: FirstPortrait | None = None,
        *,
        view: Any = None,
        engine: Any = None,
        models: tuple[str, ...] = ("geometric",),
    ) -> Rig:
        config = config or EngineConfig()
        if view is None:
            view = create_autospec(MainView, instance=True)
            view.geometry_text.return_value = "where it was"
        clock, notices, engine = HandClock(), NoticeBoard(), engine or FakeEngine(config)
        memory = Memory(SettingsFile(tmp_path / "settings.json"), clock, notices)
        portraits, cameras, avatars, doctor = FakePortraits(), FakeCameras(), FakeAvatars(), FakeDoctor()
        remote, sounds, captures, clips = FakeRemote(), FakeSounds(), FakeCaptures(), FakeClips()
        references = FakeReferences()
        parts = PresenterParts(
            view=view,
            engine=engine,
            config=config,
            portraits=portraits,
            cameras=cameras,
            avatars=avatars,
            sounds=sounds,
            remote=remote,
            doctor=doctor,
            captures=captures,
            clips=clips,
            references=references,
            memory=memory,
            notices=notices,
            clock=clock,
            videos=tmp_path,
            now=lambda: datetime(2026, 3, 4, 5, 6, 7),
            models=models,
        )
        presenter = Presenter(parts, first)
        if isinstance(view, NonCallableMock):  # a window is bound to its presenter first
            presenter.show_remembered()
        return Rig(
            presenter,
            view,
            engine,
            portraits,
            cameras,
            avatars,
            sounds,
            remote,
            doctor,
            captures,
            clips,
            references,
            memory,
            clock,
            tmp_path,
        )

    return make


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A presenter that has just started."""
    made = make_rig()
    made.presenter.start()
    return made


@pytest.fixture
def qt_app() -> Iterator[QApplication]:
    """The one application; afterwards no window, no running timer and no Qt warning may be left."""
    said: list[str] = []

    def listen(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not SAID_BY_THE_OFFSCREEN_PLATFORM.match(text):
            said.append(text)

    before = qInstallMessageHandler(listen)
    app = qt_application()
    windows_before = set(QApplication.topLevelWidgets())
    yield app
    settle(app)
    if set(QApplication.topLevelWidgets()) - windows_before or running_timers():
        gc.collect()  # only where it could make a difference: it takes long in a process that loaded much
        settle(app)
    left = [widget for widget in QApplication.topLevelWidgets() if widget not in windows_before]
    timers = running_timers()
    qInstallMessageHandler(before)
    assert left == [], f"windows left by this test: {left}"
    assert timers == [], f"timers left running by this test: {timers}"
    assert said == [], f"Qt said: {said}"


def settle(app: QApplication) -> None:
    """Run everything that is due, deletions too."""
    app.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()


def running_timers() -> list[QTimer]:
    """All timers of this process that are running.

    Types are asked, not objects: `isinstance` reads `__class__`, which some objects of torch answer with a warning.
    """
    timers = [thing for thing in gc.get_objects() if issubclass(type(thing), QTimer)]
    return [timer for timer in timers if isValid(timer) and timer.isActive()]

"""The presenter's part for what leaves the program: virtual camera, recording, the away card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.clock import NS_PER_S, Clock
from app.control import EngineControl, EngineStatus, Problem
from ui.browser import BrowserDesk
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.shown import LiveLine
from ui.wording import (
    RECORDER_PART,
    VIRTUAL_CAMERA_PART,
    length_text,
    live_line,
    notice_of,
    recording_saved,
    snapshot_saved,
    virtual_camera_line,
)

ANY, OFF = "auto", "none"
"""What `EngineConfig.virtual_camera` says beside the name of a device."""


@dataclass(frozen=True)
class OutputParts:
    """What the outputs need. videos, pictures: the folders recordings and snapshots go to. now: for their names.

    streams: a flag sends the picture to a server.
    """

    view: MainView
    engine: EngineControl
    notices: NoticeBoard
    memory: Memory
    clock: Clock
    videos: Path
    now: Callable[[], datetime]
    pictures: Path
    browser: BrowserDesk
    streams: bool = False


@dataclass(frozen=True)
class _Recording:
    """One recording from the wish to the finished file.

    confirmed_ns: since when it runs, by what the engine says. paused_ns: since when it waits, if it does.
    left_out_ns: how long it has waited before.
    """

    path: Path
    old_problems: frozenset[Problem] = frozenset()
    confirmed_ns: int | None = None
    paused_ns: int | None = None
    left_out_ns: int = 0


class OutputDesk:
    """Turns wishes into calls of the engine, and the engine's status back into what is shown.

    The engine answers later than it is asked; until it does, the wish is shown.
    """

    def __init__(self, parts: OutputParts, virtual_camera: str, on_settled: Callable[[], None]) -> None:
        self._parts = parts
        self._on_settled = on_settled
        self._virtual_camera = virtual_camera
        self._named = next((name for name in (virtual_camera, parts.memory.values.virtual_camera) if name != OFF), ANY)
        self._by_hand = False  # a camera that was switched on by hand may complain loudly
        self._recording: _Recording | None = None
        self._away = False
        self._snapshot: Path | None = None

    @property
    def away(self) -> bool:
        """Whether the person went away."""
        return self._away

    @property
    def live(self) -> bool:
        """Whether others can see the portrait, as far as the person decides it."""
        return not self._away and (self._virtual_camera != OFF or self._sends_elsewhere)

    def seen(self, status: EngineStatus) -> bool:
        """Whether others see the portrait now, as far as this program can know it."""
        line = self._line(status)
        opening = not self._sends_elsewhere and status.virtual_camera is None
        return line.live and not line.trouble and not opening

    @property
    def _sends_elsewhere(self) -> bool:
        """Whether others see the picture without the virtual camera."""
        return self._parts.browser.on or self._parts.streams

    def live_wanted(self, on: bool) -> None:
        if on and self._virtual_camera == OFF and not self._sends_elsewhere:
            self.virtual_camera_wanted(True)
        self.away_wanted(not on)

    def live_toggled(self) -> None:
        self.live_wanted(not self.live)

    def virtual_camera_wanted(self, on: bool) -> None:
        self._virtual_camera, self._by_hand = (self._named if on else OFF), on
        self._parts.engine.set_virtual_camera(self._virtual_camera)
        self._parts.memory.update(replace(self._parts.memory.values, virtual_camera=self._virtual_camera))
        self._on_settled()

    def virtual_camera_explained(self) -> None:
        for problem in self._parts.engine.status().problems:
            if problem.part == VIRTUAL_CAMERA_PART:
                self._parts.notices.add(notice_of(problem))
        self._on_settled()

    def record_toggled(self) -> None:
        if self._recording is not None:
            self._parts.engine.stop_recording()
            return
        path = self._free_path(self._parts.videos, ".mp4")
        self._recording = _Recording(path, frozenset(self._parts.engine.status().problems))
        self._parts.engine.start_recording(path)
        self._parts.view.show_recording(length_text(0))

    def record_wanted(self, on: bool) -> None:
        if on != (self._recording is not None):
            self.record_toggled()

    def pause_toggled(self) -> None:
        if self._recording is not None and self._recording.confirmed_ns is not None:
            self._parts.engine.pause_recording(self._recording.paused_ns is None)
            self._on_settled()

    def snapshot_wanted(self) -> None:
        self._parts.engine.save_snapshot(self._free_path(self._parts.pictures, ".png"))

    def browser_source_wanted(self, on: bool) -> None:
        self._parts.browser.wanted(on)
        self._on_settled()

    def browser_address_wanted(self) -> None:
        self._parts.browser.address_wanted()

    def calibrate(self) -> None:
        self._parts.engine.calibrate()

    def away_wanted(self, away: bool) -> None:
        self._away = away
        self._parts.engine.set_away(away)
        self._parts.view.show_away(away)
        self._on_settled()

    def away_toggled(self) -> None:
        self.away_wanted(not self._away)

    def loud_problems(self, status: EngineStatus) -> tuple[Problem, ...]:
        """Failures for the message bar: a virtual camera nobody asked for complains in its own panel only."""
        if self._by_hand:
            return status.problems
        return tuple(problem for problem in status.problems if problem.part != VIRTUAL_CAMERA_PART)

    def show(self, status: EngineStatus) -> None:
        """Bring the window up to the engine's status."""
        self._parts.view.show_virtual_camera(virtual_camera_line(self._virtual_camera, status))
        self._parts.view.show_live(self._line(status))
        self._follow_recording(status)
        self._follow_snapshot(status)
        self._parts.browser.show(status)

    def _line(self, status: EngineStatus) -> LiveLine:
        wanted = self._virtual_camera != OFF
        return live_line(status, away=self._away, camera_wanted=wanted, sends_elsewhere=self._sends_elsewhere)

    def _follow_snapshot(self, status: EngineStatus) -> None:
        if status.snapshot is not None and status.snapshot != self._snapshot:
            self._parts.notices.add(snapshot_saved(status.snapshot))
        self._snapshot = status.snapshot

    def _follow_recording(self, status: EngineStatus) -> None:
        recording = self._recording
        if recording is None:
            if status.recording is not None:  # begun by the command line
                self._recording = _Recording(status.recording, confirmed_ns=self._parts.clock.now_ns())
            return
        if status.recording is not None:
            self._show_length(recording, paused=status.recording_paused)
        elif recording.confirmed_ns is not None:
            self._finish(recording, failed=_recorder_failed(status, recording))
        elif _recorder_failed(status, recording):
            self._finish(recording, failed=True)

    def _show_length(self, recording: _Recording, *, paused: bool) -> None:
        if recording.confirmed_ns is None:
            recording = replace(recording, confirmed_ns=self._parts.clock.now_ns())
        self._recording = recording = self._with_pause(recording, paused=paused)
        self._parts.view.show_paused(paused)
        self._parts.view.show_recording(length_text(self._length_s(recording)))

    def _with_pause(self, recording: _Recording, *, paused: bool) -> _Recording:
        now_ns = self._parts.clock.now_ns()
        if paused and recording.paused_ns is None:
            return replace(recording, paused_ns=now_ns)
        if not paused and recording.paused_ns is not None:
            left_out_ns = recording.left_out_ns + now_ns - recording.paused_ns
            return replace(recording, paused_ns=None, left_out_ns=left_out_ns)
        return recording

    def _finish(self, recording: _Recording, *, failed: bool) -> None:
        self._recording = None
        self._parts.view.show_recording(None)
        self._parts.view.show_paused(False)
        if not failed:
            self._parts.notices.add(recording_saved(recording.path, self._length_s(recording)))

    def _length_s(self, recording: _Recording) -> float:
        if recording.confirmed_ns is None:
            return 0.0
        until_ns = self._parts.clock.now_ns() if recording.paused_ns is None else recording.paused_ns
        return (until_ns - recording.confirmed_ns - recording.left_out_ns) / NS_PER_S

    def _free_path(self, folder: Path, suffix: str) -> Path:
        stem = f"understudy-{self._parts.now():%Y-%m-%d-%H%M%S}"
        path, number = folder / f"{stem}{suffix}", 2
        while path.exists():
            path, number = folder / f"{stem}-{number}{suffix}", number + 1
        return path


def _recorder_failed(status: EngineStatus, recording: _Recording) -> bool:
    new = (problem for problem in status.problems if problem not in recording.old_problems)
    return any(problem.part == RECORDER_PART for problem in new)

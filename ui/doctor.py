"""The presenter's part for the doctor's page: what is checked, what can be copied, and what was left by a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.control import EngineControl
from app.doctor.findings import Finding
from ui.protocols import MainView
from ui.shown import DoctorState


class DoctorService(Protocol):
    """Runs the checks off the GUI thread; a newer request replaces one that has not begun."""

    def examine(
        self, camera_in_use: str | None, on_finding: Callable[[Finding], None], on_done: Callable[[str], None]
    ) -> None:
        """Tell every finding as it comes, then the whole report as text, which is safe to show to anybody.

        camera_in_use: the virtual camera that this program holds open itself.
        """
        ...

    def close(self, timeout_s: float) -> None: ...


@dataclass(frozen=True)
class DoctorParts:
    """What the desk talks to. log_folder: where the log and the crash reports are."""

    view: MainView
    engine: EngineControl
    service: DoctorService
    log_folder: Path


class DoctorDesk:
    """Implements `ui.intents.DoctorIntents`."""

    def __init__(self, parts: DoctorParts) -> None:
        self._parts = parts
        self._findings: list[Finding] = []
        self._report = ""
        self._running = False

    def doctor_wanted(self) -> None:
        """Open the page and look again at everything, unless that is under way."""
        if not self._running:
            self._findings, self._report, self._running = [], "", True
            self._parts.service.examine(self._parts.engine.status().virtual_camera, self._found, self._done)
        self._show()

    def report_wanted(self) -> None:
        """Put the report into the clipboard."""
        if self._report:
            self._parts.view.copy_text(self._report)

    def log_folder_wanted(self) -> None:
        """Open the folder in the system's own way."""
        self._parts.view.open_folder(self._parts.log_folder)

    def _found(self, finding: Finding) -> None:
        self._findings.append(finding)
        self._show()

    def _done(self, report: str) -> None:
        self._report, self._running = report, False
        self._show()

    def _show(self) -> None:
        self._parts.view.show_doctor(DoctorState(tuple(self._findings), self._running, bool(self._report)))

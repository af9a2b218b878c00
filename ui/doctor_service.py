"""The doctor behind the page: the checks of `app.doctor` on a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event

from app.doctor.checks import CHECKS
from app.doctor.findings import Check, Finding, Verdict, run_check
from app.doctor.report import redacted, text_report
from app.jobs import LatestJob
from app.support.crash_report import newest_report
from app.support.redaction import this_redactor
from ui import strings
from ui.services import Post


class Doctor:
    """Implements `ui.doctor.DoctorService`."""

    def __init__(self, post: Post, checks: Sequence[Check] = CHECKS) -> None:
        self._post, self._checks = post, checks
        self._closing = Event()
        self._job = LatestJob("doctor")

    def examine(
        self, camera_in_use: str | None, on_finding: Callable[[Finding], None], on_done: Callable[[str], None]
    ) -> None:
        def finish(report: str) -> None:
            self._post(lambda: on_done(report))

        self._job.submit(
            lambda: self._examined(camera_in_use, on_finding), finish, lambda error: finish(f"{type(error).__name__}")
        )

    def close(self, timeout_s: float) -> None:
        self._closing.set()
        self._job.close(timeout_s)

    def _examined(self, camera_in_use: str | None, on_finding: Callable[[Finding], None]) -> str:
        redact, findings = this_redactor(), []
        for check in self._checks:
            if self._closing.is_set():
                return ""
            found = run_check(_as_in_use(check, camera_in_use))
            findings.append(found)
            shown = redacted(found, redact)
            self._post(lambda shown=shown: on_finding(shown))  # type: ignore[misc]  # bound now, called later
        return text_report(findings, redact, newest_report())


def _as_in_use(check: Check, camera: str | None) -> Check:
    """A virtual camera that shows the portrait right now needs no proof, and has no room for a second writer."""
    if check.name != "virtual" or camera is None:
        return check
    sentence = strings.DOCTOR_CAMERA_IN_USE.format(name=camera)
    return replace(check, look=lambda: Finding(check.name, Verdict.OK, sentence))

"""`doctor`: one page of what this machine has and lacks, with a fix beside every lack; the checks are in `app.doctor`.

Exit 0 if the program can run (a lack that only costs a feature does not count), 3 if something needed is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.doctor.checks import CHECKS
from app.doctor.findings import Check, can_run, examine
from app.doctor.outputs import check_camera_proof
from app.doctor.report import json_report, line_of, redacted
from app.report_file import require_report_place, write_report
from app.support.redaction import this_redactor


def doctor(report: Path | None, *, prove_camera: bool = False) -> int:
    """Run all checks, print each as it comes, and write `report` as JSON where asked.

    prove_camera: read back what is sent to the virtual camera, instead of only opening it.

    Raises:
        ReportNotWritten: with the system's reason.
    """
    if report is not None:
        require_report_place(report)
    redact, findings = this_redactor(), []
    for finding in examine(with_proof(CHECKS) if prove_camera else CHECKS):
        findings.append(finding)
        sys.stdout.write(line_of(redacted(finding, redact)))
        sys.stdout.flush()
    if report is not None:
        write_report(report, json_report(findings, redact))
    return 0 if can_run(findings) else 3


def with_proof(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The same, with the proof in place of the virtual camera's plain check."""
    return tuple(Check("virtual", check_camera_proof) if check.name == "virtual" else check for check in checks)

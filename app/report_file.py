"""Writing figures as JSON where a person asked for them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from app.errors import EnvironmentProblem
from app.output.disk import require_no_folder, require_writable_place


class ReportNotWritten(EnvironmentProblem):
    """The folder is missing, not writable, or the disk is full."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"The report {path.name} could not be written.",
            why=f"{error.strerror or error}: {path.parent}.",
            fix="Choose a folder that exists, that you can write to and that has room.",
        )


def require_report_place(path: Path) -> None:
    """Refuse a place where no report can be written before minutes are spent on what it would say.

    Raises:
        UsageProblem: the folder does not exist, or the path is a folder.
        EnvironmentProblem: the place may not be written to.
    """
    require_writable_place(path)
    require_no_folder(path)


def write_report(path: Path, report: Mapping[str, object]) -> None:
    """Write `report` as JSON, whole or not at all.

    Raises:
        ReportNotWritten: with the system's reason.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        if unfinished.is_file():
            unfinished.unlink()
        raise ReportNotWritten(path, error) from error

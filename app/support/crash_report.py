"""What is left of a crash for whoever looks into it: one small text file, redacted, for the owner alone."""

from __future__ import annotations

import platform
import time
import traceback
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from app.doctor.machine import EXTRAS, PACKAGES, installed_version
from app.support.folders import log_folder, make_private, open_private
from app.support.log_file import newest_lines
from app.support.redaction import Redactor, this_redactor
from app.version import VERSION

KEPT = 5
"""Older reports are removed."""

LOG_LINES = 80


@lru_cache(maxsize=1)
def report_failure(error: BaseException) -> Path | None:
    """Write down an exception that nobody expected, once; where, or None where the disk takes nothing."""
    return write_crash_report("".join(traceback.format_exception(error)))


def write_crash_report(what: str, redact: Redactor | None = None) -> Path | None:
    """Write down `what` happened, with the end of the log; where, or None where the disk takes nothing."""
    redact, folder = redact or this_redactor(), log_folder()
    head = f"Understudy {VERSION} on {platform.platform()}, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {installed_version(name)}" for name in PACKAGES + EXTRAS)
    text = redact("\n\n".join((head, versions, what.rstrip(), "The end of the log:", newest_lines(LOG_LINES)))) + "\n"
    try:
        make_private(folder)
        return _written(folder, text)
    except OSError:
        return None


def read_report(path: Path) -> str:
    """The report's text; empty where it is gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def crash_reports() -> list[Path]:
    """The reports that are kept, oldest first."""
    return sorted(log_folder().glob("crash-*.txt"))


def newest_report() -> str:
    """The text of the last one; empty where there is none."""
    return "".join(f"Last crash, {path.name}:\n{read_report(path)}" for path in crash_reports()[-1:])


def _written(folder: Path, text: str) -> Path:
    stem = time.strftime("crash-%Y%m%d-%H%M%S", time.gmtime())
    for number in range(100):
        path = folder / f"{stem}{f'-{number}' if number else ''}.txt"
        try:
            with open(path, "x", encoding="utf-8", opener=open_private) as file:
                file.write(text)
        except FileExistsError:
            continue
        _remove_old()
        return path
    raise FileExistsError(f"{stem} and a hundred more are there")


def _remove_old() -> None:
    for old in crash_reports()[:-KEPT]:
        with suppress(OSError):
            old.unlink()

"""Checks of the folders the program writes to."""

from __future__ import annotations

import os
from pathlib import Path

from app.doctor.findings import Finding, Verdict
from app.doctor.fixes import Lack, fix_for
from app.settings_file import default_settings_path
from app.support.folders import log_folder, make_private
from app.support.identity import shown_path
from app.support.log_file import log_path


def check_settings() -> Finding:
    """A folder where settings can be remembered."""
    folder = default_settings_path().parent
    if _can_write(folder):
        return Finding("settings", Verdict.OK, "Settings can be saved.")
    fix = fix_for(Lack.FOLDER).replace("FOLDER", str(folder))
    return Finding("settings", Verdict.LIMITED, "Settings cannot be saved.", fix, f"{folder} cannot be written to.")


def check_log() -> Finding:
    """Where the log and the reports of crashes are, and whether they can be written."""
    folder = log_folder()
    if not _can_write(folder):
        fix = fix_for(Lack.FOLDER).replace("FOLDER", str(folder))
        return Finding("log", Verdict.LIMITED, "No log can be written.", fix, f"{folder} cannot be written to.")
    crashes = len(list(folder.glob("crash-*.txt")))
    count = {0: "", 1: " One report of a crash is beside it."}.get(crashes, f" {crashes} reports of crashes are there.")
    return Finding("log", Verdict.OK, f"The log is {shown_path(log_path())}.{count}")


def _can_write(folder: Path) -> bool:
    try:
        make_private(folder)
    except OSError:
        return False
    return os.access(folder, os.W_OK)

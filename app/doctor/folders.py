"""Checks of the folders the program writes to."""

from __future__ import annotations

import os
from pathlib import Path

from app.doctor.findings import Finding, Verdict
from app.doctor.fixes import Lack, fix_for
from app.settings_file import default_settings_path


def check_settings() -> Finding:
    """A folder where settings can be remembered."""
    folder = default_settings_path().parent
    if _can_write(folder):
        return Finding("settings", Verdict.OK, "Settings can be saved.")
    fix = fix_for(Lack.FOLDER).replace("FOLDER", str(folder))
    return Finding("settings", Verdict.LIMITED, "Settings cannot be saved.", fix, f"{folder} cannot be written to.")


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)

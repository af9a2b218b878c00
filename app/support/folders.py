"""Where logs, crash reports and notes between two runs of the program are kept."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from app.support.identity import NAME

OWN_STATE = "UNDERSTUDY_STATE"
"""Environment variable: a folder for all of it in place of the system's (tests, several set-ups)."""

ONLY_OWNER_FOLDER, ONLY_OWNER_FILE = 0o700, 0o600


def state_folder() -> Path:
    """Notes that one run leaves for the next."""
    named = os.environ.get(OWN_STATE)
    if named:
        return Path(named)
    try:
        import platformdirs
    except ImportError:
        return _bare_folder()
    return Path(platformdirs.user_state_dir(NAME, appauthor=False))


def log_folder() -> Path:
    """Logs and crash reports."""
    named = os.environ.get(OWN_STATE)
    if named:
        return Path(named) / "log"
    try:
        import platformdirs
    except ImportError:
        return _bare_folder() / "log"
    return Path(platformdirs.user_log_dir(NAME, appauthor=False))


def _bare_folder() -> Path:
    """On a rented machine, where `train` runs with little more than torch (docs/training.md)."""
    return Path.home() / f".{NAME}"


def make_private(folder: Path) -> None:
    """Create `folder` for the owner alone; one that is there already stays as it is.

    Raises:
        OSError: as the system says.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=ONLY_OWNER_FOLDER)


def open_private(path: str | os.PathLike[str], flags: int) -> int:
    """An opener for `open`: a regular file that only the owner may read; never through a link, never waiting.

    Raises:
        OSError: as the system says, or because it is not a file.
    """
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | careful, ONLY_OWNER_FILE)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileExistsError(f"{path} is not a file")
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, ONLY_OWNER_FILE)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor

"""Why a file cannot be written, in words; the same sentences for recordings and for movies."""

from __future__ import annotations

import errno
from pathlib import Path

from app.errors import AppError, EnvironmentProblem, UsageProblem

_WHY = {
    errno.ENOSPC: ("The disk is full.", "Free some space, or choose a folder on another disk."),
    errno.EDQUOT: ("Your share of the disk is used up.", "Delete something, or choose a folder on another disk."),
    errno.EFBIG: ("The file became larger than this disk or account allows.", "Choose a folder on another disk."),
    errno.EROFS: ("The disk is read-only.", "Choose a folder you may write to."),
    errno.EACCES: ("You may not write there.", "Choose a folder you may write to."),
    errno.EPERM: ("You may not write there.", "Choose a folder you may write to."),
    errno.ENOTDIR: ("Part of the path is a file, not a folder.", "Choose a folder you may write to."),
    errno.EIO: ("The disk reports an error.", "Check the disk, or choose a folder on another one."),
}


def require_writable_place(path: Path) -> None:
    """Refuse a path whose folder does not exist, before any work is done for it.

    Raises:
        UsageProblem: the folder is missing.
        EnvironmentProblem: what should be the folder is a file.
    """
    folder = path.absolute().parent
    if folder.is_dir():
        return
    existing = next(parent for parent in folder.parents if parent.exists())
    if folder.exists() or not existing.is_dir():
        raise unwritable(path, NotADirectoryError(errno.ENOTDIR, "not a folder"))
    raise UsageProblem(
        f"{path} cannot be written.", why=f"There is no folder {folder}.", fix="Create it, or choose another folder."
    )


def require_no_folder(path: Path) -> None:
    """Refuse to write a file where a folder is.

    Raises:
        UsageProblem: `path` is a folder.
    """
    if path.is_dir():
        raise UsageProblem(
            f"{path} cannot be written.", why="It is a folder.", fix="Choose a file name that is not in use."
        )


def unwritable(path: Path, error: OSError) -> AppError:
    """The problem behind a failed write to `path`."""
    reason = error.strerror or type(error).__name__
    why, fix = _WHY.get(error.errno or 0, (f"The system says: {reason}.", "Choose another folder or another disk."))
    return EnvironmentProblem(f"{path} cannot be written.", why=why, fix=fix)

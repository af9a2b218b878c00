"""The token of the remote control: kept between runs, so that a stream deck has to be told it only once."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from app.errors import EnvironmentProblem
from app.output.destinations import TOKEN_PATTERN, new_token
from app.settings_file import default_settings_path

NAME = "remote-token"
_MAX_FILE_BYTES = 256


def default_token_path() -> Path:
    """Beside the settings."""
    return default_settings_path().with_name(NAME)


def kept_token(path: Path, what: str = "The remote control could not be started.") -> str:
    """The token in `path`; a new one where there is none, or where others could have read or written it.

    Raises:
        EnvironmentProblem: a new one cannot be saved.
    """
    return _read(path) or _renewed(path, what)


def _read(path: Path) -> str | None:
    try:
        if not _is_private(path.lstat()):
            return None
        with path.open("rb") as file:
            text = file.read(_MAX_FILE_BYTES).decode("ascii", "replace").strip()
    except OSError:
        return None
    return text if TOKEN_PATTERN.fullmatch(text) else None


def _is_private(found: os.stat_result) -> bool:
    """A plain file of this person alone; Windows keeps others out of the settings folder by itself."""
    if not stat.S_ISREG(found.st_mode):
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)


def _renewed(path: Path, what: str) -> str:
    token = new_token()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(token + "\n")
        os.replace(temporary, path)
    except OSError as error:
        raise EnvironmentProblem(
            what,
            why=f"Its token could not be saved in {path.parent}: {error.strerror or error}.",
            fix="Give yourself permission for that folder, or free some space.",
        ) from error
    return token

"""The file that remembers the window's settings: versioned, written atomically, and never a reason not to start."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.control import Problem
from app.remembered import Nonsense, Remembered, from_json, to_json

log = logging.getLogger(__name__)

VERSION = 1
MAX_BYTES = 256 * 1024
"""A settings file has a few hundred bytes; more is not ours and is not read."""

PART = "settings"


def default_settings_path() -> Path:
    """Where this system keeps settings; UNDERSTUDY_SETTINGS names another file (tests, several set-ups)."""
    named = os.environ.get("UNDERSTUDY_SETTINGS")
    if named:
        return Path(named)
    return Path(platformdirs.user_config_dir("understudy", appauthor=False)) / "settings.json"


@dataclass(frozen=True)
class LoadedSettings:
    """What was remembered, and what the person should know about it."""

    values: Remembered
    notice: Problem | None = None


class SettingsFile:
    """Loads once at the start, saves after changes. Nothing here raises for the state of a disk.

    A file of a newer version is used neither for reading nor for writing, so that going back to an older program
    loses nothing; a file of nonsense is moved aside under a free name ending in .bad.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keep_untouched = False

    def load(self) -> LoadedSettings:
        """The remembered settings, or the defaults and why."""
        try:
            text = _read_bounded(self.path)
        except FileNotFoundError:
            return LoadedSettings(Remembered())
        except OSError as error:
            self._keep_untouched = True
            return LoadedSettings(Remembered(), self._unreadable(error))
        except Nonsense as error:
            return LoadedSettings(Remembered(), self._move_aside(str(error)))
        return self._parse(text)

    def save(self, values: Remembered) -> Problem | None:
        """Write atomically; None, or what to tell the person."""
        if self._keep_untouched:
            return None
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(temporary, json.dumps({"version": VERSION, **to_json(values)}, indent=2) + "\n")
            temporary.replace(self.path)
        except OSError as error:
            log.info("settings not saved to %s: %s", self.path, error)
            _remove_if_there(temporary)
            return self._unsaved(error)
        return None

    def _parse(self, text: str) -> LoadedSettings:
        try:
            raw = json.loads(text)
            version = _version_of(raw)
            if version > VERSION:
                self._keep_untouched = True
                return LoadedSettings(Remembered(), self._newer(version))
            return LoadedSettings(from_json(raw))
        except (ValueError, RecursionError) as error:
            return LoadedSettings(Remembered(), self._move_aside(str(error)))

    def _move_aside(self, reason: str) -> Problem:
        aside = free_name(self.path)
        try:
            self.path.rename(aside)
        except OSError as error:
            self._keep_untouched = True
            return self._unreadable(error)
        log.info("settings file moved to %s: %s", aside, reason)
        return Problem(
            PART,
            "Your settings could not be read, so the program starts with fresh ones.",
            f"The file does not hold settings of this program; it was kept as {aside}.",
            "Set things up again; you can delete that file.",
        )

    def _unreadable(self, error: OSError) -> Problem:
        return Problem(
            PART,
            "Your settings could not be read, so the program starts with fresh ones.",
            f"The system says about {self.path}: {error.strerror or error}.",
            "Give yourself permission for that file; until then it stays as it is and changes are not remembered.",
        )

    def _newer(self, version: int) -> Problem:
        return Problem(
            PART,
            "Your settings were made by a newer version of this program, so the usual ones are used.",
            f"The file {self.path} has version {version}, and this program knows versions up to {VERSION}.",
            "Update the program to use them; until then the file stays as it is and changes are not remembered.",
        )

    def _unsaved(self, error: OSError) -> Problem:
        return Problem(
            PART,
            "Your settings could not be saved.",
            f"The system says about {self.path.parent}: {error.strerror or error}.",
            "Everything works until you close the window; allow writing there to have it remembered.",
        )


def _read_bounded(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise Nonsense("it is not a file")
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Nonsense(f"it is larger than {MAX_BYTES} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Nonsense("it is not text") from error


def _version_of(raw: object) -> int:
    version = raw.get("version") if isinstance(raw, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise Nonsense("it has no version")
    return version


def _write_through(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _remove_if_there(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.debug("could not remove %s: %s", path, error)


def free_name(path: Path) -> Path:
    """path.bad, or path.2.bad and so on: what was moved aside earlier is not overwritten."""
    candidate, number = path.with_name(f"{path.name}.bad"), 2
    while candidate.exists() and number < 100:
        candidate, number = path.with_name(f"{path.name}.{number}.bad"), number + 1
    return candidate

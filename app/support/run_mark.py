"""A small file while a run lasts: one that outlives its process says that the run did not end as it should."""

from __future__ import annotations

import faulthandler
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.out_of_memory import is_expected
from app.support.crash_report import report_failure, write_crash_report
from app.support.folders import log_folder, make_private, open_private, state_folder
from app.version import VERSION

LARGEST_MARK_BYTES = 4096
SAME_START_S = 2.0
"""A process that began within so long of what a mark says is the one of the mark; ids are used again."""


@dataclass(frozen=True)
class Crash:
    """How an earlier run ended. report: what is known about it, None where it could not be written."""

    report: Path | None


@contextmanager
def marked_run() -> Iterator[Crash | None]:
    """Mark this run in here; gives what an earlier run left behind, if it crashed.

    An end by an exception that no person can do anything about is a crash too; the mark stays then, so that the next
    run says so. Faults of native code are written down by Python's `faulthandler`. No state of a disk
    raises here.
    """
    crash = take_crash()
    mark = RunMark()
    mark.set()
    try:
        yield crash
    except BaseException as error:
        if is_expected(error):
            mark.remove()
        else:
            mark.keep(report_failure(error))
        raise
    else:
        mark.remove()


class RunMark:
    """The mark of this process, and the file that native faults are written to."""

    def __init__(self) -> None:
        self._path = state_folder() / f"run-{os.getpid()}.json"
        self._fault_path = fault_path(os.getpid())
        self._fault_file: int | None = None

    def set(self) -> None:
        """Leave the mark; where the disk takes nothing there is none."""
        self._write(None)
        if faulthandler.is_enabled():
            return  # somebody wants the faults elsewhere
        with suppress(OSError):
            make_private(self._fault_path.parent)
            self._fault_file = open_private(self._fault_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            faulthandler.enable(self._fault_file)

    def remove(self) -> None:
        """The run ended as it should."""
        self._close_faults()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def keep(self, report: Path | None) -> None:
        """The run failed; the next one tells about `report`."""
        self._close_faults()
        self._write(report)

    def _close_faults(self) -> None:
        if self._fault_file is not None:
            faulthandler.disable()
            os.close(self._fault_file)
            self._fault_file = None
            with suppress(OSError):
                self._fault_path.unlink(missing_ok=True)

    def _write(self, report: Path | None) -> None:
        mark = {
            "pid": os.getpid(),
            "began": psutil.Process().create_time(),
            "version": VERSION,
            "report": None if report is None else report.name,
        }
        with suppress(OSError):
            make_private(self._path.parent)
            with open(self._path, "w", encoding="utf-8", opener=open_private) as file:
                json.dump(mark, file)


def take_crash() -> Crash | None:
    """The newest crash that no run has told about yet, with its report written; nothing is left of it afterwards.

    What ended with the machine itself is no crash of this program.
    """
    found: list[tuple[float, Crash]] = []
    for path in _marks():
        mark = _read(path)
        if mark is None or _lives(mark):
            continue
        try:
            path.unlink()
        except OSError:
            continue  # another run took it, or it would be told about for ever
        if mark.began_s >= psutil.boot_time() - SAME_START_S:
            found.append((mark.began_s, Crash(mark.report or _report_of(mark))))
        with suppress(OSError):
            fault_path(mark.pid).unlink(missing_ok=True)
    return max(found, key=lambda one: one[0])[1] if found else None


def fault_path(pid: int) -> Path:
    """Where native faults of a process go until they are part of a report."""
    return log_folder() / f"fault-{pid}.txt"


@dataclass(frozen=True)
class _Mark:
    pid: int
    began_s: float
    version: str
    report: Path | None


def _marks() -> list[Path]:
    try:
        return sorted(state_folder().glob("run-*.json"))
    except OSError:
        return []


def _read(path: Path) -> _Mark | None:
    """None for what is not a mark of ours; such a file is left alone."""
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(LARGEST_MARK_BYTES))
        report = raw["report"]
        name = None if report is None else log_folder() / Path(str(report)).name
        return _Mark(int(raw["pid"]), float(raw["began"]), str(raw["version"])[:20], name)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _lives(mark: _Mark) -> bool:
    if mark.pid == os.getpid():
        return False  # of an earlier process of the same id, or of an earlier run in this one
    try:
        return abs(psutil.Process(mark.pid).create_time() - mark.began_s) < SAME_START_S
    except psutil.Error:
        return False


def _report_of(mark: _Mark) -> Path | None:
    began = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(mark.began_s))
    ended = "It was ended from outside, or the system had no memory left for it; nothing was written down."
    with suppress(OSError):
        faults = fault_path(mark.pid).read_text(encoding="utf-8", errors="replace").strip()
        ended = faults or ended
    return write_crash_report(f"A run of version {mark.version}, begun {began}, ended unexpectedly.\n{ended}")

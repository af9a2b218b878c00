"""The log file: bounded, for the owner alone, redacted, and never a reason for anything else to fail."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.control import Problem
from app.output.disk import unwritable
from app.support.folders import log_folder, make_private, open_private
from app.support.identity import shown_path
from app.support.redaction import Redactor, this_redactor

NAME = "understudy.log"
MAX_BYTES, OLD_FILES = 1_000_000, 3
"""Four megabytes in all: hours of trouble, months without."""

RETRY_S = 60.0
"""After a failed write nothing is written for so long: a full disk is not hammered."""

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(process)d %(threadName)s %(name)s: %(message)s"
CONSOLE_FORMAT = "%(levelname)s %(name)s: %(message)s"

log = logging.getLogger(__name__)


def log_path() -> Path:
    """The file in use; older ones are beside it as .1, .2 and .3."""
    return log_folder() / NAME


class RedactingFormatter(logging.Formatter):
    """Whole entries, tracebacks too, without what must not leave the machine."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__(FORMAT, "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """One entry."""
        return self._redact(super().format(record))


class LogFile(RotatingFileHandler):
    """Writes entries as long as that works. The file is opened with the first entry.

    trouble: why nothing is written, for the person; it stays, so that it is said once.
    """

    def __init__(self, path: Path, redact: Redactor, *, max_bytes: int = MAX_BYTES) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=OLD_FILES, encoding="utf-8", delay=True)
        self.setFormatter(RedactingFormatter(redact))
        self.trouble: Problem | None = None
        self._t_retry_s = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry, if the disk takes it."""
        if time.monotonic() >= self._t_retry_s:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A failed write is remembered; an entry that cannot be put into words is left to the console's handler."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            return
        self._t_retry_s = time.monotonic() + RETRY_S
        stream, self.stream = self.stream, None  # as logging itself does
        with suppress(OSError):
            if stream is not None:
                stream.close()  # may try to write again what it could not
        if self.trouble is None:
            self.trouble = _trouble(Path(self.baseFilename), error)

    def close(self) -> None:
        """Close the file; what the disk does not take any more is lost."""
        with suppress(OSError):
            super().close()

    def _open(self) -> TextIOWrapper:
        make_private(Path(self.baseFilename).parent)
        opened = open(self.baseFilename, self.mode, encoding=self.encoding, opener=open_private)
        assert isinstance(opened, TextIOWrapper)  # a text mode
        return opened


@contextmanager
def logging_to_file(level: str, path: Path | None = None) -> Iterator[LogFile]:
    """Log to stderr from `level` on, as always, and to the file from INFO on, or from `level` where that is more."""
    root, console = logging.getLogger(), logging.getLevelNamesMapping()[level.upper()]
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(CONSOLE_FORMAT))
        handler.setLevel(console)
        root.addHandler(handler)
    before, file = root.level, LogFile(path or log_path(), this_redactor())
    file.setLevel(min(console, logging.INFO))
    root.addHandler(file)
    root.setLevel(min(console, logging.INFO))
    try:
        yield file
    finally:
        root.removeHandler(file)
        root.setLevel(before)
        file.close()


def log_troubles() -> tuple[Problem, ...]:
    """Why the log of this process is not written; nothing while it is."""
    files = (handler for handler in logging.getLogger().handlers if isinstance(handler, LogFile))
    return tuple(file.trouble for file in files if file.trouble is not None)


def newest_lines(count: int, path: Path | None = None) -> str:
    """The end of the log, as it is written: redacted. Empty where there is none."""
    try:
        with (path or log_path()).open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 400 * count))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-count:])
    except OSError:
        return ""


def _trouble(path: Path, error: OSError) -> Problem:
    return Problem(
        "log",
        "The log cannot be written.",
        f"{unwritable(path, error).why} It would be in {shown_path(path.parent)}.",
        "Everything else works; free some space, or make that folder writable, to have a log.",
    )

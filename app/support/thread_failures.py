"""Exceptions that leave a thread go to the log with their traceback rather than over somebody's screen."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

log = logging.getLogger(__name__)


@contextmanager
def failures_to_log() -> Iterator[None]:
    """In here, what no border caught is one entry of the log with its traceback; the window adds a message to that."""
    before = (sys.excepthook, threading.excepthook)
    sys.excepthook, threading.excepthook = _from_main, _from_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before


def _from_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.error("unexpected failure", exc_info=(kind, error, trace))


def _from_thread(details: threading.ExceptHookArgs) -> None:
    name = details.thread.name if details.thread else "?"
    if details.exc_value is not None:
        log.error("unexpected failure in thread %s", name, exc_info=details.exc_value)

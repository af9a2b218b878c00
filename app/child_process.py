"""What the webcam's process and the virtual camera's process have in common. Standard library only: both import it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
"""Where Linux keeps it."""

stderr_lock = threading.Lock()
"""Protects what file descriptor 2 stands for. Who replaces it for a while (`without_chatter`) holds this lock, and so
does who starts a child, which would keep the stand-in as its stderr for life."""


@contextmanager
def birth() -> Iterator[None]:
    """Start a child in here: it gets the real stderr, and is born deaf to Ctrl-C.

    Deaf so that it cannot die of it before it has imported anything; it then stays so by `ignore_the_terminal`.
    """
    with stderr_lock, _no_interrupts():
        yield


@contextmanager
def _no_interrupts() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_the_terminal() -> None:
    """For the child: Ctrl-C and a closed terminal are the program's business, which then says what to do, or dies."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def leave_the_dead() -> None:
    """For a child that outlives its program: hold nothing open that somebody may wait for the end of.

    A shell's pipe or a test that reads the program's stderr would wait for this process too, and for the tracker of
    shared memory that the program has started and that lives as long as somebody can reach it.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        with suppress(OSError):
            os.dup2(nothing, descriptor)
    os.close(nothing)
    tracker = getattr(resource_tracker, "_resource_tracker", None)
    way_there = getattr(tracker, "_fd", None)
    if tracker is not None and way_there is not None:
        tracker._fd = None
        os.close(way_there)


def free_shared_memory() -> int | None:
    """Bytes of it, None where no limit is known: Linux promises what it does not have, and kills at the first use."""
    if not sys.platform.startswith("linux") or not SHARED_MEMORY.is_dir():
        return None
    return shutil.disk_usage(SHARED_MEMORY).free

"""Keeps MediaPipe's start-up lines off stderr, which belongs to the person and to one-line problems.

MediaPipe writes through absl in C++ before any log level of ours can reach it (GLOG_minloglevel is ignored until
`absl::InitializeLog`, which its Python binding never calls), so the lines can only be caught at the file descriptor.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from app.child_process import stderr_lock
from app.deferred_modules import DeferringFinder
from app.native_libraries import linker

STDERR_FD = 2

CHATTER = re.compile(
    rb"(?:^INFO: |Created TensorFlow Lite |WARNING: All log messages before absl::InitializeLog"
    rb"|[IW](?:\d{4}|0000 00:00:)[\d:. ]+\s+\d+ \w+\.cc:\d+\])[^\n]*\n?",
    re.MULTILINE,
)
"""Notices and warnings of absl and TensorFlow Lite; their errors (E, F) and everything else pass.

They need not begin a line: another thread may have written without an end, and TensorFlow Lite writes "INFO: " and
the rest apart.
"""

TASKS = "mediapipe.tasks.python"

_import_lock = threading.Lock()  # protects sys.modules while a module stands in for another


def import_mediapipe() -> Any:  # it has no types
    """Import the library (half a second); call on a worker's thread, not before the window shows.

    MediaPipe imports matplotlib.pyplot for one function that draws plots, which nobody here calls, and that takes
    another second of the start. So an empty module stands in for it while MediaPipe is imported. Its tasks, half of its
    240 modules, are only imported by who uses them.
    """
    os.environ.setdefault("GLOG_minloglevel", "3")
    with linker, _import_lock:  # in this order: a model may be loaded, and so the library, by who holds the first
        if "mediapipe" not in sys.modules:
            DeferringFinder((TASKS,)).install()
        with _without_pyplot():
            import mediapipe

    return mediapipe


@contextmanager
def _without_pyplot() -> Iterator[None]:
    if "matplotlib" in sys.modules or "mediapipe" in sys.modules:
        yield
        return
    package, pyplot = ModuleType("matplotlib"), ModuleType("matplotlib.pyplot")
    package.pyplot = pyplot  # type: ignore[attr-defined]
    stand_ins = {"matplotlib": package, "matplotlib.pyplot": pyplot}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


@contextmanager
def without_chatter() -> Iterator[None]:
    """Hold back what native code writes to stderr and afterwards pass on all of it that is not start-up chatter.

    Meant for the few hundred milliseconds of loading a model, during which no child process can be started; import
    the library before. Does nothing where there is no stderr (a window
    program on Windows).
    """
    with stderr_lock, linker, tempfile.TemporaryFile() as held:
        _flush_stderr()
        try:
            original = os.dup(STDERR_FD)
        except OSError:
            yield
            return
        os.dup2(held.fileno(), STDERR_FD)
        try:
            yield
        finally:
            _flush_stderr()
            os.dup2(original, STDERR_FD)
            os.close(original)
            held.seek(0)
            _write_all(CHATTER.sub(b"", held.read()))


def _flush_stderr() -> None:
    if sys.stderr is not None and not sys.stderr.closed:
        sys.stderr.flush()


def _write_all(text: bytes) -> None:
    while text:
        text = text[os.write(STDERR_FD, text) :]

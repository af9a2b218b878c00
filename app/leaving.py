"""The end of the process, also where a thread is still at work and cannot be interrupted.

A portrait that was being loaded when the window was closed is deep in MediaPipe. Python's own farewell stops such a
thread when it next wants the interpreter, in the middle of C++ that cannot be stopped there: the process would end with
an abort, as if the program had crashed.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import NoReturn

log = logging.getLogger(__name__)


def leave(code: int) -> NoReturn:
    """End the process with this exit code; without Python's farewell where a thread of the program is left."""
    left = [thread.name for thread in threading.enumerate() if _is_ours(thread)]
    if not left:
        sys.exit(code)
    log.info("threads left to the end of the process: %s", ", ".join(left))
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
    os._exit(code)


def _is_ours(thread: threading.Thread) -> bool:
    """Not the main one, and not a library's own that has merely called Python once: those are of another type."""
    return type(thread) is threading.Thread and thread.daemon

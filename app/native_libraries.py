"""Loads native libraries without holding the interpreter's lock, so that the window goes on meanwhile.

Python's own ways to load one (`import`, `ctypes.CDLL`) hold the lock for as long as the linker works: for torch's
900 MB a third of a second on a fast disk, seconds on a slow one, and nobody can press a button. A library that is there
already costs the import nothing. Loaded are only libraries that do not call Python when they are loaded.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

log = logging.getLogger(__name__)

linker = threading.RLock()
"""Protects the interpreter's lock from the linker's: who holds the first and waits for the second, which is held for as
long as a library is being loaded, stops everybody. Take it around whatever makes native code look for symbols."""

TRIED_ON = "linux"
"""Where the C library's `dlopen` can be called like any other function; elsewhere nothing is loaded beforehand."""


def package_folder(name: str) -> Path | None:
    """Where a package lies, which is not imported by this; None where it is not installed."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def load_beside(libraries: Sequence[Path], *, for_all: bool = False) -> None:
    """Load the libraries, in order; those that cannot be are left to the import that needs them.

    for_all: their symbols may be used by libraries that are loaded later.
    """
    if sys.platform != TRIED_ON:
        return
    with linker:
        _load(libraries, for_all=for_all)


def _load(libraries: Sequence[Path], *, for_all: bool) -> None:
    functions = ctypes.CDLL(None)  # what the process has loaded, the C library too; a call lets go of the lock
    functions.dlopen.restype, functions.dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    for library in libraries:
        mode = os.RTLD_NOW | os.RTLD_GLOBAL if for_all else os.RTLD_LAZY
        if not functions.dlopen(os.fsencode(library), mode):
            log.info("not loaded beforehand: %s", library)

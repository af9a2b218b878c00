"""Gives Python its own `import` back after PySide6 has replaced it.

PySide6 wraps `import` to find modules that ask for its `__feature__` switches, and for that it reads the source of
every module imported from then on. This program has no such module; reading the sources of torch and MediaPipe delays
the first picture, and looking into modules that wait for their first use (`app.deferred_modules`) loads them.
"""

from __future__ import annotations

import builtins


def give_back_import() -> None:
    """Undo the wrapping; nothing happens where PySide6 has not been imported or wraps nothing."""
    own = getattr(builtins, "__orig_import__", None)
    if own is not None:
        builtins.__import__ = own

"""The system libraries a window needs on Linux, for the window (`ui.display`) and for `doctor`. Loads no Qt."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A Debian package and the file of it that Qt loads."""

    library: str
    name: str


QT_PACKAGES = (
    Package("libEGL.so.1", "libegl1"),
    Package("libGL.so.1", "libgl1"),
    Package("libxkbcommon.so.0", "libxkbcommon0"),
    Package("libdbus-1.so.3", "libdbus-1-3"),
    Package("libfontconfig.so.1", "libfontconfig1"),
    Package("libglib-2.0.so.0", "libglib2.0-0"),
)
"""What the Qt of PySide6 needs from a bare Linux, whatever it shows its windows on."""

X11_PACKAGES = (
    Package("libX11-xcb.so.1", "libx11-xcb1"),
    Package("libxcb-cursor.so.0", "libxcb-cursor0"),
    Package("libxcb-icccm.so.4", "libxcb-icccm4"),
    Package("libxcb-image.so.0", "libxcb-image0"),
    Package("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Package("libxcb-randr.so.0", "libxcb-randr0"),
    Package("libxcb-render-util.so.0", "libxcb-render-util0"),
    Package("libxcb-shape.so.0", "libxcb-shape0"),
    Package("libxcb-shm.so.0", "libxcb-shm0"),
    Package("libxcb-sync.so.1", "libxcb-sync1"),
    Package("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    Package("libxcb-xkb.so.1", "libxcb-xkb1"),
    Package("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
"""What it needs besides on an X11 screen."""

LoadLibrary = Callable[[str], object]
"""Loads a library by its file name, or raises OSError."""


def missing_display_libraries(
    packages: tuple[Package, ...] = QT_PACKAGES + X11_PACKAGES,
    load: LoadLibrary = ctypes.CDLL,
    system: str = sys.platform,
) -> list[Package]:
    """Those of `packages` that this system lacks, sorted by package name; none where `system` is not Linux.

    Without them Qt ends the process without a word, so they are looked for before it is loaded.
    """
    if system != "linux":
        return []
    missing = (package for package in packages if not _loads(package.library, load))
    return sorted(missing, key=lambda package: package.name)


def install_command(packages: list[Package]) -> str:
    """The command that brings `packages` to Debian and Ubuntu."""
    return "sudo apt install " + " ".join(dict.fromkeys(package.name for package in packages))


def _loads(name: str, load: LoadLibrary) -> bool:
    try:
        load(name)
    except OSError:
        return False
    return True

"""Finds out whether a window can open before Qt is loaded: where it cannot, Qt ends the process without a word."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Mapping

from app.errors import EnvironmentProblem

# What the Qt of PySide6 needs from a bare Linux, and the Debian package that has it.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}

SCREENLESS_PLATFORMS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


class NoDisplay(EnvironmentProblem):
    """There is no screen to open a window on."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "The window cannot be opened.",
            why=why,
            fix="Run it from a desktop session, or add --headless to run without a window.",
        )


class LibraryMissing(EnvironmentProblem):
    """The system lacks libraries that windows need."""

    def __init__(self, libraries: Mapping[str, str]) -> None:
        packages = " ".join(sorted(set(libraries.values())))
        names = ", ".join(sorted(libraries))
        super().__init__(
            "The window cannot be opened.",
            why=f"This system lacks {names}.",
            fix=f"Install it with: sudo apt install {packages} - or add --headless to run without a window.",
        )


def require_display(environment: Mapping[str, str] | None = None, load: Callable[[str], object] | None = None) -> None:
    """Return if a window can be opened.

    Raises:
        NoDisplay: there is no screen, or it does not answer.
        LibraryMissing: with the packages to install.
    """
    if sys.platform != "linux":
        return
    env = os.environ if environment is None else environment
    load = load or ctypes.CDLL
    platform = env.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    _require(QT_LIBRARIES, load)
    if platform in SCREENLESS_PLATFORMS:
        return
    wayland = bool(env.get("WAYLAND_DISPLAY")) and platform != "xcb"
    if wayland:
        return
    if not env.get("DISPLAY"):
        raise NoDisplay("There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    _require(X11_LIBRARIES, load)
    if not _answers(env["DISPLAY"], load):
        raise NoDisplay(f"The screen {env['DISPLAY']} (DISPLAY) does not answer.")


def forget_foreign_plugins(environment: dict[str, str] | os._Environ[str]) -> None:
    """Drop a plug-in path that OpenCV set for its own Qt: ours would load those and end the process."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH"):
        if "cv2" in environment.get(name, ""):
            del environment[name]


def _require(libraries: Mapping[str, str], load: Callable[[str], object]) -> None:
    missing = {name: package for name, package in libraries.items() if not _loads(name, load)}
    if missing:
        raise LibraryMissing(missing)


def _loads(name: str, load: Callable[[str], object]) -> bool:
    try:
        load(name)
    except OSError:
        return False
    return True


def _answers(display: str, load: Callable[[str], object]) -> bool:
    """Whether an X server takes a connection; True where the library to ask with is missing."""
    try:
        xcb = load("libxcb.so.1")
    except OSError:
        return True
    if not isinstance(xcb, ctypes.CDLL):
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed

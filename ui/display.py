"""Finds out whether a window can open before Qt is loaded: where it cannot, Qt ends the process without a word."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

from app.display_libraries import (
    QT_PACKAGES,
    X11_PACKAGES,
    LoadLibrary,
    Package,
    install_command,
    missing_display_libraries,
)
from app.errors import EnvironmentProblem

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

    def __init__(self, packages: list[Package]) -> None:
        names = ", ".join(sorted(package.library for package in packages))
        super().__init__(
            "The window cannot be opened.",
            why=f"This system lacks {names}.",
            fix=f"Install it with: {install_command(packages)} - or add --headless to run without a window.",
        )


def require_display(environment: Mapping[str, str] | None = None, load: LoadLibrary | None = None) -> None:
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
    _require(QT_PACKAGES, load)
    if platform in SCREENLESS_PLATFORMS:
        return
    wayland = bool(env.get("WAYLAND_DISPLAY")) and platform != "xcb"
    if wayland:
        return
    if not env.get("DISPLAY"):
        raise NoDisplay("There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    _require(X11_PACKAGES, load)
    if not _answers(env["DISPLAY"], load):
        raise NoDisplay(f"The screen {env['DISPLAY']} (DISPLAY) does not answer.")


def forget_foreign_plugins(environment: dict[str, str] | os._Environ[str]) -> None:
    """Drop a plug-in path that OpenCV set for its own Qt: ours would load those and end the process."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH"):
        if "cv2" in environment.get(name, ""):
            del environment[name]


def _require(packages: tuple[Package, ...], load: LoadLibrary) -> None:
    missing = missing_display_libraries(packages, load)
    if missing:
        raise LibraryMissing(missing)


def _answers(display: str, load: LoadLibrary) -> bool:
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

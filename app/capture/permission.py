"""Whether the system forbids the use of a camera or a microphone, and where a person can change that.

OpenCV only says that opening failed; each system has its own way to say why.
"""

from __future__ import annotations

import os
import sys
from enum import Enum
from typing import Any

CONSENT_STORE = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"


class Privacy(Enum):
    """What a system asks its people about: Windows' switch, and Apple's name for the kind of thing."""

    CAMERA = (CONSENT_STORE, "AVMediaTypeVideo")
    MICROPHONE = (CONSENT_STORE.replace("webcam", "microphone"), "AVMediaTypeAudio")


FIX_LINUX = "Run: sudo usermod -aG video $USER, then log out and in again."
FIX_WINDOWS = "Open Settings, Privacy & security, Camera, and allow desktop apps to use it."
FIX_MACOS = "Open System Settings, Privacy & Security, Camera, and allow this program."


def fix_for_denied(index: int, system: str = sys.platform) -> str | None:
    """What a person must do before the camera may be used; None where nothing forbids it."""
    if system == "linux":
        return FIX_LINUX if _linux_forbids(f"/dev/video{index}") else None
    if system == "win32":
        return FIX_WINDOWS if windows_forbids(Privacy.CAMERA) else None
    if system == "darwin":
        return FIX_MACOS if macos_forbids(Privacy.CAMERA) else None
    return None


def _linux_forbids(path: str) -> bool:
    """V4L2 devices need reading and writing; by default only root, group video and the person at the seat may."""
    return os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK)


def windows_forbids(what: Privacy) -> bool:
    """The two switches of the privacy page: for everything, and for programs that are no store apps."""
    import importlib

    registry: Any = importlib.import_module("winreg")  # there is no such module elsewhere, nor types for it
    store = what.value[0]
    for key in (store, rf"{store}\NonPackaged"):
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, key) as opened:
                if registry.QueryValueEx(opened, "Value")[0] == "Deny":
                    return True
        except OSError:
            continue  # the switch was never touched
    return False


def macos_forbids(what: Privacy) -> bool:
    """Status 1 is restricted, 2 is denied, 0 not asked yet, 3 allowed."""
    import importlib

    foundation: Any = importlib.import_module("AVFoundation")
    status = foundation.AVCaptureDevice.authorizationStatusForMediaType_(getattr(foundation, what.value[1]))
    return int(status) in (1, 2)

"""Whether the system forbids the use of the microphone, and where a person can change that."""

from __future__ import annotations

import os
import sys

from app.capture.permission import Privacy, macos_forbids, windows_forbids

STORE = Privacy.MICROPHONE

FIX_LINUX = "Run: sudo usermod -aG audio $USER, then log out and in again."
FIX_WINDOWS = "Open Settings, Privacy & security, Microphone, and allow desktop apps to use it."
FIX_MACOS = "Open System Settings, Privacy & Security, Microphone, and allow this program."

CARDS = "/dev/snd/controlC0"
"""Belongs to the first card; what holds for it holds for all."""


def fix_for_denied_microphone(system: str = sys.platform) -> str | None:
    """What a person must do before the microphone may be used; None where nothing forbids it."""
    if system == "linux":
        return FIX_LINUX if os.path.exists(CARDS) and not os.access(CARDS, os.R_OK | os.W_OK) else None
    if system == "win32":
        return FIX_WINDOWS if windows_forbids(STORE) else None
    if system == "darwin":
        return FIX_MACOS if macos_forbids(STORE) else None
    return None

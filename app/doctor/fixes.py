"""What to do about a lack, for each system, in one table, so that the words of all systems can be read side by side."""

from __future__ import annotations

import sys
from enum import Enum

LINUX, WINDOWS, MACOS = "linux", "win32", "darwin"
"""As `sys.platform` names them."""


class Lack(Enum):
    """What may be missing."""

    PYTHON = "python"
    PACKAGES = "packages"
    GPU_DRIVER = "gpu driver"
    GPU_TORCH = "gpu torch"
    COMPLETE_COPY = "complete copy"
    CAMERA = "camera"
    PORTAUDIO = "portaudio"
    MICROPHONE = "microphone"
    DISPLAY = "display"
    FOLDER = "folder"
    DISK = "disk"


_ANYWHERE = {
    Lack.PACKAGES: "Install the program's packages anew: python3 -m uv sync --reinstall",
    Lack.COMPLETE_COPY: "Get a complete copy of the program.",
    Lack.CAMERA: "Plug one in, or use a video file: --camera FILE.",
    Lack.DISK: "Delete something, or record to another disk: --record FILE.",
}

_BY_SYSTEM = {
    (Lack.PYTHON, LINUX): "Install Python 3.11 or 3.12 (Debian, Ubuntu: sudo apt install python3), or let uv do it: "
    "uv python install 3.12",
    (Lack.PYTHON, WINDOWS): "Install Python 3.11 or 3.12 (64 bit) from python.org or with: "
    "winget install Python.Python.3.12",
    (Lack.PYTHON, MACOS): "Install Python 3.11 or 3.12 from python.org or with: brew install python@3.12",
    (Lack.PACKAGES, WINDOWS): "Install the program's packages anew: py -m uv sync --reinstall",
    (Lack.GPU_DRIVER, LINUX): "Install NVIDIA's driver (Ubuntu: sudo ubuntu-drivers install), restart, and see that "
    "nvidia-smi lists the GPU.",
    (Lack.GPU_DRIVER, WINDOWS): "Install the newest driver from nvidia.com, restart, and see that nvidia-smi lists the "
    "GPU.",
    (Lack.GPU_DRIVER, MACOS): "Update macOS, which brings the driver of the GPU.",
    (Lack.GPU_TORCH, LINUX): "Install the program's packages anew, which brings torch for NVIDIA GPUs: "
    "python3 -m uv sync --reinstall",
    (Lack.GPU_TORCH, WINDOWS): "Install torch for NVIDIA GPUs in the program's environment; pytorch.org (Start "
    "Locally) has the command.",
    (Lack.GPU_TORCH, MACOS): "Use macOS 12.3 or newer on Apple silicon.",
    (Lack.CAMERA, WINDOWS): "Plug one in, allow desktop apps in Settings, Privacy & security, Camera, or use a video "
    "file: --camera FILE.",
    (Lack.CAMERA, MACOS): "Plug one in, allow this program in System Settings, Privacy & Security, Camera, or use a "
    "video file: --camera FILE.",
    (Lack.PORTAUDIO, LINUX): "On Debian and Ubuntu: sudo apt install libportaudio2",
    (Lack.PORTAUDIO, WINDOWS): "Its package brings it: py -m uv sync --reinstall-package sounddevice",
    (Lack.PORTAUDIO, MACOS): "Its package brings it: python3 -m uv sync --reinstall-package sounddevice",
    (Lack.MICROPHONE, LINUX): "Plug one in and choose it in the desktop's sound settings, or go on without sound.",
    (Lack.MICROPHONE, WINDOWS): "Plug one in, allow desktop apps in Settings, Privacy & security, Microphone, or go on "
    "without sound.",
    (Lack.MICROPHONE, MACOS): "Plug one in, allow this program in System Settings, Privacy & Security, Microphone, or "
    "go on without sound.",
    (Lack.DISPLAY, LINUX): "Log in to a desktop, or run without a window: run --headless",
    (Lack.DISPLAY, WINDOWS): "Log in to the desktop rather than over SSH, or run without a window: run --headless",
    (Lack.DISPLAY, MACOS): "Log in to the desktop rather than over SSH, or run without a window: run --headless",
    (Lack.FOLDER, LINUX): "Make it yours and writable: sudo chown -R $USER FOLDER && chmod -R u+rwX FOLDER",
    (Lack.FOLDER, WINDOWS): "Allow yourself to write there: the folder's Properties, Security; and in Windows Security "
    "allow Python through Controlled folder access.",
    (Lack.FOLDER, MACOS): "Make it yours and writable: sudo chown -R $USER FOLDER && chmod -R u+rwX FOLDER",
}


def fix_for(lack: Lack, system: str = sys.platform) -> str:
    """What a person does about `lack` on `system`; another Unix is told what Linux is told."""
    known = system if system in (WINDOWS, MACOS) else LINUX
    return _BY_SYSTEM.get((lack, known)) or _ANYWHERE[lack]

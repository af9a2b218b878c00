"""Checks of the machine itself: interpreter, packages, device, disk."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
from pathlib import Path

from app.doctor.findings import Finding, Verdict
from app.doctor.fixes import Lack, fix_for

PACKAGES = ("numpy", "torch", "mediapipe", "opencv-python-headless", "av", "pillow", "safetensors")
"""Without one of these nothing runs."""

EXTRAS = ("PySide6-Essentials", "pyvirtualcam", "sounddevice", "openvino")
"""Without one of these one feature is missing, which another check says; their versions help whoever reads a report."""

LOW_DISK_BYTES = 1_000_000_000
"""Half an hour of recording."""


def check_python() -> Finding:
    """The interpreter itself."""
    version = platform.python_version()
    if sys.version_info[:2] in ((3, 11), (3, 12)):
        return Finding("python", Verdict.OK, f"Python {version} on {platform.system()} {platform.machine()}.")
    return Finding("python", Verdict.MISSING, f"Python {version} is not supported.", fix_for(Lack.PYTHON))


def check_versions() -> Finding:
    """Which releases are installed, without loading any."""
    found = {name: installed_version(name) for name in PACKAGES + EXTRAS}
    lacking = [name for name in PACKAGES if found[name] is None]
    if lacking:
        sentence = f"Not installed: {', '.join(lacking)}."
        return Finding("versions", Verdict.MISSING, sentence, fix_for(Lack.PACKAGES))
    there = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    return Finding("versions", Verdict.OK, f"{there}.")


def installed_version(name: str) -> str | None:
    """The release of a package, None where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_opencv() -> Finding:
    """Exactly one cv2, without a Qt of its own (two of them break each other)."""
    owners = sorted(set(importlib.metadata.packages_distributions().get("cv2", ())))
    if owners == ["opencv-python-headless"]:
        import cv2

        return Finding("opencv", Verdict.OK, f"OpenCV {cv2.__version__}, one copy, headless.")
    if not owners:
        return Finding("opencv", Verdict.MISSING, "OpenCV is not installed.", fix_for(Lack.PACKAGES))
    sentence = f"Several OpenCV packages overlap: {', '.join(owners)}."
    return Finding("opencv", Verdict.MISSING, sentence, fix_for(Lack.PACKAGES), "They load each other's libraries.")


def check_torch() -> Finding:
    """A device that really computes: one small product is compared with the CPU's."""
    import torch

    computes = f"torch {torch.__version__} computes on"
    if torch.cuda.is_available():
        probe = torch.arange(16.0).reshape(4, 4)
        if not torch.equal((probe.cuda() @ probe.cuda()).cpu(), probe @ probe):
            return Finding("device", Verdict.LIMITED, "The GPU computes wrong results.", fix_for(Lack.GPU_DRIVER))
        return Finding("device", Verdict.OK, f"{computes} {torch.cuda.get_device_name()}.")
    if torch.backends.mps.is_available():
        return Finding("device", Verdict.OK, f"{computes} Apple's GPU (mps).")
    if shutil.which("nvidia-smi") is None:
        return Finding("device", Verdict.OK, f"{computes} the CPU.")
    lack, why = Lack.GPU_DRIVER, "Its driver does not answer torch."
    if torch.version.cuda is None:
        lack, why = Lack.GPU_TORCH, "The installed torch was made without CUDA."
    sentence = f"{computes} the CPU, although there seems to be an NVIDIA GPU."
    return Finding("device", Verdict.LIMITED, sentence, fix_for(lack), why)


def check_disk() -> Finding:
    """Room for recordings, where they go."""
    import platformdirs

    place = Path(platformdirs.user_videos_dir())
    while not place.is_dir() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    sentence = f"{free / 1e9:.1f} GB are free for recordings."
    if free < LOW_DISK_BYTES:
        return Finding("disk", Verdict.LIMITED, sentence, fix_for(Lack.DISK), "A long recording would fill the disk.")
    return Finding("disk", Verdict.OK, sentence)

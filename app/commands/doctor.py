"""`doctor`: one page of what this machine has and lacks, with a fix beside every lack.

Exit 0 if the program can run (a lack that only costs a feature does not count), 3 if something needed is missing.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from app.display_libraries import install_command, missing_display_libraries
from app.errors import AppError
from app.report_file import require_report_place, write_report
from app.version import VERSION


class Verdict(Enum):
    """How a check came out."""

    OK = "ok"
    LIMITED = "limited"  # works, without one feature
    MISSING = "missing"  # the program cannot run


@dataclass(frozen=True)
class Finding:
    """The result of one check. `fix` is empty where nothing is to be done."""

    name: str
    verdict: Verdict
    sentence: str
    fix: str = ""


def doctor(report: Path | None) -> int:
    """Run all checks, print them, and write `report` as JSON where asked.

    Raises:
        ReportNotWritten: with the system's reason.
    """
    if report is not None:
        require_report_place(report)
    findings = [_run(check) for check in CHECKS]
    sys.stdout.write("".join(_line(finding) for finding in findings))
    if report is not None:
        _write_report(report, findings)
    return 3 if any(finding.verdict is Verdict.MISSING for finding in findings) else 0


def _run(check: Check) -> Finding:
    """One finding, whatever the check runs into: a broken machine throws broken things."""
    try:
        return check.look()
    except AppError as error:
        verdict, sentence, fix = Verdict.LIMITED, f"{error.what} {error.why}", error.fix
    except Exception as error:  # noqa: BLE001 - a doctor must survive whatever it looks at
        verdict, sentence, fix = Verdict.LIMITED, f"The check itself failed: {type(error).__name__}: {error}.", ""
    return Finding(check.name, Verdict.MISSING if check.needed else verdict, sentence, fix or check.fix)


def _line(finding: Finding) -> str:
    fix = f"\n{'':19}{finding.fix}" if finding.fix else ""
    return f"{finding.verdict.value:8} {finding.name:10}{finding.sentence}{fix}\n"


def _write_report(path: Path, findings: list[Finding]) -> None:
    rows = [asdict(finding) | {"verdict": finding.verdict.value} for finding in findings]
    report = {"version": VERSION, "system": platform.platform(), "python": platform.python_version(), "checks": rows}
    write_report(path, report)


def check_python() -> Finding:
    """The interpreter itself."""
    version = platform.python_version()
    if sys.version_info[:2] in ((3, 11), (3, 12)):
        return Finding("python", Verdict.OK, f"Python {version} on {platform.system()} {platform.machine()}.")
    return Finding("python", Verdict.MISSING, f"Python {version} is not supported.", "Install Python 3.11 or 3.12.")


def check_opencv() -> Finding:
    """Exactly one cv2, without a Qt of its own (two of them break each other)."""
    import importlib.metadata

    owners = sorted(set(importlib.metadata.packages_distributions().get("cv2", ())))
    if owners == ["opencv-python-headless"]:
        import cv2

        return Finding("opencv", Verdict.OK, f"OpenCV {cv2.__version__}, one copy, headless.")
    if not owners:
        return Finding("opencv", Verdict.MISSING, "OpenCV is not installed.", "Run: python3 -m uv sync")
    found = ", ".join(owners)
    return Finding("opencv", Verdict.MISSING, f"Several OpenCV packages overlap: {found}.", "Run: python3 -m uv sync")


def check_torch() -> Finding:
    """A device that really computes: one small product is compared with the CPU's."""
    import torch

    name = "the CPU"
    if torch.cuda.is_available():
        probe = torch.arange(16.0).reshape(4, 4)
        if not torch.equal((probe.cuda() @ probe.cuda()).cpu(), probe @ probe):
            return Finding("device", Verdict.LIMITED, "The GPU computes wrong results.", "Update its driver.")
        name = torch.cuda.get_device_name()
    elif torch.backends.mps.is_available():
        name = "Apple's GPU (mps)"
    return Finding("device", Verdict.OK, f"torch {torch.__version__} computes on {name}.")


def check_tracker() -> Finding:
    """MediaPipe with the models bundled in its wheel."""
    import numpy as np

    from app.tracking.face_mesh import FaceMeshTracker

    tracker = FaceMeshTracker(static=True)
    try:
        tracker.track(np.zeros((64, 64, 3), np.uint8), 0)
    finally:
        tracker.close()
    return Finding("tracker", Verdict.OK, "MediaPipe FaceMesh loads and runs.")


def check_avatars() -> Finding:
    """The portraits that came with the program."""
    from app.avatars import shipped_avatars

    names = ", ".join(avatar.name for avatar in shipped_avatars())
    if not names:
        return Finding(
            "avatars", Verdict.LIMITED, "No shipped avatar was found.", "Get a complete copy of the program."
        )
    return Finding("avatars", Verdict.OK, f"Shipped avatars: {names}.")


def check_cameras() -> Finding:
    """Cameras by name; none is not fatal, since a file can be one."""
    from app.capture.devices import list_cameras

    names = ", ".join(camera.name for camera in list_cameras())
    if names:
        return Finding("cameras", Verdict.OK, f"Cameras: {names}.")
    fix = "Plug one in, or use a video file: --camera FILE."
    return Finding("cameras", Verdict.LIMITED, "No camera was found.", fix)


def check_virtual_camera() -> Finding:
    """Whether other programs could see the portrait as a camera."""
    from app.output.virtual_camera import probe_virtual_camera

    name = probe_virtual_camera()
    return Finding("virtual", Verdict.OK, f"Virtual camera: {name}.")


def check_sound() -> Finding:
    """PortAudio and at least one microphone."""
    fix = "On Debian and Ubuntu: sudo apt install libportaudio2." if sys.platform == "linux" else ""
    try:
        import sounddevice
    except OSError:
        return Finding("sound", Verdict.LIMITED, "PortAudio is not installed: no sound.", fix)
    inputs = [device["name"] for device in sounddevice.query_devices() if device["max_input_channels"] > 0]
    if not inputs:
        return Finding("sound", Verdict.LIMITED, "No microphone was found.", "Plug one in, or go on without sound.")
    return Finding("sound", Verdict.OK, f"Microphones: {', '.join(inputs)}.")


def check_display() -> Finding:
    """A screen to show the window on, and the libraries Qt needs for it."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Finding(
            "display", Verdict.LIMITED, "There is no display.", "Use run --headless, or log in to a desktop."
        )
    lacking = missing_display_libraries()
    if lacking:
        names = ", ".join(package.library for package in lacking)
        fix = f"On Debian and Ubuntu: {install_command(lacking)}"
        return Finding("display", Verdict.LIMITED, f"The window lacks {names}.", fix)
    return Finding("display", Verdict.OK, "There is a display for the window.")


def check_settings() -> Finding:
    """A folder where settings can be remembered."""
    import platformdirs

    folder = Path(platformdirs.user_config_dir("understudy"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if writable:
        return Finding("settings", Verdict.OK, "Settings can be saved.")
    return Finding("settings", Verdict.LIMITED, "Settings cannot be saved.", "Make your settings folder writable.")


@dataclass(frozen=True)
class Check:
    """One thing to look at. `needed`: without it the program cannot run; `fix` is for when the check itself fails."""

    name: str
    look: Callable[[], Finding]
    needed: bool = False
    fix: str = ""


REINSTALL = "Install the program's packages anew: python3 -m uv sync --reinstall"

CHECKS: tuple[Check, ...] = (
    Check("python", check_python, needed=True),
    Check("opencv", check_opencv, needed=True, fix=REINSTALL),
    Check("device", check_torch, needed=True, fix=REINSTALL),
    Check("tracker", check_tracker, needed=True, fix=REINSTALL),
    Check("avatars", check_avatars),
    Check("cameras", check_cameras),
    Check("virtual", check_virtual_camera),
    Check("sound", check_sound),
    Check("display", check_display),
    Check("settings", check_settings),
)

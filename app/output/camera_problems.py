"""Why a virtual camera cannot be had, in words: pyvirtualcam's texts turned into what, why and what to do.

The texts are those of pyvirtualcam 0.15; a text that is not in the table is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import EnvironmentProblem

NOT_OPENED = "The virtual camera could not be opened."
STOPPED = "The virtual camera stopped working."

EVERYWHERE = ("Linux", "Windows", "Darwin")


class VirtualCameraUnavailable(EnvironmentProblem):
    """There is no virtual camera to send to, or not any more."""


class VirtualCameraBusy(VirtualCameraUnavailable):
    """There is one, and another program sends to it."""


@dataclass(frozen=True)
class Row:
    """One known text. `systems` as `platform.system()` names them; `fragment` is looked for regardless of case.

    busy: the camera is there, and another program sends to it.
    """

    systems: tuple[str, ...]
    fragment: str
    why: str
    fix: str
    busy: bool = False


_LOAD_MODULE = (
    "Install v4l2loopback, then run: sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Understudy"
)
_CLOSE_WRITER = "Stop the virtual camera in OBS, or close the other program that sends to it, then switch it on again."
_APPROVE_OBS = (
    "Install OBS 30 or later, press Start Virtual Camera and Stop Virtual Camera in it once, allow its camera "
    "extension in System Settings, restart if asked, then try again."
)
_REPORT = "Please report this; leave the virtual camera off meanwhile."

TABLE: tuple[Row, ...] = (
    # Busy and wrong-name rows come first: where several backends were tried, they are the ones worth telling.
    Row(
        ("Windows", "Darwin"),
        "virtual camera output could not be started",
        "Another program already sends to the OBS virtual camera, and only one can.",
        _CLOSE_WRITER,
        busy=True,
    ),
    Row(
        ("Windows",),
        "All cameras are already in use.",
        "Every Unity Capture camera is in use by another program.",
        "Close the other program, or register a second Unity Capture camera.",
        busy=True,
    ),
    Row(
        ("Windows",),
        "No camera registered with this name.",
        "Unity Capture has no camera of that name.",
        'Use the name it was installed with (usually "Unity Video Capture"), or "auto".',
    ),
    Row(
        ("Darwin",),
        "Stream not found",
        "macOS has not yet allowed the camera extension of OBS.",
        _APPROVE_OBS,
    ),
    Row(
        ("Darwin",),
        "Couldn't start stream",
        "Another program already sends to the OBS virtual camera, or macOS has not yet allowed its extension.",
        "Stop the virtual camera in OBS; if that does not help, allow its camera extension in System Settings.",
    ),
    Row(
        ("Darwin",),
        "Multiple cameras are not supported by this backend.",
        "This program already has a virtual camera open, and OBS offers only one.",
        "Switch the virtual camera off and on again.",
    ),
    Row(
        ("Darwin",),
        "Your OBS Virtual Camera version is not supported.",
        "The installed OBS virtual camera is too old.",
        "Install OBS 28 or later (OBS 30 or later from macOS 13 on), then try again.",
    ),
    Row(
        ("Darwin",),
        "OBS Virtual Camera is not installed in your system.",
        "macOS has no OBS virtual camera, or has not yet allowed it.",
        _APPROVE_OBS,
    ),
    Row(
        ("Linux",),
        "due to missing permissions",
        "You may not write to the video device.",
        "Run: sudo usermod -aG video $USER, then log out and in again.",
    ),
    Row(
        ("Linux",),
        "is already in use.",
        "Another program already sends to the video device.",
        "Close the other program, or load v4l2loopback with devices=2 and choose the second device.",
        busy=True,
    ),
    Row(
        ("Linux",),
        "is not a video output device.",
        "The chosen device is a real camera, or a program has it open with exclusive_caps.",
        "Choose a v4l2loopback device (v4l2-ctl --list-devices shows which), or close the program that has it open.",
    ),
    Row(
        ("Linux",),
        "is not a V4L2 device.",
        "The chosen path is not a video device.",
        'Choose a v4l2loopback device such as /dev/video10, or "auto".',
    ),
    Row(
        ("Linux",),
        "could not be queried",
        "The chosen path is not a video device.",
        'Choose a v4l2loopback device such as /dev/video10, or "auto".',
    ),
    Row(
        ("Linux",),
        "could not be configured",
        "A program that watches the virtual camera still holds it in another picture size or format.",
        "Close every program that shows the virtual camera, then switch it on again.",
    ),
    Row(
        ("Linux",),
        "does not exist.",
        "There is no video device of that name.",
        'Choose one that ls /dev/video* shows, or "auto".',
    ),
    Row(("Linux",), "No v4l2 loopback device found", "The kernel module v4l2loopback is not loaded.", _LOAD_MODULE),
    Row(
        ("Windows",),
        "OBS Virtual Camera device not found",
        "Neither OBS Studio's virtual camera nor Unity Capture is installed.",
        "Install OBS Studio (obsproject.com), start it once, then switch the virtual camera on again.",
    ),
    Row(
        ("Windows",),
        "No camera registered. Did you install any camera?",
        "The Unity Capture driver is not installed.",
        "Install OBS Studio (obsproject.com) or Unity Capture, then switch the virtual camera on again.",
    ),
    Row(EVERYWHERE, "unexpected frame", "A picture of the wrong size was sent to it, which is a bug.", _REPORT),
    Row(EVERYWHERE, "Unsupported image format.", "It takes none of the pixel formats this program makes.", _REPORT),
    Row(
        EVERYWHERE,
        "This backend supports only the",
        "There is no virtual camera of that name.",
        'Choose "auto", which finds the one there is.',
    ),
    Row(
        EVERYWHERE,
        "No module named 'pyvirtualcam'",
        "The package pyvirtualcam is not installed.",
        "Run: uv sync, then switch the virtual camera on again.",
    ),
)


def explain_failure(text: str, system: str, what: str = NOT_OPENED) -> VirtualCameraUnavailable:
    """The problem behind a pyvirtualcam text, which may join the lines of several backends.

    Args:
        text: what the backend's exception said.
        system: as `platform.system()` gives it.
        what: what happened, in a sentence.
    """
    for row in TABLE:
        if system in row.systems and row.fragment.lower() in text.lower():
            kind = VirtualCameraBusy if row.busy else VirtualCameraUnavailable
            return kind(what, why=row.why, fix=row.fix)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = "; ".join(lines)[:300] or "no reason given"
    return VirtualCameraUnavailable(
        what, why=f"The camera driver says: {said}", fix="Run main.py doctor, which shows what is installed."
    )


def ended(exit_code: int | None) -> VirtualCameraUnavailable:
    """The keeper process is gone without a word."""
    return VirtualCameraUnavailable(
        STOPPED,
        why=f"Its process ended unexpectedly (exit code {exit_code}).",
        fix="Switch the virtual camera off and on again; restart the computer if it happens again.",
    )


def hung(after_s: float) -> VirtualCameraUnavailable:
    """The keeper process does not answer."""
    return VirtualCameraUnavailable(
        STOPPED,
        why=f"Its driver has not answered for {after_s:g} s.",
        fix="Close every program that shows the virtual camera, then switch it off and on again.",
    )

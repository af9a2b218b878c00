"""Every text of pyvirtualcam that is known gets a reason and a way out."""

from __future__ import annotations

import pytest

from app.output.camera_problems import TABLE, VirtualCameraBusy, VirtualCameraUnavailable, explain_failure

CASES = [
    ("Windows", "'obs' backend: virtual camera output could not be started", "only one can"),
    ("Darwin", "'obs' backend: virtual camera output could not be started", "only one can"),
    ("Windows", "'unitycapture' backend: All cameras are already in use.", "Every Unity Capture camera is in use"),
    ("Windows", "'unitycapture' backend: No camera registered with this name.", "no camera of that name"),
    ("Darwin", "'obs' backend: Stream not found", "not yet allowed the camera extension"),
    ("Darwin", "'obs' backend: Couldn't start stream", "Another program already sends"),
    ("Darwin", "'obs' backend: Multiple cameras are not supported by this backend.", "OBS offers only one"),
    (
        "Darwin",
        "'obs' backend: Your OBS Virtual Camera version is not supported. Upgrade to OBS 28 or higher.",
        "too old",
    ),
    (
        "Darwin",
        "'obs' backend: OBS Virtual Camera is not installed in your system. Use the Virtual Camera function in OBS "
        "30.0 or later to trigger the installation. [Device not found]",
        "has no OBS virtual camera",
    ),
    (
        "Linux",
        "'v4l2loopback' backend: Could not access /dev/video9 due to missing permissions. "
        "Did you add your user to the 'video' group?",
        "may not write to the video device",
    ),
    ("Linux", "'v4l2loopback' backend: Device /dev/video9 is already in use.", "Another program already sends"),
    ("Linux", "'v4l2loopback' backend: Device /dev/video0 is not a video output device.", "is a real camera"),
    ("Linux", "'v4l2loopback' backend: Device /dev/null is not a V4L2 device.", "not a video device"),
    ("Linux", "'v4l2loopback' backend: Device capabilities of /dev/null could not be queried.", "not a video device"),
    ("Linux", "'v4l2loopback' backend: Device /dev/video9 could not be configured: Invalid", "another picture size"),
    ("Linux", "'v4l2loopback' backend: Device /dev/video9 does not exist.", "no video device of that name"),
    (
        "Linux",
        "'v4l2loopback' backend: No v4l2 loopback device found at /dev/video[0-99]. "
        "Did you run 'modprobe v4l2loopback'?",
        "module v4l2loopback is not loaded",
    ),
    (
        "Windows",
        "'obs' backend: OBS Virtual Camera device not found! Did you install OBS?\n"
        "'unitycapture' backend: No camera registered. Did you install any camera?",
        "Neither OBS Studio's virtual camera nor Unity Capture",
    ),
    (
        "Windows",
        "'unitycapture' backend: No camera registered. Did you install any camera?",
        "The Unity Capture driver is not installed",
    ),
    ("Linux", "unexpected frame shape: (2, 2, 3) != (720, 1280, 3)", "a bug"),
    ("Windows", "unexpected frame dtype: float32 != uint8", "a bug"),
    ("Linux", "'v4l2loopback' backend: Unsupported image format.", "none of the pixel formats"),
    (
        "Darwin",
        "'obs' backend: This backend supports only the 'OBS Virtual Camera' device.",
        "no virtual camera of that",
    ),
    ("Linux", "ModuleNotFoundError: No module named 'pyvirtualcam'", "pyvirtualcam is not installed"),
]


@pytest.mark.parametrize(("system", "text", "why"), CASES, ids=[f"{s}-{t[-30:]}" for s, t, _ in CASES])
def test_a_known_text_becomes_a_reason_and_a_way_out(system: str, text: str, why: str) -> None:
    problem = explain_failure(text, system)
    assert isinstance(problem, VirtualCameraUnavailable)
    assert problem.exit_code == 3
    assert problem.what == "The virtual camera could not be opened."
    assert why in problem.why
    assert problem.fix.endswith(".") or "modprobe" in problem.fix
    assert "backend" not in str(problem), "a reader does not know what a backend is"


def test_every_row_of_the_table_is_reached_on_every_system_it_names() -> None:
    missing = [
        (system, row.fragment)
        for row in TABLE
        for system in row.systems
        if len(row.systems) < 3 and not any(system == of and row.fragment in text for of, text, _ in CASES)
    ]
    assert not missing
    assert all(any(row.fragment in text for _, text, _ in CASES) for row in TABLE)


def test_the_busy_camera_is_told_rather_than_the_one_that_is_not_installed() -> None:
    text = (
        "'obs' backend: virtual camera output could not be started\n"
        "'unitycapture' backend: No camera registered. Did you install any camera?"
    )
    assert "Another program already sends to the OBS" in explain_failure(text, "Windows").why


def test_an_unknown_text_is_shown_on_one_line_and_not_too_long() -> None:
    problem = explain_failure("'obs' backend: error 42\n\n'unitycapture' backend: " + "x" * 1000, "Windows")
    assert problem.why.startswith("The camera driver says: 'obs' backend: error 42; 'unitycapture' backend: xxx")
    assert len(problem.why) < 400
    assert explain_failure("", "Linux").why == "The camera driver says: no reason given"


def test_a_text_of_another_system_is_not_explained_with_this_ones_advice() -> None:
    assert "modprobe" not in explain_failure("No v4l2 loopback device found", "Windows").fix


FRAGMENTS = [
    ("Windows", "obs", "OBS Virtual Camera device not found! Did you install OBS?"),
    ("Windows", "obs", "virtual camera output could not be started"),
    ("Darwin", "obs", "virtual camera output could not be started"),
    ("Windows", "unitycapture", "No camera registered. Did you install any camera?"),
    ("Windows", "unitycapture", "No camera registered with this name."),
    ("Windows", "unitycapture", "All cameras are already in use."),
    (
        "Darwin",
        "obs",
        "OBS Virtual Camera is not installed in your system. Use the Virtual Camera function in OBS 30.0 or later to "
        "install it. [Device not found]",
    ),
    ("Darwin", "obs", "Stream not found"),
    ("Darwin", "obs", "Couldn't start stream"),
    ("Darwin", "obs", "Multiple cameras are not supported by this backend."),
    ("Darwin", "obs", "Your OBS Virtual Camera version is not supported. Upgrade to OBS 28 or higher."),
    (
        "Linux",
        "v4l2loopback",
        "No v4l2 loopback device found at /dev/video[0-99]. Did you run 'modprobe v4l2loopback'?",
    ),
    (
        "Linux",
        "v4l2loopback",
        "Could not access /dev/video3 due to missing permissions. Did you add your user to the 'video' group?",
    ),
    ("Linux", "v4l2loopback", "Device /dev/video3 is already in use."),
    ("Linux", "v4l2loopback", "Device /dev/video3 is not a video output device."),
    ("Linux", "v4l2loopback", "Device /dev/video3 is not a V4L2 device."),
    ("Linux", "v4l2loopback", "Device /dev/video3 could not be configured: Device or resource busy"),
    ("Linux", "v4l2loopback", "Device /dev/video3 does not exist."),
    *(
        (system, backend, text)
        for system, backend in (("Linux", "v4l2loopback"), ("Windows", "obs"), ("Darwin", "obs"))
        for text in (
            "unexpected frame shape: (3, 3) != (4, 4, 3)",
            "unexpected frame dtype: float64 != uint8",
            "Unsupported image format.",
            "This backend supports only the 'OBS Virtual Camera' device.",
        )
    ),
]
"""Every text that the product notes list for pyvirtualcam 0.15, with the system and the backend it comes from."""

OF_OTHERS = {
    "Linux": ("OBS", "System Settings", "Unity"),
    "Windows": ("modprobe", "usermod", "/dev/", "System Settings", "extension"),
    "Darwin": ("modprobe", "usermod", "/dev/", "Unity"),
}


@pytest.mark.parametrize(("system", "backend", "text"), FRAGMENTS)
def test_every_text_of_the_product_notes_is_explained_with_what_its_own_system_offers(
    system: str, backend: str, text: str
) -> None:
    problem = explain_failure(f"'{backend}' backend: {text}", system)
    assert not problem.why.startswith("The camera driver says"), "it is known"
    assert len(problem.fix) > 20
    foreign = [word for word in OF_OTHERS[system] if word in problem.why + problem.fix]
    assert not foreign


@pytest.mark.parametrize(("system", "backend", "text"), FRAGMENTS)
def test_only_a_camera_that_another_program_uses_counts_as_busy(system: str, backend: str, text: str) -> None:
    busy = isinstance(explain_failure(f"'{backend}' backend: {text}", system), VirtualCameraBusy)
    assert busy == ("already in use" in text or "could not be started" in text)

"""Verdicts are true: each lack is made on purpose, on a machine that may have it or not."""

from __future__ import annotations

import builtins
import shutil
import sys
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.audio.devices import DeviceList, SoundDevice
from app.audio.problems import Direction
from app.capture import devices, permission
from app.display_libraries import Package
from app.doctor import folders, machine, outputs, pictures, sound
from app.doctor.checks import CHECKS
from app.doctor.findings import Check, Finding, Verdict, can_run, examine, run_check
from app.doctor.fixes import Lack, fix_for
from app.doctor.report import line_of
from app.output.camera_messages import KeeperOptions
from app.output.camera_problems import explain_failure
from models import weights_manifest
from tests.helpers.fake_camera import LOADER


def test_this_machine_can_run_the_program() -> None:
    needed = [check for check in CHECKS if check.needed]

    assert [check.name for check in needed] == ["python", "versions", "opencv", "device", "tracker"]
    assert can_run(examine(needed))


def test_the_finding_of_a_check_has_its_name() -> None:
    names = [check.name for check in CHECKS]

    assert len(set(names)) == len(names)
    assert [run_check(check).name for check in CHECKS if check.name in ("weights", "disk", "avatars")] == [
        name for name in names if name in ("weights", "disk", "avatars")
    ]


def test_every_name_stands_apart_from_what_was_found() -> None:
    lines = [line_of(Finding(check.name, Verdict.LIMITED, "Found.")).split() for check in CHECKS]

    assert lines == [["limited", check.name, "Found."] for check in CHECKS]


def test_a_package_that_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PACKAGES", ("numpy", "no-such-package-here"))

    assert machine.check_versions() == Finding(
        "versions", Verdict.MISSING, "Not installed: no-such-package-here.", fix_for(Lack.PACKAGES)
    )


@pytest.mark.parametrize(
    ("cuda", "lack", "why"),
    [
        (None, Lack.GPU_TORCH, "The installed torch was made without CUDA."),
        ("13.0", Lack.GPU_DRIVER, "Its driver does not answer torch."),
    ],
)
def test_a_gpu_that_torch_cannot_use_is_said_with_the_reason(
    cuda: str | None, lack: Lack, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/nvidia-smi")

    found = machine.check_torch()

    assert (found.verdict, found.why, found.fix) == (Verdict.LIMITED, why, fix_for(lack))
    assert found.sentence.endswith("computes on the CPU, although there seems to be an NVIDIA GPU.")


def test_a_nearly_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(10**12, 10**12, 300_000_000))

    found = machine.check_disk()

    assert (found.verdict, found.sentence) == (Verdict.LIMITED, "0.3 GB are free for recordings.")


def test_weights_that_are_damaged_or_gone_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    published = weights_manifest.published_files()
    whole, changed, gone = list(published)[:3]
    shutil.copy(whole, tmp_path)
    (tmp_path / changed.name).write_bytes(b"something else")
    shutil.copy(weights_manifest.WEIGHTS / weights_manifest.MANIFEST, tmp_path)
    monkeypatch.setattr(weights_manifest, "WEIGHTS", tmp_path)

    found = pictures.check_weights()

    assert found.verdict is Verdict.LIMITED
    assert found.sentence.startswith(f"Missing or damaged: {changed.name}, {gone.name}")
    assert whole.name not in found.sentence


@pytest.mark.parametrize(
    ("cameras", "fix", "expected"),
    [
        ([], None, (Verdict.LIMITED, "No camera was found.", "")),
        (["Webcam"], None, (Verdict.OK, "Cameras: Webcam.", "")),
        (["Webcam"], "Allow it.", (Verdict.LIMITED, "Not to be used: Webcam.", "The system does not allow it.")),
        ([], "Allow it.", (Verdict.LIMITED, "No camera can be seen.", "The system does not allow it.")),
    ],
)
def test_cameras_are_there_or_not_or_forbidden(
    cameras: list[str], fix: str | None, expected: tuple[Verdict, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [SimpleNamespace(name=name, index=number) for number, name in enumerate(cameras)]
    monkeypatch.setattr(devices, "list_cameras", lambda: listed)
    monkeypatch.setattr(permission, "fix_for_denied", lambda index: fix)

    found = pictures.check_cameras()

    assert (found.verdict, found.sentence, found.why) == expected


def test_a_registered_virtual_camera_is_found_by_name(tmp_path: Path) -> None:
    camera = tmp_path / "camera"

    found = outputs.check_virtual_camera(str(camera), KeeperOptions((64, 96), backend_loader=LOADER + "register"))

    assert (found.name, found.verdict) == ("virtual", Verdict.OK)


def test_no_virtual_camera_is_said_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "'v4l2loopback' backend: No v4l2 loopback device found at /dev/video[0-99]."

    def refuse() -> Finding:
        raise explain_failure(text, "Linux")

    found = run_check(Check("virtual", refuse))

    assert (found.verdict, found.why) == (Verdict.LIMITED, "The kernel module v4l2loopback is not loaded.")
    assert "sudo modprobe v4l2loopback" in found.fix


def test_libraries_the_window_lacks_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(outputs, "missing_display_libraries", lambda: [Package("libEGL.so.1", "libegl1")])

    assert outputs.check_display() == Finding(
        "display", Verdict.LIMITED, "The window lacks libEGL.so.1.", "On Debian and Ubuntu: sudo apt install libegl1"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have one")
def test_a_machine_without_a_screen_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert outputs.check_display().sentence == "There is no display."


def test_without_portaudio_everything_but_sound_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)

    found = sound.check_sound()

    assert (found.verdict, found.sentence) == (Verdict.LIMITED, "PortAudio is not installed: no sound.")


DESK = SoundDevice("desk", "Desk", Direction.INPUT)
CABLE = SoundDevice("cable", "Cable", Direction.OUTPUT)
PULSE_DESK = SoundDevice("pulse.desk", "Desk", Direction.INPUT, 3)


@pytest.mark.parametrize(
    ("devices", "denied", "verdict", "sentence"),
    [
        ((DESK, CABLE), None, Verdict.OK, "Microphones: Desk. Sound outputs: Cable."),
        ((DESK,), None, Verdict.OK, "Microphones: Desk. Sound outputs: none."),
        ((CABLE,), None, Verdict.LIMITED, "No microphone was found. Sound outputs: Cable."),
        ((DESK,), "Allow it.", Verdict.LIMITED, "Microphones: Desk. Sound outputs: none."),
        ((PULSE_DESK,), "Allow it.", Verdict.OK, "Microphones: Desk. Sound outputs: none."),
    ],
)
def test_sound_devices_are_named_and_a_microphone_that_may_not_be_used_is_a_lack(
    monkeypatch: pytest.MonkeyPatch,
    devices: tuple[SoundDevice, ...],
    denied: str | None,
    verdict: Verdict,
    sentence: str,
) -> None:
    monkeypatch.setattr("app.audio.portaudio.PortAudio.devices", lambda system: DeviceList(devices))
    monkeypatch.setattr("app.audio.permission.fix_for_denied_microphone", lambda: denied)

    found = sound.check_sound()

    assert (found.verdict, found.sentence) == (verdict, sentence)


def test_settings_that_cannot_be_saved_name_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("UNDERSTUDY_SETTINGS", str(tmp_path / "file" / "settings.json"))

    found = folders.check_settings()

    assert found.verdict is Verdict.LIMITED
    assert found.why == f"{tmp_path / 'file'} cannot be written to."

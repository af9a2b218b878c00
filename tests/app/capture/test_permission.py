from __future__ import annotations

import sys
import types
from contextlib import nullcontext

import pytest

from app.audio.permission import fix_for_denied_microphone
from app.capture import permission
from app.capture.permission import fix_for_denied


def test_on_linux_a_device_that_may_not_be_read_asks_for_the_video_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permission.os.path, "exists", lambda path: path == "/dev/video4")
    monkeypatch.setattr(permission.os, "access", lambda path, mode: False)

    assert fix_for_denied(4, "linux") == "Run: sudo usermod -aG video $USER, then log out and in again."
    assert fix_for_denied(5, "linux") is None


def test_on_linux_a_device_that_may_be_read_is_not_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permission.os.path, "exists", lambda path: True)
    monkeypatch.setattr(permission.os, "access", lambda path, mode: True)

    assert fix_for_denied(0, "linux") is None


@pytest.mark.parametrize(
    ("switches", "denied"),
    [
        ({permission.CONSENT_STORE: "Deny"}, True),
        ({permission.CONSENT_STORE: "Allow", rf"{permission.CONSENT_STORE}\NonPackaged": "Deny"}, True),
        ({permission.CONSENT_STORE: "Allow", rf"{permission.CONSENT_STORE}\NonPackaged": "Allow"}, False),
        ({}, False),
    ],
)
def test_on_windows_either_switch_of_the_privacy_page_forbids(
    monkeypatch: pytest.MonkeyPatch, switches: dict[str, str], denied: bool
) -> None:
    registry = types.ModuleType("winreg")

    def open_key(_: object, key: str) -> nullcontext[str]:
        if key not in switches:
            raise FileNotFoundError(key)
        return nullcontext(key)

    monkeypatch.setattr(registry, "HKEY_CURRENT_USER", 0, raising=False)
    monkeypatch.setattr(registry, "OpenKey", open_key, raising=False)
    monkeypatch.setattr(registry, "QueryValueEx", lambda key, name: (switches[key], 1), raising=False)
    monkeypatch.setitem(sys.modules, "winreg", registry)

    expected = "Open Settings, Privacy & security, Camera, and allow desktop apps to use it." if denied else None
    assert fix_for_denied(0, "win32") == expected


@pytest.mark.parametrize(("status", "denied"), [(0, False), (1, True), (2, True), (3, False)])
def test_on_macos_a_denied_or_restricted_camera_is_forbidden(
    monkeypatch: pytest.MonkeyPatch, status: int, denied: bool
) -> None:
    device = types.SimpleNamespace(authorizationStatusForMediaType_=lambda media: status)
    foundation = types.ModuleType("AVFoundation")
    monkeypatch.setattr(foundation, "AVCaptureDevice", device, raising=False)
    monkeypatch.setattr(foundation, "AVMediaTypeVideo", "vide", raising=False)
    monkeypatch.setitem(sys.modules, "AVFoundation", foundation)

    expected = "Open System Settings, Privacy & Security, Camera, and allow this program." if denied else None
    assert fix_for_denied(0, "darwin") == expected


def test_the_microphone_has_switches_and_sentences_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    device = types.SimpleNamespace(authorizationStatusForMediaType_=lambda media: asked.append(media) or 2)
    foundation = types.ModuleType("AVFoundation")
    monkeypatch.setattr(foundation, "AVCaptureDevice", device, raising=False)
    monkeypatch.setattr(foundation, "AVMediaTypeAudio", "soun", raising=False)
    monkeypatch.setitem(sys.modules, "AVFoundation", foundation)
    monkeypatch.setattr("app.audio.permission.os.path.exists", lambda path: True)
    monkeypatch.setattr("app.audio.permission.os.access", lambda path, mode: False)

    assert fix_for_denied_microphone("darwin") == (
        "Open System Settings, Privacy & Security, Microphone, and allow this program."
    )
    assert asked == ["soun"]
    assert permission.Privacy.MICROPHONE.value[0].endswith(r"ConsentStore\microphone")
    assert fix_for_denied_microphone("linux") == "Run: sudo usermod -aG audio $USER, then log out and in again."

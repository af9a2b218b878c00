"""What a person is told to do, system by system: no system is told what only works on another."""

from __future__ import annotations

import re

import pytest

from app.doctor.fixes import LINUX, MACOS, WINDOWS, Lack, fix_for

ONLY_ON = {
    LINUX: ("sudo apt", "chown", "ubuntu-drivers"),
    WINDOWS: ("py -m", "winget", "Windows Security", "Settings, Privacy"),
    MACOS: ("brew", "System Settings", "chown", "macOS"),
}


@pytest.mark.parametrize("system", [LINUX, WINDOWS, MACOS])
@pytest.mark.parametrize("lack", list(Lack))
def test_every_lack_has_a_fix_on_every_system_in_words_of_that_system(lack: Lack, system: str) -> None:
    fix = fix_for(lack, system)

    assert re.match(r"[A-Z].{20,}", fix)
    foreign = {word for name, words in ONLY_ON.items() if name != system for word in words} - set(ONLY_ON[system])
    said = [word for word in foreign if word in fix.replace("System Settings", "" if system == MACOS else "Sys")]
    assert said == []


@pytest.mark.parametrize(
    ("lack", "system", "words"),
    [
        (Lack.PORTAUDIO, LINUX, "sudo apt install libportaudio2"),
        (Lack.PORTAUDIO, WINDOWS, "py -m uv sync --reinstall-package sounddevice"),
        (Lack.CAMERA, MACOS, "System Settings, Privacy & Security, Camera"),
        (Lack.CAMERA, WINDOWS, "Settings, Privacy & security, Camera"),
        (Lack.MICROPHONE, MACOS, "Privacy & Security, Microphone"),
        (Lack.PACKAGES, WINDOWS, "py -m uv sync --reinstall"),
        (Lack.PACKAGES, MACOS, "python3 -m uv sync --reinstall"),
        (Lack.GPU_TORCH, WINDOWS, "pytorch.org"),
        (Lack.FOLDER, WINDOWS, "Controlled folder access"),
    ],
)
def test_the_words_that_matter_are_there(lack: Lack, system: str, words: str) -> None:
    assert words in fix_for(lack, system)


def test_another_unix_is_told_what_linux_is_told() -> None:
    assert fix_for(Lack.DISPLAY, "freebsd14") == fix_for(Lack.DISPLAY, LINUX)

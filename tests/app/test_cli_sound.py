"""What the flags about sound ask for; without any, no sound goes anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.audio.problems import CameraHasNoSound
from app.cli_parser import build_parser
from app.cli_sound import SoundFlags, check_sound
from app.commands.run_options import RunOptions
from app.remembered import Remembered, from_json, to_json
from app.settings import SoundSettings
from tests.helpers.sounding_video import make_video


def flags(*arguments: str) -> SoundFlags:
    return SoundFlags.from_arguments(build_parser().parse_args(["run", *arguments]))


def test_without_flags_no_sound_goes_anywhere() -> None:
    options = RunOptions.from_arguments(build_parser().parse_args(["run"]))

    assert options.engine_config(None).sound == SoundSettings("none", "none", "none", False)


def test_the_flags_are_the_settings_of_the_engine() -> None:
    arguments = ["--microphone", "Desk", "--sound-output", "Cable", "--monitor", "auto", "--mute"]
    options = RunOptions.from_arguments(build_parser().parse_args(["run", *arguments]))

    assert options.engine_config(None).sound == SoundSettings("Desk", "Cable", "auto", True)


def test_pictures_wait_for_slow_sound_unless_they_are_not_to() -> None:
    assert flags().settings().picture_waits
    assert not flags("--picture-at-once").settings().picture_waits


@pytest.mark.parametrize("flag", ["--sound-output", "--monitor"])
def test_who_wants_to_hear_something_wants_a_microphone(flag: str) -> None:
    assert flags(flag, "Cable").settings().microphone == "auto"
    assert flags(flag, "Cable", "--microphone", "none").settings().microphone == "none"
    assert flags(flag, "none").settings().microphone == "none"


def test_in_the_window_flags_come_before_what_was_remembered() -> None:
    remembered = SoundSettings("Desk", "Cable", "Ears")

    assert flags().settings(remembered) == remembered
    assert flags("--microphone", "none").settings(remembered) == SoundSettings("none", "Cable", "Ears")
    assert flags("--sound-output", "Other").settings(remembered) == SoundSettings("Desk", "Other", "Ears")


def test_the_choice_of_devices_is_remembered_and_being_muted_is_not() -> None:
    values = Remembered(sound=SoundSettings("Desk", "Cable", "Ears", muted=True))

    assert from_json(to_json(values)).sound == SoundSettings("Desk", "Cable", "Ears", muted=False)


def test_settings_of_an_older_program_have_no_sound() -> None:
    assert from_json({"version": 1}).sound == SoundSettings()


def test_a_camera_without_sound_cannot_stand_in_for_the_microphone(tmp_path: Path) -> None:
    with pytest.raises(CameraHasNoSound) as no_file:
        check_sound(SoundSettings("camera"), "synthetic")
    (tmp_path / "no.mp4").write_bytes(b"nothing")
    with pytest.raises(CameraHasNoSound):
        check_sound(SoundSettings("camera"), str(tmp_path / "no.mp4"))

    assert str(no_file.value) == (
        "The camera's sound cannot be used. synthetic is no video file with sound. "
        "Choose a microphone: --microphone auto."
    )
    assert no_file.value.exit_code == 2


def test_a_video_with_sound_can_stand_in_for_the_microphone(tmp_path: Path) -> None:
    make_video(tmp_path / "clip.mp4", 0.5)

    check_sound(SoundSettings("camera"), str(tmp_path / "clip.mp4"))


@pytest.mark.parametrize("settings", [SoundSettings(), SoundSettings("auto"), SoundSettings("none", "Cable")])
def test_what_nobody_chose_by_name_is_not_looked_for(settings: SoundSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise AssertionError("PortAudio was loaded")

    monkeypatch.setattr("app.audio.portaudio.sound_system", fail)
    check_sound(settings, "synthetic")

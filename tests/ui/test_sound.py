"""The sound panel's decisions: which devices are offered, what is asked of the engine, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.audio.devices import DeviceList, SoundDevice
from app.audio.problems import Direction, NoSoundLibrary
from app.control import EngineConfig, Problem, SoundStatus
from app.settings import SoundSettings
from app.settings_file import SettingsFile
from tests.ui.conftest import Rig
from ui.shown import SoundLine, SoundLists

FOUND = DeviceList(
    (
        SoundDevice("alsa_input.desk", "Desk Microphone", Direction.INPUT, 1),
        SoundDevice("cable.monitor", "Monitor of Cable", Direction.INPUT, 2, is_monitor=True),
        SoundDevice("cable", "Cable", Direction.OUTPUT, 3),
        SoundDevice("alsa_output.ears", "Headphones", Direction.OUTPUT, 4),
    )
)


def lists(rig: Rig) -> SoundLists:
    shown: SoundLists = rig.view.show_sound_devices.call_args.args[0]
    return shown


def line(rig: Rig) -> SoundLine:
    shown: SoundLine = rig.view.show_sound.call_args.args[0]
    return shown


def asked_for(rig: Rig) -> SoundSettings:
    """What the engine was last asked for, by the window or by somebody else."""
    asked = [call[1] for call in rig.engine.calls if call[0] == "set_sound"]
    settings = asked[-1] if asked else SoundSettings()
    assert isinstance(settings, SoundSettings)
    return settings


def hear(rig: Rig, sound: SoundStatus, *problems: Problem) -> SoundLine:
    """What the panel says of it."""
    heard = replace(sound, settings=asked_for(rig))
    rig.engine.now = replace(rig.engine.now, sound=heard, problems=problems)
    rig.presenter.tick()
    return line(rig)


def test_at_first_no_sound_goes_anywhere(rig: Rig) -> None:
    rig.sounds.done(FOUND)

    assert [choice.selected for choice in (lists(rig).microphone, lists(rig).output, lists(rig).monitor)] == [0, 0, 0]
    assert line(rig) == SoundLine(False, False, 0.0, 0.0, "No sound is sent or recorded.")


def test_devices_are_offered_by_name_and_what_an_output_plays_is_no_microphone(rig: Rig) -> None:
    rig.sounds.done(FOUND)

    assert lists(rig).microphone.labels == ("No microphone", "Automatic", "Desk Microphone")
    assert lists(rig).output.labels == ("Nowhere", "Cable", "Headphones")
    assert lists(rig).monitor.labels == ("Not at all", "Automatic", "Cable", "Headphones")


def test_a_choice_goes_to_the_engine_and_is_remembered(rig: Rig) -> None:
    rig.sounds.done(FOUND)
    rig.presenter.sound.microphone_chosen(2)
    rig.presenter.sound.output_chosen(1)
    rig.presenter.sound.monitor_chosen(3)

    wanted = SoundSettings("alsa_input.desk", "cable", "alsa_output.ears")
    assert rig.engine.calls[-1] == ("set_sound", wanted)
    assert rig.memory.values.sound == wanted
    assert (lists(rig).microphone.selected, lists(rig).output.selected, lists(rig).monitor.selected) == (2, 1, 3)


def test_what_is_chosen_again_is_not_asked_again(rig: Rig) -> None:
    rig.sounds.done(FOUND)
    before = list(rig.engine.calls)

    rig.presenter.sound.microphone_chosen(0)

    assert rig.engine.calls == before


def test_muting_is_at_once_and_not_remembered(rig: Rig) -> None:
    rig.presenter.sound.microphone_chosen(1)
    rig.presenter.sound.muted_wanted(True)

    assert rig.engine.calls[-1] == ("set_sound", SoundSettings("auto", muted=True))
    assert not rig.memory.values.sound.muted
    assert hear(rig, SoundStatus(microphone="Desk")).text == "Muted: others hear nothing."


def test_the_key_mutes_only_where_there_is_a_microphone(rig: Rig) -> None:
    before = list(rig.engine.calls)
    rig.presenter.sound.mute_toggled()
    assert rig.engine.calls == before

    rig.presenter.sound.microphone_chosen(1)
    rig.presenter.sound.mute_toggled()
    assert rig.engine.calls[-1] == ("set_sound", SoundSettings("auto", muted=True))


def test_the_window_shows_a_microphone_that_was_muted_by_remote_and_can_unmute_it(rig: Rig) -> None:
    rig.presenter.sound.microphone_chosen(1)
    rig.engine.set_sound(replace(asked_for(rig), muted=True))

    assert hear(rig, SoundStatus(microphone="Desk")).muted
    rig.presenter.sound.mute_toggled()
    assert rig.engine.calls[-1] == ("set_sound", SoundSettings("auto", muted=False))
    assert not hear(rig, SoundStatus(microphone="Desk")).muted


def test_a_device_that_is_not_there_stays_chosen_and_says_so(make_rig: Callable[..., Rig], tmp_path: Path) -> None:
    rig = make_rig(EngineConfig(sound=SoundSettings("usb-mic", "cable")))
    rig.presenter.start()
    rig.sounds.done(FOUND)

    assert lists(rig).microphone.labels[lists(rig).microphone.selected] == "usb-mic (not connected)"
    assert lists(rig).output.labels[lists(rig).output.selected] == "Cable"
    assert not SettingsFile(tmp_path / "settings.json").load().values.sound.muted


def test_a_device_given_by_its_name_is_found_by_it(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(sound=SoundSettings("Desk Microphone")))
    rig.presenter.start()
    rig.sounds.done(FOUND)

    assert lists(rig).microphone.labels[lists(rig).microphone.selected] == "Desk Microphone"


def test_the_cameras_own_sound_has_a_name(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(sound=SoundSettings("camera")))

    assert lists(rig).microphone.labels[lists(rig).microphone.selected] == "Sound of the video file"


@pytest.mark.parametrize(
    ("dbfs", "share"), [(-100.0, 0.0), (-60.0, 0.0), (-30.0, 0.5), (-6.0, 0.9), (0.0, 1.0), (3.0, 1.0)]
)
def test_the_meter_shows_the_upper_sixty_decibels(rig: Rig, dbfs: float, share: float) -> None:
    rig.presenter.sound.microphone_chosen(1)

    shown = hear(rig, SoundStatus(microphone="Desk", rms_dbfs=dbfs, peak_dbfs=dbfs))

    assert (shown.level, shown.peak) == (pytest.approx(share), pytest.approx(share))


def test_the_words_say_how_late_the_sound_is(rig: Rig) -> None:
    rig.presenter.sound.microphone_chosen(1)

    assert hear(rig, SoundStatus()).text == "Starting…"
    assert hear(rig, SoundStatus(microphone="D", delay_ms=96.4)).text == "Held back by 96 ms, as the picture is."
    late = hear(rig, SoundStatus(microphone="D", delay_ms=30.0, late_ms=40.0))
    assert late.text == "The picture takes 30 ms, the sound 40 ms longer."


def test_a_microphone_that_stopped_is_said_in_its_panel_too(rig: Rig) -> None:
    rig.presenter.sound.microphone_chosen(1)
    lost = Problem("microphone", "The microphone Desk stopped.", "It was unplugged.", "Plug it in again.")

    shown = hear(rig, SoundStatus(), lost)

    assert (shown.text, shown.trouble) == ("The microphone Desk stopped.", True)
    assert rig.notice is not None


def test_a_machine_without_portaudio_says_which_package_to_install(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    rig.sounds.error(NoSoundLibrary())

    assert line(rig).text == (
        "The library PortAudio is not installed. "
        "On Debian and Ubuntu: sudo apt install libportaudio2 libasound2-plugins."
    )
    assert not line(rig).trouble, "nobody asked for sound yet"
    assert rig.notice is None


def test_closing_ends_the_search_for_devices(rig: Rig) -> None:
    rig.presenter.close()

    assert rig.sounds.closed

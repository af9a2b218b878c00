from __future__ import annotations

import pytest

from app.audio.devices import DeviceList, SoundDevice
from app.audio.problems import Direction, NoSoundDevice, NoSuchSoundDevice

DESK = SoundDevice("alsa_input.usb-desk", "Desk Microphone", Direction.INPUT, 1)
HEADSET = SoundDevice("bluez.headset", "Headset", Direction.INPUT, 2)
WHAT_IS_PLAYED = SoundDevice("speakers.monitor", "Monitor of Speakers", Direction.INPUT, 3, is_monitor=True)
SPEAKERS = SoundDevice("speakers", "Speakers", Direction.OUTPUT, 4)
ALL = DeviceList((DESK, HEADSET, WHAT_IS_PLAYED, SPEAKERS), "bluez.headset", "speakers")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("alsa_input.usb-desk", DESK),
        ("Headset", HEADSET),
        ("  headset ", HEADSET),
        ("desk", DESK),
        ("auto", HEADSET),
        ("speakers.monitor", WHAT_IS_PLAYED),
    ],
)
def test_a_microphone_is_found_by_id_name_part_of_a_name_or_the_systems_choice(wanted: str, found: SoundDevice) -> None:
    assert ALL.find(wanted, Direction.INPUT) == found


@pytest.mark.parametrize("default", ["speakers.monitor", "", "gone"])
def test_the_systems_choice_is_never_what_an_output_plays(default: str) -> None:
    devices = DeviceList((WHAT_IS_PLAYED, DESK), default)

    assert devices.find("auto", Direction.INPUT) == DESK


def test_a_part_that_fits_several_names_is_none_of_them() -> None:
    with pytest.raises(NoSuchSoundDevice) as problem:
        ALL.find("e", Direction.INPUT)

    assert str(problem.value) == (
        "There is no microphone 'e'. Those found are: Desk Microphone, Headset. Choose one of them by its name."
    )
    assert problem.value.exit_code == 3


def test_an_output_is_no_microphone() -> None:
    with pytest.raises(NoSuchSoundDevice):
        ALL.find("speakers", Direction.INPUT)
    assert ALL.find("speakers", Direction.OUTPUT) == SPEAKERS


def test_a_name_that_is_not_there_while_nothing_is_says_that_it_is_waited_for() -> None:
    with pytest.raises(NoSuchSoundDevice) as problem:
        DeviceList().find("Cable", Direction.OUTPUT)

    assert str(problem.value) == (
        "There is no sound output 'Cable'. The system lists none. Plug it in again; it is picked up by itself."
    )


def test_no_output_at_all_is_a_sentence() -> None:
    with pytest.raises(NoSoundDevice) as problem:
        DeviceList().find("auto", Direction.OUTPUT)

    assert str(problem.value) == (
        "No sound output was found. The system lists no sound output. "
        "Plug one in, or go on without sound: --microphone none."
    )

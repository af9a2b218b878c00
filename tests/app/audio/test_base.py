from __future__ import annotations

import numpy as np

from app.audio.base import RATE, AudioFanOut
from app.packets import AudioBlock

BLOCK = AudioBlock(np.zeros((480, 1), np.float32), RATE, 0)


def test_every_listener_hears_every_block_until_it_is_taken_away() -> None:
    fan_out = AudioFanOut()
    voice: list[AudioBlock] = []
    recorder: list[AudioBlock] = []
    fan_out.connect("voice", voice.append)
    fan_out.connect("recorder", recorder.append)

    fan_out.publish(BLOCK)
    fan_out.connect("voice", None)
    fan_out.publish(BLOCK)

    assert (len(voice), len(recorder)) == (1, 2)


def test_a_second_listener_of_one_name_takes_the_place_of_the_first() -> None:
    fan_out = AudioFanOut()
    first: list[AudioBlock] = []
    second: list[AudioBlock] = []
    fan_out.connect("recorder", first.append)
    fan_out.connect("recorder", second.append)

    fan_out.publish(BLOCK)

    assert (len(first), len(second)) == (0, 1)

from __future__ import annotations

import numpy as np
import pytest

from app.audio.voice_mouth import VoiceMouth
from app.clock import NS_PER_MS, NS_PER_S
from models.types import FloatArray
from tests.helpers.voices import T0_NS, A, Formants, M, U, blocks, hiss, silence, vowel

CLOSED, OPEN = 0.05, 0.2


def heard(sound: FloatArray, t_ns: int = T0_NS, mouth: VoiceMouth | None = None) -> list[float]:
    """The openness at the end of each block, with the sound known up to there."""
    mouth = mouth or VoiceMouth()
    answers = []
    for block in blocks(sound, t_ns):
        mouth(block)
        answers.append(mouth.openness(block.t_first_sample_ns + 10 * NS_PER_MS) or 0.0)
    return answers


def said(level_dbfs: float = -20.0, room_dbfs: float = -60.0) -> FloatArray:
    """A second of room, three vowels of 0.2 s with as long pauses, and half a second of room."""
    vowels = [vowel(0.2, level_dbfs), silence(0.2)] * 3
    sound = np.concatenate([silence(1.0), *vowels, silence(0.3)])
    return sound + hiss(len(sound) / 48_000, room_dbfs)


@pytest.mark.parametrize("room_dbfs", [-90.0, -70.0, -50.0, -35.0])
def test_a_room_without_speech_keeps_the_mouth_closed(room_dbfs: float) -> None:
    assert max(heard(hiss(4.0, room_dbfs))) < CLOSED


def test_silence_keeps_the_mouth_closed() -> None:
    assert max(heard(silence(0.9))) == 0.0


def test_a_vowel_opens_the_mouth_within_80_ms_and_its_end_closes_it_within_200() -> None:
    answers = heard(said())
    for start in (100, 140, 180):
        assert max(answers[start - 5 : start]) < 0.6 * max(answers[start : start + 20])
        assert max(answers[start : start + 8]) > OPEN
        assert answers[start + 40 - 1] < 0.3 * max(answers[start : start + 20])


@pytest.mark.parametrize(("formants", "most"), [(U, 0.6), (M, 0.3)])
def test_rounded_and_shut_lips_are_heard_though_they_are_as_loud_as_an_open_mouth(
    formants: Formants, most: float
) -> None:
    sound = np.concatenate([silence(1.0), vowel(0.3, formants=A), silence(0.4), vowel(0.3, formants=formants)])
    answers = heard(sound + hiss(len(sound) / 48_000, -60.0))
    assert max(answers[170:]) < most * max(answers[100:130])


@pytest.mark.parametrize("level_dbfs", [-32.0, -8.0])
def test_the_opening_does_not_depend_on_how_loud_the_microphone_is_set(level_dbfs: float) -> None:
    usual, other = heard(said())[100:], heard(said(level_dbfs, -40.0 + level_dbfs))[100:]
    assert np.corrcoef(usual, other)[0, 1] > 0.95
    assert max(other) == pytest.approx(max(usual), rel=0.25)


def test_a_fan_that_starts_closes_the_mouth_again_once_it_is_known() -> None:
    answers = heard(np.concatenate([hiss(1.0, -70.0), hiss(5.0, -40.0, seed=1)]))
    assert max(answers[450:]) < CLOSED


def test_speech_is_heard_over_a_loud_fan() -> None:
    answers = heard(said(-20.0, -40.0))
    assert max(answers[100:120]) > OPEN
    assert max(answers[60:95]) < CLOSED


def test_sound_that_comes_later_makes_the_answer_for_a_moment_better_not_different_in_kind() -> None:
    mouth, sound = VoiceMouth(), said()
    early = heard(sound, mouth=mouth)
    late = [mouth.openness(T0_NS + n * 10 * NS_PER_MS) or 0.0 for n in range(170, 240)]
    assert np.corrcoef(early[169:239], late)[0, 1] > 0.6


def test_a_block_from_the_past_is_left_out() -> None:
    sound = said()
    once, twice = VoiceMouth(), VoiceMouth()
    for number, block in enumerate(blocks(sound)):
        once(block)
        twice(block)
        if number % 7 == 3:
            twice(blocks(sound)[number - 3])
    moments = [T0_NS + n * 10 * NS_PER_MS for n in range(160, 250)]
    assert [once.openness(t) for t in moments] == [twice.openness(t) for t in moments]


def test_after_a_gap_the_mouth_begins_closed_and_the_room_is_still_known() -> None:
    mouth = VoiceMouth()
    heard(said()[: 48_000 + 4_800], mouth=mouth)  # cut off within a vowel
    answers = heard(hiss(0.5, -60.0, seed=2), T0_NS + 2 * NS_PER_S, mouth)
    assert max(answers) < CLOSED


def test_when_no_sound_comes_the_mouth_closes_and_then_there_is_no_voice() -> None:
    mouth = VoiceMouth()
    last = heard(said()[: 48_000 + 9_600], mouth=mouth)[-10]
    end_ns = T0_NS + 1_200 * NS_PER_MS
    later = [mouth.openness(end_ns + ms * NS_PER_MS) for ms in (150, 250, 301)]
    assert last > OPEN
    assert later[0] is not None
    assert later[1] is not None
    assert last > later[0] > later[1]
    assert later[2] is None


def test_a_muted_microphone_closes_the_mouth_and_after_a_second_is_no_voice() -> None:
    mouth = VoiceMouth()
    answers = heard(np.concatenate([said()[: 48_000 + 9_600], silence(0.9)]), mouth=mouth)
    assert max(answers[150:]) == 0.0
    assert mouth.openness(T0_NS + 2_100 * NS_PER_MS) == 0.0
    heard(silence(0.2), T0_NS + 2_100 * NS_PER_MS, mouth)
    assert mouth.openness(T0_NS + 2_300 * NS_PER_MS) is None


def test_nothing_heard_yet_or_forgotten_is_no_voice() -> None:
    mouth = VoiceMouth()
    assert mouth.openness(T0_NS) is None
    heard(said(), mouth=mouth)
    mouth.reset()
    assert mouth.openness(T0_NS + 2 * NS_PER_S) is None


def test_two_channels_and_another_rate_are_heard_alike() -> None:
    from dataclasses import replace

    mono, stereo, slower = (VoiceMouth() for _ in range(3))
    for block in blocks(said()):
        mono(block)
        stereo(replace(block, samples=np.repeat(block.samples, 2, axis=1)))
        slower(replace(block, samples=block.samples[::3], rate=16_000))
    moments = [T0_NS + n * 10 * NS_PER_MS for n in range(160, 250)]
    first, second, third = ([each.openness(t) or 0.0 for t in moments] for each in (mono, stereo, slower))
    assert first == second
    assert np.corrcoef(first, third)[0, 1] > 0.9

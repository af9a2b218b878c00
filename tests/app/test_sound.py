"""The engine's sound: asked for, shown in the status, and never a reason for the pictures to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from app.audio.streams import SoundSystem
from app.clock import NS_PER_MS
from app.control import EngineConfig
from app.engine import Engine
from app.settings import SoundSettings
from tests.helpers.fake_sound import BLOCK, FakeStream, FakeSystem
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for


class SoundingStages(TestStages):
    """The test's stages with fake sound cards."""

    __test__ = False

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config)
        self.cards = FakeSystem()

    def sound_system(self) -> SoundSystem:
        return self.cards


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Engine, FakeSystem]]]:
    engines: list[Engine] = []

    def make(sound: SoundSettings, camera: str | None = "synthetic") -> tuple[Engine, FakeSystem]:
        config = EngineConfig(camera=camera, sound=sound)
        stages = SoundingStages(config)
        engine = Engine(config, stages)
        engines.append(engine)
        engine.start()
        engine.set_portrait(small_portrait())
        return engine, stages.cards

    yield make
    for engine in engines:
        engine.stop(20.0)  # on a machine that has much else to do


def opened(cards: FakeSystem, count: int) -> list[FakeStream]:
    wait_for(lambda: len(cards.streams) == count, f"{count} streams; there are {len(cards.streams)}")
    return cards.streams


def names(cards: FakeSystem) -> set[str]:
    return {stream.device.device_id for stream in cards.streams if not stream.closed}


def test_without_a_wish_no_card_is_opened(start: Callable[..., tuple[Engine, FakeSystem]]) -> None:
    engine, cards = start(SoundSettings())
    wait_for(lambda: engine.stats.t_first_frame_ns is not None, "the first frame")

    assert cards.streams == []
    assert engine.status().sound.microphone is None


def test_without_a_microphone_nothing_is_sent_anywhere(start: Callable[..., tuple[Engine, FakeSystem]]) -> None:
    engine, cards = start(SoundSettings("none", "cable", "ears"))
    wait_for(lambda: engine.stats.t_first_frame_ns is not None, "the first frame")

    assert cards.streams == []


def test_what_is_wanted_is_opened_and_shown(start: Callable[..., tuple[Engine, FakeSystem]]) -> None:
    engine, cards = start(SoundSettings("auto", "cable", "auto"))
    opened(cards, 3)

    assert names(cards) == {"desk", "cable", "ears"}
    wait_for(lambda: engine.status().sound.monitor is not None, "the monitor")
    wait_for(lambda: engine.status().sound.output is not None, "the output")
    wait_for(lambda: engine.status().sound.microphone is not None, "the microphone")
    sound = engine.status().sound
    assert (sound.microphone, sound.output, sound.monitor) == ("Desk", "Cable", "Ears")


def test_what_stays_the_same_is_not_opened_anew(start: Callable[..., tuple[Engine, FakeSystem]]) -> None:
    engine, cards = start(SoundSettings("desk", "cable"))
    opened(cards, 2)
    engine.set_sound(SoundSettings("desk", "cable", muted=True))
    engine.set_sound(SoundSettings("desk", "ears", muted=True))
    opened(cards, 3)

    wait_for(lambda: names(cards) == {"desk", "ears"}, "the other output")
    assert engine.status().sound.settings.muted


@pytest.mark.parametrize("waits", [True, False])
def test_pictures_wait_for_the_sound_of_the_output_if_they_are_to_and_while_there_is_one(
    start: Callable[..., tuple[Engine, FakeSystem]], waits: bool
) -> None:
    engine, cards = start(SoundSettings("desk", "cable", picture_waits=waits))
    opened(cards, 2)
    picture = engine._pipeline.picture_delay

    engine._sound._on_takes(60 * NS_PER_MS)
    assert (picture.least_ns > 0) is waits

    engine.set_sound(SoundSettings("desk", "none", picture_waits=waits))
    wait_for(lambda: picture.least_ns == 0, "pictures that wait no more")


def test_the_loudness_of_the_microphone_is_in_the_status(start: Callable[..., tuple[Engine, FakeSystem]]) -> None:
    engine, cards = start(SoundSettings("desk"))
    microphone = opened(cards, 1)[0]

    def loud() -> bool:
        microphone.speak(np.full((BLOCK, 1), 0.5, np.float32))
        return engine.status().sound.peak_dbfs > -7.0

    wait_for(loud, "a level")


def test_a_lost_microphone_is_a_problem_and_the_pictures_go_on(
    start: Callable[..., tuple[Engine, FakeSystem]],
) -> None:
    engine, cards = start(SoundSettings("desk"))
    opened(cards, 1)[0].lose()
    wait_for(lambda: engine.failure("microphone") is not None, "the problem")
    assert engine.problems()[0].what == "The microphone Desk stopped."
    before = engine.stats.figures().rendered
    wait_for(lambda: engine.stats.figures().rendered > before, "more pictures")

    microphone = opened(cards, 2)[1]

    def well_again() -> bool:
        microphone.speak(np.zeros((BLOCK, 1), np.float32))
        return engine.problems() == ()

    wait_for(well_again, "the end of the problem")


@pytest.mark.parametrize("device", ["desk", "cable"])
def test_a_bug_on_a_thread_of_sound_is_a_problem_until_it_runs_again(
    start: Callable[..., tuple[Engine, FakeSystem]], expected_log: pytest.LogCaptureFixture, device: str
) -> None:
    engine, cards = start(SoundSettings("desk", "cable"))
    opened(cards, 2)

    def playing() -> bool:
        for stream in list(cards.streams):
            if stream.device.device_id == "desk":
                stream.speak(np.zeros((BLOCK, 1), np.float32))
            else:
                stream.listen()
        return engine._sound.microphone._worked and engine._sound.output._worked

    wait_for(playing, "sound")
    broken = next(stream for stream in cards.streams if stream.device.device_id == device)
    broken.error = LookupError("a bug")
    broken.ring.wake.set()
    wait_for(lambda: bool(engine.problems()), "the problem")

    opened(cards, 3)
    wait_for(lambda: playing() and engine.problems() == (), "sound again")
    assert broken.closed


def test_a_camera_without_sound_is_said_where_its_sound_is_wanted(
    start: Callable[..., tuple[Engine, FakeSystem]],
) -> None:
    engine, cards = start(SoundSettings("camera"))
    wait_for(lambda: engine.failure("microphone") is not None, "the problem")

    assert str(engine.failure("microphone")).startswith("The camera's sound cannot be used.")
    engine.set_sound(SoundSettings("desk"))
    opened(cards, 1)
    wait_for(lambda: engine.problems() == (), "the end of the problem")

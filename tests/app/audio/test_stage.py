"""The sound threads' stages with fake cards and a clock turned by hand: what is passed on, lost, and found again."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.base import AudioFanOut
from app.audio.level import LevelMeter
from app.audio.microphone import Microphone
from app.audio.output import CALM_S, FIRST_AHEAD_S, MOST_AHEAD_S, MOST_LATENCY_S, Ahead, SoundOutputStage
from app.audio.picture_delay import ENOUGH, PictureDelay
from app.audio.problems import CameraHasNoSound, Direction, SoundDeviceBusy
from app.audio.source import SoundSource
from app.audio.stage import MicrophoneStage, SoundListeners
from app.clock import NS_PER_MS, NS_PER_S
from app.errors import EnvironmentProblem
from app.packets import AudioBlock, FrameStatus, RenderedFrame
from app.slots import Closed
from models.types import FloatArray
from tests.helpers.fake_sound import BLOCK, CABLE, DESK, RATE, FakeSystem
from tests.helpers.frames import plain
from tests.helpers.live import HandClock

LOUD = np.full((BLOCK, 1), 0.5, np.float32)


class Told:
    """Everything the listeners hear."""

    def __init__(self) -> None:
        self.lost: list[EnvironmentProblem] = []
        self.opened: list[str | None] = []
        self.worked = 0

    def _working(self) -> None:
        self.worked += 1

    @property
    def listeners(self) -> SoundListeners:
        return SoundListeners(working=self._working, lost=self.lost.append, opened=self.opened.append)


class Room:
    """A microphone stage with a fake card."""

    def __init__(self, wanted: str = "desk") -> None:
        self.clock, self.system, self.told, self.level = HandClock(), FakeSystem(), Told(), LevelMeter()
        self.blocks: list[AudioBlock] = []
        self.muted = False
        self.stage = MicrophoneStage(
            lambda: Microphone(wanted, self.system, self.clock),
            self.blocks.append,
            lambda: self.muted,
            self.level,
            self.told.listeners,
            self.clock,
        )

    def speak(self, blocks: int, samples: FloatArray = LOUD) -> list[AudioBlock]:
        """What is published while the microphone hears so much."""
        before = len(self.blocks)
        for _ in range(blocks):
            self.clock.pass_s(0.01)
            self.system.streams[-1].speak(samples)
            self.stage.step()
        return self.blocks[before:]


@pytest.fixture
def room() -> Room:
    made = Room()
    made.stage.open()
    return made


def test_what_the_microphone_hears_is_published_and_measured(room: Room) -> None:
    blocks = room.speak(20)

    assert len(blocks) >= 17
    assert blocks[-1].samples == pytest.approx(0.5, abs=1e-3)
    assert room.level.level().peak_dbfs == pytest.approx(-6.0, abs=0.1)
    assert room.told.opened == ["Desk"]
    assert room.told.worked >= 17


def test_it_fades_in_so_that_nothing_clicks(room: Room) -> None:
    first = room.speak(5)[0].samples[:, 0]

    assert first[0] == 0.0
    assert np.abs(np.diff(first)).max() < 0.01


def test_muted_is_silence_within_one_block_and_without_a_click(room: Room) -> None:
    room.speak(20)
    room.muted = True
    fading, *silent = room.speak(5)
    room.muted = False
    back = room.speak(2)

    assert np.abs(np.diff(fading.samples[:, 0])).max() < 0.01
    assert all(not block.samples.any() for block in silent)
    assert back[-1].samples == pytest.approx(0.5, abs=1e-3)


def test_a_lost_microphone_is_told_once_and_opened_again_after_a_pause(room: Room) -> None:
    room.speak(10)
    room.system.errors = [SoundDeviceBusy(Direction.INPUT, "Desk")] * 2
    room.system.streams[0].lose()

    for _ in range(4):  # the loss, two failures alike, and the device is back
        room.stage.step()
    blocks = room.speak(10)

    assert [str(problem) for problem in room.told.lost] == [
        "The microphone Desk stopped. It was a test. It is opened again by itself as soon as that works.",
        "The microphone Desk could not be opened. Another program is using it. "
        "Close the other program, or choose another one.",
    ]
    assert room.told.opened == ["Desk", None, None, None, "Desk"]
    assert room.system.streams[0].closed == 1
    assert len(blocks) >= 7


def test_a_microphone_that_is_not_there_at_the_start_is_waited_for() -> None:
    room = Room("nowhere")
    room.stage.open()
    room.system.list = FakeSystem(DESK).list
    room.stage.step()

    assert str(room.told.lost[0]) == (
        "There is no microphone 'nowhere'. Those found are: Desk. Choose one of them by its name."
    )


def test_while_it_is_away_nothing_is_measured(room: Room) -> None:
    room.speak(10)
    room.system.streams[0].lose()
    room.stage.step()

    assert room.level.level().peak_dbfs == -100.0


def test_what_cannot_work_ends_the_stage_in_place_of_being_tried_again() -> None:
    room = Room()

    def refuse() -> SoundSource:
        raise CameraHasNoSound(None)

    stage = MicrophoneStage(refuse, room.blocks.append, lambda: False, room.level, SoundListeners(), room.clock)
    with pytest.raises(CameraHasNoSound, match="No camera is chosen"):
        stage.open()


def test_a_stage_that_is_stopped_while_its_device_is_away_ends(room: Room) -> None:
    room.system.streams[0].lose()
    room.stage.step()
    room.stage.unblock()

    with pytest.raises(Closed):
        room.stage.step()
    room.stage.release()


def test_a_stage_that_is_stopped_closes_its_device(room: Room) -> None:
    room.speak(3)
    room.stage.unblock()
    room.stage.step()
    room.stage.release()

    assert room.system.streams[0].closed == 1
    assert room.told.opened[-1] is None


class Meeting:
    """An output stage with a fake card, fed by hand."""

    def __init__(self, delay_ms: float = 100.0) -> None:
        self.clock, self.system, self.told, self.audio = HandClock(), FakeSystem(), Told(), AudioFanOut()
        picture = PictureDelay()
        for _ in range(ENOUGH):
            frame = RenderedFrame(1, plain((0, 0, 0), (16, 16)), 0, 0, FrameStatus.LIVE)
            picture.delivered(frame, round(delay_ms * NS_PER_MS))
        self.takes_ns: list[int] = []
        self.stage = SoundOutputStage(
            "sound output",
            "cable",
            self.system,
            self.audio,
            picture,
            self.told.listeners,
            self.clock,
            tell_takes=self.takes_ns.append,
        )

    def run(self, seconds: float, *, click_at_s: float | None = None) -> FloatArray:
        """What the meeting hears meanwhile."""
        heard = []
        start_ns = self._spoken_ns = self.clock.now_ns()
        for _ in range(round(seconds * 100)):
            samples = np.zeros((BLOCK, 1), np.float32)
            if click_at_s is not None and self._spoken_ns - start_ns == round(click_at_s * NS_PER_S):
                samples[:] = 0.5
            self.audio.publish(AudioBlock(samples, RATE, self._spoken_ns))
            self._spoken_ns += BLOCK * NS_PER_S // RATE
            self.clock.pass_s(0.01)
            heard.append(self.system.streams[-1].listen())
            self.stage.step()
        return np.concatenate(heard)


def test_the_meeting_hears_the_sound_as_late_as_the_picture() -> None:
    meeting = Meeting(delay_ms=100.0)
    meeting.stage.open()
    meeting.run(1.0)

    heard = meeting.run(1.0, click_at_s=0.3)

    assert heard.shape[1] == 2, "one channel on both sides"
    loud = np.flatnonzero(np.abs(heard[:, 0]) > 0.25)
    assert loud[0] / RATE == pytest.approx(0.3 + 0.1, abs=0.002)
    assert len(loud) == pytest.approx(BLOCK, abs=40)
    assert meeting.system.streams[0].ring.padded <= 2 * BLOCK, "the card never waits, but at the start"
    assert meeting.stage.late_ns == 0


def test_little_is_made_before_it_is_needed_and_more_after_it_was_too_little() -> None:
    meeting = Meeting()
    meeting.stage.open()
    meeting.run(2.0)
    stream = meeting.system.streams[0]
    before = stream.ring.held

    stream.listen(before + BLOCK)
    meeting.run(0.1)

    assert before <= (FIRST_AHEAD_S + 0.006) * RATE
    assert stream.ring.held > before


class Card:
    """A card that now and then found too little sound, second by second."""

    def __init__(self) -> None:
        self.ahead, self._now_s, self._missing = Ahead(), 0.0, 0

    def gap(self, after_s: float = 1.0, *, settled: bool = True) -> None:
        self._now_s += after_s
        self._missing += 50
        self.ahead.follow(self._missing, round(self._now_s * NS_PER_S), settled=settled)

    def calm(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self._now_s += 1.0
            self.ahead.follow(self._missing, round(self._now_s * NS_PER_S), settled=True)

    def seconds_until_little(self) -> float:
        begun_s = self._now_s
        while self.ahead.seconds > FIRST_AHEAD_S:
            self.calm(1.0)
        return self._now_s - begun_s


def test_what_is_made_ahead_becomes_little_again_after_a_calm_that_is_longer_after_each_gap() -> None:
    card, waited_s = Card(), []
    for _ in range(3):
        card.gap()
        assert card.ahead.seconds == 2 * FIRST_AHEAD_S
        waited_s.append(card.seconds_until_little())

    assert waited_s == [CALM_S, 2 * CALM_S, 4 * CALM_S]


def test_a_rough_moment_counts_once_and_is_forgotten_after_a_long_calm() -> None:
    card = Card()
    for _ in range(6):
        card.gap(0.01)
    assert card.ahead.seconds == MOST_AHEAD_S
    assert card.seconds_until_little() == pytest.approx(2 * CALM_S)  # two steps down

    card.gap()
    card.seconds_until_little()
    card.calm(10 * CALM_S)
    card.gap()
    assert card.seconds_until_little() == pytest.approx(CALM_S)


def test_a_card_that_needs_more_than_the_least_is_not_kept_far_above_its_need_by_a_single_gap() -> None:
    card = Card()
    for _ in range(5):  # the least is too little for it, again and again
        card.gap()
        card.seconds_until_little()
    card.gap()
    card.gap(5.0)
    assert card.ahead.seconds == MOST_AHEAD_S
    card.calm(CALM_S)

    assert card.ahead.seconds == 2 * FIRST_AHEAD_S


def test_nothing_counts_before_the_card_has_settled() -> None:
    card = Card()
    card.gap(settled=False)

    assert card.ahead.seconds == FIRST_AHEAD_S


@pytest.mark.parametrize(("delay_ms", "latency_s"), [(30.0, 0.02), (120.0, 0.03), (900.0, MOST_LATENCY_S)])
def test_a_card_may_hold_more_where_the_picture_is_later(delay_ms: float, latency_s: float) -> None:
    meeting = Meeting(delay_ms)
    meeting.stage.open()

    assert meeting.system.streams[0].latency_s == pytest.approx(latency_s)


def test_an_output_tells_how_late_sound_has_to_be_until_it_ends_and_quick_pictures_find_it_so_late() -> None:
    meeting = Meeting(delay_ms=1.0)
    meeting.stage.open()
    meeting.run(2.0)
    takes_ns = meeting.takes_ns[-1]
    meeting.stage.unblock()
    meeting.stage.release()

    assert takes_ns == pytest.approx(meeting.stage.late_ns + NS_PER_MS, abs=1)
    assert 10 * NS_PER_MS < takes_ns < 60 * NS_PER_MS
    assert meeting.takes_ns[-1] == 0


def test_an_output_that_is_lost_hears_nothing_until_it_is_back() -> None:
    meeting = Meeting()
    meeting.stage.open()
    meeting.run(0.5)
    meeting.system.streams[0].lose()
    meeting.stage.step()
    meeting.audio.publish(AudioBlock(LOUD, RATE, meeting.clock.now_ns()))
    meeting.stage.step()
    heard = meeting.run(1.0, click_at_s=0.3)

    assert meeting.told.opened == ["Cable", None, "Cable"]
    assert meeting.told.lost[0].what == "The sound output Cable stopped."
    assert np.abs(heard).max() > 0.4


def test_an_output_that_ends_is_told_of_no_more_blocks() -> None:
    meeting = Meeting()
    meeting.stage.open()
    meeting.stage.unblock()
    meeting.stage.release()

    meeting.audio.publish(AudioBlock(LOUD, RATE, 0))
    assert meeting.system.streams[0].closed == 1
    assert meeting.system.find("cable", Direction.OUTPUT) == CABLE

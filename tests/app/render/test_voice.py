"""The voice moves the mouth where the camera does not see it: the render stage stepped by hand, a scripted voice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.audio.base import AudioFanOut
from app.packets import AudioBlock, FaceObservation, FrameStatus, RenderedFrame, TrackedFrame
from app.render.stage import RenderStage
from app.render.wishes import RenderWishes, WishBox
from app.settings import MotionSettings, OutputSettings
from app.slots import LatestSlot
from models.motion.canonical import load_canonical
from models.motion.landmark_sets import LIPS
from models.motion.openness import lip_openness, open_lips
from models.types import MotionState
from tests.helpers.live import FRAME_S, HandClock, StillAnimator, face, render_tools, small_portrait, tracked
from tests.helpers.voices import BLOCK

OUTPUT = OutputSettings(width=320, height=192, fps=25)


class ScriptedVoice:
    """Says what a test puts into it, and what it was asked for."""

    def __init__(self) -> None:
        self.says: float | None = None
        self.asked_ns: list[int] = []
        self.heard: list[AudioBlock] = []

    def __call__(self, block: AudioBlock) -> None:
        self.heard.append(block)

    def openness(self, t_ns: int) -> float | None:
        self.asked_ns.append(t_ns)
        return self.says

    def reset(self) -> None:
        self.says = None


class Theatre:
    """A render stage with a voice; time and faces by hand."""

    def __init__(self, **wishes: object) -> None:
        self.clock, self.animator, self.voice, self.audio = HandClock(), StillAnimator(), ScriptedVoice(), AudioFanOut()
        self.shown: list[RenderedFrame] = []
        self.inbox: LatestSlot[TrackedFrame] = LatestSlot("tracked")
        first = RenderWishes(
            portrait=small_portrait(), output=OUTPUT, has_camera=True, motion=MotionSettings(voice_mouth=True)
        )
        tools = render_tools(lambda: self.animator, self.shown.append, self.clock)
        self.wishes = WishBox(replace(first, **wishes))
        self.stage = RenderStage(
            self.inbox, self.wishes, replace(tools, audio=self.audio, open_voice=lambda: self.voice)
        )
        self.stage.open()

    def see(self, *faces: FaceObservation | None) -> None:
        for seen in faces:
            self.clock.pass_s(FRAME_S)
            self.inbox.put(tracked(self.clock, seen))
            self.stage.step()

    @property
    def mouths(self) -> list[float]:
        """How far the lips were open in every motion since the start."""
        return [lip_openness(motion.canonical + motion.expression) for motion in self.animator.driven]

    @property
    def rest(self) -> float:
        own: MotionState = self.animator.motion_of(self.animator.prepared[0])
        return lip_openness(own.canonical + own.expression)


def talking(openness: float) -> FaceObservation:
    shape = load_canonical()
    return face(shape=open_lips(shape.mean, openness, shape))


def covered(count: int) -> list[FaceObservation]:
    """A face whose lips are guessed anew in every picture."""
    rng, faces = np.random.default_rng(0), []
    for _ in range(count):
        points = load_canonical().mean.copy()
        points[LIPS] += rng.normal(scale=0.02, size=(len(LIPS), 3)).astype(np.float32)
        faces.append(face(shape=points))
    return faces


def test_while_the_face_is_seen_its_own_mouth_is_shown_whatever_the_voice_says() -> None:
    theatre, silent = Theatre(), Theatre()
    theatre.voice.says = 0.8
    theatre.see(*[face()] * 30, *[talking(0.4)] * 10)
    silent.see(*[face()] * 30, *[talking(0.4)] * 10)
    assert theatre.mouths == silent.mouths


def test_the_mouth_of_a_lost_face_follows_the_voice_while_held_and_while_idle() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 30)
    theatre.voice.says = 0.6
    theatre.see(*[None] * 6)
    assert theatre.shown[-1].status is FrameStatus.HELD
    assert theatre.mouths[-1] > theatre.rest + 0.2
    theatre.see(*[None] * 20)
    assert theatre.shown[-1].status is FrameStatus.IDLE
    assert theatre.mouths[-1] > theatre.rest + 0.2
    theatre.voice.says = 0.0
    theatre.see(None, None)
    assert theatre.mouths[-1] == pytest.approx(theatre.rest, abs=0.01)


def test_without_a_voice_a_lost_face_is_held_as_a_picture_and_idles_with_its_mouth_still() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 30)
    drawn = len(theatre.animator.driven)
    theatre.see(*[None] * 5)
    assert theatre.shown[-1].status is FrameStatus.HELD
    assert len(theatre.animator.driven) == drawn
    theatre.see(*[None] * 30)
    assert theatre.mouths[drawn:] == pytest.approx([theatre.rest] * len(theatre.mouths[drawn:]), abs=0.01)


def test_the_mouth_jumps_neither_into_the_voice_nor_back_to_the_face() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 30)
    theatre.voice.says = 0.8
    theatre.see(*[None] * 30, *[face()] * 15)
    steps = np.abs(np.diff(theatre.mouths))
    assert max(theatre.mouths) > theatre.rest + 0.25
    assert steps.max() < 0.5 * (max(theatre.mouths) - theatre.rest)
    assert theatre.mouths[-1] == pytest.approx(theatre.rest, abs=0.02)


def test_lips_that_are_covered_follow_the_voice_while_the_head_follows_the_camera() -> None:
    theatre = Theatre(motion=MotionSettings(smoothing=0.0, voice_mouth=True))
    theatre.see(*[face()] * 30)
    theatre.voice.says = 0.0
    theatre.see(*covered(40))
    assert theatre.shown[-1].status is FrameStatus.LIVE
    assert np.ptp(theatre.mouths[-15:]) < 0.01  # the jumping guess is gone
    theatre.voice.says = 0.6
    theatre.see(*covered(5))
    assert theatre.mouths[-1] > theatre.rest + 0.2
    assert theatre.voice.asked_ns[-1] == theatre.shown[-1].t_capture_ns
    theatre.see(*[face(turn=0.3)] * 75)
    assert theatre.mouths[-1] == pytest.approx(theatre.rest, abs=0.02)


def test_covered_lips_without_a_voice_stay_those_of_the_tracker() -> None:
    theatre = Theatre(motion=MotionSettings(smoothing=0.0, voice_mouth=True))
    theatre.see(*[face()] * 30, *covered(40))
    assert np.ptp(theatre.mouths[-15:]) > 0.01


def test_the_setting_switches_the_voice_off() -> None:
    theatre = Theatre(motion=MotionSettings(voice_mouth=False))
    theatre.see(*[face()] * 30)
    theatre.voice.says = 0.8
    theatre.see(*[None] * 40)
    assert theatre.mouths[-20:] == pytest.approx([theatre.rest] * 20, abs=0.01)


def test_a_portrait_without_a_camera_speaks_as_late_as_the_sound_that_is_held_back_for_pictures() -> None:
    theatre = Theatre(has_camera=False)
    theatre.voice.says = 0.5
    for _ in range(10):
        theatre.clock.pass_s(FRAME_S)
        theatre.stage.step()
    assert theatre.mouths[-1] > theatre.rest + 0.15
    assert theatre.clock.now_ns() - theatre.voice.asked_ns[-1] == 80_000_000


def test_the_stage_listens_to_the_microphone_from_its_opening_to_its_release() -> None:
    theatre = Theatre()
    block = AudioBlock(np.zeros((BLOCK, 1), np.float32), 48_000, 0)
    theatre.audio.publish(block)
    theatre.stage.release()
    theatre.audio.publish(block)
    assert len(theatre.voice.heard) == 1

"""The render thread, stepped by hand: what is shown when faces, cameras, portraits and wishes come and go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.errors import UsageProblem
from app.governor.levels import Level
from app.packets import FaceObservation, FrameStatus, RenderedFrame, TrackedFrame
from app.portrait import LoadedPortrait
from app.render.cards import draw_away_card
from app.render.scene import Composes
from app.render.stage import RenderStage
from app.render.wishes import RenderWishes, WishBox
from app.settings import Background, BackgroundMode, MotionSettings, OutputSettings
from app.slots import Closed, LatestSlot
from models.types import MotionState
from tests.helpers.live import FRAME_S, HandClock, StillAnimator, face, render_tools, small_portrait, tracked
from tests.helpers.waiting import wait_for

OUTPUT = OutputSettings(width=320, height=192, fps=25)


class Theatre:
    """A render stage on a stage of its own: time, faces and wishes by hand, frames in a list."""

    def __init__(self, **wishes: object) -> None:
        self.clock, self.animator = HandClock(), StillAnimator()
        self.shown: list[RenderedFrame] = []
        self.inbox: LatestSlot[TrackedFrame] = LatestSlot("tracked")
        first = RenderWishes(portrait=small_portrait(), output=OUTPUT, has_camera=True)
        self.wishes = WishBox(replace(first, **wishes))
        tools = render_tools(lambda: self.animator, self.shown.append, self.clock)
        self.stage = RenderStage(self.inbox, self.wishes, tools)
        self.stage.open()

    def see(self, *faces: FaceObservation | None) -> None:
        """One picture after another, each with or without a face."""
        for seen in faces:
            self.clock.pass_s(FRAME_S)
            self.inbox.put(tracked(self.clock, seen))
            self.stage.step()

    def wait(self, seconds: float) -> None:
        """No picture comes."""
        for _ in range(round(seconds / FRAME_S)):
            self.clock.pass_s(FRAME_S)
            self.stage.step()

    @property
    def statuses(self) -> list[FrameStatus]:
        return [frame.status for frame in self.shown]

    @property
    def motions(self) -> list[MotionState]:
        return self.animator.driven


def test_a_tracked_face_becomes_one_live_frame_with_the_time_of_its_picture() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    last = theatre.shown[-1]
    assert last.status is FrameStatus.LIVE
    assert last.t_capture_ns == theatre.clock.now_ns()
    assert last.image.shape == (192, 320, 3)
    assert not last.image.flags.writeable
    assert theatre.statuses.count(FrameStatus.LIVE) == 4  # the first face in a row is not believed yet
    assert [frame.frame_id for frame in theatre.shown] == list(range(1, len(theatre.shown) + 1))


def test_a_lost_face_is_held_then_idles_then_is_away() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5, None)
    assert theatre.statuses[-1] is FrameStatus.HELD
    assert np.array_equal(theatre.shown[-1].image, theatre.shown[-2].image)
    theatre.see(*[None] * 9)
    assert theatre.statuses[-1] is FrameStatus.IDLE
    theatre.see(*[None] * 250)
    assert theatre.statuses[-1] is FrameStatus.AWAY


def test_a_camera_without_pictures_is_away_within_a_second_and_live_again_with_the_second_face() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    theatre.wait(1.0)
    assert theatre.statuses[-1] is FrameStatus.AWAY
    assert np.array_equal(theatre.shown[-1].image, draw_away_card((192, 320), small_portrait().picture))
    theatre.see(face(), face())
    assert theatre.statuses[-1] is FrameStatus.LIVE


def test_without_a_camera_the_portrait_idles_for_ever_at_the_rate_of_the_output() -> None:
    theatre = Theatre(has_camera=False)
    theatre.stage.step()
    theatre.shown.clear()
    theatre.wait(60.0)
    assert set(theatre.statuses) == {FrameStatus.IDLE}
    assert len(theatre.shown) == 60 * OUTPUT.fps


def test_without_a_portrait_there_is_the_card() -> None:
    theatre = Theatre(portrait=None)
    theatre.see(*[face()] * 3)
    assert set(theatre.statuses) == {FrameStatus.AWAY}


def test_the_wish_to_be_away_is_obeyed_with_the_next_frame_and_taken_back_without_showing_the_card_again() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    theatre.wishes.change(lambda wishes: replace(wishes, away=True))
    theatre.see(face())
    assert theatre.statuses[-1] is FrameStatus.AWAY
    theatre.wishes.change(lambda wishes: replace(wishes, away=False))
    before = len(theatre.shown)
    theatre.see(*[face()] * 3)
    assert FrameStatus.AWAY not in theatre.statuses[before:]
    assert theatre.statuses[-1] is FrameStatus.LIVE


def test_no_motion_jumps_when_the_face_goes_and_comes_back() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 30, *[face(turn=0.4)] * 30)
    theatre.animator.driven.clear()
    theatre.see(*[None] * 40, *[face(turn=-0.4)] * 10)
    steps = [
        float(np.abs(after.keypoints() - before.keypoints()).max())
        for before, after in zip(theatre.motions, theatre.motions[1:], strict=False)
    ]
    whole = float(np.abs(theatre.motions[0].keypoints() - theatre.motions[-1].keypoints()).max())
    assert max(steps) < 0.4 * whole  # half a second away, a fifth of a second back, both without a jump
    assert whole > 0.05


def test_relative_motion_starts_from_the_neutral_face_whatever_it_is() -> None:
    theatre = Theatre()
    theatre.see(*[face(x=30, turn=0.3)] * 30)
    own = theatre.animator.motion_of(theatre.animator.prepared[0])
    assert np.allclose(theatre.motions[-1].keypoints(), own.keypoints(), atol=0.01)


def test_calibration_takes_the_next_face_as_neutral() -> None:
    theatre = Theatre(motion=MotionSettings(smoothing=0.0))
    theatre.see(*[face()] * 30, *[face(turn=0.4)] * 10)
    own = theatre.animator.motion_of(theatre.animator.prepared[0]).keypoints()
    assert np.abs(theatre.motions[-1].keypoints() - own).max() > 0.03
    theatre.wishes.change(lambda wishes: replace(wishes, calibration=wishes.calibration + 1))
    theatre.see(*[face(turn=0.4)] * 10)
    assert np.allclose(theatre.motions[-1].keypoints(), own, atol=0.01)


def test_a_face_still_on_its_way_from_the_last_camera_is_not_taken_for_the_next_driver() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    late = tracked(theatre.clock, face(turn=0.5))
    theatre.clock.pass_s(FRAME_S)
    since_ns = theatre.clock.now_ns()
    theatre.wishes.change(lambda wishes: replace(wishes, driver=1, driver_since_ns=since_ns))
    theatre.inbox.put(late)
    theatre.stage.step()
    theatre.see(face())
    assert theatre.statuses[-1] is FrameStatus.IDLE  # one face of the new driver is not believed yet
    theatre.see(face())
    assert theatre.statuses[-1] is FrameStatus.LIVE


def test_another_portrait_is_prepared_once_and_shown_with_the_next_frame() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    theatre.wishes.change(lambda wishes: replace(wishes, portrait=small_portrait("another")))
    theatre.see(*[face()] * 5)
    assert len(theatre.animator.prepared) == 2
    assert theatre.statuses[-5:] == [FrameStatus.LIVE] * 5


def test_another_output_size_is_used_at_once() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    theatre.wishes.change(lambda wishes: replace(wishes, output=OutputSettings(width=640, height=368)))
    theatre.see(face())
    assert theatre.shown[-1].image.shape == (368, 640, 3)
    assert len(theatre.animator.prepared) == 1


def test_a_background_picture_that_cannot_be_read_keeps_the_portraits_own_and_says_why(tmp_path: Path) -> None:
    plain, theatre = Theatre(), Theatre()
    told: list[UsageProblem | None] = []
    theatre.stage._tools = replace(theatre.stage._tools, on_background=told.append)
    broken = Background(BackgroundMode.PICTURE, picture=tmp_path / "gone.jpg")
    for expected, background in ((1, broken), (2, Background(BackgroundMode.COLOUR, colour=(0, 0, 255)))):
        output = replace(OUTPUT, background=background)
        theatre.wishes.change(lambda wishes, output=output: replace(wishes, output=output))  # type: ignore[misc]
        plain.see(*[face()] * 5)
        theatre.see(*[face()] * 5)
        wait_for(lambda n=expected: theatre.see(face()) is None and len(told) == n, "word of it")  # type: ignore[func-returns-value]
        assert theatre.statuses[-1] is FrameStatus.LIVE
        assert np.array_equal(theatre.shown[-1].image, plain.shown[-1].image) is (background is broken)
    theatre.stage.release()
    assert [problem is None for problem in told] == [False, True]
    assert told[0] is not None
    assert "gone.jpg" in told[0].what
    assert told[0].why
    assert told[0].fix


def test_frames_go_on_while_a_background_picture_is_read(tmp_path: Path) -> None:
    theatre, read = Theatre(), threading.Event()
    theatre.see(*[face()] * 5)
    scene = theatre.stage._scene
    assert scene is not None
    make = scene._make_compositor

    def slowly(portrait: LoadedPortrait, output: OutputSettings) -> Composes:
        assert read.wait(10)
        return make(portrait, replace(output, background=Background(BackgroundMode.COLOUR, colour=(0, 0, 255))))

    scene._make_compositor = slowly
    picture = Background(BackgroundMode.PICTURE, picture=tmp_path / "big.jpg")
    theatre.wishes.change(lambda wishes: replace(wishes, output=replace(OUTPUT, background=picture)))
    before = theatre.shown[-1].image
    theatre.see(*[face()] * 5)
    assert theatre.statuses[-5:] == [FrameStatus.LIVE] * 5
    assert np.array_equal(theatre.shown[-1].image, before)
    read.set()
    wait_for(lambda: theatre.see(face()) is None and not np.array_equal(theatre.shown[-1].image, before), "the picture")  # type: ignore[func-returns-value]
    theatre.stage.release()


def test_an_animator_that_fails_leaves_the_card_behind() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    theatre.animator.step = _failing  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="broken"):
        theatre.see(face())
    theatre.stage.release()
    assert theatre.statuses[-1] is FrameStatus.AWAY


def test_a_stage_that_is_stopped_leaves_its_last_picture() -> None:
    theatre = Theatre()
    theatre.see(*[face()] * 5)
    theatre.stage.unblock()
    with pytest.raises(Closed):
        theatre.stage.step()
    theatre.stage.release()
    assert theatre.statuses[-1] is FrameStatus.LIVE


def _failing(*_: object) -> object:
    raise RuntimeError("the animator is broken")


class AnotherAnimator(StillAnimator):
    name = "another"


SMALLER = Level("another", 0, portrait_px=48)


def theatre_with_levels(other: Callable[[str], StillAnimator]) -> tuple[Theatre, list[tuple[Level, Exception | None]]]:
    """A theatre whose render thread can open another animator, and what it says of levels."""
    theatre, said = Theatre(), list[tuple[Level, Exception | None]]()
    tools = render_tools(lambda: theatre.animator, theatre.shown.append, theatre.clock)
    tools = replace(tools, open_other=other, on_level=lambda level, refused: said.append((level, refused)))
    theatre.stage = RenderStage(theatre.inbox, theatre.wishes, tools)
    theatre.stage.open()
    return theatre, said


def test_another_level_is_made_beside_the_live_path_and_taken_over_between_two_frames() -> None:
    may_open, opened = threading.Event(), AnotherAnimator()

    def open_slowly(model: str) -> StillAnimator:
        assert may_open.wait(10.0)
        return opened

    theatre, said = theatre_with_levels(open_slowly)
    theatre.see(*[face()] * 5)
    theatre.wishes.change(lambda wishes: replace(wishes, level=SMALLER))
    theatre.see(*[face()] * 20)
    assert theatre.statuses.count(FrameStatus.LIVE) == 24  # the first face in a row is not believed yet
    assert not opened.driven
    may_open.set()

    def taken_over() -> bool:
        theatre.see(face())
        return bool(said)

    wait_for(taken_over, "the other level")
    assert said == [(SMALLER, None)]
    assert {view.image.shape for view in opened.prepared} == {(48, 48, 3)}
    before, live = len(opened.driven), theatre.statuses.count(FrameStatus.LIVE)
    theatre.see(*[face()] * 5)
    assert len(opened.driven) == before + 5
    assert theatre.statuses.count(FrameStatus.LIVE) == live + 5
    assert FrameStatus.AWAY not in theatre.statuses[5:]
    theatre.stage.release()


def test_the_neutral_face_outlives_a_change_of_level() -> None:
    opened = AnotherAnimator()
    theatre, said = theatre_with_levels(lambda model: opened)
    theatre.see(*[face()] * 40)
    theatre.see(*[face(turn=0.3)] * 40)
    theatre.wishes.change(lambda wishes: replace(wishes, level=SMALLER))

    def taken_over() -> bool:
        theatre.see(face(turn=0.3))
        return bool(said)

    wait_for(taken_over, "the other level")
    theatre.see(face(turn=0.3))
    before, after = theatre.motions[-1], opened.driven[-1]
    np.testing.assert_allclose(after.camera_from_head, before.camera_from_head, atol=0.02)
    theatre.stage.release()


def test_a_level_that_cannot_be_made_is_reported_and_the_show_goes_on() -> None:
    def refuse(model: str) -> StillAnimator:
        raise UsageProblem(f"There is no {model}.", why="It was a test.", fix="Nothing to do.")

    theatre, said = theatre_with_levels(refuse)
    theatre.see(*[face()] * 5)
    theatre.wishes.change(lambda wishes: replace(wishes, level=SMALLER))

    def reported() -> bool:
        theatre.see(face())
        return bool(said)

    wait_for(reported, "the refusal")
    level, refused = said[0]
    assert (level, str(refused)) == (SMALLER, "There is no another. It was a test. Nothing to do.")
    assert theatre.statuses[-1] is FrameStatus.LIVE
    theatre.stage.release()


def test_a_new_portrait_is_shown_at_the_level_in_use() -> None:
    opened = AnotherAnimator()
    theatre, said = theatre_with_levels(lambda model: opened)
    theatre.wishes.change(lambda wishes: replace(wishes, level=SMALLER))

    def taken_over() -> bool:
        theatre.see(face())
        return bool(said)

    wait_for(taken_over, "the other level")
    opened.prepared.clear()
    theatre.wishes.change(lambda wishes: replace(wishes, portrait=small_portrait("second")))
    theatre.see(face())
    assert [view.image.shape for view in opened.prepared] == [(48, 48, 3)]
    theatre.stage.release()

"""Recorded movement in the window: recorded from the driver, played in place of the camera, taken in and handed out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.control import EngineConfig
from app.errors import UsageProblem
from app.motion_library import ClipEntry
from app.packets import FaceObservation, TrackedFrame
from app.tracking.motion_recorder import MotionRecorder
from app.tracking.motion_take import MotionTake
from tests.helpers.faces import seen_at
from tests.ui.conftest import Rig
from ui.shown import ClipsState

CALM = ClipEntry(Path("/shipped/calm.motion"), "Calm", 8.8, own=False)
MINE = ClipEntry(Path("/mine/Nodding.motion"), "Nodding", 65.0, own=True)


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A presenter with a camera, whose page of recorded movement is open."""
    made = make_rig(EngineConfig(camera="usb-1"))
    made.presenter.start()
    made.presenter.clips.clips_wanted()
    made.clips.found((MINE, CALM))
    return made


def shown(rig: Rig) -> ClipsState:
    state: ClipsState = rig.view.show_clips.call_args.args[0]
    return state


def track(rig: Rig, frames: int) -> None:
    face: FaceObservation = seen_at((640, 360), 222)
    for k in range(frames):
        rig.engine.tell_tracked(TrackedFrame(k, k * 40_000_000, face))


def begun(rig: Rig, max_frames: int = 100) -> MotionTake:
    rig.presenter.clips.record_toggled()
    take = MotionTake(MotionRecorder(max_frames))
    rig.clips.begun(take)
    return take


def test_the_page_lists_what_can_be_played(rig: Rig) -> None:
    assert [(clip.name, clip.length, clip.own, clip.playing) for clip in shown(rig).clips] == [
        ("Nodding", "1:05", True, False),
        ("Calm", "0:08", False, False),
    ]
    assert shown(rig).can_record


def test_a_clip_plays_in_place_of_the_camera_which_comes_back_after_it(rig: Rig) -> None:
    rig.presenter.clips.play_toggled(CALM.path)

    assert rig.engine.calls[-1] == ("set_camera", "/shipped/calm.motion")
    assert [clip.playing for clip in shown(rig).clips] == [False, True]
    assert rig.view.show_camera_line.call_args.args[0].text == "“Calm” plays in place of your camera."
    assert rig.memory.values.camera is None  # of the flag, not remembered; and the clip is not either

    rig.presenter.clips.stop_wanted()

    assert rig.engine.calls[-1] == ("set_camera", "usb-1")
    assert [clip.playing for clip in shown(rig).clips] == [False, False]


def test_another_clip_takes_the_place_of_the_one_that_plays(rig: Rig) -> None:
    rig.presenter.clips.play_toggled(CALM.path)
    rig.presenter.clips.play_toggled(MINE.path)

    assert [call for call in rig.engine.calls if call[0] == "set_camera"] == [
        ("set_camera", "/shipped/calm.motion"),
        ("set_camera", "/mine/Nodding.motion"),
    ]


def test_choosing_a_camera_ends_what_plays(rig: Rig) -> None:
    rig.presenter.clips.play_toggled(CALM.path)

    rig.presenter.cameras.video_chosen(Path("me.mp4"))
    rig.presenter.tick()

    assert rig.engine.calls[-1] == ("set_camera", "me.mp4")
    assert not any(clip.playing for clip in shown(rig).clips)


def test_choosing_the_same_camera_again_ends_what_plays(rig: Rig) -> None:
    rig.presenter.cameras.video_chosen(Path("me.mp4"))
    rig.presenter.clips.play_toggled(CALM.path)

    rig.presenter.cameras.video_chosen(Path("me.mp4"))

    assert rig.engine.calls[-1] == ("set_camera", "me.mp4")


def test_movement_is_recorded_until_it_is_saved(rig: Rig) -> None:
    take = begun(rig)
    track(rig, 30)
    rig.presenter.tick()
    assert shown(rig).recording == "0:01"

    rig.presenter.clips.record_toggled()
    track(rig, 30)

    assert rig.clips.changes == [("keep", take, "Movement 2026-03-04 05-06-07")]
    assert len(take.end()) == 30
    assert shown(rig).recording is None
    rig.clips.done(MINE)
    assert rig.notice is not None
    assert (rig.notice.what, rig.notice.why) == ("The movement was saved.", "It is 1:05 long and called Nodding.")
    assert rig.clips.searches == 2


def test_a_recording_that_is_full_is_saved_by_itself(rig: Rig) -> None:
    take = begun(rig, max_frames=20)
    track(rig, 25)
    rig.presenter.tick()

    assert rig.clips.changes == [("keep", take, "Movement 2026-03-04 05-06-07")]


def test_a_recording_without_a_face_is_said(rig: Rig) -> None:
    begun(rig)
    rig.presenter.clips.record_toggled()

    rig.clips.error(UsageProblem("There is no motion to save.", why="No face was seen.", fix="Stay in view."))

    assert rig.notice is not None
    assert rig.notice.what == "There is no motion to save."


def test_what_plays_is_not_recorded_and_nothing_plays_while_recording(rig: Rig) -> None:
    rig.presenter.clips.play_toggled(CALM.path)
    assert not shown(rig).can_record
    rig.presenter.clips.record_toggled()
    assert not hasattr(rig.clips, "begun")
    rig.presenter.clips.stop_wanted()

    begun(rig)
    rig.presenter.clips.play_toggled(CALM.path)

    assert rig.engine.calls[-1] == ("set_camera", "usb-1")


def test_without_a_camera_there_is_nothing_to_record_but_clips_play(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.presenter.start()
    rig.presenter.clips.clips_wanted()
    rig.clips.found((CALM,))
    assert (shown(rig).can_record, shown(rig).text) == (False, "To record, choose a camera first.")

    rig.presenter.clips.play_toggled(CALM.path)
    rig.presenter.clips.stop_wanted()

    assert rig.engine.calls[-2:] == [("set_camera", "/shipped/calm.motion"), ("set_camera", None)]


def test_a_clip_is_taken_in_and_handed_out(rig: Rig) -> None:
    rig.presenter.clips.import_wanted()
    rig.view.ask_clip.assert_called_once_with()
    rig.presenter.clips.imported(Path("friend.motion"))
    rig.presenter.clips.export_wanted(MINE.path)
    rig.view.ask_clip_target.assert_called_once_with(MINE.path, "Nodding")
    rig.presenter.clips.exported(MINE.path, Path("/usb/nod.motion"))

    assert rig.clips.changes == [
        ("take in", Path("friend.motion")),
        ("hand out", MINE.path, Path("/usb/nod.motion")),
    ]
    rig.clips.handed_out(Path("/usb/nod.motion"))
    assert rig.notice is not None
    assert (rig.notice.what, rig.notice.folder) == ("The movement was exported.", Path("/usb"))


def test_only_own_clips_are_removed_and_what_plays_ends_first(rig: Rig) -> None:
    rig.presenter.clips.removal_wanted(CALM.path)
    rig.presenter.clips.removed(CALM.path)
    rig.view.ask_clip_removal.assert_not_called()
    assert rig.clips.changes == []

    rig.presenter.clips.play_toggled(MINE.path)
    rig.presenter.clips.removal_wanted(MINE.path)
    rig.view.ask_clip_removal.assert_called_once_with(MINE.path, "Nodding")
    rig.presenter.clips.removed(MINE.path)

    assert rig.engine.calls[-1] == ("set_camera", "usb-1")
    assert rig.clips.changes == [("remove", MINE.path)]


def test_a_closed_page_stays_closed_while_a_recording_goes_on(rig: Rig) -> None:
    take = begun(rig)
    rig.presenter.clips.clips_closed()
    before = rig.view.show_clips.call_count

    track(rig, 12)
    rig.presenter.tick()

    assert rig.view.show_clips.call_count == before
    assert len(take.end()) == 12


def test_nothing_is_added_to_a_take_that_ended() -> None:
    take = MotionTake()
    face = seen_at((640, 360), 222)
    take.add(TrackedFrame(1, 0, face))
    recorder = take.end()

    take.add(TrackedFrame(2, 40_000_000, face))

    assert len(recorder) == 1
    assert np.isclose(take.seconds, 0.0)

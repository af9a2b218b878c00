"""Where the camera sees the face, in the window: lines, never a picture."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np

from app.crop import CropTransform
from app.packets import FaceCrop, FaceObservation, TrackedFrame
from app.tracking.face_lines import FACE_LINES
from tests.ui.conftest import Rig
from ui.shown import DriverSeen


def tracked(x_px: float | None, frame_id: int = 1) -> TrackedFrame:
    """A face whose points all lie at x, in a picture of 640 x 480; None: no face."""
    face = None
    if x_px is not None:
        face = FaceObservation(np.tile(np.array([x_px, 120.0, 5.0], np.float32), (478, 1)), (480, 640))
    return TrackedFrame(frame_id, 0, face)


def seen(rig: Rig) -> DriverSeen | None:
    shown: DriverSeen | None = rig.view.show_driver.call_args.args[0]
    return shown


def test_a_face_is_shown_as_shares_of_the_picture(rig: Rig) -> None:
    rig.engine.tell_tracked(tracked(160))
    rig.clock.pass_s(1)
    rig.presenter.tick()

    shown = seen(rig)
    assert shown is not None
    assert shown.shape == 640 / 480
    assert [len(line) for line in shown.lines] == [len(line) for line in FACE_LINES]
    np.testing.assert_allclose(np.concatenate(shown.lines), np.tile([[0.25, 0.25]], (sum(map(len, FACE_LINES)), 1)))


def test_a_picture_without_a_face_is_shown_as_no_lines(rig: Rig) -> None:
    rig.engine.tell_tracked(tracked(None))
    rig.clock.pass_s(1)
    rig.presenter.tick()

    shown = seen(rig)
    assert shown is not None
    assert shown.lines == ()


def test_however_fast_faces_come_only_twelve_a_second_are_drawn(rig: Rig) -> None:
    rig.clock.pass_s(1)
    for frame_id in range(100):
        rig.engine.tell_tracked(tracked(frame_id))
        rig.presenter.on_news()
        rig.clock.pass_s(0.01)

    assert 10 <= rig.view.show_driver.call_count <= 13


def test_a_camera_that_stopped_giving_pictures_shows_nobody(rig: Rig) -> None:
    rig.engine.tell_tracked(tracked(160))
    rig.clock.pass_s(1)
    rig.presenter.tick()
    rig.clock.pass_s(1.1)
    rig.presenter.tick()

    assert seen(rig) is None
    assert rig.view.show_driver.call_count == 2


def test_the_line_of_the_camera_follows_the_face(rig: Rig) -> None:
    rig.presenter.cameras.video_chosen(rig.videos / "me.mp4")
    rig.engine.now = replace(rig.engine.now, camera_fps=30.0)
    said = []
    for x_px in (160, None):
        rig.engine.tell_tracked(tracked(x_px))
        rig.clock.pass_s(1)
        rig.presenter.tick()
        said.append(rig.view.show_camera_line.call_args.args[0].text)

    assert said == ["Your face is seen. 30 fps", "No face in view. 30 fps"]


def test_of_a_frame_with_the_drivers_pixels_none_are_kept(rig: Rig) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    gone = weakref.ref(pixels)
    crop = FaceCrop(pixels, CropTransform.around_face(np.random.default_rng(1).random((478, 3)) * 100, 8))
    frame = TrackedFrame(1, 0, tracked(160).observation, 0, crop)
    rig.engine.tell_tracked(frame)

    del frame, crop, pixels
    gc.collect()

    assert gone() is None

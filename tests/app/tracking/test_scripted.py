from __future__ import annotations

import numpy as np

from app.clock import NS_PER_S
from app.tracking.motion_clip import load_motion
from app.tracking.scripted import ScriptedTracker
from models.coords import pixels_from_unit
from tests.helpers.faces import MOTION

CLIP = load_motion(MOTION / "talking.motion")


def test_the_clip_begins_with_the_first_picture_and_looks_at_none() -> None:
    tracker = ScriptedTracker(CLIP)
    (face,) = tracker.track(np.zeros((512, 512, 3), np.uint8), 77 * NS_PER_S)
    np.testing.assert_allclose(face.landmarks_px, pixels_from_unit(CLIP.landmarks[0], (512, 512)), atol=1e-3)
    assert face.picture_size == (512, 512)
    assert face.presence == 1.0


def test_the_crop_lies_in_the_middle_of_a_wide_picture() -> None:
    tracker = ScriptedTracker(CLIP)
    wide, square = tracker.observe((720, 1280), 0), tracker.observe((720, 720), 0)
    np.testing.assert_allclose(wide.landmarks_px, square.landmarks_px + np.array([280, 0, 0]), atol=1e-3)


def test_it_plays_by_time_and_loops() -> None:
    tracker = ScriptedTracker(CLIP)
    first = tracker.observe((720, 1280), NS_PER_S).landmarks_px
    later = tracker.observe((720, 1280), 3 * NS_PER_S).landmarks_px
    again = tracker.observe((720, 1280), NS_PER_S + round(CLIP.duration_ms * 1e6)).landmarks_px
    assert np.abs(later - first).max() > 2
    np.testing.assert_allclose(again, first, atol=1e-2)


def test_restart_begins_the_clip_again() -> None:
    tracker = ScriptedTracker(CLIP)
    first = tracker.observe((720, 1280), 0).landmarks_px
    tracker.observe((720, 1280), 3 * NS_PER_S)
    tracker.restart(5 * NS_PER_S)
    np.testing.assert_array_equal(tracker.observe((720, 1280), 5 * NS_PER_S).landmarks_px, first)
    tracker.close()

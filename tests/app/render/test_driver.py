"""A driver whose motion is read off pixels: which face counts as neutral, and what of the pixels goes on."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from app.clock import NS_PER_S
from app.crop import CropTransform
from app.packets import FaceCrop, FaceObservation, TrackedFrame
from app.render.driver import DriverMotion
from app.settings import MotionSettings
from models.liveportrait.animator import LivePortraitAnimator
from models.liveportrait.state import ImplicitMotion, Openness
from models.types import FaceView, FloatArray, ImageArray, MotionState
from tests.helpers.live import face
from tests.models.faces import face_state, painted_portrait, with_openness
from tests.models.liveportrait.networks import ruled_animator

SIDE = 200
STEP_NS = NS_PER_S // 25
MOTION = MotionSettings(smoothing=0.0)


@pytest.fixture
def animator() -> LivePortraitAnimator:
    made = ruled_animator()
    made.prepare(painted_portrait(face_state(scale=0.3), SIDE))
    return made


@pytest.fixture
def source(animator: LivePortraitAnimator) -> MotionState:
    return animator.motion_of(animator.prepare(painted_portrait(face_state(scale=0.3), SIDE)))


def crop(turn: float, *, eyes: float = 1.0) -> tuple[FaceObservation, FaceCrop]:
    """A face in the whole of a picture, turned."""
    state = with_openness(face_state((0.0, turn, 0.0), scale=0.3), eyes=eyes)
    view = painted_portrait(state, SIDE)
    points = (view.landmarks + np.array([1.0, 1.0, 0.0], np.float32)) * (SIDE / 2)
    return FaceObservation(points.astype(np.float32), (SIDE, SIDE)), FaceCrop(
        view.image, CropTransform.whole((SIDE, SIDE), SIDE)
    )


def test_the_neutral_motion_is_that_of_a_calm_face_that_was_seen(
    animator: LivePortraitAnimator, source: MotionState
) -> None:
    driver = DriverMotion(animator)
    for number, (turn, eyes) in enumerate([(0.0, 1.0), (0.4, 0.0), (0.0, 1.0)]):  # in between he blinks
        seen, pixels = crop(turn, eyes=eyes)
        driven = driver.drive(seen, pixels, number * STEP_NS, source, MOTION)

    np.testing.assert_allclose(driven.keypoints(), source.keypoints(), atol=1e-5)


def test_a_face_from_a_clip_has_no_pixels_and_drives_all_the_same(
    animator: LivePortraitAnimator, source: MotionState
) -> None:
    driver = DriverMotion(animator)
    looked_at: list[ImageArray | None] = []
    observe = animator.observe

    def noted(view: FaceView) -> ImplicitMotion:
        looked_at.append(view.image)
        return observe(view)

    animator.observe = noted  # type: ignore[method-assign]

    states = [driver.drive(face(turn=turn), None, i * STEP_NS, source, MOTION) for i, turn in enumerate((0.0, 0.4))]

    assert looked_at
    assert all(image is None for image in looked_at)
    assert np.abs(states[1].keypoints() - states[0].keypoints()).max() > 1e-3


def test_a_face_without_its_pixels_is_waited_for_unless_it_was_recorded() -> None:
    seen, recorded = (FaceObservation(np.zeros((478, 3), np.float32), (4, 4), recorded=r) for r in (False, True))

    assert TrackedFrame(1, 0, seen).lacks_pixels
    assert not TrackedFrame(1, 0, recorded).lacks_pixels
    assert not TrackedFrame(1, 0, None).lacks_pixels


def test_another_animator_that_needs_pixels_sees_a_neutral_face_anew(
    animator: LivePortraitAnimator, source: MotionState
) -> None:
    driver = DriverMotion(animator)
    driver.drive(*crop(0.0), 0, source, MOTION)

    driver.use(animator)
    driven = driver.drive(*crop(0.4), STEP_NS, source, MOTION)

    np.testing.assert_allclose(driven.keypoints(), source.keypoints(), atol=1e-5)


def test_what_goes_on_of_a_drivers_picture_are_a_few_dozen_numbers(animator: LivePortraitAnimator) -> None:
    seen, pixels = crop(0.2)

    state = animator.observe(FaceView(pixels.square.to_unit(seen.landmarks_px), pixels.image))

    held = {field.name: getattr(state, field.name) for field in fields(state)}
    sizes = {name: value.size for name, value in held.items() if isinstance(value, np.ndarray)}
    assert sizes == {"canonical": 63, "expression": 63, "camera_from_head": 9, "translation": 3}
    assert all(isinstance(value, np.ndarray | float | Openness) for value in held.values())
    assert all(array_owns_its_numbers(value) for value in held.values() if isinstance(value, np.ndarray))


def array_owns_its_numbers(values: FloatArray) -> bool:
    """No view into anything larger."""
    base = values.base
    return base is None or getattr(base, "nbytes", values.nbytes) == values.nbytes

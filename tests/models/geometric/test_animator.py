from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.build import ModelChoice, build_animator
from models.errors import ShapeError
from models.geometric.animator import GeometricAnimator
from models.motion.landmark_sets import LEFT_IRIS, RIGHT_IRIS
from models.motion.rotation import rotation_matrix
from models.types import FaceView, ImageArray, MotionState, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait, with_openness

STILL = StepOptions(stitching=True)
FREE = StepOptions(stitching=False)
SIDE = 128


@pytest.fixture(scope="module")
def animator() -> GeometricAnimator:
    return GeometricAnimator(torch.device("cpu"))


def animated(
    animator: GeometricAnimator, portrait: PortraitView, driving: MotionState, options: StepOptions = STILL
) -> ImageArray:
    image = animator.step(animator.prepare(portrait), driving, options).image
    assert image.dtype == torch.uint8
    return np.asarray(image.numpy())


def difference(first: ImageArray, second: ImageArray) -> np.ndarray:
    """(H, W), the largest difference of a channel."""
    return np.abs(first.astype(int) - second.astype(int)).max(-1)


def observed(animator: GeometricAnimator, portrait: PortraitView) -> MotionState:
    return animator.motion_of(animator.prepare(portrait))


def turned(state: MotionState, *turn: float) -> MotionState:
    return replace(state, camera_from_head=state.camera_from_head @ rotation_matrix(np.array(turn, np.float32)))


def striped(state: MotionState) -> PortraitView:
    """Eyes and mouth to be seen: white eyeballs with dark irises, a dark red line between the lips, even skin."""
    view = painted_portrait(state, 256)
    image = view.image.copy()
    image[np.asarray(view.foreground) > 0.9] = (210, 160, 130)
    return replace(view, image=image)


@pytest.mark.parametrize("layers", [True, False])
@pytest.mark.parametrize("options", [STILL, FREE])
@pytest.mark.parametrize("side", [64, 128, 256])
def test_a_portrait_that_does_not_move_is_the_portrait(
    animator: GeometricAnimator, layers: bool, options: StepOptions, side: int
) -> None:
    portrait = painted_portrait(face_state((0.1, 0.2, 0.05)), side, layers=layers)

    off = difference(animated(animator, portrait, observed(animator, portrait), options), portrait.image)

    assert off.max() <= 3
    assert off.mean() < 0.05


@pytest.mark.parametrize("layers", [True, False])
def test_a_stitched_portrait_keeps_its_border(animator: GeometricAnimator, layers: bool) -> None:
    portrait = painted_portrait(face_state(), SIDE, layers=layers)
    own = observed(animator, portrait)
    driving = replace(turned(own, 0.2, 0.3, 0.1), translation=own.translation + np.array([0.1, -0.1, 0], np.float32))

    off = difference(animated(animator, portrait, driving), portrait.image)

    border = np.concatenate([off[0], off[-1], off[:, 0], off[:, -1]])
    assert border.max() <= 3
    assert off.max() > 20


@pytest.mark.parametrize("layers", [True, False])
def test_the_face_arrives_where_the_driver_has_it(animator: GeometricAnimator, layers: bool) -> None:
    portrait = painted_portrait(face_state(), SIDE, layers=layers)
    image = portrait.image.copy()
    nose = np.floor((portrait.landmarks[4, :2] + 1.0) * SIDE / 2.0).astype(int)
    image[nose[1] - 1 : nose[1] + 2, nose[0] - 1 : nose[0] + 2] = 0
    marked = replace(portrait, image=image)
    own = observed(animator, marked)
    driving = replace(turned(own, 0.0, 0.25, 0.15), translation=own.translation + np.array([0.08, 0.02, 0], np.float32))

    result = animated(animator, marked, driving, FREE).astype(float).sum(-1)

    y, x = np.unravel_index(result.argmin(), result.shape)
    wanted = (driving.keypoints()[4, :2] + 1.0) * SIDE / 2.0 - 0.5
    assert np.hypot(x - wanted[0], y - wanted[1]) < 2.0


def test_the_background_does_not_move_with_the_head(animator: GeometricAnimator) -> None:
    portrait = painted_portrait(face_state(), SIDE)
    own = observed(animator, portrait)
    driving = replace(own, translation=own.translation + np.array([0.1, 0.0, 0.0], np.float32))

    frame = animator.step(animator.prepare(portrait), driving, replace(FREE, want_foreground=True))

    assert frame.foreground is not None
    behind = frame.foreground.numpy() < 0.01
    assert behind.mean() > 0.3
    assert difference(frame.image.numpy(), np.asarray(portrait.background))[behind].max() <= 6


def test_the_moved_mask_is_given_only_when_asked_for_and_known(animator: GeometricAnimator) -> None:
    asked = StepOptions(want_foreground=True)
    state = face_state()

    def mask(layers: bool, options: StepOptions) -> torch.Tensor | None:
        prepared = animator.prepare(painted_portrait(state, 64, layers=layers))
        return animator.step(prepared, animator.motion_of(prepared), options).foreground

    wanted = mask(True, asked)
    assert wanted is not None
    assert wanted.shape == (64, 64)
    assert 0.0 <= float(wanted.min()) <= float(wanted.max()) <= 1.0
    assert mask(True, STILL) is None
    assert mask(False, asked) is None


def test_a_mouth_opened_from_shut_is_dark_inside(animator: GeometricAnimator) -> None:
    portrait = striped(with_openness(face_state(), lips=0.0))
    own = observed(animator, portrait)
    driving = with_openness(own, lips=0.8)

    result = animated(animator, portrait, driving)

    x, y = np.floor((driving.keypoints()[[13, 14], :2].mean(0) + 1.0) * 128.0).astype(int)
    assert result[y, x].max() < 100
    assert portrait.image[y, x].max() > 200


@pytest.mark.parametrize("openness", [0.0, 0.04])
def test_lids_that_nearly_close_show_skin_and_neither_eyeball_nor_its_rim(
    openness: float, animator: GeometricAnimator
) -> None:
    state = face_state(scale=0.5)
    portrait = painted_portrait(state, 512)
    image = np.full_like(portrait.image, 180)
    points = np.floor((portrait.landmarks[:, :2] + 1.0) * 256.0).astype(int)
    for upper, lower in ((159, 145), (386, 374)):
        rows = slice(points[upper, 1], points[lower, 1] + 2)  # trackers put the lower edge above the rim
        image[rows, points[upper, 0] - 8 : points[upper, 0] + 8] = 20
    portrait = PortraitView(image, portrait.landmarks)
    own = observed(animator, portrait)

    assert animated(animator, portrait, own).min() == 20
    assert animated(animator, portrait, with_openness(own, eyes=openness)).min() > 120


def test_irises_move_with_the_gaze(animator: GeometricAnimator) -> None:
    portrait = striped(face_state())
    image = portrait.image.copy()
    centres = np.floor((portrait.landmarks[[468, 473], :2] + 1.0) * 128.0).astype(int)
    for x, y in centres:
        image[y - 2 : y + 3, x - 2 : x + 3] = 0
    portrait = replace(portrait, image=image)
    own = observed(animator, portrait)
    expression = own.expression.copy()
    expression[RIGHT_IRIS + LEFT_IRIS, 0] += 0.08

    result = animated(animator, portrait, replace(own, expression=expression)).sum(-1)

    for x, y in centres:
        row = 765.0 - result[y, x - 12 : x + 18].astype(float)
        row -= row.min()
        shift = (row * np.arange(-12, 18)).sum() / row.sum()
        assert shift == pytest.approx(0.08 * 0.4 * 128, abs=1.5)


def test_noise_of_landmarks_moves_the_picture_less_than_the_noise(animator: GeometricAnimator) -> None:
    portrait = painted_portrait(face_state(), 256)
    prepared = animator.prepare(portrait)
    rng = np.random.default_rng(0)
    noisy = [portrait.landmarks + rng.normal(0, 0.3 / 128, (478, 3)).astype(np.float32) for _ in range(8)]

    frames = [
        animator.step(prepared, animator.observe(FaceView(points)), STILL).image.numpy().astype(float)
        for points in noisy
    ]

    slope = np.abs(np.gradient(portrait.image.astype(float), axis=1))
    moves = slope > 2.0
    shift_px = np.std(frames, axis=0)[moves] / slope[moves]
    assert np.sqrt((shift_px**2).mean()) < 0.3


def test_a_head_far_outside_the_square_is_no_error(animator: GeometricAnimator) -> None:
    portrait = painted_portrait(face_state(), 64)
    own = observed(animator, portrait)

    for shift in (-5.0, 5.0):
        image = animated(animator, portrait, replace(own, translation=own.translation + np.float32(shift)), FREE)
        assert image.shape == (64, 64, 3)


@pytest.mark.parametrize("turn", [(0.0, 1.2, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 3.1)])
def test_extreme_turns_stay_finite(animator: GeometricAnimator, turn: tuple[float, float, float]) -> None:
    portrait = painted_portrait(face_state(), 64)
    prepared = animator.prepare(portrait)

    frame = animator.step(prepared, turned(animator.motion_of(prepared), *turn), StepOptions(want_foreground=True))

    assert frame.foreground is not None
    assert bool(torch.isfinite(frame.foreground).all())


def test_a_step_changes_nothing_of_the_prepared_portrait(animator: GeometricAnimator) -> None:
    portrait = painted_portrait(face_state(), 64)
    prepared = animator.prepare(portrait)
    own = animator.motion_of(prepared)
    first = animator.step(prepared, own, STILL).image

    animator.step(prepared, turned(with_openness(own, lips=0.9), 0.1, 0.4, 0.0), FREE)

    assert bool((animator.step(prepared, own, STILL).image == first).all())


def test_a_portrait_that_is_not_square_and_motion_of_other_keypoints_are_refused(animator: GeometricAnimator) -> None:
    portrait = painted_portrait(face_state(), 64)
    with pytest.raises(ShapeError, match="image must have axes"):
        animator.prepare(replace(portrait, image=portrait.image[:32]))
    small = replace(face_state(), canonical=np.zeros((21, 3), np.float32), expression=np.zeros((21, 3), np.float32))
    with pytest.raises(ShapeError, match="keypoints must have axes"):
        animator.step(animator.prepare(portrait), small, STILL)


def test_the_animator_is_built_by_name() -> None:
    built = build_animator(ModelChoice.parse("geometric"), torch.device("cpu"))

    assert isinstance(built, GeometricAnimator)
    assert (built.name, built.needs_pixels, built.uses_references) == ("geometric", False, False)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_makes_the_same_picture() -> None:
    portrait = painted_portrait(face_state(), SIDE)
    pictures = []
    for device in ("cpu", "cuda"):
        animator = GeometricAnimator(torch.device(device))
        prepared = animator.prepare(portrait)
        driving = turned(with_openness(animator.motion_of(prepared), lips=0.5), 0.1, 0.2, 0.0)
        pictures.append(animator.step(prepared, driving, FREE).image.cpu().numpy())

    assert difference(*pictures).mean() < 0.1

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.liveportrait.state import ImplicitMotion, Openness
from models.liveportrait.transfer import EYE_POINTS, LIP_POINTS, ImplicitTransfer
from models.motion.controls import MotionControls, Region
from models.motion.rotation import rotation_matrix
from models.types import FloatArray

K = 21


def motion(seed: int, *, turn: float = 0.3) -> ImplicitMotion:
    rng = np.random.default_rng(seed)
    return ImplicitMotion(
        canonical=rng.normal(0, 0.3, (K, 3)).astype(np.float32),
        expression=rng.normal(0, 0.05, (K, 3)).astype(np.float32),
        camera_from_head=rotation_matrix(rng.normal(0, turn, 3).astype(np.float32)),
        scale=float(rng.uniform(0.8, 1.4)),
        translation=np.append(rng.normal(0, 0.1, 2), 0.0).astype(np.float32),
        openness=Openness(0.3, 0.35, 0.1),
    )


SOURCE, NEUTRAL, DRIVER = motion(1), motion(2), motion(3)


class FixedOpeners:
    """Displaces every point by a number that follows from what it is asked."""

    def eyes(self, source: ImplicitMotion, wanted: float) -> FloatArray:
        assert source is SOURCE
        return np.full((K, 3), 0.1 + wanted, np.float32)

    def lips(self, source: ImplicitMotion, wanted: float) -> FloatArray:
        assert source is SOURCE
        return np.full((K, 3), -0.2 * wanted, np.float32)


TRANSFER = ImplicitTransfer(NEUTRAL, FixedOpeners())


def row_form(state: ImplicitMotion) -> FloatArray:
    return state.camera_from_head.T


def test_keypoints_are_those_of_equation_2() -> None:
    expected = SOURCE.scale * (SOURCE.canonical @ row_form(SOURCE) + SOURCE.expression) + SOURCE.translation

    np.testing.assert_allclose(SOURCE.keypoints(), expected, atol=1e-6)


def test_relative_motion_is_that_of_equation_7() -> None:
    driven = TRANSFER.drive(SOURCE, DRIVER, MotionControls()).keypoints()

    turned = SOURCE.canonical @ (row_form(DRIVER) @ np.linalg.inv(row_form(NEUTRAL)) @ row_form(SOURCE))
    expression = SOURCE.expression + DRIVER.expression - NEUTRAL.expression
    shift = SOURCE.translation + DRIVER.translation - NEUTRAL.translation
    expected = SOURCE.scale * (DRIVER.scale / NEUTRAL.scale) * (turned + expression) + shift
    np.testing.assert_allclose(driven, expected, atol=1e-5)


def test_absolute_motion_is_the_drivers_on_the_sources_canonical_keypoints() -> None:
    driven = TRANSFER.drive(SOURCE, DRIVER, MotionControls(relative=False)).keypoints()

    expected = DRIVER.scale * (SOURCE.canonical @ row_form(DRIVER) + DRIVER.expression) + DRIVER.translation
    np.testing.assert_allclose(driven, expected, atol=1e-5)


@pytest.mark.parametrize("relative", [True, False])
def test_no_gain_leaves_the_portrait_still(relative: bool) -> None:
    driven = TRANSFER.drive(SOURCE, DRIVER, MotionControls(relative=relative, gain=0.0))

    np.testing.assert_allclose(driven.keypoints(), SOURCE.keypoints(), atol=1e-6)


@pytest.mark.parametrize(
    ("region", "turns", "points"),
    [
        (Region.POSE, True, ()),
        (Region.EXPRESSION, False, tuple(range(K))),
        (Region.EYES, False, EYE_POINTS),
        (Region.LIPS, False, LIP_POINTS),
    ],
)
def test_a_region_takes_its_part_of_the_motion_and_nothing_else(
    region: Region, turns: bool, points: tuple[int, ...]
) -> None:
    driven = TRANSFER.drive(SOURCE, DRIVER, MotionControls(region=region))

    changed = np.flatnonzero(np.abs(driven.expression - SOURCE.expression).max(1) > 1e-7)
    assert tuple(changed) == tuple(sorted(points))
    assert (not np.allclose(driven.camera_from_head, SOURCE.camera_from_head)) is turns
    assert (driven.scale != SOURCE.scale) is turns


@pytest.mark.parametrize(
    ("controls", "displaced"),
    [
        (MotionControls(retarget_eyes=0.4), 0.5),
        (MotionControls(retarget_lips=0.5), -0.1),
        (MotionControls(retarget_eyes=0.4, retarget_lips=0.5), 0.4),
    ],
)
def test_with_a_driver_at_rest_retargeting_is_line_9_of_the_algorithm(
    controls: MotionControls, displaced: float
) -> None:
    driven = TRANSFER.drive(SOURCE, NEUTRAL, controls).keypoints()

    np.testing.assert_allclose(driven, SOURCE.keypoints() + displaced, atol=1e-5)


def test_retargeted_eyes_take_nothing_of_the_drivers_and_the_rest_follows_him() -> None:
    plain = TRANSFER.drive(SOURCE, DRIVER, MotionControls()).keypoints()
    winked = replace(DRIVER, expression=DRIVER.expression + np.isin(np.arange(K), EYE_POINTS)[:, None])

    a, b = (TRANSFER.drive(SOURCE, state, MotionControls(retarget_eyes=0.0)).keypoints() for state in (DRIVER, winked))

    np.testing.assert_allclose(a, b, atol=1e-5)
    rest = [point for point in range(K) if point not in EYE_POINTS]
    np.testing.assert_allclose(a[rest], plain[rest] + 0.1, atol=1e-5)


def test_without_networks_for_it_eyes_and_lips_follow_the_driver() -> None:
    bare = ImplicitTransfer(NEUTRAL)

    asked = bare.drive(SOURCE, DRIVER, MotionControls(retarget_eyes=0.0, retarget_lips=1.0))

    np.testing.assert_array_equal(asked.keypoints(), bare.drive(SOURCE, DRIVER, MotionControls()).keypoints())

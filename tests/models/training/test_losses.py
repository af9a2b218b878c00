from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from models.motion.canonical import load_canonical
from models.synergy.config import ANCHORS
from models.synergy.dense_warp import View
from models.synergy.motion import MotionBatch
from models.training.losses.adversarial import critic_hinge, feature_matching, painter_hinge
from models.training.losses.choosing import confidence_calibration, selection_entropy
from models.training.losses.frequency import edge_energy_l1, laplacian_l1, spectrum_l1
from models.training.losses.keypoints import (
    bent,
    equivariance,
    head_pose,
    keypoint_guide,
    keypoint_offset,
    keypoint_spread,
)
from models.training.losses.pixels import gradient_l1, part_weight, weighted_l1
from models.training.losses.structure import multi_scale_ssim, ssim
from models.training.losses.temporal import temporal_difference
from models.training.motions import BatchMotionEncoder


@pytest.fixture
def texture() -> Tensor:
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(3))


@pytest.fixture
def driving() -> View:
    """The average face turned a little, its keypoints on the landmarks they are named after."""
    turn = torch.tensor([[[0.96, 0.0, 0.28], [0.0, 1.0, 0.0], [-0.28, 0.0, 0.96]]])
    mean = torch.from_numpy(load_canonical().mean)[None]
    motion = MotionBatch(mean, torch.zeros_like(mean), turn, torch.tensor([0.45]), torch.tensor([[0.1, 0.0, 0.0]]))
    landmarks = motion.landmarks()
    return View(motion, landmarks[:, list(ANCHORS)], landmarks)


def test_eyes_and_lips_weigh_more_than_the_background(driving: View) -> None:
    weight = part_weight(driving.landmarks, 64, gain=5.0)

    x, y = ((driving.landmarks[0, 13, :2] + 1) * 32).long().tolist()
    assert float(weight[0, 0, y, x]) > 4.0
    assert float(weight[0, 0, 0, 0]) == pytest.approx(1.0, abs=1e-3)


def test_an_error_on_the_lips_costs_more_than_the_same_error_on_the_wall(driving: View) -> None:
    weight = part_weight(driving.landmarks, 64, gain=5.0)
    x, y = ((driving.landmarks[0, 13, :2] + 1) * 32).long().tolist()
    truth = torch.zeros(1, 3, 64, 64)
    on_lips, on_wall = truth.clone(), truth.clone()
    on_lips[..., y, x] = 1.0
    on_wall[..., 1, 1] = 1.0

    for loss in (weighted_l1, gradient_l1):
        assert loss(on_lips, truth, weight) > 3 * loss(on_wall, truth, weight) > 0


@pytest.mark.parametrize("score", [ssim, multi_scale_ssim])
def test_a_picture_compared_with_itself_is_wholly_alike(score: object, texture: Tensor) -> None:
    assert callable(score)
    assert float(score(texture, texture)) == pytest.approx(1.0, abs=1e-4)
    assert float(score(texture, 1 - texture)) < 0.5


def test_several_scales_see_a_coarse_error_that_one_scale_hardly_sees(texture: Tensor) -> None:
    wave = torch.linspace(0, 6.28, 64).sin() * 0.2
    shaded = texture + wave

    assert 1 - multi_scale_ssim(shaded, texture) > 1.5 * (1 - ssim(shaded, texture))


def test_missing_texture_costs_edge_energy_and_texture_a_pixel_off_hardly_any(texture: Tensor) -> None:
    blurred = torch.nn.functional.avg_pool2d(texture, 3, 1, 1)
    moved = texture.roll(1, dims=-1)

    assert float(edge_energy_l1(texture, texture)) == 0.0
    assert edge_energy_l1(blurred, texture) > 4 * edge_energy_l1(moved, texture)


def test_missing_texture_costs_more_in_the_spectrum_than_texture_one_pixel_off(texture: Tensor) -> None:
    blurred = torch.nn.functional.avg_pool2d(texture, 3, 1, 1)
    shifted = texture.roll(1, dims=-1)

    assert spectrum_l1(texture, texture) < 1e-6
    assert spectrum_l1(blurred, texture) > 2 * spectrum_l1(shifted, texture)
    assert (shifted - texture).abs().mean() > (blurred - texture).abs().mean()  # which is why L1 prefers blur


def test_the_spectrum_has_a_gradient_where_the_picture_is_flat(texture: Tensor) -> None:
    flat = torch.full_like(texture, 0.5).requires_grad_()
    spectrum_l1(flat, texture).backward()  # type: ignore[no-untyped-call]

    assert flat.grad is not None
    assert torch.isfinite(flat.grad).all()


def test_fine_errors_weigh_more_in_the_pyramid_than_coarse_ones_of_the_same_size() -> None:
    truth = torch.zeros(1, 3, 64, 64)
    checks = (torch.arange(64)[:, None] + torch.arange(64)) % 2 - 0.5
    halves = torch.cat([torch.full((32,), -0.5), torch.full((32,), 0.5)]).expand(64, 64)

    assert laplacian_l1(truth + checks, truth) > 3 * laplacian_l1(truth + halves, truth) > 0


def test_the_guide_draws_keypoints_to_lids_and_lips(driving: View) -> None:
    off = replace(driving, keypoints=driving.keypoints + 0.05)

    assert keypoint_guide(driving) < 1e-6 < keypoint_guide(off)
    assert keypoint_offset(driving) < 1e-6 < keypoint_offset(off)


def test_keypoints_that_fall_on_one_spot_are_pushed_apart_and_lids_that_shut_are_not(driving: View) -> None:
    crowded = replace(driving, keypoints=driving.keypoints * 0.2)

    assert keypoint_spread(driving) < 1e-6 < keypoint_spread(crowded)


def test_keypoints_may_add_expression_but_no_turn_of_the_head(driving: View) -> None:
    angle = torch.tensor(0.1)
    spin = torch.tensor([[angle.cos(), -angle.sin(), 0], [angle.sin(), angle.cos(), 0], [0, 0, 1]])
    middle = driving.keypoints.mean(1, keepdim=True)
    turned = replace(driving, keypoints=(driving.keypoints - middle) @ spin.T + middle)
    smile = driving.keypoints.clone()
    smile[:, [12, 13], 1] -= 0.01  # both corners of the mouth up

    assert head_pose(driving) < 1e-6
    assert head_pose(turned) == pytest.approx(0.1 / 3, abs=0.01)  # one axis of three
    assert head_pose(replace(driving, keypoints=smile)) < 0.2 * head_pose(turned)


def test_bent_landmarks_want_bent_keypoints(driving: View) -> None:
    affine = torch.tensor([[[1.1, 0.2, 0.05], [0.0, 0.9, -0.02]]])
    moved = bent(driving.landmarks, affine)[:, list(ANCHORS)]

    assert equivariance(driving.keypoints, moved, affine) < 1e-6
    assert equivariance(driving.keypoints, driving.keypoints, affine) > 0.01


def test_a_similarity_bends_nothing_that_the_landmark_fit_does_not_undo(driving: View) -> None:
    encoder = BatchMotionEncoder()
    affine = torch.tensor([[[0.8, -0.1, 0.05], [0.1, 0.8, -0.02]]])
    state = encoder.encode(driving.landmarks)
    turned = encoder.encode(bent(driving.landmarks, affine))

    torch.testing.assert_close(turned.canonical, state.canonical, atol=2e-4, rtol=0)


def test_choosing_one_picture_costs_nothing_and_averaging_costs_all() -> None:
    decided = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None].expand(2, 3, 4, 4)
    averaged = torch.full((2, 3, 4, 4), 1 / 3)

    assert selection_entropy(decided) < 1e-3
    assert float(selection_entropy(averaged)) == pytest.approx(1.0, abs=1e-5)
    assert float(selection_entropy(averaged[:, :1])) == 0.0


def test_confidence_is_calibrated_where_it_falls_as_the_error_grows() -> None:
    error = torch.linspace(0, 0.3, 16).reshape(1, 1, 4, 4)
    right = (-error / 0.06).exp()

    assert float(confidence_calibration(right, error)) == pytest.approx(0.0, abs=1e-4)
    assert confidence_calibration(torch.full_like(error, 0.5), error) > 0.1
    assert confidence_calibration(1 - right, error) > confidence_calibration(torch.full_like(error, 0.5), error)


def test_flicker_costs_and_motion_that_is_in_the_truth_does_not() -> None:
    truth = torch.cat([torch.zeros(2, 3, 8, 8), torch.full((2, 3, 8, 8), 0.5)])
    weight = torch.ones(4, 1, 8, 8)
    flicker = truth.clone()
    flicker[2:] += 0.1

    assert temporal_difference(truth + 0.2, truth, weight) < 1e-6  # wrong but steady
    assert float(temporal_difference(flicker, truth, weight)) == pytest.approx(0.1, abs=1e-5)


def test_critic_and_painter_want_the_opposite() -> None:
    high, low = [torch.ones(1), torch.full((1,), 2.0)], [torch.zeros(1), torch.full((1,), -2.0)]

    assert critic_hinge(real=high, fake=low) == 0
    assert critic_hinge(real=low, fake=high) == 6
    assert painter_hinge(high) < painter_hinge(low)
    assert feature_matching(high, high) == 0 < feature_matching(high, low)

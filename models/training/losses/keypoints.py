"""What the implicit keypoints must be, whatever the pictures say."""

from __future__ import annotations

import torch
from torch import Tensor

from models.layers.precision import full_precision
from models.synergy.config import ANCHORS, EYE_KEYPOINTS, LIP_KEYPOINTS
from models.synergy.dense_warp import View

LEAST_DISTANCE = 0.5
"""Keypoints may come as near to each other as half the distance of the landmarks they are named after."""


def keypoint_guide(driving: View, width: float = 0.05, curvature: float = 0.01) -> Tensor:
    """Wing loss between implicit keypoints and the eyelids and lips they are named after (LivePortrait eq. 4)."""
    tied = list(EYE_KEYPOINTS + LIP_KEYPOINTS)
    named = driving.landmarks[:, [ANCHORS[k] for k in tied], :2]
    distance = (driving.keypoints[:, tied, :2] - named).abs()
    offset = width - width * torch.log(torch.tensor(1 + width / curvature))
    near = width * torch.log(1 + distance / curvature)
    return torch.where(distance < width, near, distance - offset).mean()


def keypoint_spread(driving: View) -> Tensor:
    """Keypoint prior (face vid2vid): no two keypoints on one spot, which would waste one of them.

    The bound is that of the landmarks they start from, because lids may touch and brows may not.
    """
    named = driving.landmarks[:, list(ANCHORS)].float()
    least = LEAST_DISTANCE * torch.cdist(named, named)
    points = driving.keypoints.float()
    difference = points[:, :, None] - points[:, None]
    distance = (difference.square().sum(-1) + 1e-8).sqrt()
    apart = ~torch.eye(points.shape[1], dtype=torch.bool, device=points.device)
    too_near: Tensor = (least - distance).clamp_min(0)[:, apart]
    return too_near.mean()


@full_precision
def head_pose(driving: View) -> Tensor:
    """Pose told by the keypoints against pose of the landmark fit: what the keypoints add may not turn the head.

    The linearised rotation and the shift that bring the named landmarks to the keypoints, radians and unit
    coordinates of the head; 0 where expression is all that was added.
    """
    motion = driving.motion
    named = driving.landmarks[:, list(ANCHORS)].float()
    added = (driving.keypoints.float() - named) @ motion.camera_from_head / motion.scale[:, None, None]
    place = (named - named.mean(1, keepdim=True)) @ motion.camera_from_head / motion.scale[:, None, None]
    turn = torch.linalg.cross(place, added).sum(1) / place.square().sum((1, 2))[:, None].clamp_min(1e-6)
    shift: Tensor = added.mean(1)
    turned: Tensor = turn.abs().mean()
    return turned + shift.abs().mean()


def keypoint_offset(driving: View) -> Tensor:
    """Deformation prior: how far keypoints are from the landmarks they are named after, unit coordinates."""
    return (driving.keypoints - driving.landmarks[:, list(ANCHORS)]).abs().mean()


def equivariance(keypoints: Tensor, turned_keypoints: Tensor, affine: Tensor) -> Tensor:
    """Keypoints of a picture that was bent must be the bent keypoints (Siarohin et al., 2019).

    Shapes:
        keypoints, turned_keypoints: (B, K, 3), of the same face before and after; affine: (B, 2, 3), turned_from_here.
    """
    expected = keypoints[..., :2] @ affine[:, :, :2].transpose(1, 2) + affine[:, None, :, 2]
    difference: Tensor = turned_keypoints[..., :2] - expected
    return difference.abs().mean()


def bent(points: Tensor, affine: Tensor) -> Tensor:
    """Landmarks under an affine map of the picture, depth scaled along. Shapes: (B, N, 3), (B, 2, 3)."""
    flat = points[..., :2] @ affine[:, :, :2].transpose(1, 2) + affine[:, None, :, 2]
    area = affine[:, 0, 0] * affine[:, 1, 1] - affine[:, 0, 1] * affine[:, 1, 0]
    size = area.abs().sqrt()
    return torch.cat([flat, points[..., 2:] * size[:, None, None]], dim=-1)

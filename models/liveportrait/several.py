"""`explicit-multi` on LivePortrait's networks: several pictures of the person help, without any training for it.

Every picture has its own volume and its own keypoints, so W gives each its own flow to the driving frame and says where
it shows what is needed. The warped volumes are blended, position by position: by that occlusion, by how far the flow
had to reach, and by how far the head had to turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from models.liveportrait.animator import ImplicitPortrait, LivePortraitAnimator
from models.liveportrait.framing import WHOLE, InnerSquare
from models.liveportrait.state import ImplicitMotion
from models.liveportrait.warp import DenseMotion, Warped, read
from models.motion.rotation import rotation_vector
from models.types import FloatArray, PortraitView

REACHED, TURNED = 2.0, 2.0
"""How much a flow (half sides of the picture) and a turn (radians) count against a picture."""

LEAST_VISIBLE = 1e-3


@dataclass(frozen=True)
class Sight:
    """One picture of the person. Shapes: volume: (1, C, D, H, W). keypoints: (1, K, 3), its own."""

    state: ImplicitMotion
    volume: Tensor
    keypoints: Tensor


@dataclass(frozen=True)
class SeveralPortrait(ImplicitPortrait):
    """A person and further pictures."""

    others: tuple[Sight, ...] = ()


class SeveralAnimator(LivePortraitAnimator):
    """With one picture it makes what `liveportrait` makes."""

    name = "explicit-multi"
    uses_references = True

    @torch.inference_mode()
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> SeveralPortrait:
        own = super().prepare(portrait)
        others = tuple(self._sight(view) for view in references)
        return SeveralPortrait(**{field.name: getattr(own, field.name) for field in fields(own)}, others=others)

    def _sight(self, view: PortraitView) -> Sight:
        whole = self._planes(view.image)
        square = WHOLE if view.framed else InnerSquare.of_portrait(view.landmarks)
        state = self._motion(whole, square, view.landmarks)
        return Sight(state, self._volume(whole, square), self._keypoints(state))

    def _warped(self, prepared: ImplicitPortrait, goal: Tensor, turned: FloatArray) -> Warped:
        if not isinstance(prepared, SeveralPortrait) or not prepared.others:
            return super()._warped(prepared, goal, turned)
        sights = (Sight(prepared.state, prepared.volume, prepared.keypoints), *prepared.others)
        network = self.network.warping_module
        motions = [network.dense_motion_network(sight.volume, goal, sight.keypoints) for sight in sights]
        angles = [_angle(sight.state.camera_from_head, turned) for sight in sights]
        share = shares(motions, angles)
        volumes = (read(sight.volume, motion.deformation) for sight, motion in zip(sights, motions, strict=True))
        volume = sum((part[:, None, None] * seen for part, seen in zip(share, volumes, strict=True)), torch.zeros(()))
        occlusion = sum((part[:, None] * m.occlusion for part, m in zip(share, motions, strict=True)), torch.zeros(()))
        return Warped(network.flattened(volume, occlusion), motions[0])


def shares(motions: Sequence[DenseMotion], angles: Sequence[float]) -> Tensor:
    """How much each picture counts where: (R, B, H, W), their sum is 1.

    angles: radians the head turns from each picture to the driving frame.
    """
    turns = (motion.occlusion.new_tensor([angle]) for motion, angle in zip(motions, angles, strict=True))
    scores = [picture_scores(motion, turn) for motion, turn in zip(motions, turns, strict=True)]
    return torch.stack(scores).softmax(dim=0)


def picture_scores(motion: DenseMotion, angles: Tensor) -> Tensor:
    """How much one picture speaks for itself, a logarithm: (B, H, W); angles: (B,), as in `shares`."""
    visible = motion.occlusion[:, 0].float().clamp_min(LEAST_VISIBLE).log()
    return visible - REACHED * _reach(motion.deformation.float()) - TURNED * angles.float()[:, None, None]


def _reach(deformation: Tensor) -> Tensor:
    """(B, H, W): how far away the picture is read, in x and y, averaged over depth."""
    size = deformation.shape[2]
    axis = torch.linspace(-1.0, 1.0, size, device=deformation.device)
    here = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)
    distance: Tensor = (deformation[..., :2] - here).norm(dim=-1)
    return distance.mean(dim=1)


def _angle(of_picture: FloatArray, of_driving: FloatArray) -> float:
    return float(np.linalg.norm(rotation_vector(of_picture.T @ of_driving)))

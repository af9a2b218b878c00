"""`explicit-multi`: stage 1 alone, from several pictures of the person, without any training for it.

Every picture is the source once: its own keypoints give its own flow, which warps its own volume and pixels, and
stage 1 says where it shows what the driving frame needs. What the pictures show is then blended, position by position:
by that visibility, by how far the face had to deform there, and by how far the head had to turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.session.lanes import ONE_LANE
from models.synergy.config import Stages, SynergyConfig
from models.synergy.correction import SHARPNESS
from models.synergy.dense_warp import Composition, View
from models.synergy.export import result_tensors
from models.synergy.motion import MotionBatch
from models.synergy.network import Bank, Scene, SynergyOutput, SynergyWarpNet
from models.synergy.runtime import EagerRuntime, RuntimeFrame, precision
from models.synergy.weights import State, Undrawn
from models.types import MotionState

DEFORMED, TURNED = 8.0, 1.0
"""How much a deformation (half sides of the square) and a turn (the sine of its angle) count against a picture."""

LEAST_VISIBLE = 1e-3


@dataclass(frozen=True)
class Warp:
    """What stage 1 makes of one picture.

    Shapes:
        features: (1, C, H, W). flow: (1, 2, H, W). score: (1, 1, H, W), the logarithm of how much it is to count.
    """

    features: Tensor
    flow: Tensor
    score: Tensor
    composition: Composition


class SeveralNet(SynergyWarpNet):
    """The same parameters; `together` is what is new."""

    def together(self, banks: Sequence[Bank], motion: MotionBatch) -> SynergyOutput:
        """Animate the first of several pictures, each in a bank of its own, so that it moves as `motion` says."""
        driving = self.view(motion)
        warps = [self._warp(bank, driving) for bank in banks]
        scores = torch.cat([warp.score for warp in warps])  # (R, 1, H, W)
        features = (scores.softmax(dim=0) * torch.cat([warp.features for warp in warps])).sum(0, keepdim=True)
        choice = (SHARPNESS * scores).softmax(dim=0).transpose(0, 1)  # of pixels: their average would be a blur
        composition = warps[0].composition
        wide = torch.nn.functional.interpolate(
            composition.query, size=features.shape[-2:], mode="bilinear", align_corners=False
        )
        everything = replace(banks[0], pixels=torch.cat([bank.pixels for bank in banks]))
        flows = torch.stack([warp.flow for warp in warps])
        scene = Scene(everything, flows, composition, wide, driving, Stages.EXPLICIT_MULTI, ONE_LANE)
        return self._paint(features, choice, torch.ones_like(scores[:1]), scene)

    def _warp(self, bank: Bank, driving: View) -> Warp:
        moves = self.warp.displacements(bank.views, driving)
        composition = self.warp.compose(bank.views.keypoints, driving, bank.compressed, moves)
        flows = self.warp.feature_grids(composition, moves)
        aligned = self._align(bank, flows, moves, driving)
        features = self._stage_one(bank, moves, aligned.features[0], composition, ONE_LANE)
        score = composition.visibility.clamp_min(LEAST_VISIBLE).log()
        score = score - DEFORMED * aligned.moved[0] - TURNED * _sine(aligned.turned[0])[:, None, None, None]
        return Warp(features, flows[0], score, composition)


class SeveralRuntime(EagerRuntime):
    """`SeveralNet` in PyTorch; a person is kept as one bank for each picture."""

    def __init__(self, network: SeveralNet, device: torch.device, dtype: torch.dtype | None = None) -> None:
        super().__init__(network, Stages.EXPLICIT, device, dtype)
        assert isinstance(self._network, SeveralNet)
        self._together = self._network.together

    @torch.inference_mode()
    def prepare_bank(  # type: ignore[override]  # what it returns goes back to `run` and nowhere else
        self, pictures: Sequence[Tensor], states: Sequence[MotionState]
    ) -> tuple[Bank, ...]:
        pairs = zip(pictures, states, strict=True)
        return tuple(super(SeveralRuntime, self).prepare_bank([picture], [state]) for picture, state in pairs)

    @torch.inference_mode()
    def run(self, bank: tuple[Bank, ...], driving: MotionState) -> RuntimeFrame:  # type: ignore[override]
        with precision(self._device, self._type):
            output = self._together(bank, MotionBatch.of([driving], self._device))
        return RuntimeFrame(*(part.float() for part in result_tensors(output)))

    def run_in_pytorch(self, bank: tuple[Bank, ...], driving: MotionState) -> RuntimeFrame:  # type: ignore[override]
        return self.run(bank, driving)


def build_several(config: SynergyConfig, state: State) -> SeveralNet:
    """The network for inference with the given weights."""
    with Undrawn():
        network = SeveralNet(config)
    network.load_state_dict(state)
    return network.eval()


def _sine(rotation: Tensor) -> Tensor:
    """(B, 3, 3) -> (B,), of the angle."""
    skew = rotation - rotation.transpose(1, 2)
    parts = torch.stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], dim=1)
    length: Tensor = parts.norm(dim=1)
    return 0.5 * length

"""The whole of SynergyWarpNet: three cooperative stages, the decoder, and the pixel path beside them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.conv import conv_block
from models.sampling import sample
from models.synergy.appearance import Appearance, AppearanceEncoder
from models.synergy.config import Stages, SynergyConfig
from models.synergy.correction import AlignedReference, Correction, ReferenceCorrection
from models.synergy.decoder import SpadeDecoder
from models.synergy.dense_warp import Composition, DenseWarp, Displacement, View, turn_points
from models.synergy.fusion import ConfidenceFusion
from models.synergy.motion import KeypointEncoder, MotionBatch


@dataclass(frozen=True)
class Picture:
    """One picture of the person with everything about it that does not depend on the driver.

    Shapes:
        pixels: (B, 3, S, S) in [0, 1], S is the size of the picture out or in. small: (B, 3, T, T), the same averaged to the token grid.
    """

    pixels: Tensor
    small: Tensor
    view: View
    appearance: Appearance


@dataclass(frozen=True)
class SynergyOutput:
    """One animated frame and the maps that led to it.

    Shapes:
        image, decoded, warped_pixels: (B, 3, S, S). pixel_mask: (B, 1, S, S), 1 = the warped pixels are shown.
        confidence: (B, 1, H, W). choice: (B, R, H, W). flow: (B, H, W, 2), of the portrait.
    """

    image: Tensor
    decoded: Tensor
    warped_pixels: Tensor
    pixel_mask: Tensor
    confidence: Tensor
    choice: Tensor
    composition: Composition
    flow: Tensor
    driving: View


class SynergyWarpNet(nn.Module):
    """See the module's and the stages' docstrings; `stages` switches parts off for ablation and display."""

    def __init__(self, config: SynergyConfig) -> None:
        super().__init__()
        self.config = config
        self.keypoints = KeypointEncoder(config)
        self.appearance = AppearanceEncoder(config)
        self.warp = DenseWarp(config)
        folded = config.volume_channels * config.volume_depth
        self.unfold = conv_block(folded, config.channels)
        self.join = conv_block(2 * config.channels, config.channels, kernel=1)
        self.correction = ReferenceCorrection(config)
        self.fusion = ConfidenceFusion(config)
        self.decoder = SpadeDecoder(config)

    def view(self, motion: MotionBatch) -> View:
        """Keypoints and landmarks of a motion."""
        return View(motion, self.keypoints(motion), motion.landmarks())

    def prepare(self, pixels: Tensor, motion: MotionBatch) -> Picture:
        """Encode one picture of the person; done once per picture, never in the live step."""
        config = self.config
        seen = pixels
        if pixels.shape[-1] != config.image_px:  # the pixel path may be finer than what the encoder looks at
            seen = functional.interpolate(pixels, size=(config.image_px, config.image_px), mode="area")
        small = functional.avg_pool2d(seen, config.token_stride)
        return Picture(pixels, small, self.view(motion), self.appearance(seen))

    def forward(self, pictures: list[Picture], motion: MotionBatch, stages: Stages = Stages.SYNERGY) -> SynergyOutput:
        """Animate the first picture, with the help of the others, so that it moves as `motion` says."""
        if stages is Stages.EXPLICIT:
            pictures = pictures[:1]
        source, driving = pictures[0], self.view(motion)
        moves = self.warp.displacements([picture.view for picture in pictures], driving)
        composition = self.warp.compose(source.view, driving, source.appearance.features, moves[0])
        flows = [self.warp.feature_grid(composition, move) for move in moves]
        aligned = [
            self._align(picture, flow, move, driving)
            for picture, flow, move in zip(pictures, flows, moves, strict=True)
        ]
        warped = self._stage_one(source, moves[0], aligned[0].features, composition)
        if stages is Stages.EXPLICIT:
            choice = torch.ones_like(composition.visibility)
            return self._paint(warped, choice, torch.ones_like(choice), pictures, flows, composition, driving)
        correction = self._stage_two(composition, driving, warped, aligned, pictures, stages)
        if stages is Stages.ATTENTION:
            fused, confidence = correction.features, torch.zeros_like(composition.visibility)
        else:
            fused, confidence = self.fusion(warped, correction.features, composition.query)
        return self._paint(fused, correction.choice, confidence, pictures, flows, composition, driving)

    def _align(self, picture: Picture, flow: Tensor, move: Displacement, driving: View) -> AlignedReference:
        target, appearance = picture.view.motion, picture.appearance
        offset = target.translation - turn_points(driving.motion.translation[:, None], move.rigid)[:, 0]
        amount = (move.field - offset[:, :, None, None]).norm(dim=1, keepdim=True)
        turned = target.camera_from_head @ driving.motion.camera_from_head.transpose(1, 2)
        seen = sample(torch.cat([appearance.features, appearance.keys], dim=1), flow)
        features, keys = seen.split([appearance.features.shape[1], appearance.keys.shape[1]], dim=1)
        return AlignedReference(features, keys, amount, turned)

    def _stage_one(self, source: Picture, move: Displacement, features: Tensor, composition: Composition) -> Tensor:
        volume = sample(source.appearance.volume, self.warp.volume_grid(composition, move)).flatten(1, 2)
        deep = functional.interpolate(
            self.unfold(volume), scale_factor=float(self.warp.scale), mode="bilinear", align_corners=False
        )
        joined: Tensor = composition.visibility * self.join(torch.cat([features, deep], dim=1))
        return joined

    def _stage_two(
        self,
        composition: Composition,
        driving: View,
        warped: Tensor,
        aligned: list[AlignedReference],
        pictures: list[Picture],
        stages: Stages,
    ) -> Correction:
        seen = [(picture.appearance.tokens, picture.view.keypoints, picture.small) for picture in pictures]
        asked = (composition.query, driving.keypoints, warped)
        result: Correction = self.correction(asked, aligned, seen, aligned=stages is Stages.SYNERGY)
        return result

    def _paint(
        self,
        fused: Tensor,
        choice: Tensor,
        confidence: Tensor,
        pictures: list[Picture],
        flows: list[Tensor],
        composition: Composition,
        driving: View,
    ) -> SynergyOutput:
        size = self.config.output_px
        pixels = warp_pixels(pictures, flows, choice, size)
        decoded = self.decoder(fused, composition.query, pixels)
        mask = decoded.pixel_mask
        image = mask * pixels + (1 - mask) * decoded.image
        return SynergyOutput(image, decoded.image, pixels, mask, confidence, choice, composition, flows[0], driving)


def warp_pixels(pictures: list[Picture], flows: list[Tensor], choice: Tensor, size: int) -> Tensor:
    """The pictures' own pixels, each warped by its flow at full resolution and blended by the choice: (B, 3, S, S)."""
    weights = functional.interpolate(choice, size=(size, size), mode="bilinear", align_corners=False)
    total: Tensor | None = None
    for r, (picture, flow) in enumerate(zip(pictures, flows, strict=True)):
        grid = functional.interpolate(
            flow.permute(0, 3, 1, 2), size=(size, size), mode="bilinear", align_corners=False
        ).permute(0, 2, 3, 1)
        part = weights[:, r : r + 1] * sample(picture.pixels, grid)
        total = part if total is None else total + part
    assert total is not None
    return total

"""The whole of SynergyWarpNet: three cooperative stages, the decoder, and the pixel path beside them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.conv import conv_block
from models.sampling import enlarge, sample, sample_volume, unit_grid
from models.session.lanes import ONE_LANE, Lane, Lanes
from models.synergy.appearance import Appearance, AppearanceEncoder
from models.synergy.config import Stages, SynergyConfig
from models.synergy.correction import AlignedReferences, Correction, ReferenceCorrection
from models.synergy.decoder import SpadeDecoder
from models.synergy.dense_warp import Composition, DenseWarp, Displacement, View, turn_points
from models.synergy.fusion import ConfidenceFusion
from models.synergy.motion import KeypointEncoder, MotionBatch


@dataclass(frozen=True)
class Picture:
    """One picture of the person with everything about it that does not depend on the driver.

    Shapes:
        pixels: (B, 3, S, S) in [0, 1], S is the size of the picture out or in.
        small: (B, 3, T, T), the same averaged to the token grid.
    """

    pixels: Tensor
    small: Tensor
    view: View
    appearance: Appearance


@dataclass(frozen=True)
class Bank:
    """Several pictures of one person side by side, the portrait first; all that is read while the driver moves.

    Shapes (N = R * B, the portraits of all samples first):
        pixels: (N, 3, S, S). views: N states. seen: (N, C + A, H, W), features and keys.
        volume: (B, Cv, D, h, w) and compressed: (B, 2, h, w), of the portraits. memory: (B, tokens, 2 A + 3).
    """

    pixels: Tensor
    views: View
    seen: Tensor
    volume: Tensor
    compressed: Tensor
    memory: Tensor


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


@dataclass(frozen=True)
class Scene:
    """What painting a frame looks at beside the features.

    Shapes:
        flows: (R, B, 2, H, W). query: (B, C_query, H, W), on the feature grid.
    """

    bank: Bank
    flows: Tensor
    composition: Composition
    query: Tensor
    driving: View
    stages: Stages
    lanes: Lanes


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

    def bank(self, pictures: list[Picture]) -> Bank:
        """Put pictures side by side; live, this is done once for each choice of portrait and references."""
        source = pictures[0].appearance
        views = View.stack([picture.view for picture in pictures])
        stacked = [torch.cat([p.appearance.features, p.appearance.keys], dim=1).float() for p in pictures]
        tokens = torch.cat([picture.appearance.tokens for picture in pictures])
        small = torch.cat([picture.small for picture in pictures])
        memory = self.correction.attention.remember(tokens, views.keypoints, small, len(source.features))
        return Bank(
            torch.cat([picture.pixels for picture in pictures]),
            views,
            torch.cat(stacked),
            source.volume.float(),
            self.warp.compress_features(source.features),
            memory,
        )

    def forward(self, pictures: list[Picture], motion: MotionBatch, stages: Stages = Stages.SYNERGY) -> SynergyOutput:
        """Animate the first picture, with the help of the others, so that it moves as `motion` says."""
        return self.animate(self.bank(pictures[:1] if stages is Stages.EXPLICIT else pictures), motion, stages)

    def animate(
        self, bank: Bank, motion: MotionBatch, stages: Stages = Stages.SYNERGY, lanes: Lanes = ONE_LANE
    ) -> SynergyOutput:
        """The live part of `forward`. Stage 1 alone wants a bank of one picture.

        lanes: what of it can go on side by side does; everything that crosses lanes is held until the end.
        """
        with lanes.on(Lane.MAIN, "compose the flow"):
            driving = self.view(motion)
            moves = self.warp.displacements(bank.views, driving)
            source = bank.views.keypoints[: len(driving.keypoints)]
            composition = self.warp.compose(source, driving, bank.compressed, moves)
            if stages is not Stages.EXPLICIT:  # what is forked has to be joined, or a CUDA graph cannot be recorded
                lanes.fork(Lane.ATTENTION)
            flows = self.warp.feature_grids(composition, moves)
            lanes.fork(Lane.REFERENCES)
        with lanes.on(Lane.REFERENCES, "align references"):
            aligned = self._align(bank, flows, moves, driving)
        with lanes.on(Lane.MAIN, "stage 1"):
            warped = self._stage_one(bank, moves, aligned.features[0], composition, lanes)
        size = warped.shape[-2:]
        wide = functional.interpolate(composition.query, size=size, mode="bilinear", align_corners=False)
        scene = Scene(bank, flows, composition, wide, driving, stages, lanes)
        if stages is Stages.EXPLICIT:
            choice = torch.ones_like(composition.visibility)
            return self._paint(warped, choice, torch.ones_like(choice), scene)
        asked = (composition.query, wide, driving.keypoints, warped)
        aligns = stages is Stages.SYNERGY
        with lanes.on(Lane.MAIN, "stage 2"):
            correction: Correction = self.correction(asked, aligned, bank.memory, aligned=aligns, lanes=lanes)
        if stages is Stages.ATTENTION:
            fused, confidence = correction.features, torch.zeros_like(composition.visibility)
        else:
            with lanes.on(Lane.MAIN, "stage 3"):
                fused, confidence = self.fusion(warped, correction.features, wide)
        return self._paint(fused, correction.choice, confidence, scene)

    def _align(self, bank: Bank, flows: Tensor, moves: Displacement, driving: View) -> AlignedReferences:
        views, batch = bank.views.motion, len(driving.keypoints)
        translation = torch.unflatten(views.translation, 0, (-1, batch))
        offset = translation - turn_points(driving.motion.translation[:, None], moves.rigid)[..., 0, :]
        amount = (moves.field - offset[..., None, None]).norm(dim=2, keepdim=True)
        turned = torch.unflatten(views.camera_from_head, 0, (-1, batch)) @ driving.motion.camera_from_head.transpose(
            1, 2
        )
        seen = torch.unflatten(sample(bank.seen, flows.flatten(0, 1).permute(0, 2, 3, 1)), 0, (-1, batch))
        width = self.config.channels
        return AlignedReferences(seen[:, :, :width], seen[:, :, width:], amount, turned)

    def _stage_one(
        self, bank: Bank, moves: Displacement, features: Tensor, composition: Composition, lanes: Lanes
    ) -> Tensor:
        volume = sample_volume(bank.volume, self.warp.volume_grid(composition, moves)).flatten(1, 2)
        deep = functional.interpolate(
            self.unfold(volume), scale_factor=float(self.warp.scale), mode="bilinear", align_corners=False
        )
        lanes.join(Lane.REFERENCES)
        joined: Tensor = composition.visibility * self.join(torch.cat([features, deep], dim=1))
        return joined

    def _paint(self, fused: Tensor, choice: Tensor, confidence: Tensor, scene: Scene) -> SynergyOutput:
        pixels = warp_pixels(scene.bank.pixels, scene.flows, choice, scene.lanes)
        with scene.lanes.on(Lane.MAIN, "decode"):
            decoded = self.decoder(fused, scene.query, pixels)
        mask = decoded.pixel_mask
        if scene.stages is Stages.ATTENTION:  # nothing is flow-aligned, so there are no pixels to show
            mask = torch.zeros_like(mask)
        image = mask * pixels + (1 - mask) * decoded.image
        flow = scene.flows[0].permute(0, 2, 3, 1)
        return SynergyOutput(
            image, decoded.image, pixels, mask, confidence, choice, scene.composition, flow, scene.driving
        )


def warp_pixels(pixels: Tensor, flows: Tensor, choice: Tensor, lanes: Lanes = ONE_LANE) -> Tensor:
    """The pictures' own pixels, each warped by its flow at full resolution and blended by the choice.

    Shapes:
        pixels: (R * B, 3, S, S); flows: (R, B, 2, H, W); choice: (B, R, H, W) -> (B, 3, S, S).
    """
    size, batch = pixels.shape[-1], flows.shape[1]
    weights = enlarge(choice, size)
    with lanes.on(Lane.REFERENCES, "warp pixels"):  # needs the flows alone, not the choice
        here = unit_grid(flows.shape[-2:], like=flows).permute(0, 3, 1, 2)
        offsets = enlarge(flows.flatten(0, 1) - here, size)  # enlarged positions would repeat along the border
        grids = unit_grid((size, size), like=flows).permute(0, 3, 1, 2) + offsets
        moved = torch.unflatten(sample(pixels, grids.permute(0, 2, 3, 1), mode="bicubic"), 0, (-1, batch))
    lanes.join(Lane.REFERENCES)
    return (weights.transpose(0, 1)[:, :, None] * moved).sum(0).clamp(0.0, 1.0)

"""SynergyWarpNet on LivePortrait's networks: F, M and W are stage 1, G paints, and stages 2 and 3 are learnt on top.

Stage 2 looks at every picture of the person brought over by its own keypoints, as `explicit-multi` does, with a score
that starts as that model's and is learnt on; and by one cross-attention over all pictures' tokens at what none of them
brings over. Stage 3 says position by position whether the warped portrait or the correction is shown. Untrained, what
is learnt says nothing: one picture gives what LivePortrait gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.encoding import gaussian_map
from models.layers.precision import full_precision
from models.liveportrait.motion import MotionHeads, camera_from_head, expected_degrees, place_keypoints
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.several import picture_scores
from models.liveportrait.warp import DenseMotion, read

INNER, SPARE = 64, 8
TOKENS_ACROSS = 16
DENSITY_SIGMA = 0.1


@dataclass(frozen=True)
class Motion:
    """What M reads off a batch of faces.

    Shapes:
        canonical, expression: (B, K, 3). rotation: (B, 3, 3), acting on columns. scale: (B, 1). translation: (B, 3).
    """

    canonical: Tensor
    expression: Tensor
    rotation: Tensor
    scale: Tensor
    translation: Tensor

    @classmethod
    def of(cls, heads: MotionHeads) -> Motion:
        """From M's heads."""
        angles = [expected_degrees(bins) for bins in (heads.pitch, heads.yaw, heads.roll)]
        return cls(
            torch.unflatten(heads.canonical.float(), 1, (-1, 3)),
            torch.unflatten(heads.expression.float(), 1, (-1, 3)),
            camera_from_head(*angles),
            heads.scale.float(),
            heads.translation.float(),
        )

    def keypoints(self, canonical: Tensor) -> Tensor:
        """Eq. 2 with somebody's canonical points: (B, K, 3)."""
        row_form = self.rotation.transpose(1, 2)
        return place_keypoints(canonical, row_form, self.expression, self.scale, self.translation)


@dataclass(frozen=True)
class Seen:
    """One picture of a person, apart from any driver.

    Shapes:
        volume: (B, C, D, H, W). keypoints: (B, K, 3). rotation: (B, 3, 3).
        keys, values: (B, INNER, T T), for the attention.
    """

    volume: Tensor
    keypoints: Tensor
    rotation: Tensor
    keys: Tensor
    values: Tensor


@dataclass(frozen=True)
class Fused:
    """What the generator paints from, and how it came about.

    Shapes:
        features: (B, C, H, W). confidence, choice: as in `Corrected`. motion: of the portrait.
    """

    features: Tensor
    confidence: Tensor
    choice: Tensor
    motion: DenseMotion


@dataclass(frozen=True)
class Corrected:
    """Shapes: picture: (B, 3, S, S). confidence: (B, 1, H, W), 1 = the warped portrait. choice: (B, R, H, W)."""

    picture: Tensor
    confidence: Tensor
    choice: Tensor


class Correction(nn.Module):
    """What is learnt: stages 2 and 3."""

    def __init__(self, channels: int, keypoints: int) -> None:
        super().__init__()
        self.ask = nn.Conv2d(channels + keypoints, INNER, 1)
        self.offer = nn.Conv2d(channels + 1, INNER, 1)
        self.token_ask = nn.Conv2d(channels + keypoints, INNER, 1)
        self.token_key = nn.Conv2d(channels + keypoints, INNER, 1)
        self.token_value = nn.Conv2d(channels, INNER, 1)
        self.spare_key = nn.Parameter(torch.randn(INNER, SPARE) * 0.02)
        self.spare_value = nn.Parameter(torch.zeros(INNER, SPARE))
        self.lift = nn.Sequential(nn.Conv2d(INNER, channels, 3, padding=1), nn.SiLU(), nn.Conv2d(channels, channels, 1))
        self.trust = nn.Sequential(
            nn.Conv2d(2 * channels + keypoints, INNER, 3, padding=1), nn.SiLU(), nn.Conv2d(INNER, 1, 3, padding=1)
        )
        for silent in (self.offer, self.lift[-1], self.trust[-1]):
            assert isinstance(silent, nn.Conv2d)
            nn.init.zeros_(silent.weight)
            assert silent.bias is not None
            nn.init.zeros_(silent.bias)

    def remember(self, features: Tensor, densities: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of one picture: (B, C, H, W), (B, K, H, W) -> twice (B, INNER, T T)."""
        tokens = functional.adaptive_avg_pool2d(features, TOKENS_ACROSS)
        where = functional.adaptive_avg_pool2d(densities, TOKENS_ACROSS)
        return self.token_key(torch.cat([tokens, where], 1)).flatten(2), self.token_value(tokens).flatten(2)

    def attended(self, warped: Tensor, densities: Tensor, pictures: Sequence[Seen]) -> Tensor:
        """What the driver's positions find among the tokens of all pictures: (B, C, H, W)."""
        both = functional.adaptive_avg_pool2d(torch.cat([warped, densities], 1), TOKENS_ACROSS)
        asked, batch = self.token_ask(both).flatten(2), len(warped)
        keys = torch.cat([*(seen.keys for seen in pictures), self.spare_key.expand(batch, -1, -1)], dim=2)
        values = torch.cat([*(seen.values for seen in pictures), self.spare_value.expand(batch, -1, -1)], dim=2)
        weights = (keys.transpose(1, 2) @ asked * INNER**-0.5).softmax(dim=1)
        found = torch.unflatten(values @ weights, 2, (TOKENS_ACROSS, TOKENS_ACROSS))
        wide = functional.interpolate(found, size=warped.shape[-2:], mode="bilinear", align_corners=False)
        lifted: Tensor = self.lift(wide)
        return lifted

    def scores(self, aligned: Tensor, occlusion: Tensor, warped: Tensor, densities: Tensor) -> Tensor:
        """How well one picture, brought over, fits what is asked for, as far as it is learnt: (B, H, W)."""
        asked, offered = self.ask(torch.cat([warped, densities], 1)), self.offer(torch.cat([aligned, occlusion], 1))
        score: Tensor = (asked * offered).sum(1) * INNER**-0.5
        return score

    def confidence(self, warped: Tensor, corrected: Tensor, densities: Tensor) -> Tensor:
        """(B, 1, H, W), 1 = the warped portrait is shown."""
        trusted: Tensor = self.trust(torch.cat([warped, corrected, densities], 1)).sigmoid()
        return trusted


class CorrectedNet(nn.Module):
    """The imported networks and what is learnt on them.

    Shapes:
        pictures: (B, 3, S, S) in [0, 1] each, S = `config.input_px`; the portrait first.
    """

    def __init__(self, base: LivePortraitNetwork) -> None:
        super().__init__()
        self.base = base
        self.correction = Correction(base.config.warped_channels, base.config.keypoints)

    def forward(self, pictures: Sequence[Tensor], driver: Tensor) -> Corrected:
        """The first picture moved as `driver` is, (B, 3, S, S): absolute motion."""
        moved = self.motion(driver)
        portrait = self.motion(pictures[0])
        seen = [self.see(picture, portrait if place == 0 else None) for place, picture in enumerate(pictures)]
        return self.animate(seen, moved.keypoints(portrait.canonical), moved.rotation)

    def motion(self, picture: Tensor) -> Motion:
        """Read off faces."""
        return Motion.of(self.base.motion_extractor(picture))

    def see(self, picture: Tensor, motion: Motion | None = None) -> Seen:
        """Everything about a picture that does not depend on the driver. motion: where it is known already."""
        motion = motion or self.motion(picture)
        volume = self.base.appearance_feature_extractor(picture)
        keypoints = motion.keypoints(motion.canonical)
        features = self.base.warping_module.fourth(self.base.warping_module.third(volume.flatten(1, 2)))
        keys, values = self.correction.remember(features, self._densities(keypoints, features))
        return Seen(volume, keypoints, motion.rotation, keys, values)

    def animate(self, pictures: Sequence[Seen], goal: Tensor, turned: Tensor) -> Corrected:
        """Make a frame. goal: (B, K, 3), the driving keypoints. turned: (B, 3, 3), the driving head."""
        fused = self.fuse(pictures, goal, turned)
        return Corrected(self.base.spade_generator(fused.features), fused.confidence, fused.choice)

    def fuse(self, pictures: Sequence[Seen], goal: Tensor, turned: Tensor) -> Fused:
        """All three stages, up to what the generator paints from."""
        network = self.base.warping_module
        motions = [network.dense_motion_network(seen.volume, goal, seen.keypoints) for seen in pictures]
        brought = [
            network.flattened(read(seen.volume, motion.deformation), motion.occlusion)
            for seen, motion in zip(pictures, motions, strict=True)
        ]
        warped = brought[0]
        densities = self._densities(goal, warped)
        scores = [
            picture_scores(motion, _angles(seen.rotation, turned))
            + self.correction.scores(aligned, motion.occlusion, warped, densities)
            for seen, motion, aligned in zip(pictures, motions, brought, strict=True)
        ]
        choice = torch.stack(scores).softmax(dim=0)  # (R, B, H, W)
        blended = (choice[:, :, None] * torch.stack(brought)).sum(0)
        corrected = blended + self.correction.attended(warped, densities, pictures)
        confidence = self.correction.confidence(warped, corrected, densities)
        features = torch.lerp(corrected.float(), warped.float(), confidence.float())
        return Fused(features, confidence, choice.transpose(0, 1), motions[0])

    def _densities(self, keypoints: Tensor, like: Tensor) -> Tensor:
        return gaussian_map(keypoints, like.shape[-1], DENSITY_SIGMA).to(like.dtype)


@full_precision
def _angles(of_picture: Tensor, of_driving: Tensor) -> Tensor:
    """(B,) radians between two heads; a constant for training, which has no say in it."""
    with torch.no_grad():
        turn = of_picture.transpose(1, 2) @ of_driving
        cosine = (turn.diagonal(dim1=1, dim2=2).sum(1) - 1.0) / 2.0
        angle: Tensor = cosine.clamp(-1.0, 1.0).acos()
    return angle

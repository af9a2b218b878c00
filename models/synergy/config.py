"""Sizes of the SynergyWarpNet of this program, in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from models.errors import ModelError

ANCHORS = (33, 133, 159, 145, 362, 263, 386, 374, 105, 334, 168, 1, 61, 291, 13, 14, 17, 152, 234, 454, 10)
"""FaceMesh landmarks the implicit keypoints start from: eyes, brows, nose, lips, chin, temples, forehead."""

LIP_KEYPOINTS = (12, 13, 14, 15, 16)
EYE_KEYPOINTS = (0, 1, 2, 3, 4, 5, 6, 7)
"""Which of them stay tied to eyelids and lips by the Wing loss (LivePortrait eq. 4)."""


class Stages(Enum):
    """Which of the three stages run; by these names they are compared and shown."""

    EXPLICIT = "explicit"  # stage 1 alone
    EXPLICIT_MULTI = "explicit-multi"  # stage 1 alone, from several pictures (models.synergy.several)
    ATTENTION = "attention"  # stage 2 alone: global cross-attention, nothing flow-aligned
    SYNERGY = "synergy"  # all three


@dataclass(frozen=True)
class SynergyConfig:
    """One network.

    image_px: side of the picture in; output_scale: how many times larger the picture out is.
    feature_stride: pixels of the picture in per feature cell.
    volume_depth, volume_channels, volume_stride: the 3D appearance volume f_s.
    depth_extent: unit coordinates (z) that the volume's outer faces stand for.
    landmark_step: every n-th landmark enters the landmark field, eyes and lips always do.
    decoder_channels, decoder_blocks: SPADE blocks on the feature grid.
    upper_blocks: further ones on a grid twice as fine.
    token_px: side of the grid of attention tokens. spare_tokens: learned keys and values for what no picture shows.
    """

    name: str
    image_px: int = 256
    output_scale: int = 1
    feature_stride: int = 4
    channels: int = 64
    keypoint_hidden: int = 192
    volume_channels: int = 12
    volume_depth: int = 8
    volume_stride: int = 8
    depth_extent: float = 0.6
    hourglass_channels: tuple[int, ...] = (72, 144, 208)
    landmark_step: int = 4
    token_stride: int = 16
    attention_channels: int = 48
    spare_tokens: int = 16
    decoder_channels: int = 64
    decoder_blocks: int = 2
    upper_blocks: int = 0
    spade_hidden: int = 32

    def __post_init__(self) -> None:
        if self.image_px % (2 * self.token_stride):
            raise ModelError(f"image_px must be a multiple of {2 * self.token_stride}, got {self.image_px}")

    @property
    def keypoints(self) -> int:
        """K."""
        return len(ANCHORS)

    @property
    def output_px(self) -> int:
        """Side of the picture out."""
        return self.image_px * self.output_scale

    @property
    def feature_px(self) -> int:
        """Side of the feature grid."""
        return self.image_px // self.feature_stride

    @property
    def volume_px(self) -> int:
        """Side of the volume grid."""
        return self.image_px // self.volume_stride


LITE = SynergyConfig("lite")
TINY = SynergyConfig(
    "tiny",
    image_px=64,
    channels=16,
    keypoint_hidden=16,
    volume_channels=4,
    volume_depth=4,
    hourglass_channels=(16, 24, 32),
    attention_channels=16,
    spare_tokens=4,
    decoder_channels=16,
    decoder_blocks=1,
    spade_hidden=8,
)
BASE = SynergyConfig(
    "base",
    output_scale=2,
    channels=256,
    keypoint_hidden=512,
    volume_channels=32,
    volume_depth=16,
    volume_stride=4,
    hourglass_channels=(192, 384, 768, 1024, 1024),
    landmark_step=1,
    attention_channels=192,
    spare_tokens=64,
    decoder_channels=512,
    decoder_blocks=6,
    upper_blocks=4,
    spade_hidden=128,
)
"""As large as LivePortrait: the same volume, decoder blocks and output, for a GPU."""

PRESETS = {config.name: config for config in (LITE, TINY, BASE)}


def preset(name: str) -> SynergyConfig:
    """The configuration called `name`.

    Raises:
        ModelError: there is none.
    """
    if name not in PRESETS:
        raise ModelError(f"unknown preset {name!r}; there are {', '.join(PRESETS)}")
    return replace(PRESETS[name])

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
    ATTENTION = "attention"  # stage 2 alone: global cross-attention, nothing flow-aligned
    SYNERGY = "synergy"  # all three


@dataclass(frozen=True)
class SynergyConfig:
    """One network.

    image_px: side of the picture in and out. feature_stride: pixels per feature cell.
    volume_depth, volume_channels, volume_stride: the 3D appearance volume f_s.
    depth_extent: unit coordinates (z) that the volume's outer faces stand for.
    landmark_step: every n-th landmark enters the landmark field, eyes and lips always do.
    token_px: side of the grid of attention tokens. spare_tokens: learned keys and values for what no picture shows.
    """

    name: str
    image_px: int = 256
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
    decoder_blocks: int = 2
    spade_hidden: int = 32

    def __post_init__(self) -> None:
        if self.image_px % (2 * self.token_stride):
            raise ModelError(f"image_px must be a multiple of {2 * self.token_stride}, got {self.image_px}")

    @property
    def keypoints(self) -> int:
        """K."""
        return len(ANCHORS)

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
    decoder_blocks=1,
    spade_hidden=8,
)

PRESETS = {config.name: config for config in (LITE, TINY)}


def preset(name: str) -> SynergyConfig:
    """The configuration called `name`.

    Raises:
        ModelError: there is none.
    """
    if name not in PRESETS:
        raise ModelError(f"unknown preset {name!r}; there are {', '.join(PRESETS)}")
    return replace(PRESETS[name])

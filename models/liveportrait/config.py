"""How wide the networks of LivePortrait are. `base` is the public size; `tiny` is for tests alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LivePortraitConfig:
    """Sizes of all seven networks; the names of their parameters do not depend on them.

    input_px: side of the square that F and M see; the picture made is twice as large.
    appearance_widths: channels of F before and after each halving of the picture.
    volume_channels, volume_depth: the appearance volume is volume_channels x volume_depth x input_px/4 x input_px/4.
    corner_grid: True is the convention the public weights were trained with: grids and the densities of keypoints
        place -1 and +1 on the outermost pixel *centres*, and are read as if these were the picture's edges. False is
        the convention of `models.coords`.
    """

    name: str = "base"
    keypoints: int = 21
    angle_bins: int = 66
    input_px: int = 256
    appearance_widths: tuple[int, ...] = (64, 128, 256)
    volume_channels: int = 32
    volume_depth: int = 16
    volume_blocks: int = 6
    motion_widths: tuple[int, ...] = (96, 192, 384, 768)
    motion_depths: tuple[int, ...] = (3, 3, 9, 3)
    compressed: int = 4
    hourglass_width: int = 32
    hourglass_most: int = 1024
    hourglass_blocks: int = 5
    warped_channels: int = 256
    generator_widths: tuple[int, ...] = (512, 256, 64)
    middle_blocks: int = 6
    spade_hidden: int = 128
    stitch_widths: tuple[int, ...] = (128, 128, 64)
    eyes_widths: tuple[int, ...] = (256, 256, 128, 128, 64)
    lips_widths: tuple[int, ...] = (128, 128, 64)
    corner_grid: bool = True

    @property
    def output_px(self) -> int:
        """Side of the picture made."""
        return 2 * self.input_px


BASE = LivePortraitConfig()

TINY = LivePortraitConfig(
    name="tiny",
    input_px=128,
    appearance_widths=(4, 6, 8),
    volume_channels=4,
    volume_depth=2,
    volume_blocks=1,
    motion_widths=(8, 8, 12, 16),
    motion_depths=(1, 1, 1, 1),
    compressed=1,
    hourglass_width=2,
    hourglass_most=8,
    hourglass_blocks=3,
    warped_channels=8,
    generator_widths=(8, 8, 4),
    middle_blocks=1,
    spade_hidden=4,
)

PRESETS = {"base": BASE, "animals": LivePortraitConfig(name="animals"), "tiny": TINY}
"""By name. The animals' set has the sizes of the people's: it was made from it by further training."""

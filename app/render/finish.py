"""Places the animated square in the output picture on the GPU, before it is read back: the plan of `CanvasPlan`, there.

What comes back is the part of the canvas that the square can change. Whole rows of unmoved pixels, the label and alpha
stay the host's business.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.sampling import sample

if TYPE_CHECKING:  # it makes these
    from app.render.compositor import CanvasPlan, Region

SHRINKS_BELOW = 0.77
"""As `app.resample.warped`: pictures made smaller than that are averaged first."""

CHOKED_FROM, CHOKED_OVER = 36.0, 208.0
"""As the compositor's: the faintest part of a matte is taken off."""


class CanvasFinish:
    """Implements `models.session.program.Finish` for one `CanvasPlan`; alpha would have to come back too."""

    def __init__(self, plan: CanvasPlan) -> None:
        self._plan = plan
        self._growth = float(np.sqrt(abs(np.linalg.det(plan.region.canvas_from_crop[:, :2]))))
        self._placed: dict[torch.device, tuple[Tensor, ...]] = {}

    @property
    def key(self) -> Hashable:
        return ("canvas", self._growth, self._plan.region.crop_px, self.needs_foreground)

    @property
    def needs_foreground(self) -> bool:
        return self._plan.backdrop is not None

    def kept(self, device: torch.device) -> tuple[Tensor, ...]:
        """Grid, weight and unmoved pixels of the region.

        Where the person is cut out also what is behind them, the painted-out background of the square, and the matte
        of frames that bring none.
        """
        if device not in self._placed:
            plan, region = self._plan, self._plan.region
            still = plan.still[region.rows, region.columns]
            parts = [_grid(region), region.weight[None, None], _planes(still)]
            if plan.backdrop is not None:
                assert plan.crop_background is not None  # a plan with a backdrop has both
                assert plan.crop_matte is not None
                matte = plan.crop_matte[None, None].astype(np.float32)
                parts += [_planes(plan.backdrop), _planes(plan.crop_background), matte]
            self._placed[device] = tuple(torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in parts)
        return self._placed[device]

    def run(self, square: Tensor, foreground: Tensor | None, kept: tuple[Tensor, ...]) -> Tensor:
        """Shapes: (S, S, 3) uint8 and (S, S) in [0, 1] -> (rows, columns, 3) uint8."""
        grid, weight, still, *cut_out = kept
        image = square.permute(2, 0, 1)[None].float()
        if cut_out:
            backdrop, background, matte = cut_out
            moved = self._before(image, foreground, (backdrop, background, matte), grid)
        else:
            moved = self._read(image, grid)
        blended = torch.lerp(still, moved, weight)
        return blended.add(0.5).clamp(0.0, 255.0).to(torch.uint8)[0].permute(1, 2, 0).contiguous()

    def _before(self, image: Tensor, foreground: Tensor | None, behind: tuple[Tensor, ...], grid: Tensor) -> Tensor:
        """The moved person before the backdrop; see `app.render.compositor`."""
        backdrop, background, still_matte = behind
        side = image.shape[-1]
        if foreground is None:
            matte = _at(still_matte, side)
        else:
            seen = (foreground[None, None] * 255.0).round().clamp(0.0, 255.0)
            matte = ((seen - CHOKED_FROM) * (255.0 / CHOKED_OVER)).clamp(0.0, 255.0)
        old = _at(background, side) * (1.0 - matte / 255.0)
        person = torch.minimum((image - old).clamp_min(0.0), matte)
        both = self._read(torch.cat([person, matte], dim=1), grid)
        return both[:, :3] + backdrop * (1.0 - both[:, 3:] / 255.0)

    def _read(self, planes: Tensor, grid: Tensor) -> Tensor:
        """The square's planes as they lie in the region, averaged first where they shrink."""
        side = planes.shape[-1]
        growth = self._growth * self._plan.region.crop_px / side
        if growth < SHRINKS_BELOW:
            planes = _averaged(planes, max(1, round(side * growth)))
        return sample(planes, grid)


def _grid(region: Region) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(1, rows, columns, 2): where every pixel of the region lies in the square, unit coordinates."""
    matrix = np.asarray(region.canvas_from_crop, np.float64)
    y, x = np.mgrid[region.rows.start : region.rows.stop, region.columns.start : region.columns.stop] + 0.5
    offset = np.stack([x, y], -1) - matrix[:, 2]
    in_crop = offset @ np.linalg.inv(matrix[:, :2]).T
    return np.asarray((in_crop * (2.0 / region.crop_px) - 1.0)[None], np.float32)


def _planes(
    image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(h, w, 3) uint8 to (1, 3, h, w) float32."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None]).astype(np.float32)


def _averaged(planes: Tensor, side: int) -> Tensor:
    """Smaller by averaging, each pixel by how much of it lies in the new one."""
    size = planes.shape[-1]
    begins = torch.arange(side, device=planes.device, dtype=torch.float32)[:, None] * (size / side)
    pixels = torch.arange(size, device=planes.device, dtype=torch.float32)
    shared = torch.minimum(begins + size / side, pixels + 1.0) - torch.maximum(begins, pixels)
    weights = shared.clamp_min(0.0) * (side / size)  # (side, size)
    return weights @ planes @ weights.T


def _at(planes: Tensor, side: int) -> Tensor:
    if planes.shape[-1] == side:
        return planes
    if planes.shape[-1] > side:
        return _averaged(planes, side)
    return functional.interpolate(planes, size=(side, side), mode="bilinear", align_corners=False)

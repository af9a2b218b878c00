"""Places the animated square in the output picture on the GPU, before it is read back: the plan of `CanvasPlan`, there.

The whole canvas is made, so that all portraits have the same shapes and can share a recorded step. The label and alpha
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

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

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
        self._placed: dict[torch.device, tuple[Tensor, ...]] = {}

    @property
    def key(self) -> Hashable:
        return ("canvas", self.needs_foreground)

    @property
    def needs_foreground(self) -> bool:
        return self._plan.backdrop is not None

    def kept(self, device: torch.device) -> tuple[Tensor, ...]:
        """Grid, weight, side of the square on the canvas, and the unmoved canvas.

        Where the person is cut out also what is behind them, the painted-out background of the square, and the matte
        of frames that bring none.
        """
        if device not in self._placed:
            plan, region = self._plan, self._plan.region
            parts = [_grid(region, plan.still.shape[:2]), _weight(plan), _crop_on_canvas(region), _planes(plan.still)]
            if plan.backdrop is not None:
                assert plan.crop_background is not None  # a plan with a backdrop has both
                assert plan.crop_matte is not None
                behind = np.zeros_like(plan.still)
                behind[region.rows, region.columns] = plan.backdrop
                matte = plan.crop_matte[None, None].astype(np.float32)
                parts += [_planes(behind), _planes(plan.crop_background), matte]
            self._placed[device] = tuple(torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in parts)
        return self._placed[device]

    def run(self, square: Tensor, foreground: Tensor | None, kept: tuple[Tensor, ...]) -> Tensor:
        """Shapes: (S, S, 3) uint8 and (S, S) in [0, 1] -> (h, w, 3) uint8, the canvas."""
        grid, weight, crop_px, still, *cut_out = kept
        image = square.permute(2, 0, 1)[None].float()
        growth = crop_px / image.shape[-1]
        if cut_out:
            backdrop, background, matte = cut_out
            both = _read(_person(image, foreground, background, matte), grid, growth)
            moved = both[:, :3] + backdrop * (1.0 - both[:, 3:] / 255.0)
        else:
            moved = _read(image, grid, growth)
        blended = torch.lerp(still, moved, weight)
        return blended.add(0.5).clamp(0.0, 255.0).to(torch.uint8)[0].permute(1, 2, 0).contiguous()


def _person(image: Tensor, foreground: Tensor | None, background: Tensor, still_matte: Tensor) -> Tensor:
    """(1, 4, S, S): the person without the old background, times the matte, and the matte; see the compositor."""
    side = image.shape[-1]
    if foreground is None:
        matte = _at(still_matte, side)
    else:
        seen = (foreground[None, None] * 255.0).round().clamp(0.0, 255.0)
        matte = ((seen - CHOKED_FROM) * (255.0 / CHOKED_OVER)).clamp(0.0, 255.0)
    old = _at(background, side) * (1.0 - matte / 255.0)
    return torch.cat([torch.minimum((image - old).clamp_min(0.0), matte), matte], dim=1)


def _read(planes: Tensor, grid: Tensor, growth: Tensor) -> Tensor:
    """The square's planes as they lie on the canvas.

    Shapes:
        growth: (1,), side of a pixel of the square on the canvas.
    """
    weights = _made_smaller(planes.shape[-1], growth)
    return sample(weights @ planes @ weights.T, grid)


def _made_smaller(side: int, growth: Tensor) -> Tensor:
    """(side, side): what making rows smaller by averaging, where they shrink, and larger again linearly does to them.

    So a picture keeps its shape whatever its size on the canvas.
    """
    small = torch.where(growth < SHRINKS_BELOW, (side * growth).round().clamp_min(1.0), torch.full_like(growth, side))
    cell = side / small
    steps = torch.arange(side, device=growth.device, dtype=torch.float32)
    begins = steps[:, None] * cell  # of the smaller picture's cells; those beyond its end are never asked
    shared = torch.minimum(begins + cell, steps + 1.0) - torch.maximum(begins, steps)
    averaging = shared.clamp_min(0.0) / cell
    place = torch.minimum(torch.maximum((steps + 0.5) / cell - 0.5, torch.zeros_like(growth)), small - 1.0)
    between = (1.0 - (place[:, None] - steps).abs()).clamp_min(0.0)
    return between @ averaging


def _grid(region: Region, size: tuple[int, ...]) -> Floats:
    """(1, h, w, 2): where every pixel of the canvas lies in the square, unit coordinates."""
    matrix = np.asarray(region.canvas_from_crop, np.float64)
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    offset = np.stack([x, y], -1) - matrix[:, 2]
    in_crop = offset @ np.linalg.inv(matrix[:, :2]).T
    return np.asarray((in_crop * (2.0 / region.crop_px) - 1.0)[None], np.float32)


def _weight(plan: CanvasPlan) -> Floats:
    """(1, 1, h, w): 0 outside of the region."""
    weight = np.zeros(plan.still.shape[:2], np.float32)
    weight[plan.region.rows, plan.region.columns] = plan.region.weight
    return weight[None, None]


def _crop_on_canvas(region: Region) -> Floats:
    """(1,): side of the square on the canvas, pixels."""
    growth = np.sqrt(abs(np.linalg.det(region.canvas_from_crop[:, :2])))
    return np.array([growth * region.crop_px], np.float32)


def _planes(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Floats:
    """(h, w, 3) uint8 to (1, 3, h, w) float32."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None]).astype(np.float32)


def _at(planes: Tensor, side: int) -> Tensor:
    if planes.shape[-1] == side:
        return planes
    if planes.shape[-1] > side:
        return functional.interpolate(planes, size=(side, side), mode="area")
    return functional.interpolate(planes, size=(side, side), mode="bilinear", align_corners=False)

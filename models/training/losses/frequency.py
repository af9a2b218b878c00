"""Texture: how much there is of every frequency, and where. Pixel losses alone answer doubt with blur."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

WINDOW_PX = 16
ENERGY_PX = 8


def spectrum_l1(picture: Tensor, truth: Tensor) -> Tensor:
    """Mean difference of the magnitudes of local spectra (grey, overlapping Hann windows of 16 px).

    Magnitudes do not ask for the phase: texture that is there but a pixel off costs little, missing texture costs all.
    """
    window = torch.hann_window(WINDOW_PX, periodic=False, device=truth.device)
    window = window[:, None] * window[None, :]

    def magnitudes(values: Tensor) -> Tensor:
        grey = values.float().mean(1)
        tiles = grey.unfold(1, WINDOW_PX, WINDOW_PX * 3 // 4).unfold(2, WINDOW_PX, WINDOW_PX // 2)
        spectrum = torch.fft.rfft2((tiles - tiles.mean((-2, -1), keepdim=True)) * window, norm="ortho")
        # not abs(): its gradient is undefined at 0, and flat tiles are exactly 0
        power: Tensor = spectrum.real**2 + spectrum.imag**2 + 1e-6
        return power.sqrt()

    with torch.no_grad():
        wanted = magnitudes(truth)
    return (magnitudes(picture) - wanted).abs().mean()


def laplacian_l1(picture: Tensor, truth: Tensor, levels: int = 3) -> Tensor:
    """L1 of the bands of a Laplacian pyramid, finer bands weighing more (as in Bojanowski et al., 2018)."""
    difference = (picture - truth).float().contiguous()
    total = difference.new_zeros(())
    for level in range(levels):
        low = functional.avg_pool2d(difference, 2)
        wide = functional.interpolate(low, size=difference.shape[-2:], mode="bilinear", align_corners=False)
        total = total + (difference - wide).abs().mean() * 2.0**-level
        difference = low
    return total


def edge_energy_l1(picture: Tensor, truth: Tensor) -> Tensor:
    """Mean difference of how strong edges are, in patches of 8 px, wherever in the patch they lie.

    A blurred edge has its height still and loses nothing here; blurred texture, whose slopes cancel out, loses all.
    """

    def energy(values: Tensor) -> Tensor:
        values = values.float()
        across = (values[..., :-1, 1:] - values[..., :-1, :-1]).abs()
        down = (values[..., 1:, :-1] - values[..., :-1, :-1]).abs()
        return functional.avg_pool2d(across + down, ENERGY_PX, ENERGY_PX // 2)

    with torch.no_grad():
        wanted = energy(truth)
    return (energy(picture) - wanted).abs().mean()

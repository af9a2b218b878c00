"""Reading a volume by two readings of a picture is trilinear reading."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as functional

from models.sampling import enlarge, sample, sample_volume


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_a_volume_is_read_as_by_trilinear_interpolation_also_outside(depth: int) -> None:
    generator = torch.Generator().manual_seed(5)
    volume = torch.rand(2, 3, depth, 6, 7, generator=generator)
    grid = 2.6 * torch.rand(2, 3, 4, 5, 5, generator=generator) - 1.3

    read = sample_volume(volume, grid)

    torch.testing.assert_close(read, sample(volume, grid.permute(0, 2, 3, 4, 1)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_maps_are_enlarged_as_by_bilinear_interpolation(dtype: torch.dtype) -> None:
    maps = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(6))
    expected = functional.interpolate(maps, size=(32, 32), mode="bilinear", align_corners=False)

    with torch.autocast("cpu", torch.bfloat16, enabled=dtype is torch.bfloat16):
        larger = enlarge(maps, 32)

    torch.testing.assert_close(larger, expected, atol=1e-6, rtol=0)  # also under autocast: grids lose pixels otherwise

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.sampling import sample, unit_grid
from models.synergy.detail import LARGEST_OUTPUT_PX, STRIP_PX, detail_of, with_detail
from models.synergy.stitching import enlarged, enlarged_grid

SIDE = 64


def random_planes(channels: int, side: int, seed: int) -> Tensor:
    return torch.rand(1, channels, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("fine", [2 * SIDE, STRIP_PX + 32, 4 * SIDE])
def test_bytes_in_strips_give_what_floats_of_the_whole_give_to_within_two_levels(fine: int) -> None:
    image, share = random_planes(3, SIDE, 1), random_planes(1, SIDE, 2)
    detail = random_planes(3, fine, 3) - 0.5
    flow = unit_grid((16, 16), like=image) + 0.1 * random_planes(2, 16, 4).permute(0, 2, 3, 1)
    moved = sample(detail, enlarged_grid(flow, fine))
    exact = (enlarged(image, fine) + moved * enlarged(share, fine)).clamp(0.0, 1.0)[0].permute(1, 2, 0) * 255.0

    shown = with_detail(image, flow, detail, share)

    assert shown.dtype is torch.uint8
    assert shown.shape == (fine, fine, 3)
    assert float((shown.float() - exact).abs().max()) <= 2.0


def test_a_portrait_no_finer_than_the_picture_has_no_detail() -> None:
    picture = random_planes(3, SIDE, 1)

    assert detail_of(picture, picture) is None


def test_detail_ends_at_the_largest_size() -> None:
    found = detail_of(random_planes(3, LARGEST_OUTPUT_PX + 64, 1), random_planes(3, SIDE, 2))

    assert found is not None
    assert found.shape == (1, 3, LARGEST_OUTPUT_PX, LARGEST_OUTPUT_PX)


def test_an_enlarged_grid_that_stands_still_reads_every_position_from_itself() -> None:
    still = unit_grid((16, 16), like=torch.zeros(1))

    torch.testing.assert_close(enlarged_grid(still, SIDE), unit_grid((SIDE, SIDE), like=still), atol=1e-6, rtol=0)

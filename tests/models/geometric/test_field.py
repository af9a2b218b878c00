from __future__ import annotations

import numpy as np
import pytest
import torch

from models.geometric.field import ScatterField
from models.geometric.opening import Edges, opening_field
from models.sampling import unit_grid
from models.types import FloatArray

SIDE = 24


@pytest.mark.parametrize("sigma", [0.02, 0.3])
def test_sums_are_those_of_every_point_with_its_gaussian_weight(sigma: float) -> None:
    generator = torch.Generator().manual_seed(3)
    points, values = torch.rand(30, 2, generator=generator) * 2 - 1, torch.rand(30, 3, generator=generator)
    field = ScatterField(SIDE, torch.device("cpu"))
    found = field.sums(points, values, sigma)
    places = unit_grid((SIDE, SIDE), like=values)[0].double()
    weights = torch.exp((places[:, :, None] - points.double()).square().sum(-1) * (-0.5 / sigma**2))
    wanted = torch.einsum("yxk,kc->cyx", weights, values.double())
    assert torch.allclose(found.double(), wanted, atol=1e-5)


def test_sums_far_from_every_point_are_too_small_to_count_but_normal_numbers() -> None:
    field = ScatterField(SIDE, torch.device("cpu"))
    found = field.sums(torch.full((1, 2), -0.9), torch.ones(1, 1), 0.02)
    assert float(found[0, -1, -1]) < 1e-12
    assert float(found.min()) > torch.finfo(torch.float32).tiny


def eye(lift: float, shift: float = 0.0) -> Edges:
    along = np.linspace(-0.3, 0.3, 9, dtype=np.float32)
    bow = np.asarray(np.cos(along / 0.3 * np.pi / 2), np.float32)

    def curve(height: float) -> FloatArray:
        return np.asarray(np.column_stack([along + shift, height * bow]), np.float32)

    return Edges(curve(-lift), curve(0.5 * lift), 0.6)


def test_edges_lie_on_the_straight_lines_between_their_points() -> None:
    source, driving = eye(0.08), eye(0.15, 0.1)
    grid = unit_grid((64, 128), like=torch.zeros(1))[0].permute(2, 0, 1)
    field = opening_field(source, driving, torch.zeros(2, 16, 16), grid)
    along = field.along.numpy()
    for found, edge, column in (
        (field.upper, driving.local(driving.upper), 1),
        (field.lower, driving.local(driving.lower), 1),
        (field.source_upper, source.local(source.upper), 1),
        (field.source_along, source.local(source.upper), 0),
    ):
        places = driving.local(driving.upper)[:, 0]
        assert np.abs(found.numpy() - np.interp(along, places, edge[:, column])).max() < 1e-3

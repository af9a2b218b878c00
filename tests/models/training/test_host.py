"""The way round a device that lacks an operation gives the same numbers. No such device is needed, or tried."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as functional

from models.training import host


@pytest.fixture(params=[False, True], ids=["on the device", "round it"])
def round_it(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param:
        monkeypatch.setattr(host, "LACKING", frozenset({"cpu"}))
    return bool(request.param)


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """What was taken to the CPU."""
    taken: list[torch.Tensor] = []

    def cpu(tensor: torch.Tensor) -> torch.Tensor:
        taken.append(tensor)
        return tensor.clone()

    monkeypatch.setattr(torch.Tensor, "cpu", cpu)
    return taken


def test_pictures_are_averaged_to_any_size(round_it: bool, moved: list[torch.Tensor]) -> None:
    pictures = torch.rand(2, 3, 300, 300)

    small = host.averaged(pictures, 128)

    torch.testing.assert_close(small, functional.interpolate(pictures, size=(128, 128), mode="area"))
    assert bool(moved) is round_it


def test_matrices_are_made_of_their_singular_values_again(round_it: bool, moved: list[torch.Tensor]) -> None:
    matrices = torch.rand(5, 3, 3)

    u, singular, vt = host.singular_values(matrices)

    torch.testing.assert_close(u @ torch.diag_embed(singular) @ vt, matrices, atol=1e-5, rtol=0)
    assert bool(moved) is round_it

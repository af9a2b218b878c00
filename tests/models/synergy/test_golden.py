"""The network computes today what it computed when its outputs were stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from models.build import NETWORKS
from models.synergy.weights import build_network, load_weights
from models.weights_manifest import MANIFEST, WEIGHTS
from tests.models.synergy import golden
from tests.models.synergy.golden import animate_golden, read_golden

FOLDER = Path(golden.__file__).parent
LISTED = [row["file"] for row in json.loads((WEIGHTS / MANIFEST).read_text())["files"]]
SHIPPED = [file for file in LISTED if file.partition("-")[0] in NETWORKS]


def require_equal(weights: Path, stored: Path, worst: float) -> None:
    network = build_network(*load_weights(weights))
    outputs, expected = animate_golden(network), read_golden(stored)

    assert set(outputs) == set(expected)
    for name, values in expected.items():
        torch.testing.assert_close(outputs[name], values, atol=worst, rtol=0, msg=lambda text, n=name: f"{n}: {text}")


def test_the_tiny_network_gives_its_stored_outputs() -> None:
    require_equal(FOLDER / "tiny.safetensors", FOLDER / "tiny.golden.safetensors", 2e-3)


@pytest.mark.parametrize("file", SHIPPED)
def test_the_shipped_weights_give_their_stored_outputs(file: str) -> None:
    require_equal(WEIGHTS / file, FOLDER / file.replace(".safetensors", ".golden.safetensors"), 4e-3)

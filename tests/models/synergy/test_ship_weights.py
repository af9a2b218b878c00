"""`assets/make/ship_weights.py` enters small networks into the manifest too, and no file that is not one of them."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest
import torch

from models.errors import CheckpointError
from models.synergy.config import preset
from models.synergy.network import SynergyWarpNet
from models.synergy.weights import sha256_of
from models.weights_manifest import WEIGHTS

SCRIPT = Path(__file__).resolve().parents[3] / "assets" / "make" / "ship_weights.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, shipping into a folder of its own that has the program's manifest."""
    spec = importlib.util.spec_from_file_location("ship_weights", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "weights").mkdir()
    shutil.copyfile(WEIGHTS / "manifest.json", tmp_path / "weights" / "manifest.json")
    monkeypatch.setattr(module, "WEIGHTS", tmp_path / "weights")
    return module


@pytest.mark.parametrize("name", ["stitch", "retarget"])
def test_a_small_network_is_copied_and_entered_once(script: ModuleType, name: str) -> None:
    trained, folder = WEIGHTS / f"{name}-lite.safetensors", script.WEIGHTS
    before = json.loads((folder / "manifest.json").read_text())["files"]

    for _ in range(2):
        script.ship_small(trained, name, "lite", folder)

    after = json.loads((folder / "manifest.json").read_text())["files"]
    entries = {row["file"]: row for row in after}
    entry = entries[trained.name]
    assert (folder / trained.name).read_bytes() == trained.read_bytes()
    assert (entry["sha256"], entry["bytes"]) == (sha256_of(trained), trained.stat().st_size)
    assert (entry["preset"], entry["licence"]) == ("lite", "Apache-2.0")
    assert entry["origin"] == f"trained with `train --stage {name}`"
    assert len(after) == len(before)
    assert [row for row in before if row["file"] != trained.name] == [row for row in after if row != entry]


def test_a_file_that_is_another_network_is_not_shipped(script: ModuleType) -> None:
    manifest = script.WEIGHTS / "manifest.json"
    before = manifest.read_bytes()

    with pytest.raises(CheckpointError, match=r"^retarget-lite\.safetensors is refused"):
        script.ship_small(WEIGHTS / "retarget-lite.safetensors", "stitch", "lite", script.WEIGHTS)

    assert manifest.read_bytes() == before
    assert not (script.WEIGHTS / "stitch-lite.safetensors").exists()


def test_weights_of_several_runs_are_averaged_if_they_are_of_one_configuration(script: ModuleType) -> None:
    config = preset("tiny")
    states = [SynergyWarpNet(config).state_dict() for _ in range(2)]

    same, mean = script.averaged([(config, state) for state in states])

    assert same == config
    assert mean.keys() == states[0].keys()
    name = next(name for name in mean if name.endswith("weight"))
    assert torch.equal(mean[name], (states[0][name] + states[1][name]) / 2)
    with pytest.raises(ValueError, match=r"^weights of different configurations"):
        script.averaged([(config, states[0]), (preset("lite"), states[1])])

"""Public files of LivePortrait as the original writes them, with weights made by the rule, small enough for tests."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from models.liveportrait.config import TINY, LivePortraitConfig
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.public_files import BASE_FILES, SMALL_FILE, SMALL_NETWORKS
from tests.models.liveportrait.weight_rule import ruled_state, shapes_of

SEED = 7

Content = dict[str, dict[str, Tensor]]


def public_contents(config: LivePortraitConfig = TINY, seed: int = SEED) -> dict[str, Content | dict[str, Tensor]]:
    """What each of the five files holds, by its name."""
    network = LivePortraitNetwork(config)

    def state(group: str) -> dict[str, Tensor]:
        return ruled_state(group, shapes_of(network.get_submodule(group)), seed)

    contents: dict[str, Content | dict[str, Tensor]] = {file: state(group) for file, group in BASE_FILES.items()}
    contents[SMALL_FILE] = {
        group: {f"module.{name}": value for name, value in state(group).items()} for group in SMALL_NETWORKS
    }
    return contents


def write_public_set(folder: Path, config: LivePortraitConfig = TINY, seed: int = SEED) -> Path:
    """The files in the folders in which they are published, below `folder`."""
    for name, content in public_contents(config, seed).items():
        place = folder / ("retargeting_models" if name == SMALL_FILE else "base_models")
        place.mkdir(parents=True, exist_ok=True)
        torch.save(content, place / name)
    return folder

"""Weights of what was learnt on LivePortrait's networks: stages 2 and 3, and those networks where they were trained on.

Where they were left alone the file holds the learnt part only, a few MB, and names by its checksum the imported weights
it belongs to: on others it would be noise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from models.errors import CheckpointError, ModelError
from models.liveportrait.corrected import CorrectedNet
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.weights import bounded_header, fill, inspect_imported, load_imported, stated_config
from models.synergy.weights import (
    COUNTERS,
    METADATA_KEY,
    Undrawn,
    WeightsRefused,
    Wrong,
    check_shapes,
    sha256_of,
)

FORMAT = "liveportrait-correction-1"
LEARNT = "correction."


def save_corrected(path: Path, network: CorrectedNet, base: str, notes: Mapping[str, str], *, whole: bool) -> str:
    """Write what was learnt; whole or not at all. The file's SHA-256.

    base: checksum of the imported weights' contents. whole: the imported networks were trained too and are kept.

    Raises:
        ModelError: a number is not finite. OSError: as the system says.
    """
    state = {name: value for name, value in network.state_dict().items() if not name.endswith(COUNTERS)}
    kept = {
        name: value.detach().cpu().contiguous() for name, value in state.items() if whole or name.startswith(LEARNT)
    }
    for name, value in kept.items():
        if not torch.isfinite(value).all():
            raise ModelError(f"{name} holds numbers that are not finite")
    about = {"format": FORMAT, "config": asdict(network.base.config), "base": base, "notes": dict(notes)}
    part = path.with_name(path.name + ".part")
    try:
        save_file(kept, part, metadata={METADATA_KEY: json.dumps(about, sort_keys=True)})
        os.replace(part, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return sha256_of(path)


def load_corrected(path: Path, imported: Path | None) -> CorrectedNet:
    """The networks of a file, for inference. imported: the weights it was learnt on, where they are there.

    Raises:
        WeightsRefused: the file is wrong, cut short, or was learnt on other weights.
        CheckpointError: it, or what it was learnt on, cannot be read.
    """
    try:
        header = bounded_header(path, FORMAT)
        network = CorrectedNet(_base(header.metadata, set(header.shapes), imported))
        wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
        own = {name: shape for name, shape in wanted.items() if not name.endswith(COUNTERS)}
        if not _is_whole(set(header.shapes)):
            own = {name: shape for name, shape in own.items() if name.startswith(LEARNT)}
        check_shapes(header.shapes, own)
        fill(network.state_dict(), own, path)
    except Wrong as error:
        raise WeightsRefused(path, str(error), sha256_of(path)) from error
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read ({error.strerror or error})") from error
    network.eval().requires_grad_(requires_grad=False)
    network.base.fix()
    return network


def _base(metadata: Mapping[str, object], names: set[str], imported: Path | None) -> LivePortraitNetwork:
    """The networks below: empty where the file brings them, else those that were imported."""
    config = stated_config(metadata)
    if _is_whole(names):
        with Undrawn():
            return LivePortraitNetwork(config)
    if imported is None:
        raise CheckpointError("What it was learnt on is missing: LivePortrait's weights are not imported")
    if inspect_imported(imported).contents != metadata.get("base"):
        raise Wrong(f"it was learnt on other weights than those of {imported.name}")
    return load_imported(imported, preset=config.name)


def _is_whole(names: set[str]) -> bool:
    return any(not name.startswith(LEARNT) for name in names)

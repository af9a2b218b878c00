"""Local checkpoints, from which a run goes on exactly, and the weights that leave the machine."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from models.errors import CheckpointError, ModelError
from models.synergy.network import SynergyWarpNet
from models.synergy.weights import load_weights, save_weights
from models.training.problems import TrainingProblem, not_kept, unwritable
from models.training.settings import Recipe

FORMAT = "understudy-training-1"
LARGEST_CHECKPOINT_BYTES = 32 << 30
LARGEST_WEIGHTS_BYTES = 4 << 30

DAMAGE = (
    *(OSError, EOFError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(AssertionError, pickle.UnpicklingError, SafetensorError),
)
"""What torch and safetensors were seen to raise on files with bytes changed."""


@dataclass(frozen=True)
class Checkpoint:
    """Everything a run needs to go on as if it had never stopped.

    step: steps done, which is also the position in the data: all chance is drawn from (seed, step).
    elapsed_s: time spent, pauses not counted. best: the best score so far in dB, and the size it was measured at.
    states: state dicts by name: network, average, optimiser, and those of the discriminators.
    """

    stage: str
    recipe: Recipe
    step: int
    samples: int
    elapsed_s: float
    best: tuple[float, int]
    states: dict[str, dict[str, Any]]
    chance: Tensor


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write it whole or not at all.

    Raises:
        TrainingProblem: the disk refuses.
    """
    content = {
        "format": FORMAT,
        "recipe": checkpoint.recipe.to_json(),
        **{name: getattr(checkpoint, name) for name in ("stage", "step", "samples", "elapsed_s", "best")},
        "states": checkpoint.states,
        "chance": checkpoint.chance,
    }
    partial = path.with_name(path.name + ".part")
    try:
        torch.save(content, partial)
        os.replace(partial, path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        raise unwritable(path.name, error) from error


def load_checkpoint(path: Path, stage: str) -> Checkpoint:
    """Read what `save_checkpoint` wrote. Nothing in the file is run.

    Raises:
        TrainingProblem: there is no such file, it is damaged, or it is of another stage or version.
    """
    _require_size(path, LARGEST_CHECKPOINT_BYTES, "It is larger than any checkpoint.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except DAMAGE as error:
        raise _unusable(path, "It is damaged or is no checkpoint.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _unusable(path, "It is no checkpoint of this version of the program.")
    recipe = _recipe(path, content)
    try:
        checkpoint = Checkpoint(
            recipe=recipe,
            states=dict(content["states"]),
            chance=content["chance"],
            stage=str(content["stage"]),
            step=int(content["step"]),
            samples=int(content["samples"]),
            elapsed_s=float(content["elapsed_s"]),
            best=(float(content["best"][0]), int(content["best"][1])),
        )
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as error:
        raise _unusable(path, "It lacks parts that every checkpoint has.") from error
    if checkpoint.stage != stage:
        raise _unusable(path, f"It is of stage {checkpoint.stage!r}, not {stage!r}.")
    return checkpoint


def _recipe(path: Path, content: Mapping[str, Any]) -> Recipe:
    try:
        return Recipe.from_json(content["recipe"])
    except KeyError as error:
        raise _unusable(path, "It lacks parts that every checkpoint has.") from error
    except ValueError as error:
        raise _unusable(path, f"Its recipe cannot be read: {error}.") from error


def export_weights(path: Path, network: SynergyWarpNet, notes: Mapping[str, str]) -> None:
    """The weights that leave the machine, in the program's own format (`models.synergy.weights`).

    Raises:
        TrainingProblem: the disk refuses, or a number is not finite or too large for the format.
    """
    try:
        save_weights(path, network, network.config, notes)
    except (OSError, SafetensorError) as error:
        path.with_name(path.name + ".part").unlink(missing_ok=True)
        raise unwritable(path.name, error) from error
    except ModelError as error:
        raise not_kept(path.name, error) from error


def start_from(path: Path, network: SynergyWarpNet) -> None:
    """Fill the network from shipped weights, or from a .pth that holds a state dict and nothing else.

    Raises:
        TrainingProblem: the file cannot be used, or its weights are of another preset.
    """
    try:
        state = load_weights(path)[1] if path.suffix == ".safetensors" else read_weights(path)
        network.load_state_dict(state)
    except CheckpointError as error:
        raise _unusable(path, f"{error}.") from error
    except RuntimeError as error:
        raise TrainingProblem(
            f"{path.name} cannot be used.",
            why=f"Its weights do not fit the preset {network.config.name!r}.",
            fix="Give the --preset the weights were made for.",
        ) from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors of a safetensors file, or of a .pth that holds nothing but tensors, in float32.

    Raises:
        TrainingProblem: there is no such file or it holds something else.
    """
    _require_size(path, LARGEST_WEIGHTS_BYTES, "It is larger than any weights file.")
    try:
        loaded = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except DAMAGE as error:
        raise _unusable(path, "It is damaged or holds more than weights.") from error
    if not isinstance(loaded, dict) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise _unusable(path, "It holds more than weights.")
    return {name: value.float() if value.dtype.is_floating_point else value for name, value in loaded.items()}


def _require_size(path: Path, most_bytes: int, why: str) -> None:
    """Refuse what is not there or too large, before memory is taken."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _unusable(path, "There is no such file.") from error
    if size > most_bytes:
        raise _unusable(path, why)


def _unusable(path: Path, why: str) -> TrainingProblem:
    return TrainingProblem(f"{path.name} cannot be used.", why=why, fix="Give another file, or start without it.")

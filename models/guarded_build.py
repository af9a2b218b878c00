"""Animators for a GPU with what takes their place when it fails, from the best to what always works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.build import (
    DEFAULT_PRESET,
    LIVEPORTRAIT,
    NETWORKS,
    ModelChoice,
    build_animator,
    motion_networks,
    weights_of,
)

LIGHT = "geometric"
"""What every machine can run live."""

if TYPE_CHECKING:  # torch takes seconds to import
    import torch

    from models.types import Animator


def build_guarded(
    choice: ModelChoice,
    device: torch.device,
    own_weights: Path | None = None,
    *,
    compiles: bool = False,
    live: bool = False,
) -> Animator[Any]:
    """`build_animator`, on a GPU guarded against the GPU.

    compiles: whether steps on a GPU are also compiled, beside the live run. live: nothing takes its place that makes a
        frame in seconds; where nothing is left then, the GPU's failure is the animator's.

    Raises:
        CheckpointError: as `build_animator`.
        RuntimeError, MemoryError: the GPU failed at once and nothing can take its place.
    """
    if device.type != "cuda":
        return build_animator(choice, device, own_weights)
    import torch

    from models.session.guarded_animator import Choice, GuardedAnimator

    cpu = torch.device("cpu")

    def on(place: torch.device, wanted: ModelChoice) -> Choice:
        where, on_gpu = ("the CPU", False) if place is cpu else ("the GPU", True)

        def make() -> Animator[Any]:
            if on_gpu and wanted.name in (*NETWORKS, LIVEPORTRAIT) and wanted.preset != LIVEPORTRAIT:
                return build_on_engine(wanted, place, own_weights, compiles=compiles)
            return build_animator(wanted, place, own_weights)

        return Choice(f"{_label(wanted)} on {where}", make, on_gpu)

    small = _smaller(choice, own_weights)
    choices = [on(device, choice)] + ([on(device, small)] if small is not None else [])
    last = _on_a_cpu(small or choice, live=live)
    return GuardedAnimator(choices + ([on(cpu, last)] if last is not None else []))


def build_on_engine(
    choice: ModelChoice, device: torch.device, own_weights: Path | None = None, *, compiles: bool = False
) -> Animator[Any]:
    """A model of `NETWORKS`, or LivePortrait's, whose whole frames are an engine's.

    Raises:
        CheckpointError: as `build_animator`.
    """
    from models.session.backend import backend_of
    from models.session.engine import Engine
    from models.synergy.config import Stages
    from models.synergy.engine_animator import EngineSynergyAnimator
    from models.synergy.weights import build_network, load_weights

    weights = weights_of(choice, own_weights)
    if weights is None:
        return build_animator(choice, device, own_weights)  # which says what is missing
    engine = Engine(backend_of(device), compiles=compiles)
    if choice.name == LIVEPORTRAIT:
        from models.liveportrait.engine_animator import EngineLivePortraitAnimator
        from models.liveportrait.weights import load_imported

        return EngineLivePortraitAnimator(load_imported(weights.path, preset=weights.preset), engine)
    config, state = load_weights(weights.path, weights.sha256, preset=weights.preset)
    networks = motion_networks(weights.preset, own_weights)
    return EngineSynergyAnimator(build_network(config, state), engine, Stages(choice.name), networks)


def _sees_landmarks(choice: ModelChoice) -> bool:
    """Whether it is this program's own network, which sees in a face what `geometric` does; not LivePortrait's."""
    return choice.name in NETWORKS and choice.preset != LIVEPORTRAIT


def _on_a_cpu(choice: ModelChoice, *, live: bool) -> ModelChoice | None:
    """What serves in place of a model there."""
    if not live or (choice.preset in (None, DEFAULT_PRESET) and choice.name in (*NETWORKS, LIGHT)):
        return choice
    return ModelChoice(LIGHT) if _sees_landmarks(choice) else None


def _label(choice: ModelChoice) -> str:
    return choice.name if choice.preset in (None, DEFAULT_PRESET) else f"{choice.name}:{choice.preset}"


def _smaller(choice: ModelChoice, own_weights: Path | None) -> ModelChoice | None:
    """The usual preset in place of a larger one, where its weights are there."""
    if not _sees_landmarks(choice) or choice.preset in (None, DEFAULT_PRESET):
        return None
    small = ModelChoice(choice.name, DEFAULT_PRESET)
    return small if weights_of(small, own_weights) is not None else None

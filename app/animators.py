"""Animators as a person asks for them: by name and device, with failures as sentences."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from app.devices import choose_device
from app.errors import EnvironmentProblem, UsageProblem
from app.own_weights import own_weights

if TYPE_CHECKING:  # torch takes seconds to import
    from models.types import Animator

DEFAULT_MODEL = "geometric"
"""What runs when nobody names a model. `synergy` measures better on real people, but its opened mouths and its speed on
two slow cores are not yet good enough (docs/model-card.md)."""

FALLBACK_MODEL = "geometric"
"""What runs where the weights of the default are missing: it needs none."""


class WeightsMissing(EnvironmentProblem):
    """A model was named whose weights are not installed or cannot be used."""


COMPILE = "UNDERSTUDY_COMPILE"
"""Environment variable: 1 has steps on an NVIDIA GPU compiled too, by a process beside the live run."""


def compiles() -> bool:
    """Whether the person wants steps compiled."""
    return os.environ.get(COMPILE) == "1"


def default_model() -> str:
    """What runs when nobody names a model. Light: nothing is loaded to know it."""
    from models.build import ModelChoice, weights_of

    return DEFAULT_MODEL if weights_of(ModelChoice(DEFAULT_MODEL), own_weights()) else FALLBACK_MODEL


def uses_references(model: str | None) -> bool:
    """Whether further pictures of the person change what this model makes; true for names that do not exist."""
    from models.build import ModelChoice

    try:
        return ModelChoice.parse(model or default_model()).uses_references
    except ValueError:
        return True


def open_or_fall_back(model: str, device: str) -> tuple[Animator[Any], WeightsMissing | None]:
    """The animator called `model`; where its weights are missing the one that needs none, and why it is that one.

    Raises:
        UsageProblem, DeviceUnavailable: as `open_animator`.
    """
    try:
        return open_animator(model, device), None
    except WeightsMissing as refused:
        return open_animator(FALLBACK_MODEL, device), refused


def open_animator(model: str | None, device: str) -> Animator[Any]:
    """The animator called `model` (NAME[:PRESET]; None is the default) on `device`.

    Raises:
        UsageProblem: there is no model of that name.
        WeightsMissing: its weights are not there or not usable.
        DeviceUnavailable: the device is not there.
    """
    from models.build import MODEL_NAMES, ModelChoice, NotImported
    from models.errors import CheckpointError
    from models.guarded_build import build_guarded

    try:
        choice = ModelChoice.parse(model or default_model())
    except ValueError as error:
        raise UsageProblem(
            f"There is no model called {model!r}.",
            why=f"The models are {', '.join(MODEL_NAMES)}.",
            fix="Choose one of those with --model.",
        ) from error
    try:
        return build_guarded(choice, choose_device(device), own_weights(), compiles=compiles())
    except CheckpointError as error:
        way = "Get a complete copy of the program"
        if isinstance(error, NotImported):
            way = "Download them (docs/liveportrait.md says where) and run: import-weights DIR"
        raise WeightsMissing(
            f"The model {choice.name!r} cannot be used.",
            why=f"{error}.",
            fix=f"{way}, or use --model geometric, which needs none.",
        ) from error

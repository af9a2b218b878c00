"""Animators as a person asks for them: by name and device, with failures as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.devices import choose_device
from app.errors import EnvironmentProblem, UsageProblem

if TYPE_CHECKING:  # torch takes seconds to import
    from models.types import Animator

DEFAULT_MODEL = "geometric"


class WeightsMissing(EnvironmentProblem):
    """A model was named whose weights are not installed or cannot be used."""


def uses_references(model: str | None) -> bool:
    """Whether further pictures of the person change what this model makes; true for names that do not exist."""
    from models.build import ModelChoice

    try:
        return ModelChoice.parse(model or DEFAULT_MODEL).uses_references
    except ValueError:
        return True


def open_animator(model: str | None, device: str) -> Animator[Any]:
    """The animator called `model` (NAME[:PRESET]; None is the best installed) on `device`.

    Raises:
        UsageProblem: there is no model of that name.
        WeightsMissing: its weights are not there or not usable.
        DeviceUnavailable: the device is not there.
    """
    from models.build import MODEL_NAMES, ModelChoice, build_animator
    from models.errors import CheckpointError

    try:
        choice = ModelChoice.parse(model or DEFAULT_MODEL)
    except ValueError as error:
        raise UsageProblem(
            f"There is no model called {model!r}.",
            why=f"The models are {', '.join(MODEL_NAMES)}.",
            fix="Choose one of those with --model.",
        ) from error
    try:
        return build_animator(choice, choose_device(device))
    except CheckpointError as error:
        raise WeightsMissing(
            f"The model {choice.name!r} cannot be used.",
            why=f"{error}.",
            fix="Use --model geometric, which needs none, until a release brings them.",
        ) from error

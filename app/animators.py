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


FURTHER_LIVE_MODELS = ("synergy",)
"""What the window offers beside it, where the weights are installed; the others are for comparing."""

LARGEST_LIVE_ON_CPU_BYTES = 100 << 20
"""Weights of more than that make seconds of work on a CPU: a live run could neither be watched nor ended in time."""


class WeightsMissing(EnvironmentProblem):
    """A model was named whose weights are not installed or cannot be used."""


class TooSlowLive(WeightsMissing):
    """A model was named that makes a frame in seconds here."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The model {name!r} cannot be used live on a CPU.",
            why="A frame of its full-size networks takes seconds there.",
            fix="Use an NVIDIA GPU, make a video with animate, or use another --model.",
        )


COMPILE = "UNDERSTUDY_COMPILE"
"""Environment variable: 1 has steps on an NVIDIA GPU compiled too, by a process beside the live run."""


def compiles() -> bool:
    """Whether the person wants steps compiled."""
    return os.environ.get(COMPILE) == "1"


def default_model() -> str:
    """What runs when nobody names a model. Light: nothing is loaded to know it."""
    from models.build import ModelChoice, weights_of

    return DEFAULT_MODEL if weights_of(ModelChoice(DEFAULT_MODEL), own_weights()) else FALLBACK_MODEL


def live_models() -> tuple[str, ...]:
    """What a person can choose to go live with here, the lightest first. Light: nothing is loaded to know it."""
    from models.build import ModelChoice, weights_of

    return FALLBACK_MODEL, *(name for name in FURTHER_LIVE_MODELS if weights_of(ModelChoice(name), own_weights()))


def uses_references(model: str | None) -> bool:
    """Whether further pictures of the person change what this model makes; true for names that do not exist."""
    from models.build import ModelChoice

    try:
        return ModelChoice.parse(model or default_model()).uses_references
    except ValueError:
        return True


def open_or_fall_back(model: str, device: str) -> tuple[Animator[Any], EnvironmentProblem | None]:
    """The animator called `model` for a live run; where that cannot be, the one that needs no weights, and why.

    A GPU that fails is replaced too: it may have been lost by an animator before this one.

    Raises:
        UsageProblem, DeviceUnavailable: as `open_animator`.
    """
    try:
        _refuse_too_slow(model, device)
        return open_animator(model, device, live=True), None
    except WeightsMissing as refused:
        return open_animator(FALLBACK_MODEL, device, live=True), refused
    except (MemoryError, RuntimeError) as error:
        if choose_device(device).type != "cuda":
            raise
        from app.gpu_fallback import gave_up_for_good

        return open_animator(FALLBACK_MODEL, "cpu"), gave_up_for_good(model, FALLBACK_MODEL, error)


def _refuse_too_slow(model: str, device: str) -> None:
    """Before anything heavy is loaded.

    Raises:
        TooSlowLive: the model's weights, or those they were learnt on, are too many for a CPU.
    """
    from models.build import LIVEPORTRAIT, ModelChoice, weights_of

    try:
        choice = ModelChoice.parse(model)
    except ValueError:
        return  # what is wrong with the name is said when it is opened
    found = [weights_of(choice, own_weights())]
    if choice.preset == LIVEPORTRAIT:
        found.append(weights_of(ModelChoice(LIVEPORTRAIT), own_weights()))
    paths = [weights.path for weights in found if weights is not None and weights.path.is_file()]
    large = any(path.stat().st_size > LARGEST_LIVE_ON_CPU_BYTES for path in paths)
    if large and choose_device(device).type == "cpu":
        raise TooSlowLive(choice.name)


def open_animator(model: str | None, device: str, *, live: bool = False) -> Animator[Any]:
    """The animator called `model` (NAME[:PRESET]; None is the default) on `device`.

    live: as in `models.guarded_build`.

    Raises:
        UsageProblem: there is no model of that name.
        WeightsMissing: its weights are not there or not usable.
        DeviceUnavailable: the device is not there.
    """
    from models.build import MODEL_NAMES, ModelChoice, NotImported, NotTrained
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
        return build_guarded(choice, choose_device(device), own_weights(), compiles=compiles(), live=live)
    except CheckpointError as error:
        way = "Get a complete copy of the program"
        if isinstance(error, NotImported):
            way = "Download them (docs/liveportrait.md says where) and run: import-weights DIR"
        elif isinstance(error, NotTrained):
            way = "Train them (docs/training.md says how and where they go)"
        raise WeightsMissing(
            f"The model {choice.name!r} cannot be used.",
            why=f"{error}.",
            fix=f"{way}, or use --model geometric, which needs none.",
        ) from error

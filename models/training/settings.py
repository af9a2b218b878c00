"""What a training run is: the recipe, which decides the numbers and is kept with them, and the run around it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar, cast

from models.synergy.config import PRESETS
from models.training.losses.weights import LossWeights
from models.training.pack_format import SIDES_PX
from models.training.problems import TrainingProblem

D = TypeVar("D")

MOST_PICTURES = 16
"""Of one person in a sample."""


@dataclass(frozen=True)
class SizeStep:
    """From `begins` (share of the run, 0 to 1) on, pictures of `size_px` in batches of `batch`."""

    size_px: int
    begins: float
    batch: int


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what is learned; stored in checkpoints and with the weights.

    sizes: the curriculum, in order. seed: of every random choice.
    learning_rate falls along a cosine to learning_rate * floor; it rises over the first warm_up_steps.
    stage_mix: chances of synergy, explicit, attention. picture_chances: of 1, 2, ... pictures of the person.
    still_share: samples made from single pictures. rare_share: samples whose truth is a shut eye, a wide mouth, a look
        to the side. temporal_share: steps with two frames in a row.
    equivariance_share: steps with bent landmarks. part_dropout: chance that global attention does not see a part.
    adversarial_from: share of the run after which discriminators judge; 1 is never.
    average: the EMA's decay once it is warm. precision: bfloat16 (autocast) or float32.
    """

    preset: str = "lite"
    sizes: tuple[SizeStep, ...] = (SizeStep(128, 0.0, 16),)
    seed: int = 0
    learning_rate: float = 1e-3
    floor: float = 0.05
    warm_up_steps: int = 200
    stage_mix: tuple[float, float, float] = (0.8, 0.1, 0.1)
    picture_chances: tuple[float, ...] = (0.55, 0.2, 0.15, 0.05, 0.05)
    still_share: float = 0.1
    rare_share: float = 0.0
    temporal_share: float = 0.1
    equivariance_share: float = 0.1
    part_dropout: float = 0.1
    adversarial_from: float = 1.0
    average: float = 0.999
    clip_norm: float = 1.0
    precision: str = "bfloat16"
    weights: LossWeights = field(default_factory=LossWeights)

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise TrainingProblem(
                f"There is no preset {self.preset!r}.",
                why="Only known sizes can be trained.",
                fix=f"Use one of {', '.join(PRESETS)}.",
            )
        config = PRESETS[self.preset]
        step, most = 2 * config.token_stride, SIDES_PX[-1] // config.output_scale
        if not self.sizes or any(s.size_px not in range(step, most + 1, step) or s.batch < 2 for s in self.sizes):
            raise TrainingProblem(
                "The sizes cannot be trained.",
                why=f"Each must be a multiple of {step} px, at most {most}, with a batch of 2 or more.",
                fix="Give something like --size 128,256@0.7:6.",
            )
        if not sum(self.stage_mix) > 0:
            raise TrainingProblem(
                "There is nothing to train.",
                why="The chances of all stages are 0.",
                fix="Give at least one number of --mix that is more.",
            )
        if not (sum(self.picture_chances) > 0 and len(self.picture_chances) <= MOST_PICTURES):
            raise TrainingProblem(
                "The chances of the numbers of pictures cannot be used.",
                why=f"There are none above 0, or more than {MOST_PICTURES}.",
                fix="Give something like --pictures 0.5 0.2 0.3.",
            )

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read `to_json`'s text.

        Raises:
            ValueError: it is none, or a field is of another kind; the text says which.
        """
        try:
            values = json.loads(text)
            sizes = [_checked(SizeStep, step, f"sizes[{n}].") for n, step in enumerate(values["sizes"])]
            weights = _checked(LossWeights, values["weights"], "weights.")
            return cls(**_checked_values(cls, {**values, "sizes": tuple(sizes), "weights": weights}, ""))
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("it is no recipe of this version of the program") from error


@dataclass(frozen=True)
class TrainingRun:
    """Where a run reads and writes, and when it ends.

    minutes, steps: the first reached ends the run. With steps the schedule counts steps and a resumed run gives the
        same numbers as one that was never interrupted; with minutes alone it follows the clock (pauses not counted).
    resume: a local checkpoint to go on from. init: shipped weights to start from, with a fresh optimiser; or imported
        weights of LivePortrait, on which stages 2 and 3 are then trained. unfreeze: those weights are trained as well.
    vgg, face_identity, reader: weights of networks that the perceptual, the identity and the reading loss need; None
        leaves them out.
    """

    pack: Path
    output: Path
    stage: str = "base"
    resume: Path | None = None
    init: Path | None = None
    unfreeze: bool = False
    minutes: float | None = None
    steps: int | None = None
    device: str = "auto"
    threads: int | None = None
    vgg: Path | None = None
    face_identity: Path | None = None
    reader: Path | None = None
    checkpoint_minutes: float = 5.0
    sheet_minutes: float = 10.0
    validation_batches: int = 6


KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "str": (lambda value: isinstance(value, str), "text"),
    "int": (lambda value: type(value) is int, "a whole number"),
    "float": (lambda value: _is_number(value), "a number"),
}
"""By the annotation of a field: what its value must be, and what that is called."""


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(cast("float", value))


def _checked(kind: Callable[..., D], values: dict[str, object], place: str) -> D:
    """A dataclass of numbers and text from a file."""
    return kind(**_checked_values(kind, values, place))


def _checked_values(kind: Any, values: dict[str, object], place: str) -> dict[str, Any]:
    """The values of a dataclass's fields. Those of other kinds than numbers and text were made before, as they are."""
    checked: dict[str, Any] = dict(values)
    for known in fields(kind):
        if known.name not in values:
            continue
        value, annotation = values[known.name], str(known.type)
        if annotation in KINDS:
            fits, called = KINDS[annotation]
            if not fits(value):
                raise ValueError(f"{place}{known.name} is {value!r:.40} in place of {called}")
        elif annotation.startswith("tuple[float"):
            checked[known.name] = _numbers(value, place + known.name)
    return checked


def _numbers(value: object, name: str) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(_is_number(number) for number in value):
        raise ValueError(f"{name} is {value!r:.40} in place of numbers")
    return tuple(value)


def parse_sizes(text: str, batch: int) -> tuple[SizeStep, ...]:
    """Read `SIZE[@BEGIN][:BATCH],...`; a batch not given keeps the number of pixels of the first.

    Raises:
        ValueError: the text is no curriculum.
    """
    steps: list[SizeStep] = []
    for part in text.split(","):
        head, _, own_batch = part.partition(":")
        size, _, begins = head.partition("@")
        size_px = int(size)
        if size_px <= 0:
            raise ValueError("pictures have a size")
        first = steps[0].size_px if steps else size_px
        fitting = max(4, round(batch * (first / size_px) ** 2))
        steps.append(SizeStep(size_px, float(begins or 0.0), int(own_batch or fitting)))
    begins_at = [step.begins for step in steps]
    rising = all(before <= after for before, after in pairwise(begins_at))  # false of nan too
    if begins_at[0] != 0.0 or not rising or begins_at[-1] >= 1.0:
        raise ValueError("the first size begins at 0, and each later one after the one before it and before 1")
    return tuple(steps)

"""What each step of a run does: a pure function of recipe, step and progress, so that a resumed run repeats it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.synergy.config import Stages
from models.training.corpus import Demand
from models.training.settings import Recipe, SizeStep

MIXED = (Stages.SYNERGY, Stages.EXPLICIT, Stages.ATTENTION)


@dataclass(frozen=True)
class StepPlan:
    """One step, the same for every process of a run.

    bend: whether landmarks are bent for the equivariance term. adversarial: whether discriminators judge.
    """

    step: int
    learning_rate: float
    image_px: int
    demand: Demand
    stages: Stages
    bend: bool
    adversarial: bool


def plan_step(recipe: Recipe, step: int, progress: float, output_scale: int = 1) -> StepPlan:
    """Draw the choices of a step. progress: share of the run that is done, 0 to 1."""
    rng = np.random.default_rng((recipe.seed, step))
    size = size_at(recipe, progress)
    chances = np.array(recipe.picture_chances) / sum(recipe.picture_chances)
    mix = np.array(recipe.stage_mix) / sum(recipe.stage_mix)
    demand = Demand(
        batch=size.batch,
        pictures=1 + int(rng.choice(len(chances), p=chances)),
        size_px=size.size_px * output_scale,
        flip=bool(rng.random() < 0.5),
        consecutive=bool(rng.random() < recipe.temporal_share),
        still_share=recipe.still_share,
        rare_share=recipe.rare_share,
    )
    return StepPlan(
        step=step,
        learning_rate=learning_rate(recipe, step, progress),
        image_px=size.size_px,
        demand=demand,
        stages=MIXED[int(rng.choice(3, p=mix))],
        bend=bool(rng.random() < recipe.equivariance_share),
        adversarial=progress >= recipe.adversarial_from,
    )


def sample_rng(recipe: Recipe, step: int, rank: int) -> np.random.Generator:
    """The source of chance of one process in one step."""
    return np.random.default_rng((recipe.seed, step, 1 + rank))


def learning_rate(recipe: Recipe, step: int, progress: float) -> float:
    """Linear warm-up, then half a cosine down to the floor."""
    rise = min(1.0, (step + 1) / max(1, recipe.warm_up_steps))
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    return recipe.learning_rate * rise * (fall * (1 - recipe.floor) + recipe.floor)


def size_at(recipe: Recipe, progress: float) -> SizeStep:
    """The step of the curriculum that holds."""
    return [size for size in recipe.sizes if size.begins <= progress or size is recipe.sizes[0]][-1]

from __future__ import annotations

from dataclasses import replace

import pytest

from models.synergy.config import Stages
from models.training.losses.weights import LossWeights
from models.training.problems import TrainingProblem
from models.training.schedule import learning_rate, plan_step, sample_rng, size_at
from models.training.settings import Recipe, SizeStep, parse_sizes


def test_the_rate_rises_through_the_warm_up_and_falls_to_the_floor() -> None:
    recipe = Recipe(learning_rate=1.0, warm_up_steps=10, floor=0.1)

    assert learning_rate(recipe, 0, 0.0) == pytest.approx(0.1)
    assert learning_rate(recipe, 10, 0.0) == pytest.approx(1.0)
    assert learning_rate(recipe, 100, 0.5) == pytest.approx(0.55)
    assert learning_rate(recipe, 100, 1.0) == pytest.approx(0.1)


def test_sizes_follow_the_curriculum_and_keep_the_number_of_pixels() -> None:
    sizes = parse_sizes("128,192@0.6,256@0.8:5", batch=16)

    assert sizes == (SizeStep(128, 0.0, 16), SizeStep(192, 0.6, 7), SizeStep(256, 0.8, 5))
    recipe = Recipe(sizes=sizes)
    assert [size_at(recipe, progress).size_px for progress in (0.0, 0.59, 0.6, 0.79, 0.8, 1.0)] == [
        128, 128, 192, 192, 256, 256,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "big", "128@0.5", "128,256@0.8,192@0.2", "128,256@1.0"])
def test_a_curriculum_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_sizes(text, batch=16)


@pytest.mark.parametrize("sizes", [(), (SizeStep(100, 0.0, 16),), (SizeStep(128, 0.0, 1),)])
def test_sizes_the_network_cannot_take_are_a_sentence(sizes: tuple[SizeStep, ...]) -> None:
    with pytest.raises(TrainingProblem) as refused:
        Recipe(sizes=sizes)

    assert str(refused.value) == (
        "The sizes cannot be trained. Each must be a multiple of 32 px, at most 1024, with a batch of 2 or more. "
        "Give something like --size 128,256@0.7:6."
    )


def test_an_unknown_preset_is_a_sentence() -> None:
    with pytest.raises(TrainingProblem, match=r"There is no preset 'huge'\. .* Use one of lite, tiny, base\."):
        Recipe(preset="huge")


def test_the_same_step_is_always_planned_alike() -> None:
    recipe = Recipe()
    plans = [plan_step(recipe, step, 0.3) for step in range(30)]

    assert plans == [plan_step(recipe, step, 0.3) for step in range(30)]
    assert plans != [plan_step(replace(recipe, seed=1), step, 0.3) for step in range(30)]


def test_processes_draw_different_samples_for_the_same_plan() -> None:
    recipe = Recipe()

    assert sample_rng(recipe, 3, rank=0).random() == sample_rng(recipe, 3, rank=0).random()
    assert sample_rng(recipe, 3, rank=0).random() != sample_rng(recipe, 3, rank=1).random()


def test_stages_pictures_and_pairs_come_as_often_as_the_recipe_says() -> None:
    recipe = Recipe(stage_mix=(0.5, 0.25, 0.25), picture_chances=(0.5, 0.5), temporal_share=0.25)
    plans = [plan_step(recipe, step, 0.0) for step in range(2000)]

    share = {stage: sum(plan.stages is stage for plan in plans) / 2000 for stage in Stages}
    assert share[Stages.SYNERGY] == pytest.approx(0.5, abs=0.05)
    assert share[Stages.EXPLICIT] == pytest.approx(0.25, abs=0.05)
    assert {plan.demand.pictures for plan in plans} == {1, 2}
    assert sum(plan.demand.consecutive for plan in plans) / 2000 == pytest.approx(0.25, abs=0.05)


def test_discriminators_come_in_late() -> None:
    recipe = Recipe(adversarial_from=0.6)

    assert [plan_step(recipe, 5, progress).adversarial for progress in (0.0, 0.59, 0.6, 0.9)] == [0, 0, 1, 1]
    assert not plan_step(Recipe(), 5, 0.999).adversarial


def test_a_recipe_survives_being_written_and_read() -> None:
    recipe = Recipe(sizes=parse_sizes("128,256@0.5", 8), weights=LossWeights(pixel=3.0), seed=7)

    assert Recipe.from_json(recipe.to_json()) == recipe

"""One of several processes of a distributed run; started by `test_distributed`, joined through the environment.

Writes, into the folder named by its only argument, the gradients that DDP gave it for its share of a batch, and then
the weights it holds after a few steps of a whole run.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch

from models.synergy.config import Stages
from models.training.corpus import Sample
from models.training.motions import BatchMotionEncoder, columns_of, rows_of
from models.training.performer import Performer
from models.training.trainer import BaseTrainer
from models.training.world import World, open_world
from tests.models.training.packs import gradients_of, joined_sample, setting, tiny_network, tiny_recipe


def share_of(sample: Sample, world: World) -> Sample:
    """The rows of a batch that belong to this process."""
    rows = torch.arange(len(sample.truth)).chunk(world.size)[world.rank]
    motions = [rows_of(motion, rows) for motion in sample.motions]
    assert len(columns_of(motions[0])[0]) == len(rows)
    pictures = [picture[rows] for picture in sample.pictures]
    return replace(
        sample, pictures=pictures, motions=motions, truth=sample.truth[rows], driving=rows_of(sample.driving, rows)
    )


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    with open_world("cpu") as world:
        for stages in (Stages.SYNERGY, Stages.EXPLICIT):
            performer = world.wrap(Performer(tiny_network(), BatchMotionEncoder(), bfloat16=False))
            gradients = gradients_of(performer, share_of(joined_sample(), world), stages)
            torch.save(gradients, folder / f"gradients-{stages.value}-{world.rank}.pth")
        output = folder / "run"
        output.mkdir(exist_ok=True)
        recipe = tiny_recipe(adversarial_from=0.5, stage_mix=(0.5, 0.25, 0.25))
        given = replace(setting(output, recipe, steps=4, validation_batches=1), world=world)
        trainer = BaseTrainer(given)
        trainer.train()
        torch.save(dict(trainer.network.named_parameters()), folder / f"weights-{world.rank}.pth")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

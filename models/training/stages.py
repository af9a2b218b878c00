"""The stages of training by name, and the one way to run any of them."""

from __future__ import annotations

from collections.abc import Callable

import torch

from models.errors import ModelError, PackError
from models.synergy.config import preset
from models.training.checkpoints import load_checkpoint
from models.training.corpus import split_corpus
from models.training.imported import is_imported, train_on_imported
from models.training.landmark_reader import train_reader
from models.training.pack import read_pack
from models.training.problems import TrainingProblem
from models.training.settings import Recipe, TrainingRun
from models.training.small_stages import train_retarget, train_stitch
from models.training.stopping import StopRequest
from models.training.trainer import BaseTrainer, Ending, Listener, Setting
from models.training.world import open_world

SMALLEST_FRAMES_PX = 256

OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")
"""In messages of torch's RuntimeErrors: its allocators for a CPU on Linux and macOS, on Windows, and Apple's GPU's."""


def train_base(setting: Setting) -> Ending:
    """The whole network, end to end; or what is learnt on imported networks."""
    if setting.run.init is not None and is_imported(setting.run.init):
        return train_on_imported(setting)
    return BaseTrainer(setting).train()


STAGES: dict[str, Callable[[Setting], Ending]] = {
    "base": train_base,
    "stitch": train_stitch,
    "retarget": train_retarget,
    "reader": train_reader,
}
"""Further stages register here; each is given the pack as two corpora, and ends as the base stage does."""


def train(run: TrainingRun, recipe: Recipe, listener: Listener) -> Ending:
    """Run one stage, in this process or together with those `torchrun` started.

    Raises:
        TrainingProblem: something the user gave, or the machine, does not allow it.
    """
    if run.stage not in STAGES:
        raise TrainingProblem(
            f"There is no stage {run.stage!r}.",
            why="It is not built into this program.",
            fix=f"Use one of {', '.join(STAGES)}.",
        )
    if run.threads is not None:
        torch.set_num_threads(run.threads)
    _require_output(run)
    with open_world(run.device) as world, StopRequest() as stop:
        px = max(size.size_px for size in recipe.sizes) * preset(recipe.preset).output_scale
        try:
            pack = read_pack(run.pack, size_px=max(SMALLEST_FRAMES_PX, px))
            learning, held_out = split_corpus(pack, world.device)
        except PackError as error:
            raise TrainingProblem(str(error), why="", fix="Make one with `prepare`.") from error
        except ModelError as error:
            raise TrainingProblem(
                f"{run.pack.name} cannot be trained on.", why=f"{error}.", fix="Make a pack of more clips."
            ) from error
        try:
            return STAGES[run.stage](Setting(run, recipe, world, learning, held_out, listener, stop))
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise TrainingProblem(
                "The training does not fit into the device's memory.",
                why="The batch at this size takes more than is free.",
                fix="Give a smaller --batch, or a batch of its own for a large size, like --size 128,256@0.6:4.",
                machine=True,
            ) from error


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device's memory ran out; on a CPU torch says it in words only."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(words in str(error).lower() for words in OUT_OF_MEMORY)


def recipe_of(run: TrainingRun) -> Recipe:
    """The recipe that a resumed run was begun with, or the default one.

    Raises:
        TrainingProblem: the checkpoint cannot be used.
    """
    if run.resume is None:
        return Recipe()
    return load_checkpoint(run.resume, run.stage).recipe


def _require_output(run: TrainingRun) -> None:
    try:
        run.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingProblem(
            f"{run.output} cannot be used.",
            why=f"The folder could not be made: {error.strerror or error}.",
            fix="Give another --output.",
            machine=True,
        ) from error

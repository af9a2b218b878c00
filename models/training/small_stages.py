"""The stages after the base: the stitching network against frozen base weights, the retargeting networks on landmarks.

Minutes, not hours: they cannot be resumed, they are run again, and should be whenever the base weights change (the
retargeting networks do not look at the base and stay as good as they were).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError

from models.errors import ModelError
from models.motion import retarget
from models.motion.canonical import load_canonical
from models.motion.small_weights import Arrays, save_small
from models.synergy import stitching_network
from models.synergy.config import preset
from models.synergy.network import SynergyWarpNet
from models.training.checkpoints import start_from
from models.training.corpus import Corpus, Footage
from models.training.host import averaged
from models.training.motions import columns_of
from models.training.openings import EYES_RECIPE, LIPS_RECIPE, Faces, OpeningTrainer
from models.training.problems import TrainingProblem, not_kept, unwritable
from models.training.stitches import StitchRecipe, StitchSample, StitchTrainer, draw_pair
from models.training.stopping import Stopwatch
from models.training.trainer import Ending, Setting, Standing
from models.types import MotionState
from models.weights_manifest import find_weights

SAY_EVERY = 25
GAINS = (0.7, 1.6)
"""Motion is carried over so many times as strong: drivers that move more than those of the pack come too."""


def train_retarget(setting: Setting) -> Ending:
    """R_eyes and R_lip: `retarget-PRESET.safetensors`."""
    refuse_resume(setting)
    face = load_canonical()
    learning, held_out = faces_of(setting.learning), faces_of(setting.held_out)
    arrays: Arrays = {}
    notes = {}
    for part, recipe in enumerate((EYES_RECIPE, LIPS_RECIPE)):
        trainer = OpeningTrainer(face, replace(recipe, seed=setting.recipe.seed), learning)
        if not repeat(setting, setting.run.steps or recipe.steps, trainer.take_step, (part, 2)):
            return Ending.INTERRUPTED
        report = trainer.measure(face, held_out)
        notes[recipe.name] = f"openness off by {report.condition:.4f}, region by {report.pair:.4f} ({report.still:.4f})"
        setting.listener.says(f"{recipe.name}: {notes[recipe.name]}")
        arrays |= trainer.model.arrays()
    _keep(setting, "retarget", retarget.FORMAT, arrays, notes)
    return Ending.DONE


def train_stitch(setting: Setting) -> Ending:
    """S: `stitch-PRESET.safetensors`, against the weights of --init or those that are installed."""
    refuse_resume(setting)
    recipe = StitchRecipe(seed=setting.recipe.seed)
    recipe = replace(recipe, steps=setting.run.steps or recipe.steps)
    network = base_network(setting, recipe.image_px).to(setting.world.device)
    trainer = StitchTrainer(network, recipe)
    pairs = CrossPairs(setting.learning, network.config.output_px, recipe)

    def step(progress: float) -> float:
        terms = trainer.take_step(pairs.draw(), progress)
        return float(terms.total(recipe).detach())

    if not repeat(setting, recipe.steps, step, (0, 1)):
        return Ending.INTERRUPTED
    arrays = trainer.model.arrays()
    _keep(setting, "stitch", stitching_network.FORMAT, arrays, {"steps": str(recipe.steps)})
    return Ending.DONE


class CrossPairs:
    """Draws portraits of one clip driven by the motion of another person's."""

    def __init__(self, corpus: Corpus, side_px: int, recipe: StitchRecipe) -> None:
        self._footage, self._clips = corpus.footage, corpus.rows_by_clip
        self._side, self._batch = side_px, recipe.batch
        self._rng = np.random.default_rng(recipe.seed)

    def draw(self) -> StitchSample:
        """A batch."""
        drawn = [self._pair() for _ in range(self._batch)]
        rows = torch.tensor([row for row, _, _ in drawn], device=self._footage.frames.device)
        pictures = self._footage.frames[rows].permute(0, 3, 1, 2).float() / 255.0
        pictures = averaged(pictures, self._side)
        pictures = pictures.to(self._footage.motion.scale.device)  # frames may stay on the host
        return StitchSample(pictures, [source for _, source, _ in drawn], [driving for _, _, driving in drawn])

    def _pair(self) -> tuple[int, MotionState, MotionState]:
        one, other = self._rng.choice(len(self._clips), 2, replace=len(self._clips) < 2)
        portrait = int(self._rng.choice(self._clips[one]))
        neutral, driver = self._rng.choice(self._clips[other], 2)
        states = [host_state(self._footage, int(row)) for row in (portrait, driver, neutral)]
        source, driving = draw_pair(states, 0, 1, 2, float(self._rng.uniform(*GAINS)))
        return portrait, source, driving


def host_state(footage: Footage, row: int) -> MotionState:
    """The motion state of one frame."""
    canonical, expression, rotation, scale, translation = (
        np.asarray(column[row].cpu().numpy(), np.float32) for column in columns_of(footage.motion)
    )
    return MotionState(canonical, expression, rotation, float(scale), translation)


def faces_of(corpus: Corpus) -> Faces:
    """The shapes of all frames of a corpus."""
    rows = np.concatenate(corpus.rows_by_clip)
    motion, at = corpus.footage.motion, torch.from_numpy(rows)
    canonical, expression = (part.cpu()[at].numpy() for part in (motion.canonical, motion.expression))
    lengths = [len(clip) for clip in corpus.rows_by_clip]
    return Faces(canonical, expression, np.repeat(np.arange(len(lengths), dtype=np.int32), lengths))


def base_network(setting: Setting, image_px: int) -> SynergyWarpNet:
    """The network S is trained against, at a smaller picture size.

    Raises:
        TrainingProblem: there are no weights for it, or they do not fit.
    """
    name = setting.recipe.preset
    found = find_weights(("synergy",), name)
    path = setting.run.init or (found.path if found else None)
    if path is None:
        raise TrainingProblem(
            "There is no network to stitch for.",
            why=f"No weights of the preset {name!r} are installed, and --init was not given.",
            fix="Give --init with the weights that the stage `base` wrote.",
        )
    network = SynergyWarpNet(replace(preset(name), image_px=image_px))
    start_from(path, network)
    return network


def repeat(setting: Setting, steps: int, step: Callable[[float], float], share: tuple[int, int]) -> bool:
    """Run all steps, or as many as the minutes allow; False where somebody wanted an end. share: part, of parts."""
    watch, (part, parts) = Stopwatch(), share
    limit_s = 60 * setting.run.minutes / parts if setting.run.minutes is not None else float("inf")
    for number in range(steps):
        watch.wait_while_paused(setting.stop)
        if setting.stop.asked:
            return False
        progress = max(number / steps, watch.elapsed_s / limit_s)
        if progress >= 1.0:
            break
        total = step(progress)
        if number % SAY_EVERY == 0 and setting.world.is_first:
            speed = (number + 1) / max(watch.elapsed_s, 1e-3)
            whole = (part + progress) / parts
            setting.listener.stands(Standing(number, whole, watch.elapsed_s, speed, total, float("-inf")))
    return True


def _keep(setting: Setting, name: str, kind: str, arrays: Arrays, notes: dict[str, str]) -> None:
    if not setting.world.is_first:
        return
    path: Path = setting.run.output / f"{name}-{setting.recipe.preset}.safetensors"
    try:
        sha256 = save_small(path, kind, arrays, notes)
    except (OSError, SafetensorError) as error:
        raise unwritable(path.name, error) from error
    except ModelError as error:
        raise not_kept(path.name, error) from error
    setting.listener.says(f"{path.name}: {path.stat().st_size} bytes, sha256 {sha256}")


def refuse_resume(setting: Setting) -> None:
    if setting.run.resume is not None:
        raise TrainingProblem(
            f"The stage {setting.run.stage} cannot be resumed.",
            why="It is short and keeps no checkpoints.",
            fix="Leave out --resume.",
        )

"""Trains stages 2 and 3 on LivePortrait's imported networks (`train --preset base --init liveportrait`).

Another frame of the same person drives: motion is absolute, read off the driving frame by M, and that frame is the
truth. The imported networks stay as they are, or learn along (`--unfreeze`); their BatchNorm statistics stay either
way.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.errors import CheckpointError, ModelError
from models.liveportrait.corrected import Corrected, CorrectedNet
from models.liveportrait.correction_file import save_corrected
from models.liveportrait.layers import SpectralConv2d
from models.liveportrait.weights import FORMAT, inspect_imported, load_imported
from models.synergy.weights import Wrong, read_header
from models.training.corpus import Corpus, Demand, Sample
from models.training.losses.pixels import gradient_l1, part_weight, weighted_l1
from models.training.losses.structure import multi_scale_ssim
from models.training.losses.weights import LossWeights
from models.training.problems import TrainingProblem, not_kept, unwritable
from models.training.schedule import plan_step, sample_rng
from models.training.small_stages import refuse_resume, repeat
from models.training.trainer import Ending, Setting
from models.training.validation import decibels

NO_END = 10**9
HELD_OUT_SEED = 17
FILE = "last.safetensors"


def is_imported(path: Path) -> bool:
    """Whether a file holds imported weights of LivePortrait."""
    try:
        read_header(path, FORMAT)
    except (OSError, Wrong):
        return False
    return True


def train_on_imported(setting: Setting) -> Ending:
    """`last.safetensors`: what was learnt, also where somebody ended it early; then it is not measured.

    Raises:
        TrainingProblem: the weights cannot be used, or the result cannot be written.
    """
    refuse_resume(setting)
    path = setting.run.init
    assert path is not None  # the imported weights are what it begins with
    try:
        base, checksum = load_imported(path), inspect_imported(path).contents
    except CheckpointError as error:
        raise TrainingProblem(
            f"{path.name} cannot be used.", why=f"{error}.", fix="Import the weights again: import-weights DIR."
        ) from error
    torch.manual_seed(setting.recipe.seed)
    trainer = CorrectionTrainer(CorrectedNet(base), setting)
    finished = repeat(setting, setting.run.steps or NO_END, trainer.take_step, (0, 1))
    if setting.world.is_first and trainer.steps > 0:
        trainer.keep(checksum, measured=finished)
    setting.world.wait_for_all()
    return Ending.DONE if finished else Ending.INTERRUPTED


class CorrectionTrainer:
    """The loop's body."""

    def __init__(self, network: CorrectedNet, setting: Setting) -> None:
        self._setting, self._recipe = setting, setting.recipe
        self.network = network.to(setting.world.device).eval()  # the statistics of the imported networks stay
        network.base.requires_grad_(setting.run.unfreeze)
        if setting.run.unfreeze:
            for module in network.modules():
                if isinstance(module, SpectralConv2d):
                    module.fixed = None
        self._wrapped = setting.world.wrap(network)
        learnt = [value for value in network.parameters() if value.requires_grad]
        self._optimiser = torch.optim.AdamW(learnt, lr=self._recipe.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4)
        self._learnt, self.steps = learnt, 0

    def take_step(self, progress: float) -> float:
        """Learn from one batch; the loss."""
        plan = plan_step(self._recipe, self.steps, progress)
        demand = replace(plan.demand, size_px=self.network.base.config.input_px, consecutive=False)
        rng = sample_rng(self._recipe, self.steps, self._setting.world.rank)
        sample = self._setting.learning.draw(demand, rng)
        for group in self._optimiser.param_groups:
            group["lr"] = plan.learning_rate
        loss = picture_loss(self._animated(sample), sample, self._recipe.weights)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self._learnt, self._recipe.clip_norm)
        if bool(torch.isfinite(norm)):
            self._optimiser.step()
        self.steps += 1
        return float(loss.detach())

    def measure(self, corpus: Corpus, pictures: int) -> float:
        """Mean psnr on people held out."""
        rng = np.random.default_rng(HELD_OUT_SEED)
        demand = Demand(self._recipe.sizes[0].batch, pictures, self.network.base.config.input_px)
        found = []
        with torch.no_grad():
            for _ in range(self._setting.run.validation_batches):
                sample = corpus.draw(demand, rng)
                found.append(decibels(self._animated(sample).clamp(0, 1), sample.truth))
        return float(np.mean(found))

    def keep(self, base: str, *, measured: bool) -> None:
        """Measure, which takes minutes, or not, and write.

        Raises:
            TrainingProblem: the disk refuses, or a number is not finite.
        """
        counts = (1, 3) if measured else ()
        psnr = {f"psnr_{count}": f"{self.measure(self._setting.held_out, count):.3f}" for count in counts}
        path = self._setting.run.output / FILE
        notes = psnr | {"steps": str(self.steps), "recipe": self._recipe.to_json()}
        try:
            sha256 = save_corrected(path, self.network, base, notes, whole=self._setting.run.unfreeze)
        except OSError as error:
            raise unwritable(path.name, error) from error
        except ModelError as error:
            raise not_kept(path.name, error) from error
        said = ", ".join(f"{name} {value}" for name, value in psnr.items()) or "not measured"
        self._setting.listener.says(f"step {self.steps}: {said}; {path.name}: sha256 {sha256}")

    def _animated(self, sample: Sample) -> Tensor:
        """(B, 3, S, S), at the size of the truth."""
        device = sample.truth.device.type
        # On a CPU the imported networks' gradients came out different each time in bfloat16, and at times not finite.
        lower = self._recipe.precision == "bfloat16" and not (self._setting.run.unfreeze and device == "cpu")
        with torch.autocast(device, torch.bfloat16, enabled=lower):
            made: Corrected = self._wrapped(sample.pictures, sample.truth)
        return functional.interpolate(made.picture.float(), size=sample.truth.shape[-2:], mode="area")


def picture_loss(picture: Tensor, sample: Sample, weights: LossWeights) -> Tensor:
    """How far the picture is from the truth: pixels and edges, eyes and lips above all, and structure."""
    weight = part_weight(sample.driving.landmarks(), sample.truth.shape[-1], weights.part_gain)
    return (
        weights.pixel * weighted_l1(picture, sample.truth, weight)
        + weights.structure * (1 - multi_scale_ssim(picture, sample.truth))
        + weights.gradient * gradient_l1(picture, sample.truth, weight)
    )

"""The loop of the base stage: draws, animates, compares, learns; measures, keeps and stops in good order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

import torch

from models.synergy.config import preset
from models.synergy.network import SynergyWarpNet
from models.training.checkpoints import Checkpoint, export_weights, load_checkpoint, save_checkpoint, start_from
from models.training.corpus import Corpus, Sample
from models.training.judges import Judges
from models.training.losses.total import Losses, Seen, Terms, all_terms
from models.training.motions import BatchMotionEncoder
from models.training.performer import Average, Performance, Performer, hide_parts, random_affine
from models.training.problems import TrainingProblem
from models.training.record import TERM_NAMES, CsvLog, RunningMeans
from models.training.schedule import StepPlan, plan_step, sample_rng, size_at
from models.training.settings import Recipe, TrainingRun
from models.training.sheets import write_sheet
from models.training.stopping import StopRequest, Stopwatch
from models.training.validation import Report, validate
from models.training.world import World

LOG_EVERY = 25
MOST_BAD_STEPS = 50
TRAIN_COLUMNS = ("step", "minutes", "samples", "size", "rate", "samples_per_s", "total", *TERM_NAMES)
VALIDATION_COLUMNS = (
    "step", "minutes", "size", "psnr_1", "psnr_3", "sharp_1", "sharp_3", "still", "confidence", "calibration"
)  # fmt: skip


class Ending(Enum):
    """How a run ended."""

    DONE = "done"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Standing:
    """Where a run is, for whoever watches. progress: 0 to 1. best: dB of the best weights so far, -inf before any."""

    step: int
    progress: float
    elapsed_s: float
    samples_per_s: float
    total: float
    best: float


class Listener(Protocol):
    """Told how a run gets on; only in the first process."""

    def stands(self, standing: Standing) -> None:
        """Every few steps."""

    def says(self, text: str) -> None:
        """One line, now and then."""


@dataclass(frozen=True)
class Setting:
    """What a stage is given to work with."""

    run: TrainingRun
    recipe: Recipe
    world: World
    learning: Corpus
    held_out: Corpus
    listener: Listener
    stop: StopRequest


class BaseTrainer:
    """Trains the whole network end to end (stage `base`).

    Raises:
        TrainingProblem: a file cannot be used or written, or the numbers stop being finite.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting, self._recipe, self._run = setting, setting.recipe, setting.run
        self._world = setting.world
        device = setting.world.device
        torch.manual_seed(self._recipe.seed)
        encoder = BatchMotionEncoder(device)
        self.network = self._new_network(encoder).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._performer = self._world.wrap(
            Performer(self.network, encoder, bfloat16=self._recipe.precision == "bfloat16")
        )
        self._optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=self._recipe.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4
        )
        self.average = Average(self.network, self._recipe.average)
        self._judges = Judges.of(self._run, self._recipe, self._world)
        self.step, self._samples, self._best, self._best_px, self._bad = 0, 0, float("-inf"), 0, 0
        self._watch = Stopwatch()
        if self._run.resume is not None:
            self._restore(load_checkpoint(self._run.resume, "base"))
        self._means = RunningMeans()
        self._logs = self._open_logs() if self._world.is_first else None
        self._since = (self._watch.elapsed_s, self._samples)

    def train(self) -> Ending:
        """Until the end of the schedule, or until somebody wants it to stop."""
        self.network.train()
        last_kept = last_shown = self._watch.elapsed_s
        while True:
            self._watch.wait_while_paused(self._setting.stop)
            stop, progress = self._world.agree(self._setting.stop.asked, self._progress())
            if stop:
                self._keep()
                return Ending.INTERRUPTED
            if progress >= 1.0:
                break
            losses = self.take_step(plan_step(self._recipe, self.step, progress, self.network.config.output_scale))
            self._note(losses, progress)
            now = self._watch.elapsed_s
            if self._world.is_first and now - last_kept > 60 * self._run.checkpoint_minutes:
                show = now - last_shown > 60 * self._run.sheet_minutes
                last_shown = now if show else last_shown
                self._measure(progress, show=show)
                self._keep()
                last_kept = self._watch.elapsed_s
        if self._world.is_first:
            self._measure(1.0, show=True)
            self._keep()
        self._world.wait_for_all()
        return Ending.DONE

    def take_step(self, plan: StepPlan) -> Losses:
        """Learn from one batch."""
        rng = sample_rng(self._recipe, plan.step, self._world.rank)
        sample = self._setting.learning.draw(plan.demand, rng)
        affine = random_affine(len(sample.truth), rng, sample.truth.device) if plan.bend else None
        hidden = hide_parts(sample, self._recipe.part_dropout, rng) if self._recipe.part_dropout else None
        for group in self._optimiser.param_groups:
            group["lr"] = plan.learning_rate
        performance: Performance = self._performer(sample, plan.image_px, plan.stages, hidden, affine)
        losses = Losses.of(self._terms(performance, sample, plan))
        self._optimiser.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        self._apply()
        self.step += 1
        self._samples += len(sample.truth) * self._world.size
        self.average.update(self.step)
        if plan.adversarial:
            losses = replace(losses, terms=losses.terms | self._judges.learn(performance.output, sample.truth))
        return losses

    def _terms(self, performance: Performance, sample: Sample, plan: StepPlan) -> Terms:
        weights, output = self._recipe.weights, performance.output
        source = sample.pictures[0]
        source = torch.cat([source, source]) if sample.consecutive else source
        terms = all_terms(output, Seen(sample.truth, source, plan.stages, sample.consecutive), weights)
        if performance.equivariance is not None and weights.equivariance:
            terms["equivariance"] = weights.equivariance * performance.equivariance
        return terms | self._judges.terms(output, sample.truth, weights, adversarial=plan.adversarial)

    def _apply(self) -> None:
        """Step, unless the gradient is not finite; a step left out now and then does no harm, many in a row do."""
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self._recipe.clip_norm)
        if bool(torch.isfinite(norm)):
            self._optimiser.step()
            self._bad = 0
            return
        self._bad += 1
        if self._bad >= MOST_BAD_STEPS:
            raise TrainingProblem(
                "The training fell apart.",
                why=f"The gradient was not finite {MOST_BAD_STEPS} times in a row.",
                fix="Go on from the last checkpoint with a smaller --learning-rate.",
            )

    def _progress(self) -> float:
        minutes, steps = self._run.minutes, self._run.steps
        spent = self._watch.elapsed_s / (60 * minutes) if minutes is not None else 0.0
        if steps is None:
            return spent
        return 1.0 if spent >= 1.0 else self.step / steps

    def _note(self, losses: Losses, progress: float) -> None:
        if self._logs is None:
            return
        self._means.add(losses.terms | {"total": losses.total.detach()})
        if self.step % LOG_EVERY:
            return
        means, elapsed_s = self._means.take(), self._watch.elapsed_s
        speed = (self._samples - self._since[1]) / max(1e-6, elapsed_s - self._since[0])
        self._since = (elapsed_s, self._samples)
        row = {
            "step": float(self.step),
            "minutes": elapsed_s / 60,
            "samples": float(self._samples),
            "size": float(size_at(self._recipe, progress).size_px),
            "rate": self._optimiser.param_groups[0]["lr"],
            "samples_per_s": speed,
        }
        self._logs[0].add(row | means)
        standing = Standing(self.step, progress, elapsed_s, speed, means["total"], self._best)
        self._setting.listener.stands(standing)

    def _measure(self, progress: float, *, show: bool) -> None:
        """Validate the average; keep it if it is the best so far at this size."""
        assert self._logs is not None
        size_px = size_at(self._recipe, progress).size_px
        network = self.average.sizes.at(size_px)
        report = validate(network, self._setting.held_out, self._run.validation_batches)
        minutes = self._watch.elapsed_s / 60
        self._logs[1].add({"step": float(self.step), "minutes": minutes, "size": float(size_px)} | report.values())
        said = ", ".join(f"{name} {value:.3f}" for name, value in report.values().items())
        self._setting.listener.says(f"{minutes:.1f} min, step {self.step}, {size_px} px: {said}")
        if size_px != self._best_px or report.score > self._best:
            self._best, self._best_px = report.score, size_px
            self._export("best", network, report)
        self._export("last", network, report)
        if show:
            write_sheet(self._run.output / f"sheet-{self.step:07d}.png", report.sample, report.output)

    def _export(self, name: str, network: SynergyWarpNet, report: Report) -> None:
        notes = {f"held_out_{key}": f"{value:.4f}" for key, value in report.values().items()}
        notes |= {"steps": str(self.step), "samples": str(self._samples), "recipe": self._recipe.to_json()}
        export_weights(self._run.output / f"{name}.safetensors", network, notes)

    def _keep(self) -> None:
        if self._world.is_first:
            save_checkpoint(self._run.output / "checkpoint.pth", self._checkpoint())

    def _checkpoint(self) -> Checkpoint:
        states: dict[str, dict[str, Any]] = {
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        return Checkpoint(
            stage="base",
            recipe=self._recipe,
            step=self.step,
            samples=self._samples,
            elapsed_s=self._watch.elapsed_s,
            best=(self._best, self._best_px),
            states=states | self._judges.states(),
            chance=torch.get_rng_state(),
        )

    def _restore(self, checkpoint: Checkpoint) -> None:
        try:
            self.network.load_state_dict(checkpoint.states["network"])
            self.average.network.load_state_dict(checkpoint.states["average"])
            self._optimiser.load_state_dict(checkpoint.states["optimiser"])
            self._judges.restore(checkpoint.states)
            torch.set_rng_state(checkpoint.chance)
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise TrainingProblem(
                "The checkpoint cannot be resumed.",
                why="It was made by a network of another shape.",
                fix="Resume with the program and --preset that made it, or start from weights with --init.",
            ) from error
        self.step, self._samples = checkpoint.step, checkpoint.samples
        self._best, self._best_px = checkpoint.best
        self._watch = Stopwatch(checkpoint.elapsed_s)

    def _open_logs(self) -> tuple[CsvLog, CsvLog]:
        folder, until = self._run.output, self.step
        return (
            CsvLog(folder / "train.csv", TRAIN_COLUMNS, until),
            CsvLog(folder / "validation.csv", VALIDATION_COLUMNS, until),
        )

    def _new_network(self, encoder: BatchMotionEncoder) -> SynergyWarpNet:
        """Of the first size of the curriculum; from shipped weights, or new."""
        config = replace(preset(self._recipe.preset), image_px=self._recipe.sizes[0].size_px)
        network = SynergyWarpNet(config)
        network.keypoints.mean.copy_(encoder.mean.cpu())
        if self._run.init is not None:
            start_from(self._run.init, network)
        return network

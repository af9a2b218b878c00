"""`train`: a training pack becomes weights. A thin shell around `models.training`, which needs no tracker."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from app.cli_parser import print_line
from app.errors import AppError, EnvironmentProblem, UsageProblem
from app.own_weights import own_weights
from models.build import IMPORTED_PRESET, LIVEPORTRAIT, ModelChoice, weights_of
from models.training.losses.weights import LossWeights
from models.training.problems import TrainingProblem
from models.training.settings import Recipe, SizeStep, TrainingRun, parse_sizes
from models.training.stages import recipe_of, train
from models.training.trainer import Ending, Standing
from models.training.world import is_first_process

EXIT_INTERRUPTED = 130
DEFAULT_MINUTES = 60.0
BAR_CELLS = 24


class Bar:
    """A progress bar on stderr, redrawn in place; lines said in between stand above it."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._drawn = quiet, False

    def stands(self, standing: Standing) -> None:
        """Redraw."""
        if self._quiet:
            return
        done = min(BAR_CELLS, int(standing.progress * BAR_CELLS))
        minutes = standing.elapsed_s / 60
        text = f"{'#' * done}{'.' * (BAR_CELLS - done)} {standing.progress:4.0%}  step {standing.step}"
        text += f"  {minutes:.1f} min  {standing.samples_per_s:.1f} samples/s  loss {standing.total:.3f}"
        sys.stderr.write(f"\r{text:<100}")
        sys.stderr.flush()
        self._drawn = True

    def says(self, text: str) -> None:
        """A line of its own."""
        if self._quiet:
            return
        self.end()
        print_line(text)

    def end(self) -> None:
        """Leave the bar where it is."""
        if self._drawn:
            sys.stderr.write("\n")
        self._drawn = False


def train_from_arguments(parsed: argparse.Namespace) -> int:
    """Train as the flags say; 0, or 130 where it was interrupted (the stage `base` leaves a checkpoint then).

    Raises:
        UsageProblem, EnvironmentProblem: a file or a flag cannot be used, or the machine refuses.
    """
    bar = Bar(quiet=parsed.quiet)
    try:
        run = _run_of(parsed)
        ending = train(run, _recipe_of(run, parsed), bar)
    except TrainingProblem as problem:
        raise _for_people(problem) from problem
    finally:
        bar.end()
    if ending is Ending.INTERRUPTED:
        kept = run.output / "checkpoint.pth"
        base = f"{kept} was written; go on with --resume {kept}."
        if is_first_process():
            print_line("Interrupted. " + (base if run.stage == "base" else "Nothing was written; begin anew."))
        return EXIT_INTERRUPTED
    return 0


def _run_of(parsed: argparse.Namespace) -> TrainingRun:
    if parsed.resume is not None and parsed.init is not None:
        raise UsageProblem(
            "--resume and --init cannot be used together.",
            why="A resumed run has its weights already.",
            fix="Give one of them.",
        )
    unlimited = parsed.minutes is None and parsed.steps is None
    if parsed.resume is not None and unlimited:  # an hour by default may be over already
        raise UsageProblem(
            "How long to go on was not said.",
            why="A checkpoint does not hold the length of its run.",
            fix="Give --steps or --minutes of the whole run again, resumed parts included.",
        )
    return TrainingRun(
        pack=parsed.pack,
        output=parsed.output,
        stage=parsed.stage,
        resume=parsed.resume,
        init=_init_of(parsed),
        unfreeze=parsed.unfreeze,
        minutes=DEFAULT_MINUTES if unlimited else parsed.minutes,
        steps=parsed.steps,
        device=parsed.device,
        threads=parsed.threads,
        vgg=parsed.vgg,
        face_identity=parsed.face_identity,
        reader=parsed.reader,
        checkpoint_minutes=parsed.checkpoint_minutes,
        sheet_minutes=parsed.sheet_minutes,
    )


def _init_of(parsed: argparse.Namespace) -> Path | None:
    """What to start from; `liveportrait` is the imported file, wherever it lies."""
    if parsed.init != Path(LIVEPORTRAIT):
        return parsed.init if parsed.init is None else Path(parsed.init)
    if parsed.preset != IMPORTED_PRESET:
        raise UsageProblem(
            f"--init {LIVEPORTRAIT} needs --preset {IMPORTED_PRESET}.",
            why="Its networks are of that size.",
            fix=f"Give --preset {IMPORTED_PRESET}.",
        )
    found = weights_of(ModelChoice(LIVEPORTRAIT), own_weights())
    if found is None:
        raise EnvironmentProblem(
            "There is nothing to start from.",
            why="The weights of LivePortrait are not imported.",
            fix="Download them (docs/liveportrait.md says where) and run: import-weights DIR.",
        )
    return found.path


def _recipe_of(run: TrainingRun, parsed: argparse.Namespace) -> Recipe:
    """The recipe of the checkpoint or the default one, changed by the flags that were given."""
    recipe = recipe_of(run)
    given: dict[str, Any] = {
        "preset": parsed.preset,
        "seed": parsed.seed,
        "learning_rate": parsed.learning_rate,
        "floor": parsed.floor,
        "warm_up_steps": parsed.warm_up,
        "stage_mix": tuple(parsed.mix) if parsed.mix else None,
        "picture_chances": tuple(parsed.pictures) if parsed.pictures else None,
        "still_share": parsed.still_share,
        "rare_share": parsed.rare_share,
        "temporal_share": parsed.temporal_share,
        "adversarial_from": parsed.adversarial,
    }
    if parsed.size is not None or parsed.batch is not None:
        given["sizes"] = _sizes(parsed.size, parsed.batch, recipe)
    if parsed.weight:
        given["weights"] = _weights(recipe.weights, dict(parsed.weight))
    return replace(recipe, **{name: value for name, value in given.items() if value is not None})


def _weights(weights: LossWeights, changes: dict[str, float]) -> LossWeights:
    known = [field.name for field in fields(LossWeights)]
    for name in changes:
        if name not in known:
            raise UsageProblem(
                f"There is no loss term {name!r}.",
                why="Only known terms can be weighted.",
                fix=f"Use one of {', '.join(known)}.",
            )
    return replace(weights, **changes)


def _sizes(text: str | None, batch: int | None, recipe: Recipe) -> tuple[SizeStep, ...]:
    text = text or ",".join(f"{size.size_px}@{size.begins}" for size in recipe.sizes)
    try:
        return parse_sizes(text, batch or recipe.sizes[0].batch)
    except ValueError as error:
        raise UsageProblem(
            f"--size {text} was not understood.",
            why="It is no list of sizes like 128,192@0.6,256@0.8:6.",
            fix="Give SIZE[@BEGIN][:BATCH], separated by commas, the first beginning at 0.",
        ) from error


def _for_people(problem: TrainingProblem) -> AppError:
    kind = EnvironmentProblem if problem.machine else UsageProblem
    return kind(problem.what, why=problem.why, fix=problem.fix)

"""`bench`: how fast the animators are on this machine, measured side by side in one run.

Machines are shared and noisy, so models take turns frame by frame and only medians and ratios of one run are reported.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from app.animators import default_model, open_animator
from app.avatars import shipped_avatars
from app.commands.run import measure_live
from app.devices import limit_torch_threads, usable_cores
from app.errors import EnvironmentProblem
from app.portrait import LoadedPortrait
from app.portrait_loader import PortraitLoader
from app.progress import progress
from app.report_file import require_report_place, write_report
from app.segmentation import SelfieSegmenter
from app.tracking.face_mesh import FaceMeshTracker
from app.tracking.motion_clip import MotionClip, load_motion
from models.motion.controls import MotionControls
from models.motion.transfer import MotionTransfer
from models.types import Animator, FaceView, MotionState, StepOptions

WARM_UP_STEPS = 5
MEASURED_STEPS = 60
MOTION = Path(__file__).resolve().parents[2] / "assets" / "motion" / "expressive.motion"


@dataclass(frozen=True)
class BenchOptions:
    """The flags of `bench` (CONTRACT.md)."""

    models: tuple[str, ...] = ()
    references: tuple[int, ...] = (1,)
    trace: Path | None = None
    json: Path | None = None
    device: str = "auto"
    quiet: bool = False

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> BenchOptions:
        """Read what `app.cli_parser` parsed."""
        return cls(
            models=parsed.models or ((parsed.model,) if parsed.model else ()),
            references=parsed.references,
            trace=parsed.trace,
            json=parsed.json,
            device=parsed.device,
            quiet=parsed.quiet,
        )


@dataclass
class Contender:
    """One model with a number of references, ready to take its turns."""

    name: str
    animator: Animator[Any]
    prepared: Any
    transfer: MotionTransfer
    prepare_ms: float
    step_ms: list[float] = field(default_factory=list)
    stages_ms: dict[str, list[float]] = field(default_factory=dict)

    def take_turn(self, driver: MotionState, *, measured: bool) -> None:
        """Animate one frame, synchronised, so that the time is the whole step's."""
        driving = self.transfer.drive(self.animator.motion_of(self.prepared), driver, MotionControls())
        begin = time.perf_counter()
        frame = self.animator.step(self.prepared, driving, StepOptions())
        if self.animator.device.type == "cuda":
            torch.cuda.synchronize(self.animator.device)
        elapsed_ms = (time.perf_counter() - begin) * 1000.0
        if measured:
            self.step_ms.append(elapsed_ms)
            for stage, stage_ms in frame.stage_ms.items():
                self.stages_ms.setdefault(stage, []).append(stage_ms)


def bench(options: BenchOptions) -> int:
    """Measure, print the medians, write JSON and trace where asked.

    Raises:
        UsageProblem: a model's name does not exist.
        EnvironmentProblem: weights, avatar or device are missing, or a file cannot be written.
    """
    for place in filter(None, (options.json, options.trace)):
        require_report_place(place)
    limit_torch_threads()
    motion = load_motion(MOTION)
    contenders = list(_contenders(options, motion))
    drivers = _drivers(contenders, motion)
    for step in progress(range(WARM_UP_STEPS + MEASURED_STEPS), unit="turn", quiet=options.quiet):
        for contender in contenders:
            driver = drivers[contender.name][step % len(drivers[contender.name])]
            contender.take_turn(driver, measured=step >= WARM_UP_STEPS)
    models = {contender.name: _figures(contender, drivers[contender.name][0]) for contender in contenders}
    report: dict[str, object] = {
        "machine": _machine(contenders[0].animator.device),
        "models": models,
        "end_to_end": measure_live(contenders[0].animator.name, options.device),
        "ratios": _ratios(contenders),
    }
    sys.stdout.write(_table(contenders))
    if options.trace:
        _write_trace(options.trace, contenders, drivers)
    if options.json:
        write_report(options.json, report)
    return 0


def _contenders(options: BenchOptions, motion: MotionClip) -> Iterator[Contender]:
    portrait = _portrait(max(options.references))
    for name in dict.fromkeys(options.models or (default_model(),)):
        animator = open_animator(name, options.device)
        neutral = animator.observe(FaceView(motion.landmarks[0], portrait.view.image))
        for count in dict.fromkeys(options.references):
            references = portrait.references[: count - 1] if animator.uses_references else ()
            begin = time.perf_counter()
            prepared = animator.prepare(portrait.view, references)
            prepare_ms = (time.perf_counter() - begin) * 1000.0
            transfer = MotionTransfer(neutral=neutral)
            yield Contender(f"{animator.name}@{count}", animator, prepared, transfer, prepare_ms)


def _portrait(pictures: int) -> LoadedPortrait:
    """A shipped avatar with enough references; its own are used again where there are too few."""
    avatars = shipped_avatars()
    if not avatars:
        raise EnvironmentProblem(
            "There is nothing to animate.",
            why="No shipped avatar was found.",
            fix="Get a complete copy of the program.",
        )
    avatar = avatars[0]
    pool = avatar.references or (avatar.portrait,)
    references = [pool[i % len(pool)] for i in range(pictures - 1)]
    with closing(FaceMeshTracker(static=True)) as tracker, closing(SelfieSegmenter()) as segmenter:
        return PortraitLoader(tracker, segmenter).load(avatar.portrait, references)


def _drivers(contenders: Sequence[Contender], motion: MotionClip) -> dict[str, list[MotionState]]:
    """The same motion as each animator sees it, made beforehand: only the step is measured."""
    return {
        contender.name: [contender.animator.observe(FaceView(points)) for points in motion.landmarks]
        for contender in contenders
    }


def _figures(contender: Contender, driver: MotionState) -> dict[str, object]:
    times = np.array(contender.step_ms)
    return {
        "runtime": contender.animator.runtime,
        "dtype": contender.animator.dtype,
        "step_ms": {"p50": round(float(np.median(times)), 3), "p95": round(float(np.percentile(times, 95)), 3)},
        "stages_ms": {stage: round(statistics.median(ms), 3) for stage, ms in contender.stages_ms.items()},
        "prepare_ms": round(contender.prepare_ms, 2),
        "parameters": _parameters(contender.animator),
        "gflop": round(_gflop(contender, driver), 4),
    }


def _parameters(animator: Animator[Any]) -> int:
    network = getattr(animator, "network", None)
    return sum(p.numel() for p in network.parameters()) if isinstance(network, torch.nn.Module) else 0


def _gflop(contender: Contender, driver: MotionState) -> float:
    """Floating-point operations of convolutions and products in one step (a multiply-add counts as two)."""
    driving = contender.transfer.drive(contender.animator.motion_of(contender.prepared), driver, MotionControls())
    with FlopCounterMode(display=False) as counter:
        contender.animator.step_in_pytorch(contender.prepared, driving)
    return float(counter.get_total_flops()) / 1e9


def _machine(device: torch.device) -> dict[str, object]:
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": usable_cores(),
        "threads": torch.get_num_threads(),
        "gpu": gpu,
        "torch": torch.__version__,
        "device": device.type,
    }


def _ratios(contenders: Sequence[Contender]) -> dict[str, float]:
    """Median step of every contender over that of the first, taken in the same run."""
    first = contenders[0]
    base = statistics.median(first.step_ms)
    return {
        f"{contender.name}/{first.name}": round(statistics.median(contender.step_ms) / base, 3)
        for contender in contenders[1:]
    }


def _how(contender: Contender) -> str:
    return f"{contender.animator.runtime} {contender.animator.dtype}"


def _table(contenders: Sequence[Contender]) -> str:
    lines = [f"{'':20}{'step p50':>10}{'p95':>10}{'prepare':>10}  ms  runtime"]
    for contender in contenders:
        p50, p95 = np.median(contender.step_ms), np.percentile(contender.step_ms, 95)
        lines.append(f"{contender.name:20}{p50:10.2f}{p95:10.2f}{contender.prepare_ms:10.1f}      {_how(contender)}")
    return "\n".join(lines) + "\n"


def _write_trace(path: Path, contenders: Sequence[Contender], drivers: dict[str, list[MotionState]]) -> None:
    """Ten steps of every contender as a Chrome trace, which Perfetto opens."""
    with torch.profiler.profile() as profile:
        for contender in contenders:
            with torch.profiler.record_function(contender.name):
                for driver in drivers[contender.name][:10]:
                    contender.take_turn(driver, measured=False)
    try:
        profile.export_chrome_trace(str(path))
    except (OSError, RuntimeError) as error:
        raise EnvironmentProblem(
            f"The trace {path.name} could not be written.", why=f"{error}.", fix="Choose a folder you can write to."
        ) from error

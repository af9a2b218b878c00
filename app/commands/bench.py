"""`bench`: how fast the animators are on this machine, measured side by side in one run.

Machines are shared and noisy, so models take turns frame by frame and only medians and ratios of one run are reported.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from app.animators import default_model
from app.commands.bench_contenders import RANDOM, Contender, open_contenders
from app.commands.run import measure_live
from app.devices import limit_torch_threads, usable_cores
from app.errors import EnvironmentProblem
from app.progress import progress
from app.report_file import require_report_place, write_report
from app.tracking.motion_clip import MotionClip, load_motion
from models.motion.controls import MotionControls
from models.types import Animator, FaceView, MotionState

WARM_UP_STEPS = 5
MEASURED_STEPS = 60
NETWORK = "network"
"""The stage of a step that is the network's alone (`AnimatedFrame.stage_ms`)."""

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
    names = options.models or (default_model(),)
    contenders = list(open_contenders(names, options.references, options.device, motion))
    drivers = _drivers(contenders, motion)
    for contender in contenders:
        contender.warm_up(drivers[contender.name][0])
    for step in progress(range(WARM_UP_STEPS + MEASURED_STEPS), unit="turn", quiet=options.quiet):
        for contender in contenders:
            if step % contender.every == 0:
                driver = drivers[contender.name][step % len(drivers[contender.name])]
                contender.take_turn(driver, measured=step >= WARM_UP_STEPS)
    models = {contender.name: _figures(contender, drivers[contender.name][0]) for contender in contenders}
    report: dict[str, object] = {
        "machine": _machine(contenders[0].animator.device),
        "models": models,
        "end_to_end": measure_live(_live_model(contenders[0]), options.device),
        "ratios": _ratios(contenders),
    }
    sys.stdout.write(_table(contenders))
    if options.trace:
        _write_trace(options.trace, contenders, drivers)
    if options.json:
        write_report(options.json, report)
    return 0


def _live_model(contender: Contender) -> str:
    """What a live run can open of it: the preset too, unless that was drawn at random for this measurement."""
    return contender.animator.name if contender.weights == RANDOM else contender.name.rpartition("@")[0]


def _drivers(contenders: Sequence[Contender], motion: MotionClip) -> dict[str, list[MotionState]]:
    """The same motion as each animator sees it, made beforehand: only the step is measured."""
    return {
        contender.name: [contender.animator.observe(FaceView(points)) for points in motion.landmarks]
        for contender in contenders
    }


def _figures(contender: Contender, driver: MotionState) -> dict[str, object]:
    times = np.array(contender.step_ms)
    return _of_the_device(contender, driver) | {
        "runtime": contender.animator.runtime,
        "dtype": contender.animator.dtype,
        "weights": contender.weights,
        "step_ms": {"p50": round(float(np.median(times)), 3), "p95": round(float(np.percentile(times, 95)), 3)},
        "stages_ms": {stage: round(statistics.median(ms), 3) for stage, ms in contender.stages_ms.items()},
        "prepare_ms": round(contender.prepare_ms, 2),
        "parameters": _parameters(contender.animator),
        "gflop": round(_gflop(contender, driver), 4),
    }


def _of_the_device(contender: Contender, driver: MotionState) -> dict[str, object]:
    """What only a GPU has: memory, and copies and waits a frame; empty on a CPU."""
    device = contender.animator.device
    if device.type != "cuda":
        return {}
    found: dict[str, object] = {"memory_mb": round(torch.cuda.max_memory_allocated(device) / (1 << 20), 1)}
    engine = getattr(getattr(contender.animator, "used", contender.animator), "engine", None)
    if engine is not None:
        before = engine.transfers
        contender.take_turn(driver, measured=False)
        found["transfers"] = engine.transfers.per_frame(before)
    return found


def _parameters(animator: Animator[Any]) -> int:
    network = getattr(animator, "network", None)
    return sum(p.numel() for p in network.parameters()) if isinstance(network, torch.nn.Module) else 0


def _gflop(contender: Contender, driver: MotionState) -> float:
    """Floating-point operations of convolutions and products in one step (a multiply-add counts as two)."""
    with FlopCounterMode(display=False) as counter:
        _by_stage(contender, driver)
    return float(counter.get_total_flops()) / 1e9


def _by_stage(contender: Contender, driver: MotionState) -> None:
    driving = contender.transfer.drive(contender.animator.motion_of(contender.prepared), driver, MotionControls())
    contender.animator.step_in_pytorch(contender.prepared, driving)


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
    """Median step of every contender over that of the first, taken in the same run; of the networks alone too."""
    first, found = contenders[0], {}
    for contender in contenders[1:]:
        pair = f"{contender.name}/{first.name}"
        found[pair] = _ratio(contender.step_ms, first.step_ms)
        if NETWORK in contender.stages_ms and NETWORK in first.stages_ms:
            found[f"{NETWORK} {pair}"] = _ratio(contender.stages_ms[NETWORK], first.stages_ms[NETWORK])
    return found


def _ratio(times_ms: Sequence[float], of_first_ms: Sequence[float]) -> float:
    return round(statistics.median(times_ms) / statistics.median(of_first_ms), 3)


def _how(contender: Contender) -> str:
    how = f"{contender.animator.runtime} {contender.animator.dtype}"
    return f"{how}, random weights" if contender.weights == RANDOM else how


def _table(contenders: Sequence[Contender]) -> str:
    lines = [f"{'':20}{'step p50':>10}{'p95':>10}{'prepare':>10}  ms  runtime"]
    for contender in contenders:
        p50, p95 = np.median(contender.step_ms), np.percentile(contender.step_ms, 95)
        lines.append(f"{contender.name:20}{p50:10.2f}{p95:10.2f}{contender.prepare_ms:10.1f}      {_how(contender)}")
    return "\n".join(lines) + "\n"


def _write_trace(path: Path, contenders: Sequence[Contender], drivers: dict[str, list[MotionState]]) -> None:
    """Ten steps of every contender, fewer of slow ones, as a Chrome trace, which Perfetto opens.

    One more is done by PyTorch operation by operation: in it the stages are named, on a GPU each on its stream.
    """
    with torch.profiler.profile() as profile:
        for contender in contenders:
            with torch.profiler.record_function(contender.name):
                for driver in drivers[contender.name][: max(1, 10 // contender.every)]:
                    contender.take_turn(driver, measured=False)
            with torch.profiler.record_function(f"{contender.name}, by stage"):
                _by_stage(contender, drivers[contender.name][0])
    try:
        profile.export_chrome_trace(str(path))
    except (OSError, RuntimeError) as error:
        raise EnvironmentProblem(
            f"The trace {path.name} could not be written.", why=f"{error}.", fix="Choose a folder you can write to."
        ) from error

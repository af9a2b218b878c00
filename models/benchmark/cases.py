"""One measurement of the engine: a network, a number of pictures, a dtype, and everything that is to be known of it."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from models.benchmark.people import drawn_network, drivers, person
from models.benchmark.transfers import profiled_per_frame
from models.build import ModelChoice, weights_of
from models.session.backend import Backend, CudaBackend, HostBackend
from models.session.engine import Engine
from models.session.spans import CudaInstant, Now, Span, SpanLanes, host_now, medians_ms, overlap_ms
from models.synergy.animator import SynergyAnimator
from models.synergy.config import PRESETS, Stages
from models.synergy.engine_animator import EngineSynergyAnimator
from models.synergy.network import SynergyWarpNet
from models.synergy.runtime import EagerRuntime
from models.synergy.weights import build_network, load_weights
from models.types import MotionState, PortraitView, StepOptions

COMPARED_FRAMES = 2
PROFILED_FRAMES = 20
SPAN_FRAMES = 10
LONGEST_COMPILING_S = 240.0
POLL_S = 0.05
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Case:
    """preset: of `models.synergy.config`. pictures: of the person, the portrait among them. compiles: also compiled."""

    preset: str
    pictures: int
    dtype: torch.dtype
    compiles: bool = False

    @property
    def name(self) -> str:
        """In reports."""
        return f"synergy:{self.preset}@{self.pictures} {str(self.dtype).removeprefix('torch.')}"


@dataclass(frozen=True)
class Measured:
    """figures: for the report. spans: of one frame, for the trace. frame_ms: whole, for ratios."""

    figures: dict[str, object]
    spans: Sequence[Span]
    frame_ms: float


class Networks:
    """Networks by preset, made once."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[SynergyWarpNet, str]] = {}

    def of(self, preset: str) -> tuple[SynergyWarpNet, str]:
        """The network, and where its weights come from: "installed" or "random"."""
        if preset not in self._made:
            weights = weights_of(ModelChoice("synergy", preset))
            if weights is None:
                self._made[preset] = drawn_network(PRESETS[preset]), "random"
            else:
                config, state = load_weights(weights.path, weights.sha256, preset=preset)
                self._made[preset] = build_network(config, state), "installed"
        return self._made[preset]


def new_backend(device: torch.device, *, apart: bool = True) -> Backend:
    """apart: whether a step's own lanes are side by side."""
    return CudaBackend(device, apart=apart) if device.type == "cuda" else HostBackend()


def measure(case: Case, networks: Networks, device: torch.device, frames: int) -> Measured:
    """Everything about one case.

    Raises:
        RuntimeError, MemoryError: the device failed.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    network, weights = networks.of(case.preset)
    spans = SpanLanes(_lanes_of(backend := new_backend(device)), _now(device))
    engine = Engine(backend, compiles=case.compiles)
    animator = EngineSynergyAnimator(network, engine, dtype=case.dtype)
    views = person(case.pictures, network.config.output_px)
    prepare_ms, prepared = _timed(lambda: animator.prepare(views[0], views[1:]))
    moves = itertools.cycle(list(drivers(prepared.state, 50)))

    def step() -> Any:
        return animator.step(prepared, next(moves), StepOptions())

    first_ms, _ = _timed(step)
    ways = {engine.way.value: _device_ms(engine, frames)}
    noted = _noted(engine, spans, step)
    slices = _improved(animator, engine, step, ways, frames)
    before = engine.transfers
    times = [_timed(step)[0] for _ in range(frames)]
    per_frame = engine.transfers.per_frame(before)
    figures: dict[str, object] = {
        "runtime": engine.way.value,
        "dtype": str(case.dtype).removeprefix("torch."),
        "weights": weights,
        "step_ms": {"p50": _rounded(statistics.median(times)), "p95": _rounded(float(np.percentile(times, 95)))},
        "device_ms": ways,
        "stages_ms": medians_ms(noted),
        "first_frame_ms": _rounded(first_ms),
        "longest_slice_ms": _rounded(max(slices, default=0.0)),
        "prepare_ms": _rounded(prepare_ms),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "gflop": _gflop(animator, prepared),
        "transfers": per_frame,
        "levels_from_cpu": _apart(network, animator, prepared, views),
    }
    if device.type == "cuda":
        figures["overlap_ms"] = _rounded(statistics.median(overlap_ms(frame) for frame in noted))
        figures["profiled"] = profiled_per_frame([step] * PROFILED_FRAMES)
        figures["memory_mb"] = round(backend.memory_bytes()[1] / MEGABYTE, 1)
    animator.release()
    return Measured(figures, noted[-1], _rounded(statistics.median(times)))


def one_lane_ms(case: Case, networks: Networks, device: torch.device, frames: int) -> dict[str, float]:
    """The step without lanes beside each other, eager and recorded: what the streams are good for."""
    network, _ = networks.of(case.preset)
    engine = Engine(new_backend(device, apart=False))
    animator = EngineSynergyAnimator(network, engine, dtype=case.dtype)
    views = person(case.pictures, network.config.output_px)
    prepared = animator.prepare(views[0], views[1:])
    animator.step(prepared, prepared.state, StepOptions())
    ways = {engine.way.value: _device_ms(engine, frames)}
    _improved(animator, engine, lambda: animator.step(prepared, prepared.state, StepOptions()), ways, frames)
    animator.release()
    return ways


def in_flight_fps(case: Case, networks: Networks, device: torch.device, frames: int) -> dict[str, float]:
    """Frames a second one by one, and with the next given while the last is on its way."""
    from models.synergy.frame_program import frame_row
    from models.synergy.stitching import USUAL_NECK

    network, _ = networks.of(case.preset)
    engine = Engine(new_backend(device))
    animator = EngineSynergyAnimator(network, engine, dtype=case.dtype)
    views = person(case.pictures, network.config.output_px)
    prepared = animator.prepare(views[0], views[1:])
    animator.step(prepared, prepared.state, StepOptions())
    while animator.improve():
        pass
    (one,) = prepared.people.made()
    side = network.config.output_px
    rows = [frame_row(prepared.state, state, USUAL_NECK, side) for state in drivers(prepared.state, 50)]

    def one_by_one() -> None:
        for index in range(frames):
            engine.run(one, rows[index % len(rows)])

    def overlapped() -> None:
        ticket = engine.submit(one, rows[0])
        for index in range(1, frames):
            following = engine.submit(one, rows[index % len(rows)])
            engine.collect(ticket)
            ticket = following
        engine.collect(ticket)

    found = {"one_by_one": _timed(one_by_one)[0], "in_flight": _timed(overlapped)[0]}
    animator.release()
    return {name: round(frames / (ms / 1e3), 1) for name, ms in found.items()}


def _improved(
    animator: EngineSynergyAnimator,
    engine: Engine,
    step: Callable[[], object],
    ways: dict[str, float],
    frames: int,
) -> list[float]:
    """Build the faster ways as a live run does, a slice after each frame; how long each slice took."""
    slices, begin = [], time.perf_counter()
    more = True
    while more and time.perf_counter() - begin < LONGEST_COMPILING_S:
        took_ms, more = _timed(animator.improve)
        slices.append(took_ms)
        step()
        if engine.way.value not in ways:
            ways[engine.way.value] = _device_ms(engine, frames)
        elif more:
            time.sleep(POLL_S if len(slices) > 10 else 0.0)  # from then on it is the compiler that is waited for
    return slices


def _noted(engine: Engine, spans: SpanLanes, step: Callable[[], object]) -> list[list[Span]]:
    plain, engine.backend.lanes = engine.backend.lanes, spans
    try:
        found = []
        for _ in range(SPAN_FRAMES):
            step()
            found.append(spans.taken())
        return found
    finally:
        engine.backend.lanes = plain


def _lanes_of(backend: Backend) -> Any:
    return backend.lanes


def _now(device: torch.device) -> Now:
    return CudaInstant if device.type == "cuda" else host_now


def _device_ms(engine: Engine, frames: int) -> float:
    return _rounded(engine.step_ms(frames))


def _gflop(animator: EngineSynergyAnimator, prepared: Any) -> float:
    with FlopCounterMode(display=False) as counter:
        animator.step_in_pytorch(prepared, prepared.state)
    return round(float(counter.get_total_flops()) / 1e9, 3)


def _apart(
    network: SynergyWarpNet, animator: EngineSynergyAnimator, prepared: Any, views: Sequence[PortraitView]
) -> dict[str, float]:
    """How far the pictures are from those of the plain way on the CPU in float32, in levels of 255."""
    cpu = torch.device("cpu")
    plain = SynergyAnimator(network, cpu, Stages.SYNERGY, EagerRuntime(network, Stages.SYNERGY, cpu, torch.float32))
    known = plain.prepare(views[0], views[1:])
    states: list[MotionState] = list(drivers(prepared.state, 50))[7 :: 50 // COMPARED_FRAMES]
    difference = np.concatenate(
        [
            np.abs(
                animator.step(prepared, state, StepOptions()).image.numpy().astype(np.float64)
                - plain.step(known, state, StepOptions()).image.numpy()
            ).ravel()
            for state in states
        ]
    )
    return {"mean": round(float(difference.mean()), 4), "p99_9": round(float(np.percentile(difference, 99.9)), 3)}


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    made = work()
    return (time.perf_counter() - begin) * 1e3, made


def _rounded(value: float) -> float:
    return round(value, 4)

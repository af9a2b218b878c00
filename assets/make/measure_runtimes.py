"""Measure what executes SynergyWarpNet's live step fastest here, and whether it makes the same pictures.

Run with the program's environment, from the repository's root. ONNX Runtime takes part where it is installed together
with onnx (`pip install onnx onnxruntime`), torch.compile where there is a C++ compiler; the program needs neither.

    python assets/make/measure_runtimes.py [--preset lite] [--pictures 2] [--threads 2] [--rounds 40] [--json FILE]

The runtimes take turns step by step, so what else the machine does hits all alike; compare medians of one run only.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.tracking.motion_clip import load_motion  # noqa: E402
from models.build import ModelChoice, weights_of  # noqa: E402
from models.layers.folding import fold_batch_norms  # noqa: E402
from models.motion.landmark import LandmarkMotionEncoder  # noqa: E402
from models.synergy.config import Stages  # noqa: E402
from models.synergy.dense_warp import View  # noqa: E402
from models.synergy.export import BANK, DRIVING, RESULTS, bank_tensors, driving_arrays, result_tensors  # noqa: E402
from models.synergy.motion import MotionBatch  # noqa: E402
from models.synergy.network import Bank, SynergyWarpNet  # noqa: E402
from models.synergy.openvino_runtime import OpenVinoRuntime  # noqa: E402
from models.synergy.runtime import EagerRuntime, RuntimeFrame  # noqa: E402
from models.synergy.weights import build_network, load_weights  # noqa: E402
from models.types import MotionState  # noqa: E402

CPU = torch.device("cpu")
MOTION = ROOT / "assets" / "motion" / "expressive.motion"
EXACT = "eager float32"
WARM_UP = 3


@dataclass
class Contender:
    """One runtime with its prepared person."""

    name: str
    run: Callable[[MotionState], RuntimeFrame]
    ready_s: float
    step_ms: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)


class OpenStep(nn.Module):
    """`SynergyWarpNet.animate` of tensors, for exporters; the weights are its own."""

    def __init__(self, network: SynergyWarpNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        driving, bank = tensors[: len(DRIVING)], tensors[len(DRIVING) :]
        pixels, cameras, scales, translations, keypoints, landmarks, *cached = bank
        views = View(MotionBatch(landmarks, landmarks, cameras, scales, translations), keypoints, landmarks)
        return result_tensors(self.network.animate(Bank(pixels, views, *cached), MotionBatch(*driving)))


class CompiledRuntime(EagerRuntime):
    """PyTorch's own compiler."""

    name = "torch.compile"

    def __init__(self, network: SynergyWarpNet, dtype: torch.dtype) -> None:
        super().__init__(network, Stages.SYNERGY, CPU, dtype)
        self._network.animate = torch.compile(self._network.animate)  # type: ignore[method-assign]


class OnnxRuntime:
    """ONNX Runtime's CPU provider, float32."""

    name, dtype = "onnxruntime", "float32"

    def __init__(self, network: SynergyWarpNet, threads: int) -> None:
        self._network, self._threads = fold_batch_norms(network).requires_grad_(False), threads

    @torch.inference_mode()
    def prepare_bank(self, pictures: Sequence[Tensor], states: Sequence[MotionState]) -> Any:
        import onnxruntime

        known = [
            self._network.prepare(picture, MotionBatch.of([state], CPU))
            for picture, state in zip(pictures, states, strict=True)
        ]
        kept = tuple(tensor.clone() for tensor in bank_tensors(self._network.bank(known)))
        driving = tuple(torch.from_numpy(array) for array in driving_arrays(states[0]))
        file = io.BytesIO()
        names = [*DRIVING, *BANK]
        with torch.inference_mode(False), torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            example = tuple(tensor.clone() for tensor in (*driving, *kept))
            torch.onnx.export(
                OpenStep(self._network),
                example,
                file,  # type: ignore[arg-type]  # a file object is right for this exporter
                input_names=names,
                output_names=list(RESULTS),
                opset_version=20,
                dynamo=False,
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
        taken = {found.name for found in session.get_inputs()}
        bank = {name: tensor.numpy() for name, tensor in zip(BANK, kept, strict=True) if name in taken}
        return session, bank, taken

    def run(self, bank: Any, driving: MotionState) -> RuntimeFrame:
        session, kept, taken = bank
        moving = {name: array for name, array in zip(DRIVING, driving_arrays(driving), strict=True) if name in taken}
        return RuntimeFrame(*(torch.from_numpy(value) for value in session.run(list(RESULTS), {**kept, **moving})))


def main() -> None:
    """Open, take turns, tell."""
    options = _options()
    torch.set_num_threads(options.threads)
    weights = weights_of(ModelChoice("synergy", options.preset))
    if weights is None:
        raise SystemExit(f"there are no weights of the preset {options.preset!r}")
    network = build_network(*load_weights(weights.path, weights.sha256, preset=weights.preset))
    clip = load_motion(MOTION)
    encoder = LandmarkMotionEncoder()
    drivers = [encoder.encode(points) for points in clip.landmarks[:: max(1, len(clip.landmarks) // options.rounds)]]
    contenders = list(_open_all(network, options, drivers[0]))
    _take_turns(contenders, drivers, options.rounds)
    report = _report(contenders, options)
    print(json.dumps(report, indent=2))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _open_all(network: SynergyWarpNet, options: argparse.Namespace, still: MotionState) -> Any:
    """Every runtime that works here; why one does not, on stderr."""
    makers: dict[str, Callable[[], Any]] = {
        EXACT: lambda: EagerRuntime(network, Stages.SYNERGY, CPU, torch.float32),
        "eager bfloat16": lambda: EagerRuntime(network, Stages.SYNERGY, CPU, torch.bfloat16),
        "torch.compile float32": lambda: CompiledRuntime(network, torch.float32),
        "torch.compile bfloat16": lambda: CompiledRuntime(network, torch.bfloat16),
        "onnxruntime float32": lambda: OnnxRuntime(network, options.threads),
        "openvino float32": lambda: OpenVinoRuntime(network, threads=options.threads, lower=False),
        "openvino bfloat16": lambda: OpenVinoRuntime(network, threads=options.threads, lower=True),
    }
    generator = torch.Generator().manual_seed(4)
    side = network.config.output_px
    coarse = torch.rand(options.pictures, 3, 24, 24, generator=generator)
    pictures = nn.functional.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False).clamp(0, 1)
    for name, make in makers.items():
        if any(name.startswith(left_out) for left_out in options.without):
            continue
        begin = time.perf_counter()
        try:
            runtime = make()
            bank = runtime.prepare_bank(list(pictures.split(1)), [still] * options.pictures)
            for _ in range(WARM_UP):
                runtime.run(bank, still)
        except Exception as error:  # noqa: BLE001 - whatever keeps one runtime from working, the others are measured
            print(f"{name} is left out: {str(error).splitlines()[0][:200]}", file=sys.stderr)
            continue
        yield Contender(name, _bound(runtime, bank), time.perf_counter() - begin)


def _bound(runtime: Any, bank: Any) -> Callable[[MotionState], RuntimeFrame]:
    return lambda driving: runtime.run(bank, driving)


def _take_turns(contenders: Sequence[Contender], drivers: Sequence[MotionState], rounds: int) -> None:
    for index in range(rounds):
        driving, exact = drivers[index % len(drivers)], None
        for contender in contenders:
            begin = time.perf_counter()
            image = contender.run(driving).image
            contender.step_ms.append((time.perf_counter() - begin) * 1e3)
            exact = image if contender.name == EXACT else exact
            if exact is not None:
                contender.levels.append(float((image - exact).abs().mean()) * 255.0)


def _report(contenders: Sequence[Contender], options: argparse.Namespace) -> dict[str, object]:
    fastest = min(statistics.median(contender.step_ms) for contender in contenders)
    return {
        "preset": options.preset,
        "pictures": options.pictures,
        "threads": options.threads,
        "rounds": options.rounds,
        "torch": torch.__version__,
        "runtimes": {
            contender.name: {
                "step_ms": {
                    "p50": round(statistics.median(contender.step_ms), 2),
                    "p95": round(float(np.percentile(contender.step_ms, 95)), 2),
                },
                "over_fastest": round(statistics.median(contender.step_ms) / fastest, 2),
                "ready_s": round(contender.ready_s, 1),
                "levels_from_exact": round(max(contender.levels, default=0.0), 3),
            }
            for contender in contenders
        },
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="lite")
    parser.add_argument("--pictures", type=int, default=2, help="portrait and references")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--without", nargs="+", default=[], metavar="NAME", help="like torch.compile, which takes minutes"
    )
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""`python -m models.benchmark`: everything docs/performance.md wants to know of a GPU, in one run of some minutes.

It needs torch, numpy and safetensors, and nothing else of the program's libraries: no camera, no tracker, no window.
The report is written after every case, so that a run that is ended early leaves what it has.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from models.benchmark.cases import Case, Measured, Networks, in_flight_fps, measure, one_lane_ms
from models.benchmark.liveportrait import measure_liveportrait, measure_on_engine
from models.session.spans import Span, write_trace

NEEDED_S = 20.0
"""Left of the time, or another case is not begun."""


def main(arguments: Sequence[str]) -> int:
    """Measure; 3 where the device is not there."""
    options = _parser().parse_args(arguments)
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.stderr.write("Torch does not find an NVIDIA GPU on this machine.\n")
        return 3
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = options.tune
    run = _Run(options, device)
    run.all()
    sys.stdout.write(run.table())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.benchmark", description=__doc__)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--presets", default="lite,base", type=lambda text: text.split(","))
    parser.add_argument("--references", default="1,2,4,8", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--dtypes", default="bfloat16,float16", type=lambda text: text.split(","))
    parser.add_argument("--frames", default=200, type=int)
    parser.add_argument("--minutes", default=8.5, type=float, help="no case is begun after that")
    parser.add_argument("--threads", default=0, type=int, help="of torch on the CPU; 0: its own choice")
    parser.add_argument("--compile", action="store_true", help="also compile the first case of each preset")
    parser.add_argument("--tune", action="store_true", help="let cuDNN try its algorithms (torch.backends.cudnn)")
    parser.add_argument("--liveportrait", default="base", help="its preset, or none")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--trace", type=Path)
    return parser


class _Run:
    """What was measured so far."""

    def __init__(self, options: argparse.Namespace, device: torch.device) -> None:
        self._options, self._device = options, device
        self._networks = Networks()
        self._end = time.monotonic() + 60.0 * options.minutes
        self._models: dict[str, object] = {}
        self._frames_ms: dict[str, float] = {}
        self._spans: dict[str, Sequence[Span]] = {}
        self._end_to_end: dict[str, object] = {}
        self._failed: dict[str, str] = {}

    def all(self) -> None:
        """The most wanted first."""
        options = self._options
        first = getattr(torch, options.dtypes[0])
        self._try("liveportrait", self._liveportrait)
        for preset in reversed(options.presets):  # the largest is the one the targets are about
            for pictures in options.references:
                self._case(Case(preset, pictures, first))
            least = Case(preset, options.references[0], first)
            self._try(f"{least.name} in flight", lambda case=least: self._in_flight(case))
            for dtype in options.dtypes[1:]:
                self._case(Case(preset, options.references[0], getattr(torch, dtype)))
        self._try("liveportrait on the engine", self._liveportrait_on_engine)
        if options.compile:
            for preset in options.presets:
                self._case(Case(preset, options.references[0], first, compiles=True))

    def _case(self, case: Case) -> None:
        name = f"{case.name} compiled" if case.compiles else case.name
        self._try(name, lambda: self._measure(case, name))

    def _try(self, name: str, work: object) -> None:
        if time.monotonic() > self._end - NEEDED_S:
            self._failed[name] = "not measured: no time was left"
        else:
            sys.stderr.write(f"{name} ...\n")
            try:
                assert callable(work)
                work()
            except (RuntimeError, MemoryError, ImportError, ValueError, TypeError) as error:
                self._failed[name] = f"{type(error).__name__}: {error}"
                sys.stderr.write(f"  failed: {error}\n")
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
        self._write()

    def _measure(self, case: Case, name: str) -> None:
        options = self._options
        made: Measured = measure(case, self._networks, self._device, options.frames)
        self._models[name], self._spans[name], self._frames_ms[name] = made.figures, made.spans, made.frame_ms
        if self._device.type == "cuda" and not case.compiles:
            made.figures["one_lane_device_ms"] = one_lane_ms(case, self._networks, self._device, options.frames)

    def _in_flight(self, case: Case) -> None:
        fps = in_flight_fps(case, self._networks, self._device, self._options.frames)
        self._end_to_end[case.name] = {f"{way}_fps": value for way, value in fps.items()}

    def _liveportrait(self) -> None:
        if self._options.liveportrait == "none":
            return
        figures = measure_liveportrait(self._device, min(self._options.frames, 50), self._options.liveportrait)
        self._models["liveportrait@1"] = figures
        step = figures["step_ms"]
        assert isinstance(step, dict)
        self._frames_ms["liveportrait@1"] = step["p50"]

    def _liveportrait_on_engine(self) -> None:
        if self._options.liveportrait == "none":
            return
        figures = measure_on_engine(self._device, self._options.frames, self._options.liveportrait)
        self._models["liveportrait on the engine, without M"] = figures

    def _ratios(self) -> dict[str, float]:
        """Of whole frames, from the host to the host: more pictures to one; one to LivePortrait's networks."""
        found: dict[str, float] = {}
        options = self._options
        for preset in options.presets:
            names = [Case(preset, n, getattr(torch, options.dtypes[0])).name for n in options.references]
            for name in names[1:]:
                self._ratio(found, name, names[0])
            self._ratio(found, names[0], "liveportrait@1")
        return found

    def _ratio(self, found: dict[str, float], name: str, of: str) -> None:
        if name in self._frames_ms and of in self._frames_ms:
            found[f"{name}/{of}"] = round(self._frames_ms[name] / self._frames_ms[of], 4)

    def _write(self) -> None:
        report = {
            "machine": _machine(self._device),
            "models": self._models,
            "end_to_end": self._end_to_end,
            "ratios": self._ratios(),
            "failed": self._failed,
        }
        if self._options.json is not None:
            self._options.json.write_text(json.dumps(report, indent=1))
        if self._options.trace is not None:
            write_trace(self._options.trace, self._spans)

    def table(self) -> str:
        """For people."""
        lines = [f"{'':36}whole frame p50, p95 ms; on the device alone"]
        for name, figures in self._models.items():
            assert isinstance(figures, dict)
            step, device = figures["step_ms"], figures.get("device_ms", figures.get("stages_ms"))
            lines.append(f"{name:36}{step['p50']:.3f}, {step['p95']:.3f}; {device}")
        lines += [f"{name}: {ratio}" for name, ratio in self._ratios().items()]
        lines += [f"{name}: {why}" for name, why in self._failed.items()]
        return "\n".join(lines) + "\n"


def _machine(device: torch.device) -> dict[str, object]:
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": device.type,
        "gpu": gpu,
        "threads": torch.get_num_threads(),
        "tuned": torch.backends.cudnn.benchmark,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The LivePortrait-compatible networks as the original runs them: eager, float16 by autocast, one picture at a time.

Their weights are drawn at random: a step takes as long with any numbers. It is the yardstick of the engine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from models.liveportrait.config import PRESETS
from models.liveportrait.frame_program import LivePortraitProgram, WantedFrame, on_engine
from models.liveportrait.network import LivePortraitNetwork
from models.session.backend import backend_of
from models.session.engine import Engine
from models.session.program import Person

WARM_UP = 3


@torch.inference_mode()
def measure_liveportrait(device: torch.device, frames: int, preset: str = "base") -> dict[str, object]:
    """Medians of M, W and G, and of a whole frame from an uploaded crop to bytes on the host.

    Raises:
        RuntimeError, MemoryError: the device failed.
    """
    torch.manual_seed(3)
    config = PRESETS[preset]
    network = LivePortraitNetwork(config).eval()
    network.fix()
    network.to(device)
    half = torch.autocast("cuda", torch.float16) if device.type == "cuda" else nullcontext()
    crop = torch.rand(1, 3, config.input_px, config.input_px)
    source = 0.3 * torch.randn(1, config.keypoints, 3, device=device)
    goal = source + 0.02 * torch.randn_like(source)
    laps: dict[str, list[float]] = {}

    def lap(name: str, work: Callable[[], Tensor]) -> Tensor:
        begin = time.perf_counter()
        made = work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        laps.setdefault(name, []).append((time.perf_counter() - begin) * 1e3)
        return made

    with half:
        volume = network.appearance_feature_extractor(crop.to(device))

        def frame() -> Tensor:
            network.motion_extractor(crop.to(device))
            picture = network.spade_generator(network.warping_module(volume, goal, source).features)
            return _bytes(picture).cpu()

        for _ in range(WARM_UP):
            frame()
        for _ in range(frames):
            lap("step", frame)
            lap("motion", lambda: network.motion_extractor(crop.to(device)).expression)
            features = lap("warp", lambda: network.warping_module(volume, goal, source).features)
            picture = lap("generate", lambda features=features: network.spade_generator(features))  # type: ignore[misc]
            lap("read back", lambda picture=picture: _bytes(picture).cpu())  # type: ignore[misc]
    medians = {name: round(statistics.median(times), 4) for name, times in laps.items()}
    step_ms = medians.pop("step")
    return {
        "runtime": "eager",
        "dtype": "float16 by autocast" if device.type == "cuda" else "float32",
        "weights": "random",
        "step_ms": {"p50": step_ms, "p95": round(sorted(laps["step"])[int(0.95 * len(laps["step"]))], 4)},
        "stages_ms": medians,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
    }


def measure_on_engine(device: torch.device, frames: int, preset: str = "base") -> dict[str, object]:
    """The same W and G, and S, as the engine runs them: float16 on a GPU, keypoints in and bytes out; without M.

    Raises:
        RuntimeError, MemoryError: the device failed.
    """
    torch.manual_seed(3)
    config = PRESETS[preset]
    dtype = torch.float16 if device.type == "cuda" else torch.float32
    network = on_engine(LivePortraitNetwork(config), device, dtype)
    engine = Engine(backend_of(device))
    keypoints = 0.3 * torch.randn(1, config.keypoints, 3, device=device)
    program = LivePortraitProgram(network, dtype, WantedFrame())
    with torch.inference_mode():
        crop = torch.rand(1, 3, config.input_px, config.input_px, device=device)
        volume = network.appearance_feature_extractor(crop)
        one = engine.new_person(Person(program, program.kept(volume, keypoints, None, None)))
    row = keypoints.reshape(-1).cpu().numpy() + np.float32(0.01)
    engine.run(one, row)
    ways = {engine.way.value: round(engine.step_ms(frames), 4)}
    while engine.improve():
        engine.run(one, row)
    ways[engine.way.value] = round(engine.step_ms(frames), 4)
    times = []
    for _ in range(frames):
        begin = time.perf_counter()
        engine.run(one, row)
        times.append((time.perf_counter() - begin) * 1e3)
    way = engine.way.value
    engine.close()
    return {
        "runtime": way,
        "dtype": str(dtype).removeprefix("torch."),
        "weights": "random",
        "step_ms": {"p50": round(statistics.median(times), 4), "p95": round(float(np.percentile(times, 95)), 4)},
        "device_ms": ways,
    }


def _bytes(picture: Tensor) -> Tensor:
    return (picture[0].permute(1, 2, 0) * 255.0).round().clamp(0, 255).to(torch.uint8)

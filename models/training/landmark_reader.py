"""The stage `reader`: teaches a small network to read landmarks off pictures, so that it can judge painted ones.

It learns from the pack's frames and the tracker's landmarks in them, cut loosely, mirrored, shaded, blurred and made
noisy; half an hour on one core. Only training uses it: `--reader FILE` adds the reading loss to the stage `base`.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from models.errors import ModelError
from models.training.augment import shades
from models.training.corpus import Corpus
from models.training.losses.reading import REGIONS, LandmarkReader, Squares
from models.training.problems import not_kept, unwritable
from models.training.small_stages import refuse_resume, repeat
from models.training.trainer import Ending, Setting

STEPS = 4000
BATCH = 32
LEARNING_RATE = 2e-3
LOOSENESS = 0.2
"""Squares are shifted by up to so much of half a side, resized by as much, turned by up to twice as many radians."""
MOST_NOISE = 0.04
SMALLEST = 0.4
"""Some pictures are made so much smaller and large again: what a network paints is softer than a photograph."""
MEASURED_BATCHES = 8


def train_reader(setting: Setting) -> Ending:
    """Write `reader.safetensors`."""
    refuse_resume(setting)
    trainer = ReaderTrainer(setting)
    if not repeat(setting, setting.run.steps or STEPS, trainer.take_step, (0, 1)):
        return Ending.INTERRUPTED
    if not setting.world.is_first:
        return Ending.DONE
    off = ", ".join(f"{name} {value:.4f}" for name, value in trainer.measure(setting.held_out).items())
    setting.listener.says(f"people held out, landmarks off by, in halves of the square's side: {off}")
    _write(setting.run.output / "reader.safetensors", trainer.network)
    return Ending.DONE


def _write(path: Path, network: LandmarkReader) -> None:
    """Whole or not at all."""
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    if not all(bool(torch.isfinite(value).all()) for value in state.values()):
        raise not_kept(path.name, ModelError("it holds numbers that are not finite"))
    part = path.with_name(path.name + ".part")
    try:
        save_file(state, part)
        os.replace(part, path)
    except (OSError, SafetensorError) as error:
        part.unlink(missing_ok=True)
        raise unwritable(path.name, error) from error


class ReaderTrainer:
    """One network, all regions of the same pictures in every step."""

    def __init__(self, setting: Setting) -> None:
        torch.manual_seed(setting.recipe.seed)
        self._rng = np.random.default_rng(setting.recipe.seed)
        self._corpus, self._device = setting.learning, setting.world.device
        self._bfloat16 = setting.recipe.precision == "bfloat16"
        self.network = LandmarkReader().to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._optimiser = torch.optim.AdamW(self.network.parameters(), lr=LEARNING_RATE, weight_decay=1e-2)

    def take_step(self, progress: float) -> float:
        """Learn from one batch; the mean absolute error of a coordinate in halves of a square's side."""
        for group in self._optimiser.param_groups:
            group["lr"] = LEARNING_RATE * (0.5 * (1 + math.cos(math.pi * progress)) + 1e-3)
        pictures, landmarks = self._draw(self._corpus)
        off = self._distances(pictures, landmarks, spoil=True)
        loss = torch.stack(list(off.values())).mean()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return float(loss.detach())

    @torch.no_grad()
    def measure(self, corpus: Corpus) -> dict[str, float]:
        """The mean absolute error of a coordinate per region, on pictures that are not spoiled."""
        self.network.eval()
        found = [self._distances(*self._draw(corpus)) for _ in range(MEASURED_BATCHES)]
        self.network.train()
        return {name: float(torch.stack([one[name] for one in found]).mean()) for name in REGIONS}

    def _distances(self, pictures: Tensor, landmarks: Tensor, *, spoil: bool = False) -> dict[str, Tensor]:
        off = {}
        for name, region in REGIONS.items():
            points = landmarks[:, list(region.points), :2]
            squares = Squares.around(points, region.margin, LOOSENESS)
            shown = squares.cut(pictures, region.side_px)
            shown = spoiled(shown, self._rng) if spoil else shown
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
                read, _ = self.network.regions[name](shown)
            off[name] = functional.l1_loss(read, squares.inside(points))
        return off

    def _draw(self, corpus: Corpus) -> tuple[Tensor, Tensor]:
        """Pictures (B, 3, S, S) in [0, 1], landmarks (B, 478, 3); all clips equally often, half of them mirrored."""
        footage, clips = corpus.footage, corpus.rows_by_clip
        rows = np.array([self._rng.choice(clips[c]) for c in self._rng.integers(len(clips), size=BATCH)])
        at = torch.from_numpy(rows)
        pictures = footage.frames[at.to(footage.frames.device)].to(self._device).permute(0, 3, 1, 2).float() / 255.0
        landmarks = footage.landmarks[at.to(self._device)]
        half = BATCH // 2
        pictures = torch.cat([pictures[:half].flip(-1), pictures[half:]])
        return pictures, torch.cat([footage.encoder.mirrored(landmarks[:half]), landmarks[half:]])


def spoiled(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """Pictures in other light, with noise, a third of the time softer. Shape: (B, 3, S, S)."""
    gain = shades(len(pictures), 0.25, rng).to(pictures.device)
    if rng.random() < 1 / 3:
        side = round(pictures.shape[-1] * rng.uniform(SMALLEST, 1.0))
        small = functional.interpolate(pictures, size=(side, side), mode="bilinear", antialias=True)
        pictures = functional.interpolate(small, size=pictures.shape[-2:], mode="bilinear")
    noise = torch.randn_like(pictures) * rng.uniform(0, MOST_NOISE)
    return (pictures * gain + noise).clamp(0, 1)

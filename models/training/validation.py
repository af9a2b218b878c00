"""How good the averaged network is on people it never saw, for choosing which weights to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.synergy.network import SynergyOutput, SynergyWarpNet
from models.training.corpus import Corpus, Demand, Sample
from models.training.losses.choosing import warp_error

PICTURES = (1, 3)
SEED = 5


@dataclass(frozen=True)
class Report:
    """Means over the held-out samples, by number of pictures of the person.

    psnr: dB. still: psnr of the unchanged portrait, to compare with. sharp: mean gradient over that of the truth.
    calibration: rank correlation between confidence and the rightness of the warp, over positions.
    """

    psnr: dict[int, float]
    still: dict[int, float]
    sharp: dict[int, float]
    confidence: float
    calibration: float
    sample: Sample
    output: SynergyOutput

    @property
    def score(self) -> float:
        """What the best weights are chosen by."""
        return float(np.mean(list(self.psnr.values())))

    def values(self) -> dict[str, float]:
        """Flat, for the log."""
        flat = {f"psnr_{r}": self.psnr[r] for r in self.psnr} | {f"sharp_{r}": self.sharp[r] for r in self.sharp}
        return flat | {
            "still": self.still[PICTURES[0]],
            "confidence": self.confidence,
            "calibration": self.calibration,
        }


@torch.no_grad()
def validate(network: SynergyWarpNet, corpus: Corpus, batches: int = 6, batch: int = 8) -> Report:
    """Draw the same samples every time and measure."""
    size = network.config.output_px
    psnr, still, sharp = {}, {}, {}
    sure: list[Tensor] = []
    wrong: list[Tensor] = []
    for pictures in PICTURES:
        rng = np.random.default_rng(SEED)
        rows = []
        for _ in range(batches):
            sample = corpus.draw(Demand(batch, pictures, size), rng)
            with torch.autocast(sample.truth.device.type, torch.bfloat16):
                shown = [network.prepare(p, m) for p, m in zip(sample.pictures, sample.motions, strict=True)]
                output: SynergyOutput = network(shown, sample.driving)
            image = output.image.float().clamp(0, 1)
            sharpness = _gradient(image) / max(1e-6, _gradient(sample.truth))
            rows.append((decibels(image, sample.truth), decibels(sample.pictures[0], sample.truth), sharpness))
            sure.append(output.confidence.float().flatten())
            wrong.append(warp_error(output, sample.pictures[0], sample.truth).flatten())
        psnr[pictures], still[pictures], sharp[pictures] = (float(v) for v in np.mean(rows, axis=0))
    confidence = torch.cat(sure)
    return Report(
        psnr, still, sharp, float(confidence.mean()), rank_correlation(confidence, -torch.cat(wrong)), sample, output
    )


def decibels(picture: Tensor, truth: Tensor) -> float:
    """Mean over the batch of the peak signal to noise ratio."""
    error = (picture - truth).square().mean((1, 2, 3)).clamp_min(1e-8)
    return float((-10 * error.log10()).mean())


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's, of two flat tensors; 0 where one of them is constant."""
    a, b = a.cpu(), b.cpu()  # Apple's GPUs have no float64
    ranks = [values.argsort().argsort().double() for values in (a, b)]
    if bool((a == a[0]).all()) or bool((b == b[0]).all()):
        return 0.0
    centred = [values - values.mean() for values in ranks]
    return float((centred[0] * centred[1]).sum() / (centred[0].norm() * centred[1].norm()).clamp_min(1e-12))


def _gradient(picture: Tensor) -> float:
    return float(picture.diff(dim=-1).abs().mean() + picture.diff(dim=-2).abs().mean())

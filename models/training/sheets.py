"""Sample sheets: what the network makes of a batch, for the eye."""

from __future__ import annotations

from pathlib import Path

import cv2
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.synergy.network import SynergyOutput
from models.training.corpus import Sample
from models.training.problems import unwritable

COLUMNS = ("source", "truth", "warped", "decoded", "output", "mask", "confidence")


def write_sheet(path: Path, sample: Sample, output: SynergyOutput, rows: int = 6) -> None:
    """One row per person with the pictures of `COLUMNS`, as PNG.

    Raises:
        TrainingProblem: the disk refuses.
    """
    size = sample.truth.shape[-1]
    confidence = functional.interpolate(output.confidence.float(), size=(size, size), mode="nearest")
    columns = [sample.pictures[0], sample.truth, output.warped_pixels, output.decoded, output.image]
    columns += [_grey(output.pixel_mask), _grey(confidence)]
    wide = torch.cat([column[:rows].float() for column in columns], dim=3)
    sheet = torch.cat(list(wide), dim=1).clamp(0, 1).mul(255).round().byte()
    rgb = sheet.permute(1, 2, 0).cpu().numpy()
    done, coded = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    try:
        if not done:
            raise OSError("the picture could not be coded")
        path.write_bytes(coded.tobytes())
    except OSError as error:
        raise unwritable(f"The sheet {path.name}", error) from error


def _grey(values: Tensor) -> Tensor:
    return values.float().expand(-1, 3, -1, -1)

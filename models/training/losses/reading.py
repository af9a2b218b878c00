"""Whether a picture shows the face's parts where they should be, as a small network reads them off the pixels.

The network is a student of the tracker's landmarks on the pack's own frames (stage `reader`); nothing is downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.layers.precision import full_precision
from models.sampling import sample, unit_grid
from models.synergy.field import BROWS, INNER_LIPS, IRIS_OUTLINES, LEFT_EYE, LIPS, RIGHT_EYE
from models.training.checkpoints import read_weights
from models.training.problems import TrainingProblem
from models.types import LANDMARK_COUNT

FEATURE_SHARE = 0.1
"""How much a difference of what the layers see counts beside one of where the landmarks are."""


@dataclass(frozen=True)
class Region:
    """A square of the face that one reader looks at.

    points: the landmarks that it reads and that the square is laid around. margin: half the square's side over the
    larger extent of the points. widths: channels of the layers, each half the size of the one before.
    """

    points: tuple[int, ...]
    side_px: int
    margin: float
    widths: tuple[int, ...]


REGIONS = {
    "face": Region(tuple(range(LANDMARK_COUNT)), 96, 0.65, (24, 48, 64, 96, 128)),
    "right_eye": Region(RIGHT_EYE + BROWS[:5] + IRIS_OUTLINES[:5], 48, 0.75, (24, 48, 96, 128)),
    "left_eye": Region(LEFT_EYE + BROWS[5:] + IRIS_OUTLINES[5:], 48, 0.75, (24, 48, 96, 128)),
    "lips": Region(LIPS + INNER_LIPS, 64, 0.85, (24, 48, 96, 128)),
}


class RegionReader(nn.Module):
    """Reads one region's landmarks: (B, 3, side, side) in [0, 1] -> (B, N, 2) from -1 to 1 across the square."""

    def __init__(self, region: Region) -> None:
        super().__init__()
        inputs = (3, *region.widths[:-1])
        self.layers = nn.ModuleList([_halving(a, b) for a, b in zip(inputs, region.widths, strict=True)])
        cells = (region.side_px >> len(region.widths)) ** 2
        self.points = nn.Linear(region.widths[-1] * cells, 2 * len(region.points))

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The landmarks, and what each layer saw."""
        features, seen = picture * 2 - 1, []
        for layer in self.layers:
            features = layer(features)
            seen.append(features)
        return torch.unflatten(self.points(features.flatten(1)).float(), 1, (-1, 2)), seen


def _halving(inputs: int, outputs: int) -> nn.Sequential:
    first = (nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
    return nn.Sequential(*first, nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


@dataclass(frozen=True)
class Squares:
    """Where each picture of a batch is looked at.

    Shapes:
        center: (B, 2) unit coordinates; axes: (B, 2, 2), those of the square as columns, half a side long.
    """

    center: Tensor
    axes: Tensor

    @classmethod
    def around(cls, points: Tensor, margin: float, looseness: float) -> Squares:
        """Squares around points (B, N, 2), shifted at random by up to `looseness` of half a side, resized, turned."""
        low, high = points.amin(1), points.amax(1)
        half = (high - low).amax(1) * margin
        wobble = (torch.rand(len(points), 4) * 2 - 1).to(points.device) * looseness
        half = half * (1 + wobble[:, 0])
        cosine, sine = torch.cos(2 * wobble[:, 1]) * half, torch.sin(2 * wobble[:, 1]) * half
        axes = torch.stack([cosine, -sine, sine, cosine], -1).reshape(-1, 2, 2)
        return cls((low + high) / 2 + wobble[:, 2:] * half[:, None], axes)

    @full_precision
    def cut(self, picture: Tensor, side_px: int) -> Tensor:
        """What is inside, with gradient: (B, 3, S, S) -> (B, 3, side_px, side_px)."""
        here = unit_grid((side_px, side_px), like=self.center).flatten(1, 2)  # (1, N, 2)
        grid = self.center[:, None] + here @ self.axes.mT
        return sample(picture.float(), torch.unflatten(grid, 1, (side_px, side_px)))

    @full_precision
    def inside(self, points: Tensor) -> Tensor:
        """Points (B, N, 2) of the picture in the square's coordinates, -1 to 1."""
        inverse: Tensor = torch.linalg.inv(self.axes)
        return (points - self.center[:, None]) @ inverse.mT


class LandmarkReader(nn.Module):
    """All regions. As a judge it tells how far the landmarks of two pictures of the same pose are apart."""

    looseness = 0.08
    """Of the squares as a judge: small, so that both pictures are seen well; not 0, so that no fixed pattern helps."""

    def __init__(self) -> None:
        super().__init__()
        self.regions = nn.ModuleDict({name: RegionReader(region) for name, region in REGIONS.items()})

    @classmethod
    def read(cls, path: Path) -> LandmarkReader:
        """With the weights that the stage `reader` wrote.

        Raises:
            TrainingProblem: the file cannot be read or is something else.
        """
        network, state = cls(), read_weights(path)
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise TrainingProblem(
                f"{path.name} cannot be used for the reading loss.",
                why="It does not hold the networks that the stage `reader` trains.",
                fix="Make one with --stage reader, or leave --reader out.",
            ) from error
        return network.eval().requires_grad_(False)

    def forward(self, picture: Tensor, truth: Tensor, landmarks: Tensor) -> Tensor:
        """Compare (B, 3, S, S) with (B, 3, S, S), both in [0, 1], around landmarks (B, 478, 3)."""
        differences = []
        for name, region in REGIONS.items():
            squares = Squares.around(
                landmarks[:, list(region.points), :2].detach().float(), region.margin, self.looseness
            )
            read = [self.regions[name](squares.cut(values, region.side_px)) for values in (picture, truth)]
            (points, seen), (true_points, truly_seen) = read
            features = [functional.l1_loss(a.float(), b.float()) for a, b in zip(seen, truly_seen, strict=True)]
            differences.append(functional.l1_loss(points, true_points) + FEATURE_SHARE * torch.stack(features).mean())
        mean: Tensor = torch.stack(differences).mean()
        return mean

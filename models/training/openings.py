"""Trains the retargeting networks R_eyes and R_lip on landmarks alone (LivePortrait Sec. 3.3, our keypoints).

Every step asks faces for an openness. Half of the time it is that of another frame of the same clip, and the region
should come to look like that frame's: people open their eyes with brow and lid together, and their mouths with cheeks
and jaw. Half of the time it is any openness, on a face wearing somebody else's expression, and only the condition, lids
and lips that do not pass through each other, and a small displacement are asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models.motion.canonical import CanonicalFace
from models.motion.landmark_sets import INNER_LIP_LOWER, INNER_LIP_UPPER, RIGHT_EYE_LOWER, RIGHT_EYE_UPPER
from models.motion.retarget import CODE, CONDITION_GAIN, SIZES, STEPS, mirrored, territory_of
from models.motion.small_weights import Arrays
from models.types import FloatArray

FIT_ROWS = 1500
"""Faces and pairs of faces that the two bases are taken from."""


@dataclass(frozen=True)
class OpeningRecipe:
    """How one network is trained.

    widest: openness up to which it is trained. condition, pair, crossing, size: weights of the losses.
    """

    name: str
    widest: float
    steps: int = 1500
    batch: int = 96
    learning_rate: float = 3e-3
    condition: float = 4.0
    pair: float = 1.0
    crossing: float = 2.0
    size: float = 0.02
    seed: int = 0


EYES_RECIPE = OpeningRecipe("eyes", 0.42)
LIPS_RECIPE = OpeningRecipe("lips", 0.62)


@dataclass(frozen=True)
class Faces:
    """Faces of many clips in the head's frame.

    Shapes:
        canonical, expression: (N, 478, 3) float32. clip: (N,), clips contiguous.
    """

    canonical: FloatArray
    expression: FloatArray
    clip: npt.NDArray[np.int32]

    def with_mirror_images(self, face: CanonicalFace) -> Faces:
        """Twice as many: a left eye is the right eye of the mirror image."""
        canonical, expression = (
            np.concatenate([part, mirrored(part, face)]) for part in (self.canonical, self.expression)
        )
        return Faces(canonical, expression, np.concatenate([self.clip, self.clip + self.clip.max() + 1]))

    def partners(self, rows: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """For each row another frame of its clip."""
        edges = np.flatnonzero(np.diff(self.clip)) + 1
        starts, ends = np.append(0, edges), np.append(edges, len(self.clip))
        part = np.searchsorted(ends, rows, side="right")
        chosen: npt.NDArray[np.int64] = starts[part] + (rng.random(len(rows)) * (ends - starts)[part]).astype(np.int64)
        return chosen


class OpeningModel(nn.Module):
    """`models.motion.retarget.OpeningNetwork` with gradients, in batches of the region's points (B, N, 3)."""

    mean: Tensor
    share: Tensor
    encode: Tensor
    direction: Tensor

    def __init__(self, face: CanonicalFace, name: str, faces: Faces, rng: np.random.Generator) -> None:
        super().__init__()
        self.name = name
        territory = territory_of(face, name)
        points = territory.points
        direction = face.open_right_eye if name == "eyes" else face.open_lips
        encode, basis = _bases(faces, points, face.mean[points], rng)
        self.register_buffer("mean", torch.from_numpy(face.mean[points]))
        self.register_buffer("share", torch.from_numpy(territory.share)[:, None])
        self.register_buffer("encode", torch.from_numpy(encode))
        self.register_buffer("direction", torch.from_numpy(direction[points].reshape(-1).copy()))
        self.basis = nn.Parameter(torch.from_numpy(basis))
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(SIZES))
        nn.init.zeros_(self.layers[-1].weight)  # type: ignore[arg-type]

    def forward(self, region: Tensor, now: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """The displaced region (B, N, 3), and the coordinates of the displacement (B, STEPS)."""
        code = (region - self.mean).flatten(1) @ self.encode.T
        answers = [
            self._answer(torch.cat([code, CONDITION_GAIN * torch.stack([now, then], 1)], 1)) for then in (now, wanted)
        ]
        steps = answers[1] - answers[0]
        moved = (wanted - now)[:, None] * self.direction + steps @ self.basis
        return region + torch.unflatten(moved, 1, (-1, 3)) * self.share, steps

    def arrays(self) -> Arrays:
        """What a weights file holds."""
        parts = {"encode": self.encode, "direction": self.direction, "basis": self.basis}
        for number, layer in enumerate(self.layers):
            parts |= {f"{number}.{part}": value for part, value in layer.named_parameters()}
        return {f"{self.name}.{part}": np.array(value.detach().cpu().numpy()) for part, value in parts.items()}

    def _answer(self, inputs: Tensor) -> Tensor:
        for number, layer in enumerate(self.layers):
            inputs = layer(nn.functional.silu(inputs) if number else inputs)
        return inputs


class Gaps:
    """Openness of a batch of regions, and how far lids or lips have passed through each other."""

    def __init__(self, name: str, points: npt.NDArray[np.int64]) -> None:
        eye = name == "eyes"
        upper, lower = (RIGHT_EYE_UPPER, RIGHT_EYE_LOWER) if eye else (INNER_LIP_UPPER, INNER_LIP_LOWER)
        where = {int(point): index for index, point in enumerate(points)}
        self._upper, self._lower = [where[p] for p in upper], [where[p] for p in lower]
        self._middle = slice(2, 7) if eye else slice(3, 8)

    def openness(self, region: Tensor) -> Tensor:
        """(B, N, 3) -> (B,), the number `models.motion.openness` measures."""
        width = (region[:, self._upper[-1]] - region[:, self._upper[0]]).norm(dim=1).clamp_min(1e-6)
        openness: Tensor = self._gaps(region)[:, self._middle].mean(1) / width
        return openness

    def crossing(self, region: Tensor, before: Tensor) -> Tensor:
        """Mean depth by which edges overlap, more than they did `before`."""
        deeper = torch.relu(-self._gaps(region)) - torch.relu(-self._gaps(before))
        return torch.relu(deeper[:, 1:-1]).mean()

    def _gaps(self, region: Tensor) -> Tensor:
        return (region[:, self._lower] - region[:, self._upper])[..., 1]


@dataclass(frozen=True)
class OpeningReport:
    """Measured on faces not trained on.

    condition: mean error of the openness. pair: of the region against the real frame with that openness, in half face
    widths. still: of the region had it not been changed.
    """

    condition: float
    pair: float
    still: float


class OpeningTrainer:
    """Trains one of the two networks."""

    def __init__(self, face: CanonicalFace, recipe: OpeningRecipe, faces: Faces) -> None:
        self._recipe = recipe
        self._faces = faces.with_mirror_images(face)
        self.points = territory_of(face, recipe.name).points
        self._gaps = Gaps(recipe.name, self.points)
        self._rng = np.random.default_rng(recipe.seed)
        torch.manual_seed(recipe.seed)
        self.model = OpeningModel(face, recipe.name, self._faces, self._rng)
        self._optimiser = torch.optim.Adam(self.model.parameters(), lr=recipe.learning_rate)

    def take_step(self, progress: float) -> float:
        """Learn from one batch; the loss. progress: share of the run that is done."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._recipe.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        loss = self._paired(self._faces)[0] + self._free()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return float(loss.detach())

    @torch.no_grad()
    def measure(self, face: CanonicalFace, faces: Faces, batches: int = 20) -> OpeningReport:
        """How good the network is on `faces`."""
        before, self._rng = self._rng, np.random.default_rng(7)
        rows = [self._paired(faces.with_mirror_images(face))[1] for _ in range(batches)]
        self._rng = before
        condition, pair, still = (float(value) for value in np.mean(rows, axis=0))
        return OpeningReport(condition, pair, still)

    def _paired(self, faces: Faces) -> tuple[Tensor, tuple[float, float, float]]:
        """Become as open as another frame of the clip, and look like it there."""
        rows = self._rng.integers(len(faces.clip), size=self._recipe.batch)
        others = faces.partners(rows, self._rng)
        start, truth = (self._regions(faces, index, index) for index in (rows, others))
        wanted = self._gaps.openness(truth).clamp(-0.02, self._recipe.widest)
        moved, steps = self.model(start, self._gaps.openness(start), wanted)
        condition = (self._gaps.openness(moved) - wanted).abs().mean()
        weights = self.model.share / self.model.share.mean()
        pair = (weights * (moved - truth)).abs().mean()
        still = (weights * (start - truth)).abs().mean()
        recipe = self._recipe
        loss = recipe.condition * condition + recipe.pair * pair + recipe.size * steps.square().mean()
        return loss + recipe.crossing * self._gaps.crossing(moved, start), (
            float(condition.detach()),
            float(pair.detach()),
            float(still),
        )

    def _free(self) -> Tensor:
        """Become as open as anything, from any face with any expression."""
        recipe = self._recipe
        rows, others = self._rng.integers(len(self._faces.clip), size=(2, recipe.batch))
        start = self._regions(self._faces, rows, others)
        wanted = torch.from_numpy(self._rng.uniform(0.0, recipe.widest, recipe.batch).astype(np.float32))
        moved, steps = self.model(start, self._gaps.openness(start), wanted)
        condition = (self._gaps.openness(moved) - wanted).abs().mean()
        crossing = self._gaps.crossing(moved, start)
        loss: Tensor = recipe.condition * condition + recipe.crossing * crossing + recipe.size * steps.square().mean()
        return loss

    def _regions(self, faces: Faces, rows: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Tensor:
        """Faces of `rows` with expressions of `others`: (B, N, 3)."""
        points = self.points
        return torch.from_numpy(faces.canonical[rows][:, points] + faces.expression[others][:, points])


def _bases(
    faces: Faces, points: npt.NDArray[np.int64], mean: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Principal components of how regions differ from the mean (to read), and within a clip (to displace)."""
    rows = rng.integers(len(faces.clip), size=min(FIT_ROWS, 8 * len(faces.clip)))
    others = faces.partners(rows, rng)
    regions = (faces.canonical[rows] + faces.expression[rows])[:, points]
    steps = (faces.canonical[others] + faces.expression[others])[:, points] - regions
    codes, spread = _components((regions - mean).reshape(len(rows), -1), CODE)
    basis, reach = _components(steps.reshape(len(rows), -1), STEPS)
    return codes / spread[:, None], basis * reach[:, None]


def _components(values: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """(count, D) unit rows, and the standard deviation along each."""
    _, singular, rows = np.linalg.svd(values, full_matrices=False)
    spread = (singular[:count] / np.sqrt(len(values))).clip(1e-4)
    return rows[:count].astype(np.float32), spread.astype(np.float32)

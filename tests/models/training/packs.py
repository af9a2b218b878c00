"""Training packs made of numbers: faces that move over coloured blobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from models.motion.canonical import load_canonical
from models.synergy.config import TINY, Stages
from models.synergy.network import SynergyWarpNet
from models.training import stages as training_stages
from models.training.corpus import Corpus, Demand, Sample, split_corpus
from models.training.losses.total import Losses, Seen, all_terms
from models.training.losses.weights import LossWeights
from models.training.pack import TrainingPack
from models.training.problems import TrainingProblem
from models.training.settings import Recipe, SizeStep, TrainingRun
from models.training.stopping import StopRequest
from models.training.trainer import Setting, Standing
from models.training.world import World

FRAMES = 4
SIDE = 64


def blob_pack(clips: int = 3, stills: int = 1, frames: int = FRAMES, seed: int = 1) -> TrainingPack:
    """Clips in which the average face walks to the right, then single pictures; the last clip of each is held out."""
    rng = np.random.default_rng(seed)
    lengths = [frames] * clips + [1] * stills
    pictures = np.concatenate([_walk(length, rng) for length in lengths])
    landmarks = np.concatenate([_places(length) for length in lengths])
    count = clips + stills
    held_out = np.zeros(count, bool)
    held_out[clips - 1] = clips > 1
    return TrainingPack(
        frames=pictures,
        landmarks=landmarks,
        clip=np.repeat(np.arange(count, dtype=np.int32), lengths),
        frame=np.concatenate([np.arange(length, dtype=np.int32) for length in lengths]),
        identity=tuple(f"person {i}" for i in range(count)),
        still=np.array([length == 1 for length in lengths]),
        held_out=held_out,
        foreground=None,
        provenance=(),
    )


def _walk(length: int, rng: np.random.Generator) -> np.ndarray:
    coarse = torch.from_numpy(rng.uniform(0, 255, (1, 3, 8, 8)).astype(np.float32))
    picture = torch.nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bicubic", align_corners=False)
    first = picture[0].permute(1, 2, 0).clamp(0, 255).byte().numpy()
    return np.stack([np.roll(first, 2 * i, axis=1) for i in range(length)])


def _places(length: int) -> np.ndarray:
    face = 0.45 * load_canonical().mean
    steps = np.zeros((length, 1, 3), np.float32)
    steps[:, 0, 0] = np.arange(length) * 2 * 2 / SIDE
    return (face[None] + steps).astype(np.float32)


def corpora(pack: TrainingPack | None = None) -> tuple[Corpus, Corpus]:
    return split_corpus(pack or blob_pack(), torch.device("cpu"))


def tiny_recipe(**changes: object) -> Recipe:
    values: dict[str, object] = {
        "preset": "tiny",
        "sizes": (SizeStep(64, 0.0, 4),),
        "learning_rate": 3e-3,
        "warm_up_steps": 2,
        "weights": LossWeights(),
    }
    return Recipe(**(values | changes))  # type: ignore[arg-type]


class QuietListener:
    """Remembers what it was told; asks for an end after `stop_at` steps were reported."""

    def __init__(self, on_stand: Callable[[Standing], None] | None = None) -> None:
        self.standings: list[Standing] = []
        self.lines: list[str] = []
        self._on_stand = on_stand

    def stands(self, standing: Standing) -> None:
        self.standings.append(standing)
        if self._on_stand is not None:
            self._on_stand(standing)

    def says(self, text: str) -> None:
        self.lines.append(text)


def setting(output: Path, recipe: Recipe | None = None, **changes: object) -> Setting:
    """A run of a few steps on one process."""
    learning, held_out = corpora()
    values: dict[str, object] = {"pack": Path("blobs.pack"), "output": output, "steps": 8}
    run = TrainingRun(**(values | changes))  # type: ignore[arg-type]
    world = World(torch.device("cpu"))
    return Setting(run, recipe or tiny_recipe(), world, learning, held_out, QuietListener(), StopRequest())


@pytest.fixture
def blobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever pack is asked for, the blobs are read."""

    def read(path: Path, *, size_px: int) -> TrainingPack:
        if path.name != "blobs.pack":
            raise TrainingProblem("Another pack was read.", why="It is not the one of the test.", fix="Fix the test.")
        return blob_pack()

    monkeypatch.setattr(training_stages, "read_pack", read)


def tiny_network() -> SynergyWarpNet:
    """The same weights in every process; statistics fixed, so that a sample does not feel who shares its batch."""
    torch.manual_seed(4)
    return SynergyWarpNet(TINY).eval()


def joined_sample() -> Sample:
    """Four people with two pictures each."""
    return corpora()[0].draw(Demand(4, 2, SIDE), np.random.default_rng(6))


def gradients_of(performer: torch.nn.Module, sample: Sample, stages: Stages) -> dict[str, torch.Tensor]:
    """What one batch would change, by parameter; zero where it changes nothing."""
    performance = performer(sample, SIDE, stages)
    terms = all_terms(performance.output, Seen(sample.truth, sample.pictures[0], stages), LossWeights())
    Losses.of(terms).total.backward()
    named = ((name.removeprefix("module."), parameter) for name, parameter in performer.named_parameters())
    return {name: torch.zeros_like(p) if p.grad is None else p.grad for name, p in named}

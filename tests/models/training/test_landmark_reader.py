from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.training import landmark_reader
from models.training.judges import Judges
from models.training.landmark_reader import ReaderTrainer
from models.training.losses.reading import LandmarkReader, Squares
from models.training.losses.weights import LossWeights
from models.training.problems import TrainingProblem
from models.training.settings import Recipe
from models.training.stages import STAGES
from models.training.trainer import Ending
from models.training.world import World
from tests.models.training.packs import joined_sample, setting, tiny_network


def noise(*, seed: int = 0) -> torch.Tensor:
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmark_reader, "BATCH", 4)


def test_what_a_square_cuts_out_lies_where_it_says() -> None:
    torch.manual_seed(0)
    picture = torch.zeros(1, 3, 64, 64)
    picture[..., 40, 24] = 1.0
    dot = torch.tensor([[[(24.5) / 32 - 1, (40.5) / 32 - 1]]])
    squares = Squares.around(torch.tensor([[[-0.6, -0.2], [0.2, 0.7]]]), margin=0.7, looseness=0.2)

    cut = squares.cut(picture, 48)[0, 0]
    row, column = divmod(int(cut.argmax()), 48)
    x, y = squares.inside(dot)[0, 0].tolist()

    assert (x + 1) * 24 == pytest.approx(column + 0.5, abs=1.0)
    assert (y + 1) * 24 == pytest.approx(row + 0.5, abs=1.0)


def test_a_reader_learns_where_the_parts_are(tmp_path: Path) -> None:
    trainer = ReaderTrainer(setting(tmp_path))
    before = trainer.measure(setting(tmp_path).learning)
    for number in range(12):
        trainer.take_step(number / 12)
    after = trainer.measure(setting(tmp_path).learning)

    assert all(after[name] < before[name] for name in before)


def test_its_stage_writes_a_judge_that_counts_what_is_moved_and_passes_gradient_on(tmp_path: Path) -> None:
    chosen = setting(tmp_path, steps=2)
    assert STAGES["reader"](chosen) is Ending.DONE
    run = replace(chosen.run, reader=tmp_path / "reader.safetensors")
    judges, sample, network = Judges.of(run, Recipe(), World(torch.device("cpu"))), joined_sample(), tiny_network()
    pictures = [network.prepare(*shown) for shown in zip(sample.pictures, sample.motions, strict=True)]
    output = network(pictures, sample.driving)

    def reading(picture: torch.Tensor) -> torch.Tensor:
        terms = judges.terms(replace(output, image=picture), sample.truth, LossWeights(reading=2.0), adversarial=False)
        return terms["reading"]

    shifted = sample.truth.roll(6, dims=-1).requires_grad_()
    cost = reading(shifted)
    cost.backward()  # type: ignore[no-untyped-call]

    assert float(reading(sample.truth)) == 0.0
    assert float(cost.detach()) > 0.0
    assert shifted.grad is not None
    assert float(shifted.grad.abs().sum()) > 0


def test_squares_are_cut_alike_under_half_precision() -> None:
    torch.manual_seed(0)
    squares, picture = Squares.around(torch.rand(2, 5, 2) - 0.5, margin=0.7, looseness=0.2), noise()
    exact = squares.cut(picture, 48)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(squares.cut(picture, 48), exact)


def test_a_file_of_another_network_is_a_sentence(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(TrainingProblem) as refused:
        LandmarkReader.read(tmp_path / "other.safetensors")

    assert str(refused.value) == (
        "other.safetensors cannot be used for the reading loss. It does not hold the networks that the stage `reader` "
        "trains. Make one with --stage reader, or leave --reader out."
    )


def test_a_stop_in_between_writes_nothing(tmp_path: Path) -> None:
    chosen = setting(tmp_path, steps=2)
    chosen.stop.ask()

    assert STAGES["reader"](chosen) is Ending.INTERRUPTED
    assert list(tmp_path.iterdir()) == []

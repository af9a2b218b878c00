from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from models.synergy.config import TINY
from models.synergy.network import SynergyWarpNet
from models.training import checkpoints
from models.training.checkpoints import (
    Checkpoint,
    export_weights,
    load_checkpoint,
    read_weights,
    save_checkpoint,
)
from models.training.problems import TrainingProblem
from tests.models.training.packs import tiny_recipe


def checkpoint(stage: str = "base") -> Checkpoint:
    states = {"network": {"weight": torch.ones(3)}}
    return Checkpoint(stage, tiny_recipe(), 5, 20, 1.5, (21.0, 64), states, torch.get_rng_state())


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    save_checkpoint(tmp_path / "checkpoint.pth", checkpoint())
    return tmp_path / "checkpoint.pth"


def test_a_checkpoint_is_read_as_it_was_written(kept: Path) -> None:
    read = load_checkpoint(kept, "base")

    assert (read.step, read.samples, read.elapsed_s, read.best) == (5, 20, 1.5, (21.0, 64))
    assert read.recipe == tiny_recipe()
    assert torch.equal(read.states["network"]["weight"], torch.ones(3))


def test_a_missing_checkpoint_is_a_sentence(tmp_path: Path) -> None:
    refusal(tmp_path / "none.pth", "There is no such file.")


def test_a_truncated_checkpoint_is_a_sentence(kept: Path) -> None:
    kept.write_bytes(kept.read_bytes()[:-200])
    refusal(kept, "It is damaged or is no checkpoint.")


def test_noise_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "noise.pth").write_bytes(bytes(range(256)) * 20)
    refusal(tmp_path / "noise.pth", "It is damaged or is no checkpoint.")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")  # of torch, before it refuses
@pytest.mark.parametrize("zipped", [True, False])
def test_bytes_changed_anywhere_never_end_in_anything_but_a_sentence(tmp_path: Path, zipped: bool) -> None:
    path, chance = tmp_path / "checkpoint.pth", random.Random(0)
    state = {"weight": torch.ones(3), "bias": torch.zeros(2)}
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    whole, refused = path.read_bytes(), 0

    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 3, 10])):
            damaged[chance.randrange(min(len(damaged), 1500))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            read_weights(path)
        except TrainingProblem:
            refused += 1

    assert refused > 30


def test_weights_no_file_can_hold_are_a_sentence(tmp_path: Path) -> None:
    network = SynergyWarpNet(TINY)
    next(network.parameters()).data[0] = float("nan")

    sentence = r"^best\.safetensors was not written\. The training fell apart: .*finite\."
    with pytest.raises(TrainingProblem, match=sentence):
        export_weights(tmp_path / "best.safetensors", network, {})
    assert list(tmp_path.iterdir()) == []


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    torch.save({"format": Trap()}, tmp_path / "trap.pth", pickle_module=pickle)
    refusal(tmp_path / "trap.pth", "It is damaged or is no checkpoint.")
    assert not (tmp_path / "sprung").exists()


def test_a_file_of_tensors_that_is_no_checkpoint_is_a_sentence(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(2)}, tmp_path / "weights.pth")
    refusal(tmp_path / "weights.pth", "It is no checkpoint of this version of the program.")


def test_a_checkpoint_without_its_parts_is_a_sentence(tmp_path: Path) -> None:
    parts: dict[str, str]
    for parts in ({}, {"recipe": tiny_recipe().to_json()}):
        torch.save({"format": checkpoints.FORMAT, **parts}, tmp_path / "half.pth")
        refusal(tmp_path / "half.pth", "It lacks parts that every checkpoint has.")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"learning_rate": "fast"}, "learning_rate is 'fast' in place of a number"),
        ({"learning_rate": True}, "learning_rate is True in place of a number"),
        ({"floor": float("nan")}, "floor is nan in place of a number"),
        ({"seed": 1.5}, "seed is 1.5 in place of a whole number"),
        ({"preset": ["lite"]}, "preset is ['lite'] in place of text"),
        ({"stage_mix": "abc"}, "stage_mix is 'abc' in place of numbers"),
        ({"stage_mix": [1, "0", 0]}, "stage_mix is [1, '0', 0] in place of numbers"),
        (
            {"sizes": [{"size_px": 64.5, "begins": 0, "batch": 4}]},
            "sizes[0].size_px is 64.5 in place of a whole number",
        ),
        ({"weights": {"pixel": None}}, "weights.pixel is None in place of a number"),
        ({"hologram": 1}, "it is no recipe of this version of the program"),
        ({"sizes": 3}, "it is no recipe of this version of the program"),
        ({"weights": [1]}, "it is no recipe of this version of the program"),
    ],
)
def test_a_recipe_with_a_field_of_another_kind_is_a_sentence(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    recipe = json.loads(tiny_recipe().to_json()) | change
    torch.save({"format": checkpoints.FORMAT, "recipe": json.dumps(recipe)}, tmp_path / "odd.pth")

    refusal(tmp_path / "odd.pth", f"Its recipe cannot be read: {why}.")


@pytest.mark.parametrize("recipe", ["", "[]", "3", "{}", None, 7])
def test_a_recipe_that_is_none_is_a_sentence(tmp_path: Path, recipe: object) -> None:
    torch.save({"format": checkpoints.FORMAT, "recipe": recipe}, tmp_path / "odd.pth")

    with pytest.raises(TrainingProblem, match=r"^odd\.pth cannot be used\. Its recipe cannot be read: "):
        load_checkpoint(tmp_path / "odd.pth", "base")


def test_a_checkpoint_of_another_stage_is_a_sentence(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "stitch.pth", checkpoint("stitch"))
    refusal(tmp_path / "stitch.pth", "It is of stage 'stitch', not 'base'.")


def test_an_oversized_checkpoint_is_not_read(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "LARGEST_CHECKPOINT_BYTES", 10)
    refusal(kept, "It is larger than any checkpoint.")


def refusal(path: Path, why: str) -> None:
    with pytest.raises(TrainingProblem) as refused:
        load_checkpoint(path, "base")
    assert str(refused.value) == f"{path.name} cannot be used. {why} Give another file, or start without it."


def test_a_write_that_fails_keeps_the_checkpoint_before_it(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept.read_bytes()

    def full(_content: object, place: Path) -> None:
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(TrainingProblem) as refused:
        save_checkpoint(kept, checkpoint())

    assert refused.value.machine
    assert str(refused.value) == (
        "checkpoint.pth could not be written. The disk refused: No space left on device. "
        "Free some space or give another --output."
    )
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_weights_are_read_from_safetensors_and_from_plain_state_dicts(tmp_path: Path) -> None:
    network = SynergyWarpNet(TINY)
    export_weights(tmp_path / "a.safetensors", network, {"steps": "1"})
    torch.save(network.state_dict(), tmp_path / "a.pth")

    half, full = read_weights(tmp_path / "a.safetensors"), read_weights(tmp_path / "a.pth")
    for name, value in half.items():
        torch.testing.assert_close(value, full[name].float(), atol=2e-3, rtol=2e-3)


def test_a_weights_file_with_more_than_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(1), "note": "hello"}, tmp_path / "more.pth")
    with pytest.raises(TrainingProblem, match=r"^more\.pth cannot be used\. It holds more than weights\."):
        read_weights(tmp_path / "more.pth")

"""Weights files are read as they were written, and refused by name, reason and checksum."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.errors import CheckpointError, ModelError
from models.synergy.config import TINY
from models.synergy.network import SynergyWarpNet
from models.synergy.weights import METADATA_KEY, WeightsRefused, load_weights, save_weights, sha256_of
from tests.models.synergy.networks import random_network


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "synergy-tiny.safetensors"
    save_weights(path, random_network(), TINY, {"steps": "0"})
    return path


def about(**changes: object) -> dict[str, str]:
    fields: dict[str, object] = {"format": "synergy-weights-1", "config": {"name": "tiny"}, "notes": {}}
    return {METADATA_KEY: json.dumps(fields | changes)}


def test_what_is_read_is_what_was_written_to_half_precision_and_statistics_exactly(file: Path) -> None:
    config, state = load_weights(file, sha256_of(file), preset="tiny")

    assert config == TINY
    original = random_network().state_dict()
    assert set(state) == set(original)
    for name, value in original.items():
        exact = value.ndim < 2 or name == "keypoints.mean"
        torch.testing.assert_close(state[name], value, rtol=0 if exact else 1e-3, atol=0 if exact else 1e-6)
    SynergyWarpNet(config).load_state_dict(state)


def test_reading_loads_nothing_that_takes_seconds(file: Path) -> None:
    code = (
        "import sys, pathlib, torch; from models.synergy.weights import build_network, load_weights;"
        "build_network(*load_weights(pathlib.Path(sys.argv[1]))); print('sympy' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_filters_take_two_bytes_and_statistics_four(file: Path) -> None:
    stored = load_file(file)

    assert {str(v.dtype) for n, v in stored.items() if v.ndim == 4} == {"torch.float16"}
    assert {str(v.dtype) for n, v in stored.items() if "running" in n or n == "keypoints.mean"} == {"torch.float32"}


def test_weights_that_do_not_fit_into_half_precision_are_not_written(tmp_path: Path) -> None:
    network = random_network()
    network.decoder.head[0].weight.data[0, 0, 0, 0] = 1e6  # type: ignore[union-attr, operator]

    with pytest.raises(ModelError, match=r"decoder\.head\.0\.weight holds numbers too large for float16"):
        save_weights(tmp_path / "x.safetensors", network, TINY, {})
    assert list(tmp_path.iterdir()) == []


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def cut_in_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def one_bit_changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)


def not_safetensors(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(1000))


def huge_header(path: Path) -> None:
    path.write_bytes((1 << 60).to_bytes(8, "little") + b"{}")


def endless_tensor(path: Path) -> None:
    text = b'{"weight": {"dtype": "F32", "shape": [Infinity], "data_offsets": [0, 4]}}'
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(4))


def of_another_program(path: Path) -> None:
    save_file({"weight": torch.zeros(3)}, path)


def rewritten(change: Callable[[dict[str, torch.Tensor]], None], **changes: object) -> Callable[[Path], None]:
    def rewrite(path: Path) -> None:
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path, metadata=about(**changes))

    return rewrite


def nothing(tensors: dict[str, torch.Tensor]) -> None:
    del tensors


def without_one(tensors: dict[str, torch.Tensor]) -> None:
    del tensors["decoder.head.0.bias"]


def with_one_more(tensors: dict[str, torch.Tensor]) -> None:
    tensors["decoder.extra"] = torch.zeros(3)


def of_another_shape(tensors: dict[str, torch.Tensor]) -> None:
    tensors["decoder.head.0.bias"] = torch.zeros(7)


def not_a_number(tensors: dict[str, torch.Tensor]) -> None:
    tensors["decoder.head.0.bias"][0] = float("nan")


def other_numbers(tensors: dict[str, torch.Tensor]) -> None:
    tensors["decoder.head.0.bias"] = tensors["decoder.head.0.bias"].double()


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "truncated": (cut_short, "so it was cut short or added to"),
    "truncated header": (cut_in_the_header, "it is not a safetensors file"),
    "foreign": (not_safetensors, "it is not a safetensors file"),
    "bomb": (huge_header, "it is not a safetensors file"),
    "infinite": (endless_tensor, "it is not a safetensors file"),
    "another program's": (of_another_program, "it does not say that it is of the format 'synergy-weights-1'"),
    "another version": (rewritten(nothing, format="synergy-weights-9"), "it does not say that it is of the format"),
    "unknown preset": (rewritten(nothing, config={"name": "huge"}), "its configuration is not one of this program's"),
    "unknown field": (rewritten(nothing, config={"name": "tiny", "a": 1}), "not that of the preset 'tiny'"),
    "endless": (rewritten(nothing, config={"name": "tiny", "decoder_blocks": 10**9}), "not that of the preset 'tiny'"),
    "too large": (rewritten(nothing, config={"name": "tiny", "image_px": 10**9}), "an impossible image_px"),
    "not whole": (rewritten(nothing, config={"name": "tiny", "image_px": True}), "an impossible image_px"),
    "other sizes": (rewritten(of_another_shape, config={"name": "tiny"}), "has the shape (7,) in place of (16,)"),
    "lacking": (rewritten(without_one, config={"name": "tiny"}), "it lacks"),
    "too much": (rewritten(with_one_more, config={"name": "tiny"}), "it has an unknown decoder.extra"),
    "nan": (rewritten(not_a_number, config={"name": "tiny"}), "holds numbers that are not finite"),
    "double": (rewritten(other_numbers, config={"name": "tiny"}), "it holds numbers of the kinds F16, F32, F64"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_by_name_reason_and_checksum(file: Path, damage: str) -> None:
    spoil, reason = DAMAGES[damage]
    spoil(file)

    with pytest.raises(WeightsRefused) as refused:
        load_weights(file)

    assert str(refused.value).startswith("synergy-tiny.safetensors is refused: ")
    assert reason in str(refused.value)
    assert str(refused.value).endswith(f"; its sha256 is {sha256_of(file)}")


def test_a_changed_bit_is_found_by_the_published_checksum(file: Path) -> None:
    published = sha256_of(file)
    one_bit_changed(file)

    with pytest.raises(WeightsRefused) as refused:
        load_weights(file, published)

    assert str(refused.value) == (
        "synergy-tiny.safetensors is refused: it is not the file that was published, whose sha256 is "
        f"{published}; its sha256 is {sha256_of(file)}"
    )


def test_weights_of_another_preset_than_asked_for_are_refused(file: Path) -> None:
    with pytest.raises(WeightsRefused, match="it holds the preset 'tiny', not 'lite'"):
        load_weights(file, preset="lite")


def test_a_network_of_another_configuration_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the network is not of the configuration 'tiny'"):
        save_weights(tmp_path / "x.safetensors", random_network(), replace(TINY, channels=24), {})


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"nowhere\.safetensors cannot be read \(No such file or directory\)"):
        load_weights(tmp_path / "nowhere.safetensors")

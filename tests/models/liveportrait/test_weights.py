from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from models.errors import CheckpointError
from models.liveportrait.config import BASE, TINY
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.weights import expected_shapes, inspect_imported, load_imported, save_imported
from models.synergy.weights import WeightsRefused, sha256_of
from tests.models.liveportrait.weight_rule import fill_by_rule

SOURCES = {"motion_extractor.pth": "ab" * 32}


@pytest.fixture
def network() -> LivePortraitNetwork:
    made = LivePortraitNetwork(TINY).eval()
    fill_by_rule(made, 3)
    return made


@pytest.fixture
def saved(tmp_path: Path, network: LivePortraitNetwork) -> Path:
    path = tmp_path / "liveportrait-tiny.safetensors"
    state = network.state_dict()
    save_imported(path, TINY, {name: state[name] for name in expected_shapes(TINY)}, SOURCES)
    return path


def test_what_is_written_is_read_back_number_by_number(saved: Path, network: LivePortraitNetwork) -> None:
    loaded = load_imported(saved, preset="tiny")

    own = network.state_dict()
    assert loaded.config == TINY
    assert all(torch.equal(value, own[name]) for name, value in loaded.state_dict().items())


def test_the_file_says_where_its_numbers_come_from(saved: Path) -> None:
    about = inspect_imported(saved, whole=True)

    assert (about.config, about.sources) == (TINY, SOURCES)


def test_a_number_that_was_changed_is_found_by_its_checksum(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[-3] ^= 1
    saved.write_bytes(content)

    with pytest.raises(WeightsRefused) as refused:
        inspect_imported(saved, whole=True)

    assert str(refused.value) == (
        f"{saved.name} is refused: its numbers are not those that were imported; its sha256 is {sha256_of(saved)}"
    )


@pytest.mark.parametrize("change", [b"\0", b""])
def test_a_file_cut_short_or_added_to_is_refused(saved: Path, change: bytes) -> None:
    content = saved.read_bytes()
    saved.write_bytes(content + change if change else content[:-1])

    with pytest.raises(WeightsRefused, match="so it was cut short or added to"):
        load_imported(saved)


def test_another_preset_than_the_one_asked_for_is_refused(saved: Path) -> None:
    with pytest.raises(WeightsRefused, match="it holds the preset 'tiny', not 'base'"):
        load_imported(saved, preset="base")


def test_a_configuration_that_is_not_the_programs_is_refused(saved: Path, network: LivePortraitNetwork) -> None:
    with safe_open(saved, framework="pt") as file:  # type: ignore[no-untyped-call]
        about = json.loads(file.metadata()["understudy"])
    raw = saved.read_bytes()
    was = json.dumps(about["config"]["input_px"]).encode()
    saved.write_bytes(raw.replace(b'\\"input_px\\": ' + was, b'\\"input_px\\": 129', 1))

    with pytest.raises(WeightsRefused, match="its configuration is not one of this program's"):
        load_imported(saved)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"^gone.safetensors cannot be read \(No such file or directory\)$"):
        load_imported(tmp_path / "gone.safetensors")


def test_the_public_size_is_that_of_the_original() -> None:
    counts = {name: torch.Size(shape).numel() for name, shape in expected_shapes(BASE).items()}

    assert sum(counts.values()) == pytest.approx(130.1e6, rel=0.01)

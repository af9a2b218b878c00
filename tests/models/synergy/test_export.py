"""The live step given to another runtime: the shipped graph is of this code, and its file is refused when wrong."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.errors import CheckpointError
from models.layers.folding import fold_batch_norms
from models.synergy.config import LITE, TINY
from models.synergy.export import LiveStep, fingerprint, trace
from models.synergy.graph_file import LARGEST_PART_BYTES, GraphFile, read_graph, write_graph
from models.synergy.network import SynergyWarpNet
from models.weights_manifest import WEIGHTS
from tests.models.synergy.networks import random_network

GRAPH = GraphFile(TINY, "abc", b"<net/>", b"\x00" * 8)


def test_the_shipped_graph_is_of_this_code() -> None:
    shipped = read_graph(WEIGHTS / "synergy-lite.graph", LITE)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced, _ = trace(fold_batch_norms(SynergyWarpNet(LITE)))

    assert shipped.fingerprint == fingerprint(traced), (
        "run assets/make/step_graph.py: code of the live step has changed"
    )


def test_the_traced_step_reads_the_weights_it_is_given() -> None:
    network = fold_batch_norms(random_network(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced, example = trace(network)
        ours = LiveStep(network)(*example)

    with torch.no_grad():
        given = traced(*example)
        none = traced(*example[:15], *[torch.zeros_like(weight) for weight in example[15:]])

    torch.testing.assert_close(given[0], ours[0], atol=1e-6, rtol=0)
    assert (none[0] - ours[0]).abs().max() > 0.01
    assert len(given) == len(ours) == 6


def test_the_same_graph_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_graph(tmp_path / name, GRAPH)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_graph(tmp_path / "a", TINY) == GRAPH


def test_a_graph_of_another_configuration_is_refused(tmp_path: Path) -> None:
    write_graph(tmp_path / "tiny.graph", GRAPH)

    with pytest.raises(
        CheckpointError, match=r"^tiny.graph was made for another configuration than that of the weights$"
    ):
        read_graph(tmp_path / "tiny.graph", replace(TINY, channels=24))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all"])
def test_a_damaged_graph_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tiny.graph").write_bytes(content)

    with pytest.raises(CheckpointError, match=r"^tiny.graph is not a graph of this program, or is damaged$"):
        read_graph(tmp_path / "tiny.graph", TINY)


def test_a_byte_changed_anywhere_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tiny.graph"
    write_graph(path, GRAPH)
    whole, refused = path.read_bytes(), 0

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert read_graph(path, TINY) == GRAPH
        except CheckpointError:
            refused += 1

    assert refused > len(whole) // 4


def test_a_graph_that_would_fill_the_memory_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "tiny.graph", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", bytes(LARGEST_PART_BYTES + 1))

    with pytest.raises(CheckpointError, match="damaged"):
        read_graph(tmp_path / "tiny.graph", TINY)


def test_a_missing_graph_is_an_error_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"^tiny.graph cannot be read \(No such file or directory\)$"):
        read_graph(tmp_path / "tiny.graph", TINY)

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from models.liveportrait import public_files
from models.liveportrait.config import TINY
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.public_files import SMALL_FILE, FileRefused, PublicFile, find_sets, read_public
from models.liveportrait.weights import expected_shapes
from models.synergy.weights import sha256_of
from tests.models.liveportrait.public_set import SEED, write_public_set
from tests.models.liveportrait.weight_rule import fill_by_rule

BIAS = "detector.fc_scale.bias"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return write_public_set(tmp_path / "liveportrait")


def motion_file(published: Path) -> PublicFile:
    return next(file for file in find_sets(published)[0].files if file.path.name == "motion_extractor.pth")


def changed(file: PublicFile, change: Callable[[dict[str, Any]], object]) -> PublicFile:
    """The same file after `change` of its content."""
    content = torch.load(file.path, weights_only=True)
    change(content)
    torch.save(content, file.path)
    return file


def test_every_number_of_the_five_files_is_used_and_none_is_made_up(published: Path) -> None:
    (found,) = find_sets(published)
    network = LivePortraitNetwork(TINY)
    fill_by_rule(network, SEED)

    state = {}
    for file in found.files:
        contents = read_public(file, TINY)
        assert contents.sha256 == sha256_of(file.path)
        state |= contents.numbers

    assert {name: tuple(value.shape) for name, value in state.items()} == expected_shapes(TINY)
    own = network.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in state.items())


@pytest.mark.parametrize("below", ["", "liveportrait", "liveportrait/base_models"])
def test_a_set_is_found_from_its_own_folder_and_from_those_above(published: Path, below: str) -> None:
    if below.endswith("base_models"):  # all five beside each other
        (published / "retargeting_models" / SMALL_FILE).rename(published / "base_models" / SMALL_FILE)

    (found,) = find_sets(published.parent / below)

    assert (found.preset, len(found.files)) == ("base", 5)


def test_the_newest_of_several_versions_of_the_animals_is_taken_and_told_from_the_people(published: Path) -> None:
    animals = write_public_set(published.parent / "liveportrait_animals")
    newer = animals / "base_models_v1.1"
    (animals / "base_models").rename(newer)
    write_public_set(animals)

    people, found = find_sets(published.parent)

    assert (people.preset, found.preset) == ("base", "animals")
    assert found.files[0].path.parent == newer


def test_the_animals_set_is_taken_as_such_whatever_its_folder_is_called(published: Path) -> None:
    (found,) = find_sets(published, animals=True)

    assert found.preset == "animals"


def test_a_set_that_lacks_a_file_is_refused_by_its_name(published: Path) -> None:
    (published / "retargeting_models" / SMALL_FILE).unlink()

    with pytest.raises(FileRefused, match=rf"^{SMALL_FILE} is refused: it is missing beside the others$"):
        find_sets(published)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda state: state.pop(BIAS), f"it lacks {BIAS}"),
        (lambda state: state.update(extra=torch.zeros(3)), "it has an unknown extra"),
        (lambda state: state.update(scale=state.pop(BIAS)), f"it lacks {BIAS} and it has an unknown scale"),
        (lambda state: state.update({BIAS: torch.zeros(2)}), f"{BIAS} has the shape (2,) in place of (1,)"),
        (lambda state: state.update({BIAS: torch.zeros(1).int()}), f"{BIAS} holds numbers of the kind int32"),
        (lambda state: state.update({BIAS: torch.full((1,), torch.nan)}), f"{BIAS} holds numbers that are not finite"),
        (lambda state: state.update({BIAS: [1.0]}), f"{BIAS} is not an array of numbers"),
        (lambda state: state.update({BIAS: torch.zeros(1).to_sparse()}), f"{BIAS} is not an array of numbers"),
    ],
)
def test_a_file_with_anything_else_in_it_is_refused_by_the_entry(
    published: Path, change: Callable[[dict[str, Any]], object], reason: str
) -> None:
    file = changed(motion_file(published), change)

    with pytest.raises(FileRefused) as refused:
        read_public(file, TINY)

    assert str(refused.value) == f"motion_extractor.pth is refused: {reason}"


def test_an_entry_that_is_too_much_can_be_left_aside_by_name(published: Path) -> None:
    file = changed(motion_file(published), lambda state: state.update(extra=torch.zeros(3)))

    contents = read_public(file, TINY, left_out=("extra", "ekstra"))

    assert f"motion_extractor.{BIAS}" in contents.numbers
    assert contents.left_out == {"extra"}


def test_a_network_too_much_or_one_renamed_in_the_small_file_is_named(published: Path) -> None:
    small = next(file for file in find_sets(published)[0].files if file.path.name == SMALL_FILE)
    changed(small, lambda content: content.update(retarget_nose=content.pop("retarget_eye")))

    with pytest.raises(FileRefused) as refused:
        read_public(small, TINY)

    names = [f"retarget_eye/module.mlp.{layer}.{part}" for layer, part in ((0, "bias"), (0, "weight"), (10, "bias"))]
    assert refused.value.reason == f"it lacks {', '.join(names)} and 9 more and it has an unknown retarget_nose"


def test_half_precision_is_taken_as_float32(published: Path) -> None:
    file = motion_file(published)
    name = f"motion_extractor.{BIAS}"
    whole = read_public(file, TINY).numbers[name].clone()  # the file itself is changed below
    changed(file, lambda state: state.update({BIAS: state[BIAS].half()}))

    state = read_public(file, TINY).numbers

    assert state[name].dtype == torch.float32
    torch.testing.assert_close(state[name], whole, rtol=1e-3, atol=0)


class Malicious:
    """Something a pickle could run code with."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return Path("understudy-was-here").touch, ()  # type: ignore[return-value]


def test_code_in_a_file_does_not_run(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = motion_file(published)
    torch.save({BIAS: Malicious()}, file.path)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(FileRefused, match=r"it is damaged, or holds something else than numbers$"):
        read_public(file, TINY)

    assert not (tmp_path / "understudy-was-here").exists()


def call_of(function: bytes) -> bytes:
    """A pickle that calls it with ten million."""
    return b"\x80\x02c" + function + b"\nJ\x80\x96\x98\x00\x85R."


@pytest.mark.parametrize("function", [b"__builtin__\nbytearray", b"builtins\nbytearray", b"torch\nTensor"])
def test_a_file_cannot_ask_for_memory(published: Path, function: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("the file was read"))
    file = motion_file(published)
    with zipfile.ZipFile(file.path, "w") as archive:
        archive.writestr("archive/data.pkl", call_of(function))

    with pytest.raises(FileRefused, match=r"it is damaged, or holds something else than numbers$"):
        read_public(file, TINY)


def test_tuples_that_hold_each_other_are_refused_before_one_is_used_as_a_name(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash of the last one visits the first 2^60 times."""
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("the file was read"))
    nested: tuple[object, ...] = ()
    for _ in range(60):
        nested = (nested, nested)
    file = motion_file(published)
    with zipfile.ZipFile(file.path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}" + pickle.dumps(nested, 2)[2:-1] + b"K\x01s.")

    with pytest.raises(FileRefused, match=r"it is damaged, or holds something else than numbers$"):
        read_public(file, TINY)


def test_a_list_of_names_that_is_no_pickle_is_refused(published: Path) -> None:
    file = motion_file(published)
    with zipfile.ZipFile(file.path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\xff\xff")

    with pytest.raises(FileRefused, match=r"it is damaged, or holds something else than numbers$"):
        read_public(file, TINY)


def test_a_name_is_cut_and_cannot_steer_the_terminal(published: Path) -> None:
    file = changed(motion_file(published), lambda state: state.update({"\x1b[31m" + 1000 * "x": torch.zeros(1)}))

    with pytest.raises(FileRefused) as refused:
        read_public(file, TINY)

    assert refused.value.reason == f"it has an unknown ?[31m{75 * 'x'}..."


@pytest.mark.parametrize("kept", [0, 100, -100])
def test_a_file_that_was_cut_short_is_refused(published: Path, kept: int) -> None:
    file = motion_file(published)
    file.path.write_bytes(file.path.read_bytes()[:kept])

    with pytest.raises(FileRefused, match=r"it is not a weights file of PyTorch$"):
        read_public(file, TINY)


def test_sizes_are_bounded_before_anything_is_read(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("the file was read"))
    file = motion_file(published)
    with file.path.open("ab") as opened:
        opened.truncate(64 << 20)

    with pytest.raises(FileRefused, match=r"it has 67108864 bytes, and at most \d+ are possible$"):
        read_public(file, TINY)


def test_a_compressed_file_is_refused_before_it_is_unpacked(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("the file was read"))
    file = motion_file(published)
    with zipfile.ZipFile(file.path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(32 << 20))

    with pytest.raises(FileRefused, match=r"it is compressed, which weights files of PyTorch are not$"):
        read_public(file, TINY)


def test_a_list_of_names_without_end_is_refused_before_it_is_read(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("the file was read"))
    monkeypatch.setattr(public_files, "LARGEST_PICKLE_BYTES", 1000)

    with pytest.raises(FileRefused, match=r"its list of names is far too long$"):
        read_public(motion_file(published), TINY)

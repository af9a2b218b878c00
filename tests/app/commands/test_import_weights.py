from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
import torch

from app.cli import run_command_line
from app.commands.import_weights import ImportOptions, import_weights
from app.doctor.findings import Verdict
from app.doctor.imported import check_imported
from app.errors import EnvironmentProblem, UsageProblem
from app.own_weights import OWN_WEIGHTS, own_weights, weights_folder
from models.liveportrait.config import TINY
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.weights import inspect_imported, load_imported
from models.synergy.weights import sha256_of
from tests.models.liveportrait.public_set import SEED, write_public_set
from tests.models.liveportrait.weight_rule import fill_by_rule

CONFIGS = {"base": TINY, "animals": TINY}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return write_public_set(tmp_path / "downloads" / "liveportrait")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program looks for weights; not there yet."""
    place = tmp_path / "mine"
    monkeypatch.setenv(OWN_WEIGHTS, str(place))
    return place


def run_import(path: Path, output: Path | None = None) -> int:
    return import_weights(ImportOptions(path, output, quiet=True, configs=CONFIGS))


def test_imported_weights_lie_where_the_program_looks_for_them(
    published: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(published.parent) == 0

    path = folder / "liveportrait-tiny.safetensors"
    expected = LivePortraitNetwork(TINY).eval()
    fill_by_rule(expected, SEED)
    assert os.listdir(folder) == [path.name]
    assert own_weights() == folder
    own = expected.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in load_imported(path).state_dict().items())
    sources = inspect_imported(path).sources
    assert sources["motion_extractor.pth"] == sha256_of(published / "base_models" / "motion_extractor.pth")
    assert len(sources) == 5
    assert f"sha256 {sha256_of(path)}" in capsys.readouterr().out


def test_progress_is_shown_on_stderr(published: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_weights(ImportOptions(published, configs=CONFIGS))

    assert "5/5" in capsys.readouterr().err


def test_the_output_can_be_anywhere_and_its_usual_name_is_said(
    published: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "other.safetensors"

    import_weights(ImportOptions(published, output, configs=CONFIGS))

    assert output.is_file()
    assert not folder.exists()
    assert f"once it is called liveportrait-tiny.safetensors and lies in {folder}." in capsys.readouterr().err


def test_what_was_left_out_is_said(published: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ImportOptions(published, left_out=("extra",), quiet=True, configs=CONFIGS)
    path = published / "base_models" / "motion_extractor.pth"
    torch.save(torch.load(path, weights_only=True) | {"extra": torch.zeros(1)}, path)

    import_weights(options)

    assert "  and what --leave-out names: extra\n" in capsys.readouterr().out


def test_an_entry_to_leave_out_that_no_file_has_is_an_error_and_nothing_is_written(
    published: Path, folder: Path
) -> None:
    with pytest.raises(UsageProblem) as refused:
        import_weights(ImportOptions(published, left_out=("extra",), quiet=True, configs=CONFIGS))

    assert refused.value.what == "--leave-out names extra, which none of the files has."
    assert refused.value.why == "These are the files for people."
    assert not list(folder.iterdir())


def test_two_sets_do_not_go_into_one_file(published: Path, folder: Path, tmp_path: Path) -> None:
    write_public_set(published.parent / "liveportrait_animals")

    with pytest.raises(UsageProblem) as refused:
        run_import(published.parent, tmp_path / "both.safetensors")

    assert refused.value.what == "--output names one file, but two sets were found."


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone", "There is no such folder."),
        ("", "There is no appearance_feature_extractor.pth in it, nor in base_models or liveportrait/base_models"),
    ],
)
def test_a_folder_without_weights_is_exit_2_and_says_what_was_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    assert run_command_line(["import-weights", str(tmp_path / name)]) == 2

    said = capsys.readouterr().err
    assert said.startswith(f"No LivePortrait weights were found in {tmp_path / name}. {why}")
    assert said.count("\n") == 1


def test_files_of_other_sizes_are_exit_2_by_name_and_nothing_is_left(
    published: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["import-weights", str(published), "--quiet"]) == 2

    assert capsys.readouterr().err.startswith(
        "The weights cannot be imported. appearance_feature_extractor.pth is refused: it lacks resblocks_3d.3dr1."
    )
    assert os.listdir(folder) == []


def test_a_disk_that_is_full_is_said_before_anything_is_read(
    published: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr("app.commands.import_weights.shutil.disk_usage", lambda _: usage)

    with pytest.raises(EnvironmentProblem) as refused:
        run_import(published)

    assert refused.value.why == "It takes 19 MB, and 1 MB are free."


def test_a_place_that_cannot_be_written_is_exit_3(
    published: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.commands.import_weights.save_imported", full)

    with pytest.raises(EnvironmentProblem, match=r"The disk is full\."):
        run_import(published)


def test_the_doctor_says_what_is_imported_and_whether_it_is_whole(published: Path, folder: Path) -> None:
    nothing = check_imported()
    run_import(published)
    whole = check_imported()
    path = folder / "liveportrait-tiny.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    damaged = check_imported()

    assert (nothing.verdict, nothing.sentence) == (Verdict.OK, "The weights of LivePortrait are not imported.")
    assert (whole.verdict, whole.sentence) == (Verdict.OK, "Imported and whole: tiny.")
    assert damaged.verdict is Verdict.LIMITED
    assert "its numbers are not those that were imported" in damaged.sentence
    assert damaged.fix == "Import them again: main.py import-weights DIR"


def test_without_a_folder_of_ones_own_the_systems_place_for_data_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(OWN_WEIGHTS, raising=False)
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name, appauthor: str(tmp_path / name))

    assert weights_folder() == tmp_path / "understudy" / "weights"
    assert own_weights() is None
    weights_folder().mkdir(parents=True)
    assert own_weights() == weights_folder()


def test_the_metadata_is_json_that_anyone_can_read(published: Path, folder: Path) -> None:
    run_import(published)

    raw = (folder / "liveportrait-tiny.safetensors").read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    about = json.loads(header["__metadata__"]["understudy"])
    assert about["format"] == "liveportrait-weights-1"

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import animators
from app.animators import (
    WeightsMissing,
    default_model,
    live_models,
    open_animator,
    open_or_fall_back,
    uses_references,
)
from app.errors import UsageProblem
from app.own_weights import OWN_WEIGHTS
from models import weights_manifest
from models.build import MODEL_NAMES, ModelChoice, weights_of
from models.synergy.config import TINY
from models.synergy.weights import save_weights, sha256_of
from tests.models.synergy.networks import random_network


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release without weights; what a test puts into the folder is shipped with it."""
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setattr(weights_manifest, "WEIGHTS", folder)
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path / "nothing of ones own"))
    monkeypatch.setattr(animators, "DEFAULT_MODEL", "synergy")
    return folder


def publish(folder: Path, name: str = "synergy-lite") -> Path:
    """Tiny weights under a published name, in the manifest."""
    path = folder / f"{name}.safetensors"
    save_weights(path, random_network(), TINY, {})
    (folder / "manifest.json").write_text(json.dumps({"files": [{"file": path.name, "sha256": sha256_of(path)}]}))
    return path


def test_without_its_weights_the_default_is_the_model_that_needs_none(shipped: Path) -> None:
    assert default_model() == "geometric"
    assert open_animator(None, "cpu").name == "geometric"


def test_a_default_that_needs_weights_runs_once_they_are_there(shipped: Path) -> None:
    publish(shipped)

    assert default_model() == "synergy"


@pytest.mark.parametrize(
    ("name", "file", "uses"),
    [("synergy", "synergy", True), ("explicit", "synergy", False), ("attention", "attention", True)],
)
def test_a_network_and_its_stages_are_opened(shipped: Path, name: str, file: str, uses: bool) -> None:
    publish(shipped, f"{file}-tiny")

    animator = open_animator(f"{name}:tiny", "cpu")

    assert (animator.name, animator.uses_references, animator.framed_size) == (name, uses, 64)
    assert uses_references(name) is uses


def test_a_stage_that_was_trained_alone_takes_its_own_weights(shipped: Path) -> None:
    path = publish(shipped, "explicit-lite")

    found = weights_of(ModelChoice("explicit"))

    assert found is not None
    assert (found.path, found.sha256) == (path, sha256_of(path))
    assert weights_of(ModelChoice("attention")) is None


def test_weights_of_ones_own_go_before_the_shipped_ones(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(shipped, "synergy-tiny")
    mine = tmp_path / "mine"
    mine.mkdir()
    save_weights(mine / "synergy-tiny.safetensors", random_network(9), TINY, {})
    monkeypatch.setenv(OWN_WEIGHTS, str(mine))

    found = weights_of(ModelChoice("synergy", "tiny"), mine)

    assert found is not None
    assert (found.path.parent, found.sha256) == (mine, None)
    assert open_animator("synergy:tiny", "cpu").name == "synergy"


def test_a_model_without_weights_says_so_and_names_one_that_works(shipped: Path) -> None:
    with pytest.raises(WeightsMissing) as refused:
        open_animator("synergy:lite", "cpu")

    assert refused.value.what == "The model 'synergy' cannot be used."
    assert refused.value.why == (
        "This release ships no weights for 'synergy' and the preset 'lite', and none were found here."
    )
    assert refused.value.fix == "Get a complete copy of the program, or use --model geometric, which needs none."


@pytest.mark.parametrize("preset", ["base", "liveportrait"])
def test_weights_that_no_release_ships_are_to_be_trained(shipped: Path, preset: str) -> None:
    with pytest.raises(WeightsMissing) as refused:
        open_animator(f"synergy:{preset}", "cpu")

    assert refused.value.fix == (
        "Train them (docs/training.md says how and where they go), or use --model geometric, which needs none."
    )


def test_shipped_weights_that_are_gone_are_named_and_geometric_stands_in(shipped: Path) -> None:
    publish(shipped).unlink()

    animator, refused = open_or_fall_back(default_model(), "cpu")

    assert animator.name == "geometric"
    assert refused is not None
    assert refused.what == "The model 'synergy' cannot be used."
    assert refused.why == "synergy-lite.safetensors cannot be read (No such file or directory)."


def test_weights_that_were_changed_are_named_with_their_checksum_and_geometric_stands_in(shipped: Path) -> None:
    path = publish(shipped)
    path.write_bytes(path.read_bytes()[:-1])

    animator, refused = open_or_fall_back("synergy", "cpu")

    assert animator.name == "geometric"
    assert refused is not None
    assert refused.why.startswith("synergy-lite.safetensors is refused: ")
    assert refused.why.endswith(f"its sha256 is {sha256_of(path)}.")


def test_weights_of_another_preset_under_a_published_name_are_refused(shipped: Path) -> None:
    publish(shipped, "synergy-lite")

    with pytest.raises(WeightsMissing, match="it holds the preset 'tiny', not 'lite'"):
        open_animator("synergy", "cpu")


def test_a_broken_manifest_lists_nothing(shipped: Path) -> None:
    publish(shipped)
    (shipped / "manifest.json").write_text("[")

    assert default_model() == "geometric"


def test_a_model_that_does_not_exist_is_refused_with_the_list() -> None:
    with pytest.raises(UsageProblem) as refused:
        open_animator("magic", "cpu")

    assert refused.value.what == "There is no model called 'magic'."
    assert all(name in refused.value.why for name in MODEL_NAMES)


@pytest.mark.parametrize(
    ("model", "uses"), [("geometric", False), ("liveportrait", False), ("synergy", True), ("magic", True)]
)
def test_whether_references_count_is_known_without_loading_a_model(model: str, uses: bool) -> None:
    assert uses_references(model) is uses


def test_explicit_multi_runs_on_the_programs_own_weights_until_others_are_imported(shipped: Path) -> None:
    publish(shipped, "synergy-tiny")

    animator = open_animator("explicit-multi:tiny", "cpu")

    assert (animator.name, animator.uses_references, animator.needs_pixels) == ("explicit-multi", True, False)


def test_models_to_go_live_with_are_those_whose_weights_are_installed(shipped: Path) -> None:
    assert live_models() == ("geometric",)

    publish(shipped, "synergy-lite")

    assert live_models() == ("geometric", "synergy")

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.build import ModelChoice, build_animator
from models.errors import CheckpointError
from models.liveportrait.config import TINY
from models.liveportrait.correction_file import FORMAT, load_corrected
from models.liveportrait.weights import expected_shapes, load_imported, save_imported
from models.synergy.weights import read_header
from models.training.corpus import Demand, Sample
from models.training.imported import FILE, is_imported
from models.training.problems import TrainingProblem
from models.training.stages import train_base
from models.training.trainer import Ending, Setting
from models.types import FaceView, StepOptions
from tests.models.faces import face_state, painted_portrait
from tests.models.liveportrait.networks import ruled_network
from tests.models.training.packs import blob_pack, corpora, setting, tiny_recipe

STEPS = 3


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "liveportrait-base.safetensors"  # the name it is looked for by
    state = ruled_network().state_dict()
    save_imported(path, TINY, {name: state[name] for name in expected_shapes(TINY)}, {})
    return path


def run_on(imported: Path, output: Path, *, unfreeze: bool = False) -> Setting:
    """Two people at the size of the networks' input."""
    pack = blob_pack()
    larger = replace(pack, frames=pack.frames.repeat(2, axis=1).repeat(2, axis=2))
    learning, held_out = corpora(larger)
    made = setting(output, recipe=tiny_recipe(picture_chances=(0.0, 1.0)))
    run = replace(made.run, output=output, init=imported, unfreeze=unfreeze, steps=STEPS, validation_batches=1)
    return replace(made, run=run, learning=learning, held_out=held_out)


def test_only_files_of_imported_weights_are_taken_for_them(imported: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"nothing")

    assert is_imported(imported)
    assert not is_imported(tmp_path / "other")
    assert not is_imported(tmp_path / "gone")


def test_what_is_learnt_is_kept_apart_from_the_imported_networks_which_stay(imported: Path, tmp_path: Path) -> None:
    assert train_base(run_on(imported, tmp_path)) is Ending.DONE

    learnt, before = load_corrected(tmp_path / FILE, imported), load_imported(imported)
    assert (tmp_path / FILE).stat().st_size < imported.stat().st_size
    own = before.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in learnt.base.state_dict().items())
    assert float(learnt.correction.offer.weight.abs().sum()) > 0.0  # it was silent


def test_what_was_learnt_until_somebody_ended_it_is_kept_unmeasured(imported: Path, tmp_path: Path) -> None:
    asked = run_on(imported, tmp_path)
    draw = asked.learning.draw

    def draw_and_ask(demand: Demand, rng: np.random.Generator) -> Sample:
        asked.stop.ask()
        return draw(demand, rng)

    asked.learning.draw = draw_and_ask  # type: ignore[method-assign]

    assert train_base(asked) is Ending.INTERRUPTED
    notes = read_header(tmp_path / FILE, FORMAT).metadata["notes"]
    assert isinstance(notes, dict)
    assert notes["steps"] == "1"
    assert not any(name.startswith("psnr") for name in notes)


def test_an_end_before_the_first_step_leaves_no_file(imported: Path, tmp_path: Path) -> None:
    asked = run_on(imported, tmp_path)
    asked.stop.ask()

    assert train_base(asked) is Ending.INTERRUPTED
    assert not (tmp_path / FILE).exists()


def test_unfrozen_the_imported_networks_learn_along_and_are_kept_too(imported: Path, tmp_path: Path) -> None:
    train_base(run_on(imported, tmp_path, unfreeze=True))

    learnt, before = load_corrected(tmp_path / FILE, None), load_imported(imported)
    for group in ("appearance_feature_extractor", "motion_extractor", "warping_module", "spade_generator"):
        pairs = zip(
            learnt.base.get_submodule(group).parameters(), before.get_submodule(group).parameters(), strict=True
        )
        assert any(not torch.equal(a, b) for a, b in pairs), group


def test_what_was_learnt_on_other_weights_is_refused(imported: Path, tmp_path: Path) -> None:
    train_base(run_on(imported, tmp_path))
    other = tmp_path / "liveportrait-base.safetensors"
    state = ruled_network(seed=8).state_dict()
    save_imported(other, TINY, {name: state[name] for name in expected_shapes(TINY)}, {})

    with pytest.raises(CheckpointError, match=r"it was learnt on other weights than those of liveportrait-base"):
        load_corrected(tmp_path / FILE, other)
    with pytest.raises(CheckpointError, match=r"LivePortrait's weights are not imported"):
        load_corrected(tmp_path / FILE, None)


def test_the_result_animates_under_its_preset(imported: Path, tmp_path: Path) -> None:
    train_base(run_on(imported, tmp_path))
    (tmp_path / FILE).rename(tmp_path / "synergy-liveportrait.safetensors")
    (tmp_path / imported.name).symlink_to(imported)

    learnt = load_corrected(tmp_path / "synergy-liveportrait.safetensors", imported)
    assert learnt.base.config == TINY
    animator = build_animator(ModelChoice("synergy", "liveportrait"), torch.device("cpu"), tmp_path)
    view = replace(painted_portrait(face_state(), TINY.input_px), framed=True)
    prepared = animator.prepare(view, [view])
    driver = animator.observe(FaceView(view.landmarks, view.image, framed=True))
    frame = animator.step(prepared, driver, StepOptions(stitching=False))

    assert (animator.name, animator.uses_references) == ("synergy", True)
    assert frame.image.shape == (TINY.output_px, TINY.output_px, 3)
    assert 0.0 < frame.confidence < 1.0


def test_it_cannot_be_resumed(imported: Path, tmp_path: Path) -> None:
    wanted = run_on(imported, tmp_path)

    with pytest.raises(TrainingProblem, match=r"The stage base cannot be resumed"):
        train_base(replace(wanted, run=replace(wanted.run, resume=tmp_path / "checkpoint.pth")))

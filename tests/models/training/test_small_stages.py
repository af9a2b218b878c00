from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models.motion.canonical import load_canonical
from models.motion.openness import eye_openness, lip_openness
from models.motion.retarget import OpeningNetwork, load_retargeter
from models.synergy.motion import MotionBatch
from models.synergy.stitching_network import load_stitching
from models.training.openings import EYES_RECIPE, LIPS_RECIPE, Faces, Gaps, OpeningTrainer
from models.training.problems import TrainingProblem
from models.training.small_stages import CrossPairs, train_retarget, train_stitch
from models.training.stitches import StitchModel, StitchRecipe, StitchTrainer, bending, face_region, shoulder_region
from models.training.trainer import Ending
from tests.models.faces import face_state, with_openness
from tests.models.synergy.networks import random_network
from tests.models.training.packs import corpora, setting

FACE = load_canonical()


def people(count: int = 24) -> Faces:
    """Faces whose eyes and lips open and shut, four frames a clip."""
    rng = np.random.default_rng(0)
    states = [with_openness(face_state(), eyes=rng.uniform(0.2, 1), lips=rng.uniform(0, 0.8)) for _ in range(count)]
    canonical = np.stack([s.canonical + rng.normal(0, 0.002, s.canonical.shape) for s in states]).astype(np.float32)
    return Faces(canonical, np.stack([s.expression for s in states]), np.arange(count, dtype=np.int32) // 4)


def test_partners_are_frames_of_the_same_clip() -> None:
    faces = people()
    rows = np.arange(len(faces.clip))

    others = faces.partners(rows, np.random.default_rng(1))

    np.testing.assert_array_equal(faces.clip[others], faces.clip[rows])
    assert (others != rows).any()


@pytest.mark.parametrize("recipe", [EYES_RECIPE, LIPS_RECIPE])
def test_openness_in_training_is_the_measured_one(recipe: object) -> None:
    trainer = OpeningTrainer(FACE, recipe, people())  # type: ignore[arg-type]
    shape = people().canonical[:1] + people().expression[:1]
    region = torch.from_numpy(shape[:, trainer.points])

    measured = Gaps(recipe.name, trainer.points).openness(region)  # type: ignore[attr-defined]

    expected = eye_openness(shape[0])[0] if recipe.name == "eyes" else lip_openness(shape[0])  # type: ignore[attr-defined]
    assert float(measured) == pytest.approx(expected, abs=1e-5)


def test_training_opens_nearer_to_the_condition_and_the_host_computes_the_same() -> None:
    faces = people()
    trainer = OpeningTrainer(FACE, LIPS_RECIPE, faces)
    before = trainer.measure(FACE, faces).condition
    for step in range(60):
        trainer.take_step(step / 60)

    assert trainer.measure(FACE, faces).condition < 0.6 * before
    shape = faces.canonical[3] + faces.expression[3]
    host = OpeningNetwork.of(trainer.model.arrays(), FACE, "lips")
    region = torch.from_numpy(shape[None, trainer.points])
    trained, _ = trainer.model(region, torch.tensor([lip_openness(shape)]), torch.tensor([0.3]))
    displaced = host.displaced(shape, lip_openness(shape), 0.3)[trainer.points]
    np.testing.assert_allclose(displaced, trained[0].detach().numpy(), atol=1e-5)


def test_stitching_learns_from_the_frozen_network_and_changes_only_s() -> None:
    network = random_network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    recipe = StitchRecipe(image_px=64, batch=2)
    trainer = StitchTrainer(network, recipe)
    pairs = CrossPairs(corpora()[0], 64, recipe)
    start = [value.clone() for value in trainer.model.parameters()]
    for step in range(3):
        terms = trainer.take_step(pairs.draw(), step / 3)

    assert all(torch.isfinite(value) for value in (terms.shoulders, terms.own, terms.face, terms.bend))
    assert any(not torch.equal(a, b) for a, b in zip(start, trainer.model.parameters(), strict=True))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_training_and_host_agree_about_what_s_answers(tmp_path: Path) -> None:
    from models.motion.small_weights import save_small
    from models.synergy.stitching_network import FORMAT

    torch.manual_seed(3)
    model = StitchModel()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    save_small(tmp_path / "s.safetensors", FORMAT, model.arrays(), {})
    source, driving = face_state(), face_state((0.2, 0.3, 0.0), scale=0.5)
    batches = (MotionBatch.of([state], torch.device("cpu")) for state in (source, driving))

    changed, necks, _ = model(*batches)
    stitched = load_stitching(tmp_path / "s.safetensors").stitch(source, driving)

    np.testing.assert_allclose(stitched.driving.keypoints(), changed.landmarks()[0].detach().numpy(), atol=1e-5)
    assert isinstance(necks[0].begins, torch.Tensor)
    assert isinstance(necks[0].stretch, torch.Tensor)
    expected = necks[0].begins.detach(), necks[0].stretch.detach()
    assert (stitched.neck.begins, stitched.neck.stretch) == pytest.approx(tuple(map(float, expected)))


def test_shoulders_are_below_the_chin_and_the_face_is_not() -> None:
    state, like = face_state(), torch.zeros(1, 3, 64, 64)
    shoulders, face = shoulder_region(state, like), face_region(state, like)
    chin = int((state.keypoints()[152, 1] + 1) * 32)

    assert float(shoulders[..., :chin, :].max()) == 0.0
    assert float(shoulders[..., -2:, :].min()) == 1.0
    assert float(face[0, 0, 34, 32]) > 0.9
    assert float((shoulders * face).mean()) < 0.02


def test_a_flow_that_folds_is_bent_and_one_that_stands_still_is_not() -> None:
    from models.sampling import unit_grid

    still = unit_grid((16, 16), like=torch.zeros(1))

    assert float(bending(still)) == pytest.approx(0.0, abs=1e-6)
    assert float(bending(still.flip(1))) > 0.5


def test_both_stages_write_weights_that_load(tmp_path: Path) -> None:
    base = tmp_path / "base.pth"
    torch.save(random_network().state_dict(), base)

    assert train_stitch(setting(tmp_path, stage="stitch", steps=1, init=base)) is Ending.DONE
    assert train_retarget(setting(tmp_path, stage="retarget", steps=1)) is Ending.DONE
    load_stitching(tmp_path / "stitch-tiny.safetensors")
    load_retargeter(tmp_path / "retarget-tiny.safetensors")


def test_stitching_without_a_base_network_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingProblem, match=r"^There is no network to stitch for\. No weights of the preset 'tiny'"):
        train_stitch(setting(tmp_path, stage="stitch"))


def test_a_base_network_of_another_shape_is_a_sentence(tmp_path: Path) -> None:
    torch.save({"keypoints.mean": torch.zeros(478, 3)}, tmp_path / "other.pth")
    with pytest.raises(TrainingProblem, match=r"^other\.pth cannot be used\. Its weights do not fit the preset 'tiny'"):
        train_stitch(setting(tmp_path, stage="stitch", init=tmp_path / "other.pth"))


def test_the_small_stages_cannot_be_resumed_and_say_so(tmp_path: Path) -> None:
    with pytest.raises(TrainingProblem, match=r"^The stage retarget cannot be resumed\. It is short"):
        train_retarget(setting(tmp_path, stage="retarget", resume=tmp_path / "checkpoint.pth"))


def test_an_end_that_is_asked_for_leaves_no_file(tmp_path: Path) -> None:
    asked = setting(tmp_path, stage="retarget")
    asked.stop.ask()

    assert train_retarget(asked) is Ending.INTERRUPTED
    assert list(tmp_path.iterdir()) == []

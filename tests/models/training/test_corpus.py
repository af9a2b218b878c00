from __future__ import annotations

import numpy as np
import pytest
import torch

from models.errors import ModelError
from models.motion.landmark import LandmarkMotionEncoder
from models.training.augment import (
    WarpStrength,
    bend_landmarks,
    bend_pictures,
    random_displacement,
)
from models.training.corpus import Corpus, Demand, Footage
from models.training.motions import BatchMotionEncoder
from tests.models.faces import face_state
from tests.models.training.packs import FRAMES, SIDE, blob_pack, corpora


def rng(seed: int = 2) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_motion_of_a_batch_is_the_motion_of_each_face() -> None:
    faces = [face_state((0.1, 0.4, -0.2)).keypoints(), face_state((0.0, -0.3, 0.1), scale=0.3).keypoints()]
    batch = BatchMotionEncoder().encode(torch.from_numpy(np.stack(faces)))

    for row, face in enumerate(faces):
        one = LandmarkMotionEncoder().encode(face)
        np.testing.assert_allclose(batch.canonical[row], one.canonical, atol=2e-5)
        np.testing.assert_allclose(batch.expression[row], one.expression, atol=2e-5)
        np.testing.assert_allclose(batch.camera_from_head[row], one.camera_from_head, atol=2e-5)
        np.testing.assert_allclose(batch.landmarks()[row], face, atol=2e-5)


def test_a_mirrored_face_looks_the_other_way() -> None:
    encoder = BatchMotionEncoder()
    landmarks = torch.from_numpy(face_state((0.0, 0.4, 0.0)).keypoints())[None]

    turned, mirrored = encoder.encode(landmarks), encoder.encode(encoder.mirrored(landmarks))

    assert float(mirrored.camera_from_head[0, 0, 2]) == pytest.approx(
        -float(turned.camera_from_head[0, 0, 2]), abs=0.02
    )


def test_a_sample_has_its_pictures_and_truth_in_one_size_and_wears_the_portraits_face() -> None:
    learning, _ = corpora()
    sample = learning.draw(Demand(batch=3, pictures=2, size_px=32), rng())

    assert [tuple(p.shape) for p in (*sample.pictures, sample.truth)] == [(3, 3, 32, 32)] * 3
    torch.testing.assert_close(sample.driving.canonical, sample.motions[0].canonical)


def test_the_same_chance_draws_the_same_sample_and_another_draws_another() -> None:
    learning, _ = corpora()
    demand = Demand(batch=3, pictures=2, size_px=32, still_share=0.5)
    first, again, other = (learning.draw(demand, rng(seed)) for seed in (1, 1, 2))

    assert torch.equal(first.truth, again.truth)
    assert torch.equal(first.driving.expression, again.driving.expression)
    assert not torch.equal(first.truth, other.truth)


def test_two_frames_in_a_row_are_one_step_apart() -> None:
    learning, _ = corpora()
    sample = learning.draw(Demand(batch=4, pictures=1, size_px=SIDE, consecutive=True), rng())

    assert sample.consecutive
    assert (len(sample.pictures[0]), len(sample.truth)) == (2, 4)
    step = sample.driving.translation[2:, 0] - sample.driving.translation[:2, 0]
    torch.testing.assert_close(step, torch.full((2,), 4 / SIDE), atol=1e-4, rtol=0)


def test_frames_far_apart_in_the_video_are_not_consecutive() -> None:
    pack = blob_pack(clips=2, stills=0)
    gappy = type(pack)(**{**vars(pack), "frame": pack.frame * 30})
    learning, _ = corpora(gappy)
    sample = learning.draw(Demand(batch=4, pictures=1, size_px=32, consecutive=True), rng())

    assert not sample.consecutive


def test_people_held_out_are_never_drawn_for_learning() -> None:
    pack = blob_pack(clips=2, stills=0)
    pack.frames[FRAMES:] = 255  # the second clip, held out, is all white
    learning, held_out = corpora(pack)
    demand = Demand(batch=16, pictures=1, size_px=32)

    assert (learning.clips, held_out.clips) == (1, 1)
    assert float(held_out.draw(demand, rng()).truth.std(dim=(2, 3)).max()) < 1e-6
    assert float(learning.draw(demand, rng()).truth.std(dim=(2, 3)).min()) > 0.01


def test_a_flipped_sample_is_the_mirror_image() -> None:
    learning, _ = corpora()
    plain, flipped = (learning.draw(Demand(2, 1, SIDE, flip=flip), rng()) for flip in (False, True))

    torch.testing.assert_close(flipped.truth, plain.truth.flip(-1))
    torch.testing.assert_close(flipped.driving.translation[:, 0], -plain.driving.translation[:, 0], atol=0.02, rtol=0)


@pytest.mark.parametrize("size_px", [SIDE, SIDE // 2, 48, 96])
def test_pictures_of_every_size_show_the_frame(size_px: int) -> None:
    footage = Footage.of(blob_pack(clips=1, stills=0), torch.device("cpu"))
    sample = Corpus(footage, np.array([0]), np.array([False])).draw(Demand(2, 1, size_px), rng())

    whole = footage.frames.permute(0, 3, 1, 2).float() / 255
    mode = "area" if size_px <= SIDE else "bicubic"
    frames = torch.nn.functional.interpolate(whole, size=(size_px, size_px), mode=mode)
    gains = sample.truth.mean((2, 3)) / frames.mean((0, 2, 3))
    off = [(sample.truth[:, None] / gains[:, None, :, None, None] - frames[None]).abs().mean((2, 3, 4)).amin(1)]
    assert float(torch.stack(off).max()) < 0.03


def test_a_still_becomes_a_pair_whose_landmarks_are_where_the_picture_is() -> None:
    landmarks = torch.from_numpy(face_state().keypoints())[None].expand(4, -1, -1)
    shown = landmarks[:, ::40]
    picture = torch.zeros(4, 3, 256, 256)
    for row, points in enumerate(((shown[..., :2] + 1) * 128).long()):
        for x, y in points.tolist():
            picture[row, :, y - 1 : y + 2, x - 1 : x + 2] = 1.0
    displacement = random_displacement(landmarks, rng(), WarpStrength())

    bent, places = bend_pictures(picture, displacement), bend_landmarks(landmarks, displacement)[:, ::40]

    at = places[:, None, :, :2]
    seen = torch.nn.functional.grid_sample(bent, at, align_corners=False)
    assert float(seen.mean()) > 0.7
    assert float((places - shown).abs().amax()) > 0.02


def test_a_bent_still_leaves_the_border_where_it_was() -> None:
    landmarks = torch.from_numpy(face_state(scale=0.25).keypoints())[None]
    displacement = random_displacement(landmarks, rng(), WarpStrength())

    assert float(displacement[..., 0, :].abs().max()) < 0.02
    assert float(displacement.abs().max()) > 0.03


def test_stills_are_drawn_as_often_as_wanted_and_differ_from_their_source() -> None:
    learning, _ = corpora(blob_pack(clips=2, stills=2))
    all_stills = learning.draw(Demand(4, 2, SIDE, still_share=1.0), rng())
    none = learning.draw(Demand(4, 2, SIDE, still_share=0.0), rng())

    assert not torch.equal(all_stills.pictures[0], all_stills.truth)
    assert bool((all_stills.driving.canonical != all_stills.motions[0].canonical).any())
    torch.testing.assert_close(none.driving.canonical, none.motions[0].canonical)


def test_a_split_without_clips_is_refused() -> None:
    footage = Footage.of(blob_pack(), torch.device("cpu"))
    with pytest.raises(ModelError, match="holds no clip for this part"):
        Corpus(footage, np.array([], np.int64), np.array([], bool))

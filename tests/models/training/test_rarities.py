from __future__ import annotations

import numpy as np
import pytest

from models.motion.canonical import load_canonical
from models.motion.landmark_sets import LEFT_IRIS, RIGHT_IRIS
from models.motion.openness import open_eyes, open_lips
from models.training.corpus import Demand
from models.training.rarities import rare_frames
from models.types import FloatArray
from tests.models.training.packs import corpora


def usual() -> FloatArray:
    face = load_canonical()
    return open_lips(face.mean, 0.1, face)


def shut() -> FloatArray:
    return open_eyes(usual(), usual(), 0.0, load_canonical())


def wide() -> FloatArray:
    return open_lips(usual(), 0.8, load_canonical())


def aside() -> FloatArray:
    looking = usual().copy()
    eye = np.linalg.norm(looking[133] - looking[33])
    looking[RIGHT_IRIS + LEFT_IRIS, 0] += 0.15 * eye
    return looking


@pytest.mark.parametrize("moment", [shut, wide, aside], ids=["shut eyes", "wide mouth", "look aside"])
def test_a_moment_unlike_the_rest_of_its_clip_is_rare(moment):  # type: ignore[no-untyped-def]
    clip = np.stack([usual()] * 8 + [moment()])

    assert rare_frames(clip, np.zeros(9, np.int32)).tolist() == [False] * 8 + [True]


def test_what_a_clip_always_shows_is_not_rare() -> None:
    clips = np.stack([wide()] * 5 + [usual()] * 5)

    assert not rare_frames(clips, np.repeat(np.array([0, 1], np.int32), 5)).any()


def test_rare_truths_are_drawn_as_often_as_demanded() -> None:
    learning, _ = corpora()
    learning.footage.rare[:] = False
    chosen = learning._videos[0][3]
    learning.footage.rare[chosen] = True
    learning = type(learning)(learning.footage, np.unique(learning.footage.clip).astype(np.int64), np.zeros(99, bool))
    rng = np.random.default_rng(0)

    rows = [learning._row(False, Demand(1, 2, 32, rare_share=share), rng)[-1] for share in [1.0] * 20 + [0.0] * 20]

    assert rows[:20] == [chosen] * 20
    assert rows[20:].count(chosen) < 10

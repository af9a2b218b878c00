from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.motion.canonical import load_canonical
from models.motion.controls import MotionControls
from models.motion.landmark_sets import EYES, LIPS
from models.motion.openness import LIPS_WIDE_OPEN, eye_openness, eye_target, lip_openness
from models.motion.retarget import (
    FORMAT,
    AnalyticRetargeter,
    LearnedRetargeter,
    Retargeter,
    load_retargeter,
    mirrored,
    network_shapes,
    territory_of,
)
from models.motion.small_weights import Arrays, SmallWeightsRefused, save_small
from models.motion.transfer import MotionTransfer
from models.types import FloatArray
from models.weights_manifest import find_weights
from tests.models.faces import face_state, with_openness

FACE = load_canonical()
OPEN = with_openness(face_state(), eyes=0.9, lips=0.1)
SWEEP = np.linspace(0.0, 1.0, 6)


def shape_of(state: object = OPEN) -> FloatArray:
    return np.asarray(state.canonical + state.expression)  # type: ignore[attr-defined]


def random_arrays() -> Arrays:
    rng = np.random.default_rng(3)
    shapes = network_shapes(FACE, "eyes") | network_shapes(FACE, "lips")
    arrays = {name: rng.normal(0.0, 0.02, shape).astype(np.float32) for name, shape in shapes.items()}
    for name, direction in (("eyes", FACE.open_right_eye), ("lips", FACE.open_lips)):
        arrays[f"{name}.direction"] = direction[territory_of(FACE, name).points].reshape(-1)
    return arrays


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "retarget-tiny.safetensors"
    save_small(path, FORMAT, random_arrays(), {})
    return path


def shipped() -> LearnedRetargeter:
    found = find_weights(("retarget",), "lite")
    assert found is not None, "retargeting weights are part of the release"
    return load_retargeter(found.path, found.sha256)


WAYS = [pytest.param(shipped, id="learned"), pytest.param(lambda: AnalyticRetargeter(FACE), id="analytic")]


@pytest.mark.parametrize("way", WAYS)
def test_eyes_and_lips_become_as_open_as_asked_and_the_more_the_more(way: type[Retargeter]) -> None:
    retargeter, shape = way(), shape_of()
    eyes = [eye_openness(retargeter.open_eyes(shape, shape, wanted)) for wanted in SWEEP]
    lips = [lip_openness(retargeter.open_lips(shape, wanted)) for wanted in SWEEP]

    np.testing.assert_allclose(eyes, [eye_target(shape, wanted, FACE) for wanted in SWEEP], atol=0.01)
    np.testing.assert_allclose(lips, SWEEP * LIPS_WIDE_OPEN, atol=0.02)
    for before, after in itertools.pairwise(eyes):
        assert np.all(np.array(after) > np.array(before))
    assert np.all(np.diff(lips) > 0.0)


def test_a_face_that_is_as_open_as_asked_is_left_alone_exactly(file: Path) -> None:
    retargeter, shape = load_retargeter(file), shape_of()
    own = eye_openness(shape)[0]

    moved = retargeter.eyes.opened(shape, lambda s: eye_openness(s)[0], own)

    np.testing.assert_allclose(moved, shape, atol=1e-6)


def test_eyes_leave_the_mouth_alone_and_lips_the_eyes(file: Path) -> None:
    for retargeter in (load_retargeter(file), shipped()):
        shape = shape_of()
        np.testing.assert_array_equal(retargeter.open_eyes(shape, shape, 0.0)[LIPS], shape[LIPS])
        np.testing.assert_array_equal(retargeter.open_lips(shape, 1.0)[EYES], shape[EYES])


def test_a_mirrored_face_shuts_its_eyes_as_a_mirror_image() -> None:
    retargeter, shape = shipped(), shape_of()
    straight = retargeter.open_eyes(shape, shape, 0.2)
    turned = retargeter.open_eyes(mirrored(shape, FACE), mirrored(shape, FACE), 0.2)

    np.testing.assert_allclose(mirrored(turned, FACE), straight, atol=2e-3)


def test_lids_do_not_pass_through_each_other() -> None:
    from models.motion.landmark_sets import RIGHT_EYE_LOWER, RIGHT_EYE_UPPER

    shut = shipped().open_eyes(shape_of(), shape_of(), 0.0)

    assert (shut[RIGHT_EYE_LOWER] - shut[RIGHT_EYE_UPPER])[1:-1, 1].min() > -0.01


def test_the_transfer_asks_the_retargeter_it_was_given_and_only_where_an_openness_is_wanted(file: Path) -> None:
    learned = load_retargeter(file)
    with_network, without = (MotionTransfer(OPEN, retargeter=which) for which in (learned, None))
    follow, shut = MotionControls(), MotionControls(retarget_eyes=0.1)

    same = [transfer.drive(OPEN, OPEN, follow).expression for transfer in (with_network, without)]
    asked = [transfer.drive(OPEN, OPEN, shut).expression for transfer in (with_network, without)]

    np.testing.assert_array_equal(same[0], same[1])
    assert np.abs(asked[0] - asked[1]).max() > 1e-4


def test_weights_survive_the_file(file: Path) -> None:
    read = load_retargeter(file)

    np.testing.assert_array_equal(read.lips.basis, random_arrays()["lips.basis"])
    assert len(read.eyes.perceptron.weights) == 3


def test_other_weights_are_refused_by_name_reason_and_checksum(file: Path, tmp_path: Path) -> None:
    data = file.read_bytes()
    wrong = random_arrays()
    del wrong["eyes.basis"]
    cases = {
        "truncated.safetensors": (data[:-100], "it is not a whole safetensors file"),
        "noise.safetensors": (b"\xff" * 4000, "it is not a whole safetensors file"),
    }
    for name, (content, reason) in cases.items():
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name, reason)
    save_small(tmp_path / "less.safetensors", FORMAT, wrong, {})
    refused(tmp_path / "less.safetensors", "eyes.basis is missing or too much in it")
    save_small(tmp_path / "other.safetensors", "stitch-weights-1", random_arrays(), {})
    refused(tmp_path / "other.safetensors", "it does not say that it is of the format 'retarget-weights-1'")
    with pytest.raises(SmallWeightsRefused, match="it is not the file that was published"):
        load_retargeter(file, "0" * 64)


def refused(path: Path, reason: str) -> None:
    with pytest.raises(
        SmallWeightsRefused, match=rf"^{path.name} is refused: .*; its sha256 is [0-9a-f]{{64}}$"
    ) as seen:
        load_retargeter(path)
    assert seen.value.reason == reason


def test_driving_with_a_gain_still_ends_at_the_wanted_openness() -> None:
    driver = with_openness(replace(OPEN), eyes=0.5, lips=0.8)
    moved = MotionTransfer(OPEN, retargeter=shipped()).drive(
        OPEN, driver, MotionControls(gain=1.5, retarget_eyes=0.0, retarget_lips=0.5)
    )
    shape = moved.canonical + moved.expression

    assert max(eye_openness(shape)) < 0.04
    assert lip_openness(shape) == pytest.approx(0.5 * LIPS_WIDE_OPEN, abs=0.02)

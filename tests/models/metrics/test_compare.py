from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from models.errors import ShapeError
from models.metrics import MEASURES, compare_frames, mean_of
from models.metrics.pictures import grey, ms_ssim, psnr, ssim
from models.types import FloatArray, ImageArray
from tests.helpers.measure_tool import load_measure_tool
from tests.models.faces import face_state


def picture(seed: int, noise: float = 0.0) -> ImageArray:
    """A smooth picture with detail; the same seed gives the same one, noise on top of it another."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (33, 33, 3))
    image = np.kron(coarse, np.ones((8, 8, 1)))[:256, :256]
    image += np.random.default_rng(99).normal(0, 1, image.shape) * noise
    return np.clip(image, 0, 255).astype(np.uint8)


def landmarks_px(turn: float, seed: int) -> FloatArray:
    points = (face_state((0.0, turn, 0.0)).keypoints() + np.array([1.0, 1.0, 0.0])) * 128.0
    return (points + np.random.default_rng(seed).normal(0, 0.5, points.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The independent checker, or a visible skip."""
    return load_measure_tool()


def test_every_measure_agrees_with_the_independent_checker(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    truth, output = picture(1), picture(1, noise=20.0)
    truth_px, output_px = landmarks_px(0.1, 5), landmarks_px(0.3, 6)
    monkeypatch.setattr(tool, "landmarks", lambda frames, fm=None: [output_px])

    wanted = tool.compare(truth[None], output[None], [truth_px])
    mine = compare_frames(truth, output, truth_px, output_px)

    wanted["expression"] = wanted.pop("expr")
    for name in set(MEASURES) - {"ms_ssim"}:
        assert mine[name] == pytest.approx(wanted[name], rel=0.001), name


def test_equal_pictures_have_perfect_measures() -> None:
    image, points = picture(2), landmarks_px(0.0, 1)

    row = compare_frames(image, image, points, points)

    assert set(row) == set(MEASURES)
    assert row["psnr"] == pytest.approx(10 * np.log10(255**2 / 1e-3), rel=1e-5)
    assert [row[name] for name in ("ssim", "ms_ssim", "sharp", "found")] == pytest.approx([1.0] * 4, abs=1e-4)
    assert [row[name] for name in ("l1", "mouth_l1", "akd_px", "gaze")] == [0.0] * 4
    assert row["expression"] == pytest.approx(0.0, abs=1e-3)
    assert row["pose_deg"] == pytest.approx(0.0, abs=0.1)


def test_pose_error_is_the_angle_between_the_heads() -> None:
    truth, output = (face_state((0.0, turn, 0.0)).keypoints() * 128 + 128 for turn in (0.0, 0.2))

    row = compare_frames(picture(1), picture(1), truth, output)

    assert row["pose_deg"] == pytest.approx(np.degrees(0.2), rel=1e-3)
    assert row["expression"] == pytest.approx(0.0, abs=0.05)


def test_golden_values_of_a_known_pair() -> None:
    black, white = np.zeros((256, 256, 3), np.uint8), np.full((256, 256, 3), 255, np.uint8)

    row = compare_frames(black, white, None, None)

    assert row["psnr"] == pytest.approx(0.0, abs=1e-6)
    assert row["l1"] == 1.0
    assert row["ssim"] == pytest.approx(6.5025 / (255**2 + 6.5025), rel=1e-3)


def test_grey_has_the_weights_and_rounding_of_8_bit_luma() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], np.uint8)

    np.testing.assert_array_equal(grey(colours), [[76, 150, 29, 18]])


def test_noise_lowers_likeness() -> None:
    clean, some, more = picture(3), picture(3, noise=8.0), picture(3, noise=30.0)

    for measure in (psnr, ssim, ms_ssim):
        assert measure(clean, some) > measure(clean, more)


def test_measures_of_a_face_are_absent_where_none_was_found() -> None:
    without_truth = compare_frames(picture(1), picture(2), None, landmarks_px(0, 1))
    without_output = compare_frames(picture(1), picture(2), landmarks_px(0, 1), None)

    assert set(without_truth) == {"psnr", "ssim", "ms_ssim", "l1", "sharp"}
    assert set(without_output) == set(without_truth) | {"mouth_l1", "found"}
    assert without_output["found"] == 0.0


def test_a_mouth_at_the_edge_of_the_picture_is_measured_on_what_is_inside() -> None:
    points = landmarks_px(0, 1) + np.array([120, 120, 0], np.float32)

    assert 0.0 < compare_frames(picture(1), picture(2), points, points)["mouth_l1"] < 1.0


def test_the_mean_leaves_out_missing_measures() -> None:
    assert mean_of([{"psnr": 20.0, "akd_px": 1.0}, {"psnr": 30.0}]) == {"akd_px": 1.0, "psnr": 25.0}
    assert mean_of([]) == {}


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(ShapeError, match="output must have axes"):
        compare_frames(picture(1), picture(1)[:128], None, None)

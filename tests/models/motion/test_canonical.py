from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.errors import CheckpointError
from models.motion.canonical import CANONICAL_FILE, FORMAT_VERSION, load_canonical


def test_the_canonical_face_is_its_own_mirror_image() -> None:
    face = load_canonical()

    assert (face.mirror[face.mirror] == np.arange(478)).all()
    np.testing.assert_allclose(face.mean, face.mean[face.mirror] * [-1, 1, 1], atol=0.01)


def test_the_canonical_face_is_upright_and_two_units_wide() -> None:
    mean = load_canonical().mean

    assert np.linalg.norm(mean[454] - mean[234]) == pytest.approx(2.0, abs=1e-4)
    assert mean[10, 1] < mean[1, 1] < mean[152, 1]
    assert mean[1, 2] < mean[10, 2]  # the nose is nearest


def test_stiff_points_count_more_than_lips_and_irises_do_not_count() -> None:
    weights = load_canonical().weights

    assert weights[168] > 3 * weights[14]
    assert (weights[468:] == 0).all()


def test_the_mean_face_has_no_expression() -> None:
    face = load_canonical()

    assert np.abs(face.expression_of(face.mean)).max() == 0.0


def test_most_of_a_change_of_openness_is_expression_not_identity() -> None:
    face = load_canonical()
    change = 0.3 * face.open_lips

    kept = face.expression_of(face.mean + change)

    assert np.linalg.norm(kept - change) < 0.4 * np.linalg.norm(change)


def _copy(tmp_path: Path, metadata: dict[str, str] | None = None, **changed: np.ndarray | None) -> Path:
    tensors = load_file(CANONICAL_FILE) | changed
    path = tmp_path / "face.safetensors"
    save_file(
        {k: v for k, v in tensors.items() if v is not None}, path, metadata=metadata or {"format": FORMAT_VERSION}
    )
    return path


def test_a_missing_file_is_a_checkpoint_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        CheckpointError, match=r"nowhere.safetensors cannot be read \(No such file or directory\); install"
    ):
        load_canonical(tmp_path / "nowhere.safetensors")


def test_a_truncated_file_is_a_checkpoint_error(tmp_path: Path) -> None:
    path = tmp_path / "face.safetensors"
    path.write_bytes(CANONICAL_FILE.read_bytes()[:1000])

    with pytest.raises(CheckpointError, match=r"face.safetensors is damaged \(.+\); install it again"):
        load_canonical(path)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = _copy(tmp_path, {"format": "canonical-face-9"})

    with pytest.raises(CheckpointError, match="is of format 'canonical-face-9', this program reads 'canonical-face-1'"):
        load_canonical(path)


def test_a_file_without_one_of_its_tensors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="lacks open_lips; install it again"):
        load_canonical(_copy(tmp_path, open_lips=None))


def test_a_tensor_of_a_wrong_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="has mean of a wrong shape"):
        load_canonical(_copy(tmp_path, mean=np.zeros((468, 3), np.float32)))


@pytest.mark.parametrize("changed", [{"mean": np.full((478, 3), np.nan, np.float32)}, {"mirror": np.full(478, 900)}])
def test_numbers_that_no_face_has_are_refused(tmp_path: Path, changed: dict[str, np.ndarray]) -> None:
    with pytest.raises(CheckpointError, match="holds numbers that no canonical face has"):
        load_canonical(_copy(tmp_path, **changed))


def test_an_oversized_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "face.safetensors"
    with path.open("wb") as file:
        file.truncate(64 << 20)

    with pytest.raises(CheckpointError, match="larger than any canonical face"):
        load_canonical(path)


def test_the_split_does_not_enlarge_noise() -> None:
    face = load_canonical()
    noise = np.random.default_rng(0).normal(0, 0.01, (478, 3)).astype(np.float32)

    assert np.linalg.norm(face.expression_of(face.mean + noise)) < 1.5 * np.linalg.norm(noise)

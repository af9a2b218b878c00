from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from app.errors import EnvironmentProblem, UsageProblem
from app.tracking import motion_clip
from app.tracking.motion_clip import MotionClip, load_motion, save_motion
from models.types import FloatArray
from tests.helpers.faces import neutral_face

METADATA = {"format": "understudy-motion", "version": "1", "fps": "30.0", "name": "nod"}


def nodding(frames: int = 60, noise: float = 0.0) -> FloatArray:
    face, phase = neutral_face(), 2 * np.pi * np.arange(frames) / 60
    track = np.repeat(face[None], frames, 0)
    track[:, :, 1] += 0.05 * np.sin(phase)[:, None]
    track[:, 13:15, 1] += 0.03 * np.cos(3 * phase)[:, None]
    return (track + np.random.default_rng(0).normal(0, noise, track.shape)).astype(np.float32)


def nod(frames: int = 60) -> MotionClip:
    times_ms = (np.arange(frames) * 1000 / 30).round().astype(np.int32)
    return MotionClip(nodding(frames), times_ms, name="nod", fps=30.0, loops=True, licence="Apache-2.0", origin="test")


@pytest.fixture
def arrays(tmp_path: Path) -> dict[str, np.ndarray]:
    """What a good file holds, to be spoiled."""
    save_motion(nod(), tmp_path / "good.motion")
    return load_file(tmp_path / "good.motion")


def problem_of(path: Path) -> UsageProblem:
    with pytest.raises(UsageProblem) as caught:
        load_motion(path)
    assert caught.value.what == f"The motion {path.name} cannot be used."
    return caught.value


@pytest.mark.parametrize("frames", [1, 2, 60, 1500])
def test_what_is_saved_comes_back(tmp_path: Path, frames: int) -> None:
    clip = nod(frames)
    save_motion(clip, tmp_path / "nod.motion")
    again = load_motion(tmp_path / "nod.motion")
    assert np.abs(again.landmarks - clip.landmarks).max() < 0.003
    np.testing.assert_array_equal(again.times_ms, clip.times_ms)
    for name in ("name", "fps", "loops", "licence", "origin", "duration_ms"):
        assert getattr(again, name) == getattr(clip, name)


def test_a_single_blink_survives_compression(tmp_path: Path) -> None:
    landmarks = nodding(300)
    landmarks[150, 159] = landmarks[150, 145]
    times_ms = np.arange(300, dtype=np.int32) * 33
    save_motion(MotionClip(landmarks, times_ms), tmp_path / "blink.motion")
    again = load_motion(tmp_path / "blink.motion").landmarks
    assert np.abs(again[150, 159] - landmarks[150, 145])[:2].max() < 0.004


def test_ten_noisy_seconds_stay_small(tmp_path: Path) -> None:
    times_ms = np.arange(300, dtype=np.int32) * 33
    save_motion(MotionClip(nodding(300, noise=0.0003), times_ms), tmp_path / "ten.motion")
    assert (tmp_path / "ten.motion").stat().st_size < 300_000


def test_a_failed_save_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        save_motion(nod(), tmp_path / "no folder" / "nod.motion")
    assert str(caught.value) == (
        "The motion could not be saved as nod.motion. The system says: No such file or directory. "
        "Choose a folder you may write to, with some space left."
    )


def test_a_save_that_breaks_off_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "nod.motion"
    save_motion(nod(), path)
    before = path.read_bytes()

    def no_space(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(EnvironmentProblem, match="No space left on device"):
        save_motion(nod(30), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["nod.motion"]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "none.motion").why == "The system says: No such file or directory."


def test_a_folder_is_no_motion(tmp_path: Path) -> None:
    problem_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff" * 100, b"\x80\x00\x00\x00\x00\x00\x00\x00{}"])
def test_another_kind_of_file_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.motion"
    path.write_bytes(content)
    assert problem_of(path).why == "It is not a motion file, or it is cut off."


def test_a_file_cut_off_anywhere_is_said(tmp_path: Path) -> None:
    path = tmp_path / "cut.motion"
    save_motion(nod(), path)
    content = path.read_bytes()
    for share in (0.02, 0.5, 0.99):
        path.write_bytes(content[: int(len(content) * share)])
        assert problem_of(path).why == "It is not a motion file, or it is cut off."


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.motion"
    with path.open("wb") as file:
        file.truncate(motion_clip.MAX_FILE_BYTES + 1)
    assert problem_of(path).why == "It is larger than the 16 MB a motion file may have."


def test_weights_are_no_motion(tmp_path: Path) -> None:
    path = tmp_path / "weights.motion"
    save_file({"weight": np.zeros(3, np.float32)}, path)
    assert problem_of(path).why == "It is a safetensors file, but not one with motion in it."


@pytest.mark.parametrize("version", ["2", "9999", "99999999999"])
def test_a_newer_version_asks_for_an_update(tmp_path: Path, arrays: dict[str, np.ndarray], version: str) -> None:
    path = tmp_path / "new.motion"
    save_file(arrays, path, METADATA | {"version": version})
    problem = problem_of(path)
    assert problem.why == f"It was made by a newer Understudy (format {version[:4]}, this one reads 1)."
    assert problem.fix == "Update Understudy, or choose another .motion file."


@pytest.mark.parametrize("version", ["", "one", "-1", "²"])
def test_a_file_without_a_version_is_said(tmp_path: Path, arrays: dict[str, np.ndarray], version: str) -> None:
    path = tmp_path / "odd.motion"
    save_file(arrays, path, METADATA | {"version": version})
    assert problem_of(path).why == "It does not say which version of the format it has."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mean", np.zeros((468, 3), np.float32)),
        ("mean", np.zeros((478, 3), np.float64)),
        ("basis", np.zeros((0,), np.float16)),
        ("basis", np.zeros((3, 478, 2), np.float16)),
        ("times_ms", np.zeros((3,), np.int32)),
        ("times_ms", np.zeros((60, 1), np.int32)),
        ("coefficients", np.zeros((60, 1000), np.float32)),
    ],
)
def test_wrong_shapes_and_types_are_said(
    tmp_path: Path, arrays: dict[str, np.ndarray], key: str, value: np.ndarray
) -> None:
    path = tmp_path / "shape.motion"
    save_file(arrays | {key: value}, path, METADATA)
    assert problem_of(path).why == "Its arrays have the wrong shape or type."


def test_missing_and_additional_arrays_are_said(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "arrays.motion"
    for content in ({"mean": arrays["mean"]}, arrays | {"more": np.zeros(3, np.float32)}):
        save_file(content, path, METADATA)
        assert problem_of(path).why == "It does not hold the four arrays of a motion file."


def test_too_many_and_no_frames_are_said(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "frames.motion"
    for frames in (0, 10_801):
        coefficients = np.zeros((frames, arrays["basis"].shape[0]), np.float32)
        content = {"times_ms": np.arange(frames, dtype=np.int32), "coefficients": coefficients}
        save_file(arrays | content, path, METADATA)
        assert problem_of(path).why == f"It has {frames} frames; there may be 1 to 10800."


def test_numbers_that_are_none_are_said(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "nan.motion"
    for value, why in ((np.nan, "some landmarks are not numbers"), (100.0, "some landmarks lie further out than 8")):
        mean = arrays["mean"].copy()
        mean[5, 1] = value
        save_file(arrays | {"mean": mean}, path, METADATA)
        assert problem_of(path).why == f"Its content is damaged ({why})."


def test_numbers_that_overflow_are_said(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "overflow.motion"
    save_file(arrays | {"coefficients": np.full_like(arrays["coefficients"], 3e38)}, path, METADATA)
    assert problem_of(path).why.startswith("Its content is damaged (some landmarks")


def test_times_that_do_not_rise_are_said(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "times.motion"
    for times_ms in (arrays["times_ms"][::-1].copy(), np.zeros_like(arrays["times_ms"]), arrays["times_ms"] + 5):
        save_file(arrays | {"times_ms": times_ms}, path, METADATA)
        assert problem_of(path).why == "Its content is damaged (its times do not rise from 0)."


@pytest.mark.parametrize("fps", ["0", "nan", "1e9", "inf"])
def test_an_impossible_frame_rate_is_said(tmp_path: Path, arrays: dict[str, np.ndarray], fps: str) -> None:
    path = tmp_path / "rate.motion"
    save_file(arrays, path, METADATA | {"fps": fps})
    assert problem_of(path).why.startswith("Its content is damaged (the frame rate must be between 1 and 240, got")


def test_an_endless_description_is_said(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "text.motion"
    save_file(arrays, path, METADATA | {"name": "n" * 501})
    assert problem_of(path).why == "Its description is longer than any real one."


def test_every_problem_says_what_to_do(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "none.motion").fix == "Choose another .motion file, or record it again."


def test_a_clip_of_wrong_shape_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match=r"landmarks must be \(n, 478, 3\)"):
        MotionClip(np.zeros((5, 468, 3), np.float32), np.arange(5, dtype=np.int32))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=8), header=st.booleans())
def test_a_file_with_flipped_bytes_is_read_or_refused_with_a_sentence(
    tmp_path: Path, flips: list[tuple[float, int]], header: bool
) -> None:
    path = tmp_path / "flipped.motion"
    save_motion(nod(12), path)
    content = bytearray(path.read_bytes())
    end = 500 if header else len(content)
    for place, bits in flips:
        content[int(place * (end - 1))] ^= bits
    path.write_bytes(content)
    try:
        clip = load_motion(path)
    except UsageProblem as problem:
        assert problem.why  # noqa: PT017 - either outcome is right
    else:
        assert np.isfinite(clip.landmarks).all()

"""Recorded face motion as a small, safe file: numbers, no pixels.

A `.motion` file is a safetensors file (flat arrays and text, nothing that runs) of version 1 with

    times_ms      int32 (n,)            rising, from 0
    mean          float32 (478, 3)      the mean shape
    basis         float16 (k, 478, 3)   the clip's own principal motions
    coefficients  float32 (n, k)        landmarks = mean + coefficients @ basis

and the metadata format, version, name, licence, origin, fps, loops. Principal components make ten seconds a tenth of
the size of quantised landmarks (which would be 2.9 kB a frame), and their truncation at 0.1 px removes tracker noise.

Landmarks are in unit coordinates of the square that `CropTransform.around_face` puts around the first frame's face.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from app.errors import EnvironmentProblem, UsageProblem
from models.types import LANDMARK_COUNT, FloatArray

SUFFIX = ".motion"
FORMAT = "understudy-motion"
VERSION = 1

MAX_FILE_BYTES = 16_000_000
MAX_FRAMES = 10_800
"""Three minutes at sixty frames a second; 62 MB of landmarks."""

MAX_RANK = 256
MAX_UNIT = 8.0
"""Landmarks further than this from the centre of their crop are no face."""

TOLERANCE, LARGEST_ERROR = 0.0004, 0.003
"""What compression may change, root mean square, and at most in x and y; unit coordinates: 0.1 and 0.8 px at 512. The
second is for what is rare and large, like a single blink."""

RANK_STEP = 4

MAX_TEXT = 500
FIX = "Choose another .motion file, or record it again."
Times = npt.NDArray[np.int32]


@dataclass(frozen=True)
class MotionClip:
    """What a face did for some seconds.

    loops: the motion flows from the last frame into the first, one frame period later.

    Shapes:
        landmarks: (n, 478, 3) float32, unit coordinates of the first frame's crop.
        times_ms: (n,) int32, rising, from 0.
    """

    landmarks: FloatArray
    times_ms: Times
    name: str = "motion"
    fps: float = 30.0
    loops: bool = False
    licence: str = ""
    origin: str = ""
    duration_ms: float = field(init=False)
    """Until the first frame comes again."""

    def __post_init__(self) -> None:
        problem = _shape_problem(self.landmarks.shape, self.times_ms.shape) or _value_problem(self)
        if problem:
            raise ValueError(problem)
        object.__setattr__(self, "duration_ms", float(self.times_ms[-1]) + 1000.0 / self.fps)


def save_motion(clip: MotionClip, path: Path) -> None:
    """Write the file whole or not at all.

    Raises:
        EnvironmentProblem: the folder refuses.
    """
    mean, basis, coefficients = _compress(clip.landmarks)
    arrays = {"times_ms": clip.times_ms, "mean": mean, "basis": basis, "coefficients": coefficients}
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "name": clip.name,
        "licence": clip.licence,
        "origin": clip.origin,
        "fps": repr(float(clip.fps)),
        "loops": "yes" if clip.loops else "no",
    }
    content = save({key: np.ascontiguousarray(value) for key, value in arrays.items()}, metadata)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise EnvironmentProblem(
            f"The motion could not be saved as {path.name}.",
            why=f"The system says: {error.strerror}.",
            fix="Choose a folder you may write to, with some space left.",
        ) from error


def load_motion(path: Path) -> MotionClip:
    """Read a file from anywhere; sizes are checked before memory is taken.

    Raises:
        UsageProblem: it is missing, no motion file, too new, or damaged, each with its own sentence.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _unusable(path, f"It is larger than the {MAX_FILE_BYTES // 1_000_000} MB a motion file may have.")
        reader: Any = safe_open  # it has no types
        with reader(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            _check_metadata(path, metadata)
            arrays = _read_arrays(path, file)
    except SafetensorError as error:
        raise _unusable(path, "It is not a motion file, or it is cut off.") from error
    except OSError as error:
        raise _unusable(path, f"The system says: {error.strerror or 'it cannot be read'}.") from error
    return _assemble(path, metadata, arrays)


def _unusable(path: Path, why: str) -> UsageProblem:
    return UsageProblem(f"The motion {path.name} cannot be used.", why=why, fix=FIX)


def _check_metadata(path: Path, metadata: dict[str, str]) -> None:
    if metadata.get("format") != FORMAT:
        raise _unusable(path, "It is a safetensors file, but not one with motion in it.")
    version = metadata.get("version", "")
    if not version.isascii() or not version.isdigit():
        raise _unusable(path, "It does not say which version of the format it has.")
    if len(version) > 4 or int(version) > VERSION:
        raise UsageProblem(
            f"The motion {path.name} cannot be used.",
            why=f"It was made by a newer Understudy (format {version[:4]}, this one reads {VERSION}).",
            fix="Update Understudy, or choose another .motion file.",
        )
    if any(len(text) > MAX_TEXT for text in metadata.values()):
        raise _unusable(path, "Its description is longer than any real one.")


def _read_arrays(path: Path, file: Any) -> dict[str, npt.NDArray[np.float32]]:
    """The four arrays, each once its type and shape are known to be right."""
    if set(file.keys()) != {"times_ms", "mean", "basis", "coefficients"}:
        raise _unusable(path, "It does not hold the four arrays of a motion file.")
    shapes = {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}
    types = {key: file.get_slice(key).get_dtype() for key in shapes}
    frames = shapes["times_ms"][0] if shapes["times_ms"] else 0
    rank = shapes["basis"][0] if shapes["basis"] else 0
    wanted = {
        "times_ms": (frames,),
        "mean": (LANDMARK_COUNT, 3),
        "basis": (rank, LANDMARK_COUNT, 3),
        "coefficients": (frames, rank),
    }
    if shapes != wanted or types != {"times_ms": "I32", "mean": "F32", "basis": "F16", "coefficients": "F32"}:
        raise _unusable(path, "Its arrays have the wrong shape or type.")
    if not 1 <= frames <= MAX_FRAMES or rank > MAX_RANK:
        raise _unusable(path, f"It has {frames} frames; there may be 1 to {MAX_FRAMES}.")
    return {key: file.get_tensor(key) for key in shapes}


def _assemble(path: Path, metadata: dict[str, str], arrays: dict[str, npt.NDArray[np.float32]]) -> MotionClip:
    frames, basis = len(arrays["times_ms"]), arrays["basis"].astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused just below
        moved = arrays["coefficients"] @ basis.reshape(len(basis), -1)
        landmarks = arrays["mean"] + moved.reshape(frames, LANDMARK_COUNT, 3)
    try:
        return MotionClip(
            landmarks.astype(np.float32),
            arrays["times_ms"].astype(np.int32),
            name=metadata.get("name") or path.stem,
            fps=float(metadata.get("fps", "nan")),
            loops=metadata.get("loops") == "yes",
            licence=metadata.get("licence", ""),
            origin=metadata.get("origin", ""),
        )
    except ValueError as error:
        raise _unusable(path, f"Its content is damaged ({error}).") from error


def _shape_problem(landmarks: tuple[int, ...], times: tuple[int, ...]) -> str:
    if len(landmarks) != 3 or landmarks[1:] != (LANDMARK_COUNT, 3) or times != landmarks[:1]:
        return f"landmarks must be (n, {LANDMARK_COUNT}, 3) and times (n,), got {landmarks} and {times}"
    if not 1 <= landmarks[0] <= MAX_FRAMES:
        return f"there may be 1 to {MAX_FRAMES} frames, got {landmarks[0]}"
    return ""


def _value_problem(clip: MotionClip) -> str:
    if not 1.0 <= clip.fps <= 240.0:
        return f"the frame rate must be between 1 and 240, got {clip.fps:g}"
    if not np.isfinite(clip.landmarks).all():
        return "some landmarks are not numbers"
    if np.abs(clip.landmarks).max() > MAX_UNIT:
        return f"some landmarks lie further out than {MAX_UNIT:g}"
    if clip.times_ms[0] != 0 or (np.diff(clip.times_ms.astype(np.int64)) <= 0).any():
        return "its times do not rise from 0"
    return ""


def _compress(landmarks: FloatArray) -> tuple[FloatArray, npt.NDArray[np.float16], FloatArray]:
    """Mean, basis and coefficients, as few as keep the error under TOLERANCE.

    The covariance is taken on the shorter side of the matrix, so that long recordings take no longer than short ones.
    """
    frames = len(landmarks)
    rows = landmarks.reshape(frames, -1).astype(np.float64)
    mean = rows.mean(0)
    centred = rows - mean
    if frames < centred.shape[1]:
        _, vectors = np.linalg.eigh(centred @ centred.T)
        directions = (centred.T @ vectors[:, ::-1]).T
        directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)
    else:
        _, vectors = np.linalg.eigh(centred.T @ centred)
        directions = vectors[:, ::-1].T
    rank = _rank_needed(centred, directions)
    basis = directions[:rank].astype(np.float16)
    coefficients = np.linalg.lstsq(basis.astype(np.float64).T, centred.T, rcond=None)[0].T
    shape = (rank, LANDMARK_COUNT, 3)
    return (
        mean.reshape(LANDMARK_COUNT, 3).astype(np.float32),
        basis.reshape(shape),
        coefficients.astype(np.float32),
    )


def _rank_needed(centred: npt.NDArray[np.float64], directions: npt.NDArray[np.float64]) -> int:
    most = min(len(directions), MAX_RANK)
    left, flat = centred.copy(), np.arange(centred.shape[1]) % 3 < 2
    for rank in range(0, most, RANK_STEP):
        if np.sqrt((left**2).mean()) <= TOLERANCE and np.abs(left[:, flat]).max() <= LARGEST_ERROR:
            return max(rank, 1)
        step = directions[rank : rank + RANK_STEP]
        left -= (left @ step.T) @ step
    return most

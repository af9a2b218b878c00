"""The canonical face: a mean shape in its own frame, and which part of a deviation from it is expression.

Derived by `assets/make/canonical_face.py` from the training clips; the file holds statistics only. Its frame: origin
in the middle of the 468 points, the face 2 units wide, x to the right of the picture, y down, z away from the viewer,
forehead above chin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from models.errors import CheckpointError
from models.types import LANDMARK_COUNT, FloatArray

CANONICAL_FILE = Path(__file__).resolve().parents[2] / "assets" / "weights" / "canonical_face.safetensors"
FORMAT_VERSION = "canonical-face-1"
LARGEST_FILE_BYTES = 4 << 20
DIRECTIONS = ("open_right_eye", "open_left_eye", "open_lips")


@dataclass(frozen=True)
class CanonicalFace:
    """What every face is measured against.

    Shapes:
        mean: (478, 3) float32.
        weights: (478,) float32 in [0, 1]; 1 is the stiffest point, 0 (irises) does not count for the head's pose.
        mirror: (478,) int64, the index of each point's mirror image.
        encode, decode: (R, 1434) and (1434, R) float32; `decode @ encode` takes the expression out of a deviation.
        open_right_eye, open_left_eye, open_lips: (478, 3) float32, how a shape moves when that openness grows by 1.
    """

    mean: FloatArray
    weights: FloatArray
    mirror: npt.NDArray[np.int64]
    encode: FloatArray
    decode: FloatArray
    open_right_eye: FloatArray
    open_left_eye: FloatArray
    open_lips: FloatArray

    def expression_of(self, shape: FloatArray) -> FloatArray:
        """(478, 3): the part of a shape's deviation from the mean that expressions explain."""
        deviation = (shape - self.mean).reshape(-1)
        return (self.decode @ (self.encode @ deviation)).reshape(shape.shape).astype(np.float32)


@lru_cache(maxsize=4)
def load_canonical(path: Path = CANONICAL_FILE) -> CanonicalFace:
    """The shipped canonical face, read once.

    Raises:
        CheckpointError: the file is missing, is not a canonical face of this version, or was changed.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise CheckpointError(f"{path.name} is larger than any canonical face; install it again")
        return _read(path)
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read ({error.strerror or error}); install it again") from error
    except SafetensorError as error:
        raise CheckpointError(f"{path.name} is damaged ({error}); install it again") from error


def _read(path: Path) -> CanonicalFace:
    with safe_open(path, framework="numpy") as file:  # type: ignore[no-untyped-call]
        version = (file.metadata() or {}).get("format")
        if version != FORMAT_VERSION:
            raise CheckpointError(f"{path.name} is of format {version!r}, this program reads {FORMAT_VERSION!r}")
        absent = sorted({"mean", "weights", "mirror", "encode", "decode", *DIRECTIONS} - set(file.keys()))
        if absent:
            raise CheckpointError(f"{path.name} lacks {', '.join(absent)}; install it again")
        mean, weights, mirror = (file.get_tensor(name) for name in ("mean", "weights", "mirror"))
        encode, decode = (file.get_tensor(name).astype(np.float32) for name in ("encode", "decode"))
        directions = [file.get_tensor(name).astype(np.float32) for name in DIRECTIONS]
    points = (mean.astype(np.float32), weights.astype(np.float32), mirror.astype(np.int64))
    face = CanonicalFace(*points, encode, decode, *directions)
    _check(face, path.name)
    return face


def _check(face: CanonicalFace, name: str) -> None:
    size, rank = LANDMARK_COUNT * 3, len(face.encode)
    wanted = {"mean": (LANDMARK_COUNT, 3), "weights": (LANDMARK_COUNT,), "mirror": (LANDMARK_COUNT,)}
    wanted |= {name: (LANDMARK_COUNT, 3) for name in DIRECTIONS}
    wanted |= {"encode": (rank, size), "decode": (size, rank)}
    wrong = [key for key, shape in wanted.items() if getattr(face, key).shape != shape]
    if wrong:
        raise CheckpointError(f"{name} has {', '.join(wrong)} of a wrong shape; install it again")
    arrays = [face.mean, face.weights, face.encode, face.decode, *(getattr(face, name) for name in DIRECTIONS)]
    indices_fit = bool(((face.mirror >= 0) & (face.mirror < LANDMARK_COUNT)).all())
    if not (all(np.isfinite(a).all() for a in arrays) and indices_fit and face.weights.min() >= 0 < face.weights.sum()):
        raise CheckpointError(f"{name} holds numbers that no canonical face has; install it again")

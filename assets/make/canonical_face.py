"""Makes assets/weights/canonical_face.safetensors: the mean face, how stiff its points are, and what is expression.

    python -m assets.make.canonical_face LANDMARKS_FOLDER --manifest MANIFEST.csv --prefix train_

LANDMARKS_FOLDER holds one .npz per clip with `landmarks_px` (n, 478, 3) of FaceMesh in static mode on 256 px frames;
the manifest's columns `file` and `identity` say who is in which clip. Only statistics over all people are kept.

Method: generalised Procrustes alignment for the mean (Gower 1975), weights from the inverse variance within clips,
and a Gaussian split of a shape's deviation from the mean, `expression = C_e (C_e + C_i + noise)^-1 deviation`, C_e
being the covariance within clips and C_i that of people's means. C_e counts `EXPRESSION_TRUST` times, which decides
between carrying a driver's expression completely and keeping the driver's identity out of it; measured on people held
out, 100 loses 0.19 px of a 107 px wide face and lets 0.84 of the identity's energy pass (30: 0.26 and 0.70). Relative
motion subtracts the neutral face, so what passes matters in absolute motion across people alone.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from scipy.optimize import linear_sum_assignment

from models.motion.canonical import CANONICAL_FILE, FORMAT_VERSION
from models.motion.landmark_sets import EYES, IRISES, LIPS
from models.motion.openness import eye_openness, lip_openness
from models.motion.similarity import fit_similarity

Array = npt.NDArray[np.float64]
PAIRS = ((33, 263), (133, 362), (234, 454), (61, 291), (127, 356))
"""Right and left (of the person) points that lie mirrored in a face: they set the canonical x axis."""

FRAMES_PER_CLIP = 60
EXPRESSION_TRUST = 100.0
NOISE = 0.03
"""Variance of a landmark's noise over its variance within clips. The split is oblique: without enough of this it would
enlarge the tracker's noise (1e-3: six times; this: not at all) for little (0.02 px) in return."""

RANK = 128
DEPTH_WEIGHT, PART_WEIGHT = 0.5, 1.5
"""FaceMesh depth is noisy and counts less; eyes and lips are few points and count more."""


def main() -> None:
    """Read clips, derive the tensors, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--prefix", default="")
    options = parser.parse_args()
    clips, people = read_clips(options.folder, options.manifest, options.prefix)
    mean, mirror, weights = mean_face(clips)
    shapes = [aligned(clip, mean, weights) for clip in clips]
    encode, decode = expression_split(shapes, people, mean, mirror)
    CANONICAL_FILE.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"mean": mean.astype(np.float32), "weights": weights.astype(np.float32), "mirror": mirror}
    tensors |= {"encode": encode.astype(np.float16), "decode": decode.astype(np.float16)}
    tensors |= {name: way.astype(np.float32) for name, way in opening(shapes, mirror).items()}
    origin = f"FaceMesh landmarks of {len(clips)} clips of {len(set(people))} people; statistics only"
    save_file(tensors, CANONICAL_FILE, metadata={"format": FORMAT_VERSION, "origin": origin, "licence": "Apache-2.0"})
    print(f"{CANONICAL_FILE}: {CANONICAL_FILE.stat().st_size / 1024:.0f} KiB, {origin}")


def read_clips(folder: Path, manifest: Path, prefix: str) -> tuple[list[Array], list[str]]:
    """Landmarks in half pictures, z as x, at most FRAMES_PER_CLIP a clip, and who is in each clip."""
    with manifest.open(encoding="utf-8") as stream:
        identity = {Path(row["file"]).stem: row["identity"] for row in csv.DictReader(stream)}
    clips, people = [], []
    for path in sorted(folder.glob(f"{prefix}*.npz")):
        landmarks = np.load(path, allow_pickle=False)["landmarks_px"].astype(np.float64) / 128.0
        clips.append(landmarks[:: max(1, len(landmarks) // FRAMES_PER_CLIP)])
        people.append(identity[path.stem.removeprefix(prefix)])
    return clips, people


def mean_face(clips: list[Array]) -> tuple[Array, npt.NDArray[np.int64], Array]:
    """Mean shape (478, 3), symmetric and upright; index of each point's mirror image; weight of each point."""
    weights = np.ones(478)
    weights[IRISES] = 0.0
    mean = upright(clips[0][0])
    for _ in range(4):
        shapes = [aligned(clip, mean, weights) for clip in clips]
        variance = np.mean([((s - s.mean(0)) ** 2).sum(-1).mean(0) for s in shapes], axis=0)
        mean = upright(np.mean([s.mean(0) for s in shapes], axis=0))
        mirror = mirror_of(mean)
        mean = upright((mean + mean[mirror] * [-1.0, 1.0, 1.0]) / 2.0)
        variance = (variance + variance[mirror]) / 2.0
        weights = 1.0 / (variance + 0.3 * np.median(variance))
        weights[IRISES] = 0.0
        weights /= weights.max()
    return mean, mirror, weights


def aligned(clip: Array, mean: Array, weights: Array) -> Array:
    """(n, 478, 3), every frame of a clip in the canonical frame."""
    return np.stack([fit_similarity(mean, frame, weights).undo(frame) for frame in clip]).astype(np.float64)


def upright(shape: Array) -> Array:
    """Turned so that mirrored pairs lie along x and forehead above chin, centred, half as wide as 2 units."""
    x = np.sum([shape[left] - shape[right] for right, left in PAIRS], axis=0)
    x /= np.linalg.norm(x)
    y = shape[152] - shape[10]
    y -= x * (x @ y)
    y /= np.linalg.norm(y)
    turned = shape @ np.stack([x, y, np.cross(x, y)]).T
    turned -= turned[:468].mean(0)
    return np.asarray(turned / (np.linalg.norm(turned[454] - turned[234]) / 2.0))


def mirror_of(mean: Array) -> npt.NDArray[np.int64]:
    """Which point is each one's mirror image: the assignment with the least total distance, made its own inverse."""
    distance = ((mean[:, None] * [-1.0, 1.0, 1.0] - mean[None]) ** 2).sum(-1)
    distance[:468, 468:] = distance[468:, :468] = 9.0
    _, mirror = linear_sum_assignment(distance + distance.T)
    unsure = mirror[mirror] != np.arange(len(mean))
    mirror[unsure] = np.flatnonzero(unsure)
    return mirror.astype(np.int64)


def expression_split(
    shapes: list[Array], people: list[str], mean: Array, mirror: npt.NDArray[np.int64]
) -> tuple[Array, Array]:
    """`expression = decode @ encode @ deviation`; (RANK, 1434) and (1434, RANK)."""
    metric = np.ones((478, 3))
    metric[EYES + LIPS + IRISES] = PART_WEIGHT
    metric[:, 2] *= DEPTH_WEIGHT

    def covariance(deviations: Array) -> Array:
        both = np.concatenate([deviations, (deviations * [-1.0, 1.0, 1.0])[:, mirror]])
        rows = (both * metric).reshape(len(both), -1)
        return np.asarray(rows.T @ rows / len(rows))

    within = np.mean([covariance(shape - shape.mean(0)) for shape in shapes], axis=0)
    means = [
        np.mean([s.mean(0) for s, p in zip(shapes, people, strict=True) if p == who], axis=0)
        for who in sorted(set(people))
    ]
    between = covariance(np.stack(means) - mean)
    noise = NOISE * np.trace(within) / len(within) * np.eye(len(within))
    share = EXPRESSION_TRUST * within @ np.linalg.inv(EXPRESSION_TRUST * within + between + noise)
    u, singular, vt = np.linalg.svd(share)
    root, scale = np.sqrt(singular[:RANK]), metric.ravel()
    return root[:, None] * vt[:RANK] * scale, u[:, :RANK] * root / scale[:, None]


def opening(shapes: list[Array], mirror: npt.NDArray[np.int64]) -> dict[str, Array]:
    """How shapes move per unit of measured openness: linear regression within clips, mirrored copies included."""
    ways = {}
    for name, measure in (
        ("open_right_eye", lambda shape: eye_openness(shape)[0]),
        ("open_left_eye", lambda shape: eye_openness(shape)[1]),
        ("open_lips", lip_openness),
    ):
        slope, spread = np.zeros((478, 3)), 0.0
        for clip in shapes:
            measured = np.array([measure(shape) for shape in clip])
            measured -= measured.mean()
            slope += np.tensordot(measured, clip - clip.mean(0), 1)
            spread += float((measured**2).sum())
        ways[name] = slope / spread
    flip = np.array([-1.0, 1.0, 1.0])
    right = (ways["open_right_eye"] + (ways["open_left_eye"] * flip)[mirror]) / 2.0
    right *= np.exp(-((np.linalg.norm(mean_distance(shapes, 159), axis=-1) / 0.45) ** 2))[:, None]
    lips = (ways["open_lips"] + (ways["open_lips"] * flip)[mirror]) / 2.0
    lips *= np.exp(-((np.linalg.norm(mean_distance(shapes, 14), axis=-1) / 1.1) ** 4))[:, None]
    return {"open_right_eye": right, "open_left_eye": (right * flip)[mirror], "open_lips": lips}


def mean_distance(shapes: list[Array], point: int) -> Array:
    """(478, 3), where the points of the mean shape lie from one of them: people wink with one eye at a time."""
    mean = np.mean([clip.mean(0) for clip in shapes], axis=0)
    return np.asarray(mean - mean[point])


if __name__ == "__main__":
    main()

"""Derive the neutral face and its expression directions from tracked clips of many people.

Why: a face sculpted by hand rarely has the proportions a face tracker expects. The mean of many
people's FaceMesh landmarks does, and is nobody's likeness. Writes ``face_base.npz``, which the other
scripts use; the clips themselves are not needed any more after that.

    python assets/make/derive_face.py CLIP_DIR assets/make/face_base.npz
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from mediapipe.python.solutions import face_mesh_connections as fmc
from scipy.optimize import linear_sum_assignment

POINTS = 468
STEADY = [10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 33, 133, 263, 362, 127, 356, 234, 454, 67, 297, 54, 284]
# triangles of the edge graph that are not faces: they close the outline of a nostril wing
FALSE_FACES = {(49, 64, 129), (279, 294, 358)}
FEATURES = ("jaw", "wide", "pucker", "brow", "corner")


def faces_of_edges() -> np.ndarray:
    """Triangles of the FaceMesh tessellation: its 3-cliques."""
    edges = {tuple(sorted(e)) for e in fmc.FACEMESH_TESSELATION}
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in edges:
        near[a].add(b)
        near[b].add(a)
    cliques = {tuple(sorted((a, b, c))) for a, b in edges for c in near[a] & near[b]}
    return np.array(sorted(cliques - FALSE_FACES), dtype=np.int32)


def align(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Move, turn and scale ``points`` so that its steady part lies on that of ``target``."""
    p, t = points[STEADY], target[STEADY]
    pc, tc = p.mean(0), t.mean(0)
    u, s, vt = np.linalg.svd((p - pc).T @ (t - tc))
    d = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    scale = (s * np.diag(d)).sum() / ((p - pc) ** 2).sum()
    return scale * (points - pc) @ (u @ d @ vt) + tc


def upright(mean: np.ndarray) -> np.ndarray:
    """Centre between the eyes, eye line level, one unit between the outer eye corners."""
    centre = mean[[33, 263]].mean(0)
    out = (mean - centre) / np.linalg.norm(mean[263] - mean[33])
    x = out[263] - out[33]
    up = out[10] - out[152]
    # the line chin to hairline leans: the forehead's top lies a little behind the chin's tip
    x /= np.linalg.norm(x)
    up -= x * (up @ x)
    up /= np.linalg.norm(up)
    frame = np.stack([x, up, np.cross(x, up)], 1)
    return out @ frame


def mirror_map(mean: np.ndarray) -> np.ndarray:
    """For every point the index of its mirror image."""
    flipped = mean * [-1, 1, 1]
    cost = np.linalg.norm(mean[:, None] - flipped[None], axis=2)
    row, col = linear_sum_assignment(cost + cost.T)
    assert (col[col] == row).all()
    return col


def features(p: np.ndarray) -> np.ndarray:
    """Mouth gap, mouth width, lip protrusion, brow height, corner height per frame (n, 5)."""
    gap = np.linalg.norm(p[:, 13] - p[:, 14], axis=1)
    width = p[:, 291, 0] - p[:, 61, 0]
    front = p[:, [0, 17]].mean(1)[:, 2] - p[:, [61, 291]].mean(1)[:, 2]
    brow = p[:, [105, 334], 1].mean(1) - p[:, [33, 263], 1].mean(1)
    corner = p[:, [61, 291], 1].mean(1) - p[:, [13, 14], 1].mean(1)
    return np.stack([gap, width, front, brow, corner], 1)


def load(folder: Path) -> dict[str, list[np.ndarray]]:
    """Landmarks per person, y up and z towards the camera."""
    people: dict[str, list[np.ndarray]] = defaultdict(list)
    for file in sorted(folder.glob("train_*.npz")):
        with np.load(file) as data:
            points = data["landmarks_px"][::4, :POINTS].astype(np.float64) * [1, -1, -1]
        people["_".join(file.stem.split("_")[1:3])].append(points)
    return people


def mean_and_bases(people: dict[str, list[np.ndarray]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Neutral mean (468, 3), displacement per unit of each feature (5, 468, 3), feature spread (5,)."""
    clips = [np.concatenate(v) for v in people.values()]
    mean = upright(clips[0].mean(0))
    for _ in range(6):
        aligned = [np.stack([align(f, mean) for f in c]) for c in clips]
        neutral = []
        for c in aligned:
            f = features(c)
            pick = f[:, 0] <= np.quantile(f[:, 0], 0.15)
            neutral.append(c[pick].mean(0))
        mean = upright(np.mean(neutral, 0))
        mirror = mirror_map(mean)
        mean = upright((mean + mean[mirror] * [-1, 1, 1]) / 2)
    aligned = [np.stack([align(f, mean) for f in c]) for c in clips]
    moved = np.concatenate([c - n for c, n in zip(aligned, neutral, strict=True)])
    moved = (moved + moved[:, mirror] * [-1, 1, 1]) / 2
    feats = features(mean + moved) - features(mean[None])
    gram = feats.T @ feats
    bases = np.linalg.solve(gram + 1e-6 * np.eye(len(FEATURES)), feats.T @ moved.reshape(len(moved), -1))
    return mean, bases.reshape(len(FEATURES), POINTS, 3), feats.std(0)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    people = load(args.clips)
    mean, bases, spread = mean_and_bases(people)
    print(len(people), "people; spread", dict(zip(FEATURES, spread.round(3), strict=True)))
    np.savez_compressed(
        args.out,
        mean=mean.astype(np.float32),
        faces=faces_of_edges(),
        mirror=mirror_map(mean).astype(np.int32),
        bases=bases.astype(np.float32),
        features=np.array(FEATURES),
    )


if __name__ == "__main__":
    main()

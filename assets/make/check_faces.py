"""Check that FaceMesh finds every rendered face, in the right place.

Draws the lip, lid, iris and outline points on each picture and puts them on one sheet to look at.

    python assets/make/check_faces.py SHEET.jpg PICTURE_OR_VIDEO...
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.python.solutions import face_mesh_connections as fmc

GROUPS = (
    (fmc.FACEMESH_LIPS, (60, 60, 255)), (fmc.FACEMESH_LEFT_EYE, (80, 255, 80)),
    (fmc.FACEMESH_RIGHT_EYE, (80, 255, 80)), (fmc.FACEMESH_IRISES, (255, 200, 0)),
    (fmc.FACEMESH_FACE_OVAL, (255, 255, 255)), (fmc.FACEMESH_LEFT_EYEBROW, (0, 220, 255)),
    (fmc.FACEMESH_RIGHT_EYEBROW, (0, 220, 255)),
)  # fmt: skip


def pictures(file: Path) -> Iterator[np.ndarray]:
    """The picture, or every frame of the video."""
    if file.suffix != ".mp4":
        yield cv2.imread(str(file))
        return
    video = cv2.VideoCapture(str(file))
    while True:
        ok, frame = video.read()
        if not ok:
            return
        yield frame


def marked(picture: np.ndarray, points: np.ndarray | None, size: int) -> np.ndarray:
    """The picture with its landmarks, scaled."""
    k = size / picture.shape[0]
    out = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    if points is None:
        return cv2.rectangle(out, (0, 0), (size - 1, size - 1), (0, 0, 255), 12)
    q = np.round(points[:, :2] * picture.shape[0] * k * 16).astype(int)
    for edges, colour in GROUPS:
        for a, b in edges:
            cv2.line(out, q[a].tolist(), q[b].tolist(), colour, 1, cv2.LINE_AA, 4)
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=420)
    parser.add_argument("--every", type=int, default=1, help="draw only every n-th video frame")
    args = parser.parse_args()
    tiles, missed = [], 0
    for file in args.files:
        still = file.suffix != ".mp4"
        with mp.solutions.face_mesh.FaceMesh(static_image_mode=still, refine_landmarks=True) as mesh:
            for i, picture in enumerate(pictures(file)):
                found = mesh.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).multi_face_landmarks
                points = np.array([(p.x, p.y, p.z) for p in found[0].landmark]) if found else None
                missed += points is None
                if points is not None and still:
                    face = np.ptp(points[:, 1])
                    print(f"{file.parent.name}/{file.name}: face {face:.2f} of the height")
                if i % args.every == 0 or points is None:
                    tiles.append(marked(picture, points, args.size))
    print("no face in", missed, "pictures")
    wide = math.ceil(math.sqrt(len(tiles)))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % wide)
    rows = [np.hstack(tiles[i : i + wide]) for i in range(0, len(tiles), wide)]
    cv2.imwrite(str(args.sheet), np.vstack(rows))


if __name__ == "__main__":
    main()

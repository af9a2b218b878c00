"""The shipped avatars' views as clips, for `prepare`: rendered heads of one person under exactly known changes.

    python assets/make/avatar_clips.py FOLDER [--croppings 8]

Each clip holds the portrait and the references of one avatar, all cut out by the same square; the squares of its clips
differ, and so does the demo's driver in them. FOLDER gets videos/*.mp4 and manifest.csv; put both beside other clips.
"""

from __future__ import annotations

import argparse
import csv
import sys
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.avatars import Avatar, shipped_avatars  # noqa: E402
from app.capture.video_reader import open_video  # noqa: E402
from app.crop import CropTransform, opencv_matrix  # noqa: E402
from app.face_choice import choose_face  # noqa: E402
from app.output.movie_writer import open_writer  # noqa: E402
from app.picture_file import read_picture  # noqa: E402
from app.resample import resized  # noqa: E402
from app.tracking.face_mesh import FaceMeshTracker  # noqa: E402
from models.types import ImageArray  # noqa: E402

DRIVER = ROOT / "assets" / "demo" / "driver.mp4"
VIEW_PX, CLIP_PX = 768, 320
CROPS = (2.1, 2.8)
"""Side of the square over the face's box, at random between; the crops of other clips are 2.2 to 2.6 of it."""

SHIFT = 0.08
"""How far the square's centre may be off, in sides."""


def main() -> None:
    """Every avatar, then the driver."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--croppings", type=int, default=8)
    options = parser.parse_args()
    (options.folder / "videos").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    rows = []
    with closing(FaceMeshTracker(static=True)) as tracker:
        people = {f"avatar-{each.portrait.parent.name}": views_of(each) for each in shipped_avatars()}
        with closing(open_video(DRIVER)) as video:
            people["avatar-driver"] = list(video.frames())[::2]
        for name, views in people.items():
            for number in range(options.croppings):
                square = around(views[0], tracker, rng)
                write_clip(options.folder / "videos" / f"{name}_{number}.mp4", [cut(view, square) for view in views])
                rows.append(manifest_row(f"videos/{name}_{number}.mp4", name, len(views)))
    with (options.folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def views_of(avatar: Avatar) -> list[ImageArray]:
    """Portrait and references in one size; they were rendered by one camera that never moved."""
    files = (avatar.portrait, *avatar.references)
    return [resized(read_picture(file).rgb, (VIEW_PX, VIEW_PX)) for file in files]


def around(view: ImageArray, tracker: FaceMeshTracker, rng: np.random.Generator) -> CropTransform:
    """A square around the face of a view, not quite the usual one."""
    face = choose_face(tracker, view)
    if face is None:
        raise SystemExit("no face was found")
    usual = CropTransform.around_face(face.landmarks_px, CLIP_PX, scale=float(rng.uniform(*CROPS)))
    x, y = np.array(usual.centre_px) + rng.uniform(-SHIFT, SHIFT, 2) * usual.side_px
    return CropTransform((float(x), float(y)), usual.side_px, 0.0, CLIP_PX)


def cut(view: ImageArray, square: CropTransform) -> ImageArray:
    """The square; what lies outside repeats the edge."""
    matrix = opencv_matrix(square.crop_from_picture)
    size = (CLIP_PX, CLIP_PX)
    return cv2.warpAffine(view, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)


def write_clip(path: Path, frames: list[ImageArray]) -> None:
    """Every view twice, because `prepare` takes every second frame."""
    with open_writer(path, (CLIP_PX, CLIP_PX), Fraction(25)) as movie:
        for image in frames:
            movie.write(image)
            movie.write(image)
        movie.commit()


def manifest_row(file: str, name: str, frames: int) -> dict[str, str | int]:
    """What the manifest says of a clip."""
    return {
        "file": file, "kind": "video", "identity": name, "class": "rendered", "frames": 2 * frames,
        "source_repo": "this program", "source_path": "assets/avatars, assets/demo", "repo_license": "Apache-2.0",
    }  # fmt: skip


if __name__ == "__main__":
    main()

"""Render the avatars: portrait, references, thumbnail and description of each.

python assets/make/render_avatars.py [NAME...] [--only portrait,smile] [--size 1024]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from characters import AVATARS, CHARACTERS, POSES
from PIL import Image
from sitter import Sitter
from studio import Studio

OUT = Path(__file__).parent.parent / "avatars"
REFERENCES = [p for p in POSES if p != "portrait"]


def describe(key: str, folder: Path) -> None:
    """Write ``avatar.json`` and the thumbnail."""
    references = [f"references/{p}.jpg" for p in REFERENCES if (folder / f"references/{p}.jpg").exists()]
    about = {
        "version": 1,
        "name": CHARACTERS[key].name,
        "portrait": "portrait.jpg",
        "references": references,
        "licence": "Apache-2.0",
        "origin": "rendered by assets/make/render_avatars.py",
    }
    (folder / "avatar.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    with Image.open(folder / "portrait.jpg") as picture:
        k = picture.width / 1024
        head = picture.crop(tuple(round(v * k) for v in (172, 40, 852, 720)))
        head.resize((256, 256), Image.Resampling.LANCZOS).save(folder / "thumbnail.png", optimize=True)


def render(key: str, poses: list[str], size: int, reference_size: int, samples: int) -> None:
    """Render the chosen pictures of one character."""
    folder = OUT / key
    (folder / "references").mkdir(parents=True, exist_ok=True)
    sitter = Sitter(CHARACTERS[key])
    studio: Studio | None = None
    with tempfile.TemporaryDirectory() as temp:
        for pose in poses:
            begin, main = time.monotonic(), pose == "portrait"
            if studio is None:
                studio = Studio(sitter, size, samples)
            studio.resize(size if main else reference_size, samples if main else max(samples // 2, 8))
            file = Path(temp) / "picture.png"
            studio.shoot(POSES[pose], file)
            goal = folder / ("portrait.jpg" if main else f"references/{pose}.jpg")
            with Image.open(file) as picture:
                picture.convert("RGB").save(goal, quality=92, subsampling=0, optimize=True)
            print(f"{key} {pose}: {time.monotonic() - begin:.0f} s", flush=True)
    describe(key, folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=AVATARS)
    parser.add_argument("--only", default=",".join(POSES), help="poses to render, with commas")
    parser.add_argument("--size", type=int, default=1024, help="pixels of the portrait")
    parser.add_argument("--reference-size", type=int, default=768)
    parser.add_argument("--samples", type=int, default=12, help="of the portrait; references take half")
    args = parser.parse_args()
    for key in args.names:
        render(key, args.only.split(","), args.size, args.reference_size, args.samples)


if __name__ == "__main__":
    main()

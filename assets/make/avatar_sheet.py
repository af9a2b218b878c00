"""The contact sheet of the documents: the shipped avatars following the shipped driver. No real person is on it.

Run with the program's environment, from the repository's root, whenever weights have changed:

    python assets/make/avatar_sheet.py docs/avatars.jpg [--models geometric,explicit,synergy] [--moments 2]

Columns: portrait, driver, each model with the portrait alone, those that use references also with the avatar's own,
and last the confidence of the model that has one (white is trusted).
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.animators import open_animator  # noqa: E402
from app.avatars import shipped_avatars  # noqa: E402
from app.capture.video_reader import open_video  # noqa: E402
from app.contact_sheet import SheetRow, write_sheet  # noqa: E402
from app.evaluation import confidence_image  # noqa: E402
from app.offline import DriverSquare, OfflineAnimator, host_image, observe_frames  # noqa: E402
from app.portrait import LoadedPortrait  # noqa: E402
from app.portrait_loader import PortraitLoader  # noqa: E402
from app.settings import MotionSettings  # noqa: E402
from app.tracking.face_mesh import FaceMeshTracker  # noqa: E402
from models.types import Animator, FloatArray, ImageArray, PortraitView  # noqa: E402

DRIVER = ROOT / "assets" / "demo" / "driver.mp4"


def main() -> None:
    """Read the driver once, then animate every avatar at some of its moments."""
    options = _options()
    animators = [open_animator(name, "cpu") for name in options.models.split(",")]
    rows = []
    with closing(FaceMeshTracker(static=True)) as tracker, closing(PortraitLoader(tracker)) as loader:
        frames, points = read_driver(tracker)
        avatars = shipped_avatars()
        chosen = np.linspace(0, len(frames) - 1, len(avatars) * options.moments + 1).astype(int)[1:]
        for number, avatar in enumerate(avatars):
            portrait = loader.load(avatar.portrait, avatar.references)
            for frame in chosen[number :: len(avatars)]:
                shown = {avatar.name: portrait.view.image, f"driver, frame {frame}": frames[frame]}
                rows.append(SheetRow(shown | animated(animators, portrait, [points[0], points[frame]])))
    write_sheet(options.sheet, rows)
    print(f"{options.sheet}: {len(rows)} rows")


def read_driver(tracker: FaceMeshTracker) -> tuple[list[ImageArray], list[FloatArray]]:
    """Every frame that shows a face, and its landmarks in unit coordinates."""
    with closing(open_video(DRIVER)) as video:
        frames = list(video.frames())
    square, seen = DriverSquare(framed=False), zip(frames, observe_frames(frames, tracker), strict=True)
    found = [(frame, square.unit_landmarks(face)) for frame, face in seen if face is not None]
    return [frame for frame, _ in found], [points for _, points in found]


def animated(
    animators: list[Animator[Any]], portrait: LoadedPortrait, points: list[FloatArray]
) -> dict[str, ImageArray]:
    """What every animator makes of a portrait, by caption; `points` are the neutral and the driving landmarks."""
    made: dict[str, ImageArray] = {}
    confidence: dict[str, ImageArray] = {}
    for animator in animators:
        for references in ((), portrait.references) if animator.uses_references else ((),):
            name = f"{animator.name}@{1 + len(references)}"
            made[name], trust = _one(animator, portrait.view, references, points)
            if trust is not None and np.ptp(trust) > 0 and not references:
                confidence[f"confidence of {name}"] = confidence_image(trust)
    return made | confidence


def _one(
    animator: Animator[Any], view: PortraitView, references: tuple[PortraitView, ...], points: list[FloatArray]
) -> tuple[ImageArray, FloatArray | None]:
    session = OfflineAnimator(animator, MotionSettings(relative=True, smoothing=0.0), want_maps=True)
    session.prepare(view, references)
    frame = [session.step(landmarks) for landmarks in points][-1]
    return host_image(frame), None if frame.maps is None else frame.maps.confidence


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--models", default="geometric,explicit,synergy")
    parser.add_argument("--moments", type=int, default=2, help="rows for each avatar")
    return parser.parse_args()


if __name__ == "__main__":
    main()

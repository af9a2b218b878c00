"""Whether guided capture helps: `python -m tests.end_to_end.measure_capture CLIP [CLIP ...]`.

The program runs as a new user runs it, on a screen of its own (Xvfb): the person's portrait is the first frame of the
clip, the clip is the camera. "Capture yourself" is clicked, what was picked is kept. Afterwards that clip is animated
from its own frames, before (the portrait alone) and after (with what was kept), and scored as `evaluate` does, 8 frames
away from every picture that was used. The person in the clip does not hear what is asked, so some goals are missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from app.animators import open_animator
from app.avatars import Avatar, load_avatar, user_avatars
from app.clip_folder import read_clip
from app.control import EngineConfig
from app.engine import Engine
from app.evaluation import REFERENCE_MARGIN, Clip, ClipEvaluation
from app.leaving import leave
from app.live_stages import live_engine
from app.picture_file import read_picture
from app.portrait_loader import PortraitLoader
from app.render.few_views import MOST_LIVE_REFERENCES, widest_spread
from app.resample import resized
from app.tracking.face_mesh import FaceMeshTracker
from tests.helpers.real_window import main_window, measured_beside, run_window, screen_of_its_own
from ui.views.capture_page import CapturePage

MODEL = "synergy"
KEPT_NAME = "Me"
SCORED = 40
MEASURES = ("psnr", "ssim", "mouth_l1", "sharp", "akd_px", "expression")
TIMEOUT_S = 400.0


class Sitter(QObject):
    """Clicks what a person clicks: capture, keep, close. `said` is what the page showed before keeping."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine, self._step = engine, 0
        self.said: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(100)

    def _look(self) -> None:
        status = self._engine.status()
        page = main_window().findChild(CapturePage)
        assert page is not None
        if self._step == 0 and self._engine.stats.t_first_frame_ns is not None and status.camera is not None:
            self._click("Capture yourself")
        elif self._step == 1 and _button(page, "Capture again").isVisible():
            self.said = [label.text() for label in page.findChildren(QLabel) if label.isVisible() and label.text()]
            if not _button(page, "Keep").isVisible():
                main_window().close()
                return
            self._click("Keep", page)
        elif self._step == 2 and _button(page, "Delete it again").isVisible() and status.portrait == KEPT_NAME:
            self._timer.stop()
            main_window().close()

    def _click(self, name: str, inside: QObject | None = None) -> None:
        self._step += 1
        QTest.mouseClick(_button(inside or main_window(), name), Qt.MouseButton.LeftButton)


def _button(inside: QObject, name: str) -> QPushButton:
    return next(
        each for each in inside.findChildren(QPushButton) if name in (each.text().strip(), each.accessibleName())
    )


def _capture_here(clip: Path, portrait: Path, kept: Path) -> dict[str, object]:
    """Run the window in this process, and copy what was kept to `kept`."""
    sitters: list[Sitter] = []

    def new_engine(config: EngineConfig) -> Engine:
        engine = live_engine(config)
        sitters.append(Sitter(engine))
        return engine

    shown = ["--avatar", str(portrait), "--camera", str(clip), "--model", MODEL]
    code = run_window([*shown, "--virtual-camera", "none", "--quiet"], new_engine)
    for avatar in user_avatars():
        shutil.copytree(avatar.folder, kept, dirs_exist_ok=True)
    return {"exit": code, "said": sitters[0].said}


def _frame_of(path: Path, clip: Clip) -> int:
    """Which frame of the clip a picture is."""
    size = clip.frames[0].shape[:2]
    picture = resized(read_picture(path).rgb, (size[0], size[1])).astype(np.int16)
    return int(np.argmin([np.abs(frame - picture).mean() for frame in clip.frames]))


def _score(path: Path, avatar: Avatar) -> dict[str, object]:
    """The clip from its first frame and from the captured portrait, each alone and with what was captured."""
    with closing(FaceMeshTracker(static=True)) as tracker, closing(PortraitLoader(tracker)) as loader:
        clip = read_clip(path, tracker)
        neutral = _frame_of(avatar.portrait, clip)
        further = {file.stem: _frame_of(file, clip) for file in avatar.references}
        used = (0, neutral, *further.values())
        apart = [i for i in range(1, len(clip.frames)) if all(abs(i - frame) >= REFERENCE_MARGIN for frame in used)]
        scored = [apart[i] for i in np.linspace(0, len(apart) - 1, min(SCORED, len(apart))).round().astype(int)]
        animator = open_animator(MODEL, "cpu")
        evaluation = ClipEvaluation(clip, scored, loader, tracker)
        evaluation.score_still()
        for name, first in (("first frame", 0), ("captured portrait", neutral)):
            views = evaluation.pictures([first, *further.values()])
            live = [
                places
                for places, view in zip(further.values(), views[1:], strict=True)
                if any(view is each for each in widest_spread(animator, views[0], views[1:], MOST_LIVE_REFERENCES))
            ]
            evaluation.score_pictures(animator, [first], f"{name} alone")
            evaluation.score_pictures(animator, [first, *live], f"{name} + the one used live")
            evaluation.score_pictures(animator, [first, *further.values()], f"{name} + all")
    rows = {
        name: {key: round(row[key], 4) for key in MEASURES if key in row}
        for name, row in evaluation.score.measures.items()
    }
    return {"frames": len(clip.frames), "portrait": neutral, "further": further, "scored": len(scored), "rows": rows}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--inside", type=Path, metavar="FOLDER", help="capture in this process, on the screen there is")
    options = parser.parse_args(arguments)
    if options.inside:
        answer = _capture_here(options.clips[0], options.inside / "first.png", options.inside / "kept")
        sys.stdout.write(json.dumps(answer) + "\n")
        return 0
    found: dict[str, object] = {}
    for path in options.clips:
        with tempfile.TemporaryDirectory() as folder, screen_of_its_own() as environment:
            with closing(FaceMeshTracker(static=True)) as tracker:
                Image.fromarray(read_clip(path, tracker).frames[0]).save(Path(folder) / "first.png")
            said = measured_beside(__spec__.name, [str(path.resolve()), "--inside", folder], environment, TIMEOUT_S)
            kept = Path(folder) / "kept"
            found[path.name] = {**said, **_score(path, load_avatar(kept))} if kept.exists() else said
            sys.stdout.write(json.dumps({path.name: found[path.name]}, indent=2) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    leave(main())

"""`evaluate`: how close animators come to real people who move, as figures and as a contact sheet."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from app.animators import open_animator
from app.capture.video_reader import open_video
from app.cli_parser import print_line
from app.contact_sheet import SheetRow, write_sheet
from app.errors import UsageProblem
from app.evaluation import SIZE_PX, Clip, ClipEvaluation, ClipScore, find_landmarks, scored_frames
from app.portrait_loader import PortraitLoader
from app.progress import progress
from app.report_file import require_report_place, write_report
from app.resample import resized
from app.segmentation import SelfieSegmenter
from app.tracking.face_mesh import FaceMeshTracker
from models.metrics.compare import mean_of
from models.types import Animator, ImageArray

MAX_FRAMES = 3000
"""Frames of one clip that are looked at; 0.6 GB of memory."""


@dataclass(frozen=True)
class EvaluateOptions:
    """The flags of `evaluate` (CONTRACT.md)."""

    data: Path
    models: tuple[str, ...] = ()
    references: tuple[int, ...] = (1,)
    frames: int | None = None
    limit: int | None = None
    json: Path | None = None
    sheet: Path | None = None
    device: str = "auto"
    quiet: bool = False

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> EvaluateOptions:
        """Read what `app.cli_parser` parsed."""
        return cls(
            data=parsed.data,
            models=parsed.models or ((parsed.model,) if parsed.model else ()),
            references=parsed.references,
            frames=parsed.frames,
            limit=parsed.limit,
            json=parsed.json,
            sheet=parsed.sheet,
            device=parsed.device,
            quiet=parsed.quiet,
        )


class NotADataFolder(UsageProblem):
    """The folder does not hold what `evaluate` reads."""

    def __init__(self, folder: Path, missing: str) -> None:
        super().__init__(
            f"{folder} cannot be evaluated.",
            why=f"It has no {missing}.",
            fix="Give a folder with videos/*.mp4 and a manifest.csv that names them.",
        )


def evaluate(options: EvaluateOptions) -> int:
    """Score every clip with every model; print the means, write JSON and contact sheet where asked.

    Raises:
        UsageProblem: the folder or a model name cannot be used.
        EnvironmentProblem: a model's weights are missing, or a report cannot be written.
    """
    for place in filter(None, (options.json, options.sheet)):
        require_report_place(place)
    paths = list_clips(options.data)[: options.limit]
    animators = [open_animator(name, options.device) for name in dict.fromkeys(("geometric", *options.models))]
    scores = {path.name: score for path, score in _scores(options, paths, animators)}
    if not scores:
        raise NotADataFolder(options.data, "clip that can be scored")
    report = as_report(options.data, scores)
    sys.stdout.write(as_table(report))
    if options.json:
        write_report(options.json, report)
    return 0


def list_clips(folder: Path) -> list[Path]:
    """The clips of a data folder that its manifest names, by name.

    Raises:
        NotADataFolder: no manifest, or no clip.
    """
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        raise NotADataFolder(folder, "manifest.csv")
    with manifest.open(encoding="utf-8", newline="") as file:
        named = {row.get("file") for row in csv.DictReader(file)}
    paths = [path for path in sorted((folder / "videos").glob("*.mp4")) if f"videos/{path.name}" in named]
    if not paths:
        raise NotADataFolder(folder, "videos/*.mp4 named in the manifest")
    return paths


def _scores(
    options: EvaluateOptions, paths: list[Path], animators: list[Animator[Any]]
) -> Iterator[tuple[Path, ClipScore]]:
    rows: list[SheetRow] = []
    with closing(FaceMeshTracker(static=True)) as tracker, closing(SelfieSegmenter()) as segmenter:
        loader = PortraitLoader(tracker, segmenter)
        for path in progress(paths, unit="clip", quiet=options.quiet):
            clip = read_clip(path, tracker)
            scored = scored_frames(len(clip.frames), max(options.references), options.frames)
            if clip.landmarks_px[0] is None or not scored:
                print_line(f"{path.name} is left out: too short, or no face in its first frame.")
                continue
            evaluation = ClipEvaluation(clip, scored, loader, tracker)
            _score_clip(evaluation, animators, options.references)
            rows.append(SheetRow.of(clip, scored[len(scored) // 2], evaluation.score.pictures))
            yield path, evaluation.score
    if options.sheet:
        write_sheet(options.sheet, rows)


def _score_clip(evaluation: ClipEvaluation, animators: list[Animator[Any]], references: tuple[int, ...]) -> None:
    evaluation.score_still()
    for animator in animators:
        for count in dict.fromkeys((1, *references)):
            if count == 1 or animator.uses_references:
                evaluation.score_animator(animator, count)
            else:
                evaluation.copy(f"{animator.name}@{count}", f"{animator.name}@1")


def read_clip(path: Path, tracker: FaceMeshTracker) -> Clip:
    """A clip at 256 x 256 with the landmarks of every frame.

    Raises:
        UsageProblem: not a video, or not square.
    """
    with closing(open_video(path)) as reader:
        frames = tuple(_resized(path, frame) for frame in islice(reader.frames(), MAX_FRAMES))
    return Clip(path.name, frames, find_landmarks(frames, tracker))


def _resized(path: Path, frame: ImageArray) -> ImageArray:
    h, w = frame.shape[:2]
    if h != w:
        raise UsageProblem(
            f"{path.name} is {w} x {h} pixels.", why="evaluate needs square clips.", fix="Crop it around the head."
        )
    return resized(frame, (SIZE_PX, SIZE_PX))


def as_report(data: Path, scores: dict[str, ClipScore]) -> dict[str, object]:
    """The JSON of CONTRACT.md: by "NAME@R" the mean over clips and each clip's measures."""
    names = dict.fromkeys(name for score in scores.values() for name in score.measures)
    models = {}
    for name in names:
        clips = {file: score.measures[name] for file, score in scores.items()}
        models[name] = {"mean": mean_of(list(clips.values())), "clips": clips}
    return {"data": str(data), "models": models}


def as_table(report: dict[str, object]) -> str:
    """The means as a table for a terminal."""
    models = report["models"]
    assert isinstance(models, dict)
    columns = [
        "psnr",
        "ssim",
        "ms_ssim",
        "l1",
        "mouth_l1",
        "sharp",
        "akd_px",
        "expression",
        "pose_deg",
        "gaze",
        "found",
    ]
    lines = [f"{'':16}" + "".join(f"{column:>11}" for column in columns)]
    for name, result in models.items():
        means = result["mean"]
        lines.append(f"{name:16}" + "".join(f"{means.get(column, float('nan')):11.3f}" for column in columns))
    return "\n".join(lines) + "\n"

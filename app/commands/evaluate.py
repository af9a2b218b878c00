"""`evaluate`: how close animators come to real people who move, as figures and as a contact sheet."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.animators import open_animator
from app.cli_parser import print_line
from app.clip_folder import ClipFile, NotADataFolder, list_clips, read_clip, read_frames
from app.contact_sheet import SheetRow, write_sheet
from app.cross_evaluation import PairEvaluation, pairs_of, portrait_clip
from app.errors import UsageProblem
from app.evaluation import ClipEvaluation, ClipScore, Scored, scored_frames
from app.evaluation_report import as_table, cross_report, same_person_report
from app.portrait_loader import PortraitLoader
from app.report_file import require_report_place, write_report
from app.segmentation import SelfieSegmenter
from app.tracking.face_mesh import FaceMeshTracker
from models.types import Animator

CROSS_FRAMES = 12
"""Frames of a driver that are looked at where nobody says how many: there is no truth to be precise about."""


@dataclass(frozen=True)
class EvaluateOptions:
    """The flags of `evaluate` (CONTRACT.md).

    scored: which frames are scored. cross: portraits follow somebody else in place of themselves.
    """

    data: Path
    models: tuple[str, ...] = ()
    references: tuple[int, ...] = (1,)
    frames: int | None = None
    limit: int | None = None
    json: Path | None = None
    sheet: Path | None = None
    device: str = "auto"
    quiet: bool = False
    scored: Scored = Scored.APART
    cross: bool = False

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
            scored=Scored(parsed.scored),
            cross=parsed.cross,
        )


def evaluate(options: EvaluateOptions) -> int:
    """Score every clip with every model; print the means, write JSON and contact sheet where asked.

    Raises:
        UsageProblem: the folder or a model name cannot be used, or the flags contradict each other.
        EnvironmentProblem: a model's weights are missing, or a report cannot be written.
    """
    _require_frames_that_are_no_references(options)
    for place in filter(None, (options.json, options.sheet)):
        require_report_place(place)
    clips = list_clips(options.data)
    animators = [open_animator(name, options.device) for name in dict.fromkeys(("geometric", *options.models))]
    with closing(FaceMeshTracker(static=True)) as tracker, closing(SelfieSegmenter()) as segmenter:
        session = EvaluationSession(options, animators, tracker, PortraitLoader(tracker, segmenter))
        report = session.cross(clips) if options.cross else session.same_person(clips)
    sys.stdout.write(as_table(report))
    if options.json:
        write_report(options.json, report)
    if options.sheet:
        write_sheet(options.sheet, session.rows)
    return 0


def _require_frames_that_are_no_references(options: EvaluateOptions) -> None:
    if options.scored is Scored.AFTER_FIRST and max(options.references) > 1 and not options.cross:
        raise UsageProblem(
            "Every frame after the first cannot be scored with more than one reference.",
            why="Some of these frames would be references themselves.",
            fix="Ask for --references 1, or leave --scored out.",
        )


class EvaluationSession:
    """Scores clip after clip with the same animators and tracker, and says how far it is."""

    def __init__(
        self,
        options: EvaluateOptions,
        animators: Sequence[Animator[Any]],
        tracker: FaceMeshTracker,
        loader: PortraitLoader,
    ) -> None:
        self._options, self._animators = options, animators
        self._tracker, self._loader = tracker, loader
        self.rows: list[SheetRow] = []

    def same_person(self, clips: Sequence[ClipFile]) -> dict[str, object]:
        """Every clip drives its own first frame; what to write as JSON."""
        options, scores = self._options, dict[str, ClipScore]()
        files = clips[: options.limit]
        for number, file in enumerate(files, start=1):
            clip = read_clip(file.path, self._tracker)
            scored = scored_frames(len(clip.frames), max(options.references), options.frames, options.scored)
            if clip.landmarks_px[0] is None or not scored:
                print_line(f"{file.path.name} is left out: too short, or no face in its first frame.")
                continue
            evaluation = ClipEvaluation(clip, scored, self._loader, self._tracker)
            evaluation.score_still()
            self._score(evaluation)
            score = scores[file.path.name] = evaluation.score
            self.rows.append(SheetRow.of(clip, scored[len(scored) // 2], score.pictures))
            self._say(f"{number} of {len(files)}, {file.path.name}", score, "psnr")
        if not scores:
            raise NotADataFolder(options.data, "It has no clip that can be scored.")
        return same_person_report(options.data, scores)

    def cross(self, clips: Sequence[ClipFile]) -> dict[str, object]:
        """Every clip's first frame follows somebody else; what to write as JSON."""
        options, scores = self._options, dict[str, ClipScore]()
        drivers: dict[str, str] = {}
        pairs = pairs_of(clips)[: options.limit]
        for number, (portrait, driver) in enumerate(pairs, start=1):
            evaluation = self._pair(portrait, driver)
            if evaluation is None:
                print_line(f"{portrait.path.name} driven by {driver.path.name} is left out: too short, or no face.")
                continue
            evaluation.score_baselines()
            self._score(evaluation)
            score = scores[portrait.path.name] = evaluation.score
            drivers[portrait.path.name] = driver.path.name
            self.rows.append(SheetRow(score.pictures))
            self._say(f"{number} of {len(pairs)}, {portrait.path.name}", score, "expression")
        if not scores:
            raise NotADataFolder(options.data, "It has no two people of whom one can drive the other.")
        return cross_report(options.data, scores, drivers)

    def _pair(self, portrait: ClipFile, driver: ClipFile) -> PairEvaluation | None:
        options, own = self._options, read_frames(portrait.path)
        wanted = options.frames or CROSS_FRAMES
        if not own:
            return None
        sitter = portrait_clip(portrait.path.name, own, options.references, wanted, self._tracker)
        moving = read_clip(driver.path, self._tracker)
        scored = [i for i in scored_frames(len(moving.frames), 1, wanted) if moving.landmarks_px[i] is not None]
        if not scored or sitter.landmarks_px[0] is None or moving.landmarks_px[0] is None:
            return None
        return PairEvaluation(sitter, moving, scored, self._loader, self._tracker)

    def _score(self, evaluation: ClipEvaluation | PairEvaluation) -> None:
        """Every animator with every number of references; one that uses a single picture is run once."""
        for animator in self._animators:
            for count in dict.fromkeys((1, *self._options.references)):
                if count == 1 or animator.uses_references:
                    evaluation.score_animator(animator, count)
                else:
                    measures = evaluation.score.measures
                    measures[f"{animator.name}@{count}"] = measures[f"{animator.name}@1"]

    def _say(self, place: str, score: ClipScore, measure: str) -> None:
        if not self._options.quiet:
            found = (f"{name} {row[measure]:.2f}" for name, row in score.measures.items() if measure in row)
            print_line(f"{place}: {measure} {', '.join(found)}")

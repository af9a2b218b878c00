"""What `evaluate` found, as JSON (CONTRACT.md) and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.evaluation import ClipScore
from models.metrics.compare import PICTURE_MEASURES, mean_of
from models.metrics.confidence import between_frames

SAME_COLUMNS = (*PICTURE_MEASURES, "akd_px", "expression", "pose_deg", "gaze", "found")
CROSS_COLUMNS = (
    *("identity", "identity_to_driver", "pose_deg", "expression", "akd_px", "gaze", "sharp", "found"),
    *("flicker", "tremble_px", "chin_free", "chin_held", "eyes_follow", "lips_follow"),
)

Scores = Mapping[str, ClipScore]
"""By file name."""


def same_person_report(data: Path, scores: Scores) -> dict[str, object]:
    """The JSON of CONTRACT.md, and beside it how well each model's confidence tells where its warp is wrong."""
    return {"data": str(data), "models": by_model(scores), "confidence": confidence_by_model(scores)}


def cross_report(data: Path, scores: Scores, drivers: Mapping[str, str]) -> dict[str, object]:
    """Means and clips by model as above; `drivers` says who drove which portrait, by file."""
    return {"data": str(data), "cross": by_model(scores), "drivers": dict(drivers)}


def by_model(scores: Scores) -> dict[str, dict[str, object]]:
    """By "NAME@R" the mean over clips and each clip's measures."""
    models: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys(name for score in scores.values() for name in score.measures):
        clips = {file: score.measures[name] for file, score in scores.items() if name in score.measures}
        models[name] = {"mean": mean_of(list(clips.values())), "clips": clips}
    return models


def confidence_by_model(scores: Scores) -> dict[str, dict[str, object]]:
    """By "NAME@R", for models with a confidence; correlations of 1 mean that it falls wherever the error grows.

    within_frame: over the positions of a frame, mean over frames, then clips. between_frames: over the means of all
    frames of all clips. mean: of the confidence itself.
    """
    found: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys(name for score in scores.values() for name in score.confidence):
        records = {file: score.confidence[name] for file, score in scores.items() if name in score.confidence}
        clips = {
            file: mean_of([{"mean": m, "within_frame": w} for m, w in zip(record.means, record.within, strict=True)])
            for file, record in records.items()
        }
        mean = mean_of(list(clips.values()))
        found[name] = {**mean, "between_frames": between_frames(list(records.values())), "clips": clips}
    return found


def as_table(report: Mapping[str, object]) -> str:
    """The means of a report."""
    crossed = "cross" in report
    models = report["cross" if crossed else "models"]
    assert isinstance(models, dict)
    lines = _table({name: found["mean"] for name, found in models.items()}, CROSS_COLUMNS if crossed else SAME_COLUMNS)
    confidence = report.get("confidence")
    if isinstance(confidence, dict) and confidence:
        lines += ["", "confidence, rank correlation with the warp's error (1: lowest where the error is highest)"]
        lines += _table(confidence, ("mean", "within_frame", "between_frames"))
    return "\n".join(lines) + "\n"


def _table(rows: Mapping[str, Mapping[str, object]], columns: Sequence[str]) -> list[str]:
    widths = [max(11, len(column) + 2) for column in columns]
    lines = [f"{'':16}" + "".join(f"{column:>{width}}" for column, width in zip(columns, widths, strict=True))]
    for name, row in rows.items():
        cells = zip((row.get(column) for column in columns), widths, strict=True)
        lines.append(f"{name:16}" + "".join(f"{_number(value):>{width}}" for value, width in cells))
    return lines


def _number(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-"

"""What can go wrong in a training run and a person can mend; `app` turns these into its own errors."""

from __future__ import annotations

from models.errors import ModelError


class TrainingProblem(ModelError):
    """Args: what happened, why, and what to do, one sentence each. machine: the machine refuses, not the request."""

    def __init__(self, what: str, *, why: str, fix: str, machine: bool = False) -> None:
        super().__init__(f"{what} {why} {fix}")
        self.what, self.why, self.fix, self.machine = what, why, fix, machine


def unwritable(name: str, error: Exception) -> TrainingProblem:
    """What to raise where the disk does not take a file of a run. name: the file, as the sentence begins."""
    reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    return TrainingProblem(
        f"{name} could not be written.",
        why=f"The disk refused: {reason}.",
        fix="Free some space or give another --output.",
        machine=True,
    )


def not_kept(name: str, error: ModelError) -> TrainingProblem:
    """What to raise where weights hold numbers that no file may hold."""
    return TrainingProblem(
        f"{name} was not written.",
        why=f"The training fell apart: {error}.",
        fix="Begin anew, or go on from the last checkpoint, with a smaller --learning-rate.",
    )

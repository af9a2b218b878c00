"""What can go wrong in a training run and a person can mend; `app` turns these into its own errors."""

from __future__ import annotations

from models.errors import ModelError


class TrainingProblem(ModelError):
    """Args: what happened, why, and what to do, one sentence each. machine: the machine refuses, not the request."""

    def __init__(self, what: str, *, why: str, fix: str, machine: bool = False) -> None:
        super().__init__(f"{what} {why} {fix}")
        self.what, self.why, self.fix, self.machine = what, why, fix, machine

"""The model a person chose while live: what is wanted, and why it cannot be had."""

from __future__ import annotations

from app.errors import AppError, EnvironmentProblem
from app.out_of_memory import out_of_memory


class ModelNotChanged(EnvironmentProblem):
    """The model that was chosen cannot be used; the one before goes on. error: why; None, where it took too long."""

    def __init__(self, name: str, error: Exception | None) -> None:
        super().__init__(
            f"The model {name!r} cannot be used now; the one before it goes on.",
            why=_reason(error),
            fix="Go on with this one, or choose the other again later.",
        )


def _reason(error: Exception | None) -> str:
    if error is None:
        return "It took too long to open."
    known = error if isinstance(error, AppError) else out_of_memory(error)
    return known.why if known else f"Unexpected {type(error).__name__}: {error}".rstrip(".") + "."


class ModelChoice:
    """`choose`, `name` and `problem` are for any thread; the render thread tells failures, the governor refuses.

    name: the model wanted now, None for the one the run began with.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self.problem: ModelNotChanged | None = None
        self._error: Exception | None = None

    def choose(self, name: str) -> None:
        """Want this model from now on; what was said of an earlier one is settled."""
        self.problem = self._error = None
        self.name = name

    def failed(self, error: Exception | None) -> None:
        """Why the level that was wished for last could not be made; None where it could."""
        self._error = error

    def refuse(self, refused: str, kept: str) -> None:
        """Go back to `kept`, unless a third was chosen meanwhile."""
        if self.name == refused:
            self.problem = ModelNotChanged(refused, self._error)
            self.name = kept

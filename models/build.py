"""Animators by name. The only place that knows which class stands behind a model name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import CheckpointError

if TYPE_CHECKING:  # torch takes seconds to import
    import torch

    from models.types import Animator

MODEL_NAMES = (
    "geometric",
    "explicit",
    "attention",
    "synergy",
    "liveportrait",
    "explicit-multi",
    "implicit",
    "codebooks",
    "synergy-codebook",
)


ONE_PICTURE_MODELS = frozenset({"geometric", "liveportrait"})
"""Models that make nothing of references beyond the portrait (CONTRACT.md, `animate`)."""


@dataclass(frozen=True)
class ModelChoice:
    """A model as named on the command line, NAME[:PRESET]."""

    name: str
    preset: str | None = None

    @property
    def uses_references(self) -> bool:
        """Whether further pictures of the person change the result; known without loading the model."""
        return self.name not in ONE_PICTURE_MODELS

    @classmethod
    def parse(cls, text: str) -> ModelChoice:
        """Read NAME[:PRESET].

        Raises:
            ValueError: for a name that does not exist.
        """
        name, _, preset = text.partition(":")
        if name not in MODEL_NAMES:
            raise ValueError(f"unknown model {name!r}; there are {', '.join(MODEL_NAMES)}")
        return cls(name, preset or None)


def build_animator(choice: ModelChoice, device: torch.device) -> Animator[Any]:
    """The animator behind a name.

    Raises:
        CheckpointError: its weights are not installed, with how to get them.
    """
    if choice.name == "geometric":
        from models.geometric.animator import GeometricAnimator

        return GeometricAnimator(device)
    raise CheckpointError(f"This release ships no weights for {choice.name!r}, and none were found here")

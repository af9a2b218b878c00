"""Errors of the networks and the keypoint algebra: always a programmer's mistake or a wrong file."""

from __future__ import annotations


class ModelError(ValueError):
    """Base of everything `models` raises on purpose."""


class ShapeError(ModelError):
    """An array or tensor does not have the axes a function asks for."""


class CheckpointError(ModelError):
    """A weights file is missing, damaged, or does not fit the network it was given to."""


class PackError(ModelError):
    """A training pack is missing, damaged, too large, or no training pack at all."""

"""Measures of an animated picture against the truth (README of the clips; tools/measure.py is the reference)."""

from models.metrics.compare import MEASURES, compare_frames, mean_of

__all__ = ["MEASURES", "compare_frames", "mean_of"]

"""The log of a run as CSV: one file for training, one for validation."""

from __future__ import annotations

import csv
from dataclasses import fields
from pathlib import Path

import torch
from torch import Tensor

from models.training.losses.weights import LossWeights
from models.training.problems import unwritable

TERM_NAMES = (*(f.name for f in fields(LossWeights) if f.name != "part_gain"), "critics")


class CsvLog:
    """Rows with fixed columns, appended; rows after `keep_until` of an earlier attempt are dropped on opening.

    Raises:
        TrainingProblem: the file cannot be written.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], keep_until: int = 0) -> None:
        self._path, self._columns = path, columns
        kept = self._kept(keep_until)
        self._write([list(columns), *kept], "w")

    def add(self, values: dict[str, float]) -> None:
        """One row; columns without a value stay empty."""
        self._write([[f"{values[name]:.6g}" if name in values else "" for name in self._columns]], "a")

    def _kept(self, keep_until: int) -> list[list[str]]:
        if not keep_until or not self._path.is_file():
            return []
        with self._path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        if not rows or tuple(rows[0]) != self._columns:
            return []
        return [row for row in rows[1:] if row and row[0].isdigit() and int(row[0]) <= keep_until]

    def _write(self, rows: list[list[str]], mode: str) -> None:
        try:
            with self._path.open(mode, newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
        except OSError as error:
            raise unwritable(f"The log {self._path.name}", error) from error


class RunningMeans:
    """Means of loss terms between two rows of the log, summed on the device and read once per row."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, terms: dict[str, Tensor]) -> None:
        """The terms of one step; a term that a step lacks does not count."""
        for name, value in terms.items():
            before = self._sums.get(name)
            self._sums[name] = value.detach().float() if before is None else before + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def take(self) -> dict[str, float]:
        """The means so far; begins anew."""
        if not self._sums:
            return {}
        means = torch.stack([self._sums[name] / self._counts[name] for name in self._sums]).tolist()
        taken = dict(zip(self._sums, means, strict=True))
        self._sums, self._counts = {}, {}
        return taken

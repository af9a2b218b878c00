"""A step compiled by TorchInductor in a process of its own, so that no frame waits for a compiler."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.errors import ModelError
from models.session.program import FrameProgram, Recipe

CompiledStep = Callable[[Tensor, tuple[Tensor, ...], dict[str, Tensor]], tuple[Tensor, ...]]
"""(row, kept tensors, weights by name) to the results."""

ROOT = Path(__file__).resolve().parents[2]
JOB, PACKAGE, WORDS = "job.json", "step.pt2", "words.txt"
WORKER = (sys.executable, "-m", "models.session.compile_worker")
LARGEST_COMPLAINT = 2000
"""Characters of the worker's last words that are passed on."""


@dataclass(frozen=True)
class CompileJob:
    """What the worker needs: the recipe, and what the step will be given.

    kept: shape, strides and dtype of each tensor; compiled code reads them as they lie and does not look again.
    """

    recipe: Recipe
    kept: tuple[tuple[tuple[int, ...], tuple[int, ...], str], ...]
    row_length: int
    device: str

    def write(self, path: Path) -> None:
        """As JSON."""
        recipe = {"maker": self.recipe.maker, "arguments": dict(self.recipe.arguments)}
        kept = [[list(shape), list(strides), dtype] for shape, strides, dtype in self.kept]
        path.write_text(
            json.dumps({"recipe": recipe, "kept": kept, "row_length": self.row_length, "device": self.device})
        )

    @classmethod
    def read(cls, path: Path) -> CompileJob:
        """What `write` wrote."""
        job = json.loads(path.read_text())
        kept = tuple((tuple(shape), tuple(strides), str(dtype)) for shape, strides, dtype in job["kept"])
        recipe = Recipe(job["recipe"]["maker"], job["recipe"]["arguments"])
        return cls(recipe, kept, int(job["row_length"]), str(job["device"]))


class Compiling:
    """One step that is being compiled; used by the thread that owns the device, which it never holds up.

    folder: where jobs are kept for as long as they last; None: with the system's temporary files. worker: the command
        that is given the job's folder.
    """

    def __init__(
        self,
        program: FrameProgram,
        recipe: Recipe,
        device: torch.device,
        folder: Path | None = None,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._worker = worker
        self._recipe, self._row_length, self._device = recipe, program.row_length, str(device)
        self._parent = folder
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, kept: Sequence[Tensor]) -> None:
        """Start the worker. kept: what the step will be given, as it lies there."""
        layout = tuple((tuple(t.shape), t.stride(), str(t.dtype).removeprefix("torch.")) for t in kept)
        job = CompileJob(self._recipe, layout, self._row_length, self._device)
        self._folder = Path(tempfile.mkdtemp(prefix="understudy-compile-", dir=self._parent))  # its owner's alone
        job.write(self._folder / JOB)
        command = [*self._worker, str(self._folder)]
        with (self._folder / WORDS).open("wb") as words:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True
            )

    def poll(self) -> CompiledStep | None:
        """The compiled step once it is there; None while the worker is at it.

        Raises:
            ModelError: the worker failed, with its last words.
            RuntimeError: what it made cannot be loaded.
        """
        assert self._process is not None
        assert self._folder is not None
        code = self._process.poll()
        if code is None:
            return None
        try:
            if code != 0:
                words = (self._folder / WORDS).read_text(errors="replace").strip()[-LARGEST_COMPLAINT:]
                raise ModelError(f"compiling failed ({code}): {(words.splitlines() or ['no word'])[-1]}")
            return load_compiled(self._folder / PACKAGE)
        finally:
            self.cancel()

    def cancel(self) -> None:
        """End the worker, if it runs, and leave nothing behind. Idempotent."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=10.0)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def load_compiled(package: Path) -> CompiledStep:
    """A package that the worker wrote, in this process."""
    from torch._inductor import aoti_load_package

    # Without its own threads and locks, which a CUDA graph cannot record.
    model = aoti_load_package(str(package), run_single_threaded=True)

    def step(row: Tensor, kept: tuple[Tensor, ...], weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
        return tuple(model(row, kept, weights))

    return step

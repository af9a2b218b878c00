"""The process that compiles a step: `python -m models.session.compile_worker FOLDER`, which holds the job."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from models.session.compiling import JOB, PACKAGE, CompileJob

NICE = 10
"""The live program goes first."""


def compile_step(job: CompileJob, package: Path) -> None:
    """Export the step with the job's shapes, compile it, write it.

    Raises:
        RuntimeError: torch cannot export or compile it; and its other kinds of errors.
    """
    from torch._inductor import aoti_compile_and_package

    device = torch.device(job.device)
    module = _made(job).to(device).eval().requires_grad_(False)
    network = module.get_submodule("network")
    weights = {name: value.detach() for name, value in network.state_dict().items()}
    generator = torch.Generator().manual_seed(0)
    row = torch.rand(job.row_length, generator=generator).to(device)
    kept = tuple(_example(*layout, device) for layout in job.kept)
    with torch.no_grad():
        module(row, kept, weights)  # constants are made now, outside of the exporter
        exported = torch.export.export(module, (row, kept, weights), strict=False)
        aoti_compile_and_package(exported, package_path=str(package))


def _example(shape: tuple[int, ...], strides: tuple[int, ...], dtype: str, device: torch.device) -> Tensor:
    example = torch.empty_strided(shape, strides, dtype=getattr(torch, dtype), device=device)
    return example.fill_(0.5)


def _made(job: CompileJob) -> nn.Module:
    module, _, function = job.recipe.maker.partition(":")
    made = getattr(importlib.import_module(module), function)(job.recipe.arguments)
    assert isinstance(made, nn.Module)
    return made


def main(arguments: list[str]) -> int:
    """Do the one job in the folder."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    torch.set_num_threads(1)
    folder = Path(arguments[0])
    compile_step(CompileJob.read(folder / JOB), folder / PACKAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

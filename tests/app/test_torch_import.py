"""The import of torch without what live frames never use, each time in a new process: here torch is there already."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.torch_import import TRIED_ON, UNUSED_LIVE, import_torch

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform != TRIED_ON, reason="torch is imported as it is on this system")

BEGIN = """
import sys
from app.deferred_modules import DeferringFinder
from app.torch_import import import_torch
import_torch()
import torch
waiting = sys.meta_path[0].waiting
"""


def said_by(code: str, begin: str = BEGIN) -> str:
    """What a new process prints; warnings are errors in it, too."""
    command = [sys.executable, "-W", "error", "-c", begin + code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_import_of_torch_and_a_live_frame_use_none_of_the_modules_put_off() -> None:
    code = """
from app.animators import open_animator
from models.types import StepOptions
from tests.models.faces import face_state, painted_portrait
animator = open_animator("geometric", "auto")
prepared = animator.prepare(painted_portrait(face_state()))
animator.step(prepared, face_state((0.0, 0.2, 0.0)), StepOptions())
print(waiting())
"""
    assert said_by(code) == str(sorted(UNUSED_LIVE))


def test_everything_put_off_works_when_it_is_used() -> None:
    code = """
for name in waiting():
    assert dir(sys.modules[name])
model = torch.nn.Linear(2, 1)
optimiser = torch.optim.AdamW(model.parameters())
model(torch.ones(1, 2)).sum().backward()
optimiser.step()
print(waiting(), torch.distributions.Normal(0.0, 1.0).mean.item(), len(torch.utils.data.TensorDataset(torch.ones(3))))
"""
    assert said_by(code) == "[] 0.0 3"


def test_a_compiler_finds_the_shapes_that_were_put_off() -> None:
    assert said_by("import torch._dynamo; print(waiting())") == "[]"


def test_the_release_it_was_tried_with_is_the_one_installed() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

    assert "torch>=2.13,<2.14" in wanted, "try app.torch_import with the new release, then change this line"


def test_where_torch_is_there_already_nothing_is_done() -> None:
    finders = list(sys.meta_path)
    import torch  # noqa: F401

    import_torch()

    assert sys.meta_path == finders


def test_the_libraries_are_there_before_the_lock_is_taken_for_the_import() -> None:
    code = """
from pathlib import Path
from app.torch_import import load_libraries
load_libraries()
print("libtorch_cpu.so" in Path("/proc/self/maps").read_text(), "torch" in sys.modules)
"""
    assert said_by(code, begin="import sys") == "True False"

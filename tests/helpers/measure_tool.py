"""The checker that is independent of this program, where it lies beside the checkout."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

MEASURE_TOOL = Path(__file__).resolve().parents[3] / "shared" / "tools" / "measure.py"


def load_measure_tool() -> ModuleType:
    """The checker as a module, or a visible skip."""
    if not MEASURE_TOOL.is_file():
        pytest.skip("../shared/tools/measure.py is not here")
    spec = importlib.util.spec_from_file_location("measure_tool", MEASURE_TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure_tool"] = module
    spec.loader.exec_module(module)
    return module

from __future__ import annotations

import sys
import types

import pytest


@pytest.fixture(autouse=True)
def quick_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spawned processes import the main module first: here that would be all of pytest, a second for each test."""
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))

"""How long a process has been running."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.process_age import process_age_s

ROOT = Path(__file__).resolve().parents[2]
TICK_S = 0.02


def test_a_process_is_not_older_than_the_wait_for_its_answer() -> None:
    code = "import psutil; from app.process_age import process_age_s; print(process_age_s(psutil.Process()))"
    started_s = time.monotonic()

    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert 0.0 < float(said.stdout) < time.monotonic() - started_s + TICK_S


def test_a_process_ages_with_the_clock() -> None:
    process = psutil.Process(os.getpid())
    before_s, age_s = time.monotonic(), process_age_s(process)

    while time.monotonic() - before_s < 5 * TICK_S:
        pass

    assert process_age_s(process) - age_s == pytest.approx(time.monotonic() - before_s, abs=TICK_S)

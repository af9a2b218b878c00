"""Crashes at random: what others see, how the next program goes on, what the reports say.

A hundred cycles are run by hand: `python -m tests.helpers.crash_cycles 100`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.crash_cycles import CrashCycles

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kills processes the POSIX way"),
    pytest.mark.timeout(900),
]

SEED, CYCLES = 87, 2
"""Draws a sink that fails and a native crash; `UNDERSTUDY_CRASHES=10` runs so many more."""


@pytest.mark.slow
def test_the_others_see_the_away_card_and_the_next_program_goes_on_with_the_same_camera(tmp_path: Path) -> None:
    cycles = CYCLES + int(os.environ.get("UNDERSTUDY_CRASHES", "0"))
    figures = CrashCycles(tmp_path, SEED).run(cycles)

    assert figures.cycles.total() >= cycles
    assert (figures.openings, figures.leaks) == (1, 0)
    assert figures.frames > 20

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
    pytest.mark.skipif("UNDERSTUDY_CRASHES" not in os.environ, reason="takes minutes; UNDERSTUDY_CRASHES=1 runs it"),
    pytest.mark.timeout(900),
]

SEED = 3
"""Draws a thread that wants the program to end, two native crashes, and a sink that fails."""


@pytest.mark.slow
def test_the_others_see_the_away_card_and_the_next_program_goes_on_with_the_same_camera(tmp_path: Path) -> None:
    figures = CrashCycles(tmp_path, SEED).run(4)

    assert figures.cycles.total() >= 4
    assert (figures.openings, figures.leaks) == (1, 0)
    assert figures.frames > 50

"""Five minutes of a run beside which other programs begin and end: the whole governor, on a clock turned by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from app.governor.levels import Level, QualityWish, ladder
from app.governor.meter import IntervalMeter
from app.governor.stage import GovernedRun, GovernorStage, LevelReport
from app.governor.status import QualityStatus
from app.stats import PipelineStats
from tests.helpers.frames import rendered
from tests.helpers.live import HandClock

PICTURE = np.zeros((16, 16, 3), np.uint8)
LEVELS = ladder("synergy", 30.0)
CAMERA_FPS, SECONDS = 25, 300
LOAD_FROM_S, LOAD_TO_S = 60, 160

TRACK_MS = 8.0
RENDER_MS = {"synergy": 30.0, "geometric": 17.0}
"""As measured on two cores; the guess of the ladder says that the one takes three times as long as the other."""


@dataclass
class BusyMachine:
    """Costs by level; everything takes twice as long while other programs run, and no two seconds are alike."""

    noise: float
    clock: HandClock = field(default_factory=HandClock)
    told: list[QualityStatus] = field(default_factory=list)
    used: list[tuple[int, Level]] = field(default_factory=list)
    report: LevelReport | None = None
    second: int = 0

    def __post_init__(self) -> None:
        self.dice, self.level, self.stats = random.Random(3), LEVELS[0], PipelineStats(self.clock)
        run = GovernedRun(
            t_first_frame_ns=lambda: self.stats.t_first_frame_ns,
            levels=lambda: LEVELS,
            camera=lambda: 1,
            wish=lambda: QualityWish.AUTO,
            report=lambda: self.report,
            use=self._use,
            tell=self.told.append,
        )
        self.stage = GovernorStage(run, IntervalMeter(self.stats, self.clock.now_ns(), lambda: 0.5), self.clock)

    def _use(self, level: Level) -> None:
        self.level, self.report = level, LevelReport(level)
        self.used.append((self.second, level))

    def pass_second(self) -> float:
        """One second of pictures, and a look; how many of the pictures that were wished for became frames."""
        slow = 2.0 if LOAD_FROM_S <= self.second < LOAD_TO_S else 1.0
        slow *= 1.0 + self.noise * self.dice.uniform(-1.0, 1.0)
        size = 1.0 if self.level.portrait_px is None else 0.6
        render_ms = RENDER_MS[self.level.model] * size * slow
        wished = min(CAMERA_FPS, self.level.fps or CAMERA_FPS)
        followed = min(wished, 1e3 / max(TRACK_MS * slow, render_ms))
        for number in range(CAMERA_FPS):
            self.clock.pass_s(1.0 / CAMERA_FPS)
            self.stats.captured(self.clock.now_ns())
            if number < followed:
                self._follow(TRACK_MS * slow, render_ms)
        self.second += 1
        self.stage.step()
        return followed / wished

    def _follow(self, track_ms: float, render_ms: float) -> None:
        now_ns = self.clock.now_ns()
        self.stats.spent("track", track_ms)
        self.stats.tracked(found=True)
        frame = replace(rendered(PICTURE), t_capture_ns=now_ns, stage_ms={"animate": render_ms})
        self.stats.rendered(frame)
        self.stats.delivered(frame, now_ns + int((track_ms + render_ms) * 1e6))


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_load_that_comes_and_goes_costs_two_changes_and_the_rate_is_held(noise: float) -> None:
    machine = BusyMachine(noise)

    held = [machine.pass_second() for _ in range(SECONDS)]

    assert [level.model for _, level in machine.used] == ["geometric", "synergy"]
    (down_s, _), (up_s, _) = machine.used
    assert LOAD_FROM_S < down_s <= LOAD_FROM_S + 4
    assert LOAD_TO_S < up_s <= LOAD_TO_S + 30
    assert min(held[:LOAD_FROM_S] + held[down_s:]) >= 0.88
    said = [status.reason for status in machine.told]
    assert set(said[down_s + 3 : up_s - 3]) == {"Your machine is busy: showing with geometric."}
    assert said[-1] is None

"""The governor's thread, stepped by hand: what it wishes for, waits for, and says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from app.governor.levels import Level, QualityWish, ladder
from app.governor.meter import IntervalMeter
from app.governor.stage import CHANGE_TIMEOUT_S, MODEL_TIMEOUT_S, GovernedRun, GovernorStage, LevelReport
from app.governor.status import QualityStatus, busy_sentence
from app.packets import FrameStatus, RenderedFrame
from app.slots import Closed
from app.stats import PipelineStats
from tests.helpers.frames import rendered
from tests.helpers.live import HandClock

PICTURE = np.zeros((16, 16, 3), np.uint8)
LEVELS = ladder("synergy", 30.0)


@dataclass
class Governed:
    """A run of counters: every second the camera gives 30 pictures, of which `followed` become frames."""

    wish: QualityWish = QualityWish.AUTO
    obeys: bool = True
    clock: HandClock = field(default_factory=HandClock)
    used: list[Level] = field(default_factory=list)
    told: list[QualityStatus] = field(default_factory=list)
    report: LevelReport | None = None
    camera: int = 1
    busy: float = 0.5
    chosen: str | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stats = PipelineStats(self.clock)
        run = GovernedRun(
            t_first_frame_ns=lambda: self.stats.t_first_frame_ns,
            levels=lambda: LEVELS,
            camera=lambda: self.camera,
            wish=lambda: self.wish,
            report=lambda: self.report,
            use=self._use,
            tell=self.told.append,
            chosen=lambda: self.chosen,
            ladder_of=lambda model: ladder(model, 30.0, references=0),
            model_refused=self._refuse_model,
        )
        meter = IntervalMeter(self.stats, self.clock.now_ns(), lambda: self.busy)
        self.stage = GovernorStage(run, meter, self.clock)

    def _use(self, level: Level) -> None:
        self.used.append(level)
        if self.obeys:
            self.report = LevelReport(level)

    def _refuse_model(self, refused: str, kept: str) -> None:
        self.refused.append((refused, kept))
        self.chosen = kept

    def second(self, *, followed: int = 30, captured: int = 30, render_ms: float = 10.0) -> None:
        """One second passes, and the governor looks."""
        for number in range(captured):
            self.clock.pass_s(1.0 / captured)
            now_ns = self.clock.now_ns()
            self.stats.captured(now_ns)
            if number < followed:
                self.stats.spent("track", 10.0)
                self.stats.tracked(found=True)
                frame = replace(rendered(PICTURE), t_capture_ns=now_ns, stage_ms={"animate": render_ms})
                self.stats.rendered(frame)
                self.stats.delivered(frame, now_ns)
        self.stage.step()

    def seconds(self, count: int, **what: float) -> None:
        for _ in range(count):
            self.second(**what)  # type: ignore[arg-type]


def test_a_run_that_cannot_follow_is_stepped_down_and_the_reason_is_said() -> None:
    run = Governed()
    run.seconds(6)
    assert run.used == []
    run.seconds(2, followed=15, render_ms=60.0)
    assert run.used == [LEVELS[2]]
    run.second(followed=15, render_ms=60.0)
    assert run.told[-1].reason == "Your machine is busy: showing with geometric."
    assert (run.told[-1].place, run.told[-1].levels) == (2, len(LEVELS))


def test_the_best_level_comes_back_and_the_reason_goes() -> None:
    run = Governed()
    run.seconds(6)
    run.seconds(3, followed=15, render_ms=60.0)
    run.seconds(75, render_ms=5.0)
    assert run.used[-1] == LEVELS[0]
    assert run.told[-1].reason is None


def test_while_the_program_still_loads_nothing_is_decided() -> None:
    run = Governed()
    run.seconds(3, followed=2, render_ms=400.0)
    assert run.used == []
    assert run.told == []


def test_nothing_is_judged_before_the_wished_level_is_in_use() -> None:
    run = Governed(obeys=False)
    run.seconds(6)
    run.seconds(12, followed=10, render_ms=80.0)
    assert run.used == [LEVELS[2]]
    assert run.told[-1].place == 0


@pytest.mark.parametrize("refused", [True, False])
def test_a_level_that_cannot_be_made_is_left_out_and_the_one_before_stays(refused: bool) -> None:
    run = Governed(obeys=False)
    run.seconds(6)
    run.seconds(3, followed=15, render_ms=60.0)
    if refused:
        run.report = LevelReport(run.used[0], refused=True)
        run.second()
    else:  # it never came
        run.seconds(int(CHANGE_TIMEOUT_S) + 1)
    assert run.used == [LEVELS[2], LEVELS[0]]
    assert run.told[-1].levels == len(LEVELS) - 1


@pytest.mark.parametrize(("wish", "place"), [(QualityWish.BALANCED, 3), (QualityWish.LIGHT, 6)])
def test_a_level_that_a_person_chose_stays_whatever_the_machine_does(wish: QualityWish, place: int) -> None:
    run = Governed()
    run.seconds(6)
    run.wish = wish
    run.seconds(3)
    assert run.used == [LEVELS[place]]
    run.seconds(20, render_ms=1.0)
    run.seconds(20, followed=5, render_ms=90.0)
    assert run.used == [LEVELS[place]]
    assert (run.told[-1].wish, run.told[-1].place, run.told[-1].reason) == (wish, place, None)


def test_best_is_a_lock_as_well() -> None:
    run = Governed(wish=QualityWish.BEST)
    run.seconds(30, followed=5, render_ms=150.0)
    assert run.used == []


def test_left_to_the_governor_again_it_climbs_from_where_it_is() -> None:
    run = Governed(wish=QualityWish.LIGHT)
    run.seconds(6)
    run.wish = QualityWish.AUTO
    run.seconds(15, render_ms=5.0)
    assert run.used[-1] == LEVELS[0]


def test_a_camera_that_slowed_down_is_named_and_nothing_is_stepped_down() -> None:
    run = Governed()
    run.seconds(15)
    run.seconds(8, captured=15, followed=15)
    sentence = "Your camera slowed to 15 fps: the room is probably dark. More light makes it faster."
    assert run.told[-1].camera_note == sentence
    assert run.used == []
    run.seconds(8)
    assert run.told[-1].camera_note is None


def test_a_busy_machine_is_not_called_a_dark_room_and_another_camera_is_not_compared_with_the_last() -> None:
    run = Governed()
    run.seconds(15)
    run.busy = 0.97
    run.seconds(8, captured=15, followed=15)
    assert run.told[-1].camera_note is None
    run.busy, run.camera = 0.5, 2
    run.seconds(20, captured=15, followed=15)
    assert run.told[-1].camera_note is None


def test_a_stopped_governor_ends_at_once() -> None:
    run = Governed()
    run.stage.unblock()
    with pytest.raises(Closed):
        run.stage.step()


@pytest.mark.parametrize(
    ("used", "sentence"),
    [
        (LEVELS[0], None),
        (LEVELS[1], "Your machine is busy: showing with one picture of the person."),
        (LEVELS[2], "Your machine is busy: showing with geometric."),
        (Level("geometric", 0, fps=25.0), "Your machine is busy: showing with geometric at 25 fps."),
        (LEVELS[6], "Your machine is busy: showing with geometric in less detail at 15 fps."),
    ],
)
def test_the_reason_names_what_is_seen_of_it(used: Level, sentence: str | None) -> None:
    assert busy_sentence(LEVELS[0], used) == sentence


def test_a_frame_that_follows_nobody_is_not_counted_as_followed() -> None:
    clock = HandClock()
    stats = PipelineStats(clock)
    meter = IntervalMeter(stats, clock.now_ns(), lambda: 0.0)
    clock.pass_s(1.0)
    for status in (FrameStatus.IDLE, FrameStatus.HELD, FrameStatus.AWAY):
        frame: RenderedFrame = replace(rendered(PICTURE), status=status)
        stats.delivered(frame, clock.now_ns())
    seen = meter.look(clock.now_ns())
    assert (seen.followed_fps, seen.face_share, seen.latency_ms) == (0.0, 0.0, 0.0)


QUICK = ladder("geometric", 30.0, references=0)


def test_a_model_that_was_chosen_begins_a_ladder_of_its_own() -> None:
    run = Governed(chosen="geometric")
    run.seconds(6)
    assert run.used == [QUICK[0]]
    assert (run.told[-1].place, run.told[-1].levels, run.told[-1].reason) == (0, len(QUICK), None)

    run.chosen = "synergy"
    run.seconds(3)

    assert run.used[1:] == [ladder("synergy", 30.0, references=0)[0]]
    assert run.refused == []


def test_while_a_chosen_model_is_opened_the_level_in_use_is_told() -> None:
    run = Governed()
    run.seconds(6)
    run.obeys, run.chosen = False, "geometric"
    run.seconds(5)
    assert run.used == [QUICK[0]]
    assert (run.told[-1].place, run.told[-1].levels) == (0, len(LEVELS))


def test_choosing_the_model_in_use_changes_nothing() -> None:
    run = Governed(chosen="synergy")
    run.seconds(8)
    assert run.used == []


def test_a_chosen_model_that_cannot_be_had_is_refused_and_the_one_in_use_goes_on_until_it_is_chosen_again() -> None:
    run = Governed()
    run.seconds(6)
    run.obeys, run.chosen = False, "geometric"
    run.second()
    run.report = LevelReport(QUICK[0], refused=True)
    run.seconds(2)
    assert run.refused == [("geometric", "synergy")]
    assert run.used == [QUICK[0], LEVELS[0]]
    assert (run.told[-1].place, run.told[-1].levels) == (0, len(LEVELS))

    run.obeys, run.chosen = True, "geometric"
    run.seconds(3)

    assert run.used[2:] == [QUICK[0]]
    assert run.told[-1].levels == len(QUICK)


def test_a_chosen_model_that_never_comes_is_refused_after_its_time() -> None:
    run = Governed()
    run.seconds(6)
    run.obeys, run.chosen = False, "geometric"
    run.seconds(int(MODEL_TIMEOUT_S))
    assert run.refused == []
    run.seconds(3)
    assert run.refused == [("geometric", "synergy")]


def test_a_locked_quality_holds_for_a_chosen_model_too() -> None:
    run = Governed(wish=QualityWish.LIGHT)
    run.seconds(6)
    run.chosen = "geometric"
    run.seconds(3)
    assert run.used == [LEVELS[-1], QUICK[-1]]


def test_a_wish_made_while_a_refused_model_was_opened_is_kept() -> None:
    run = Governed()
    run.seconds(6)
    run.obeys, run.chosen = False, "geometric"
    run.second()
    run.wish = QualityWish.LIGHT
    run.second()
    run.report, run.obeys = LevelReport(QUICK[-1], refused=True), True
    run.seconds(3)
    assert run.used[-1] == LEVELS[-1]
    assert run.told[-1].place == len(LEVELS) - 1

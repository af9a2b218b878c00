from __future__ import annotations

from dataclasses import replace

from app.clock import NS_PER_S
from app.control import EngineState, EngineStatus, Percentiles
from app.governor.status import QualityStatus
from tests.ui.conftest import Rig
from ui.health import DropCount, health_line
from ui.shown import HealthLine

RUNNING = EngineStatus(
    state=EngineState.RUNNING,
    fps=29.7,
    camera_fps=30.0,
    latency_ms=Percentiles(41.2, 55.0, 70.4),
    model="synergy",
    device="cpu",
)


def test_figures_are_shown_with_their_meaning_in_the_hint() -> None:
    line = health_line(RUNNING, drops=3)

    assert line.figures == "30 fps  ·  41 ms delay  ·  3 left out  ·  synergy on CPU"
    assert "Camera 30 fps · delay 41 ms, one in twenty above 55 ms, at worst 70 ms" in line.hint
    assert line.slow == ""


def test_figures_are_left_out_while_there_are_none() -> None:
    assert health_line(EngineStatus(state=EngineState.RUNNING), drops=0) == HealthLine("", "", "")


def test_a_dark_room_is_said_before_a_busy_machine() -> None:
    busy = replace(RUNNING, quality=QualityStatus(reason="Your machine is busy."))
    dark = replace(RUNNING, quality=QualityStatus(reason="Your machine is busy.", camera_note="It is dark."))

    assert health_line(busy, drops=0).slow == "Your machine is busy."
    assert health_line(dark, drops=0).slow == "It is dark."


def test_drops_are_those_of_the_latest_ten_seconds() -> None:
    count = DropCount()

    totals = [count.note(second * NS_PER_S, {"captured": min(second, 12)}) for second in range(31)]

    assert totals[:4] == [0, 1, 2, 3]
    assert totals[12] == 10
    assert totals[-1] == 0


def test_what_only_one_output_left_out_is_not_movement_that_is_lost() -> None:
    count = DropCount()
    count.note(0, {})

    assert count.note(1, {"captured": 2, "tracked": 3, "rendered for recorder": 50}) == 5


def test_the_window_shows_it_at_every_tick(rig: Rig) -> None:
    rig.engine.now = replace(rig.engine.now, fps=30.0, dropped={"captured": 7})
    rig.clock.pass_s(0.2)
    rig.presenter.tick()

    assert rig.view.show_health.call_args.args[0].figures.startswith("30 fps  ·  0 ms delay  ·  7 left out")

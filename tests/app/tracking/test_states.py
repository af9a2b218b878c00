from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import NS_PER_MS
from app.packets import FrameStatus
from app.tracking.states import PresenceLimits, PresenceMachine

LIVE, HELD, IDLE, AWAY = FrameStatus.LIVE, FrameStatus.HELD, FrameStatus.IDLE, FrameStatus.AWAY


def ms(value: float) -> int:
    return round(value * NS_PER_MS)


def live_at(t_ms: float) -> PresenceMachine:
    """A machine whose last frame, with a face, was at `t_ms`."""
    machine = PresenceMachine(ms(t_ms - 100))
    machine.saw_picture(True, ms(t_ms - 33))
    machine.saw_picture(True, ms(t_ms))
    assert machine.status(ms(t_ms)) is LIVE
    return machine


def empty_until(machine: PresenceMachine, from_ms: int, to_ms: int) -> None:
    """Pictures without a face every 33 ms."""
    for t_ms in range(from_ms, to_ms + 1, 33):
        machine.saw_picture(False, ms(t_ms))


@pytest.mark.parametrize(
    ("after_ms", "expected"),
    [(33, HELD), (299, HELD), (300, HELD), (301, IDLE), (800, IDLE), (9_999, IDLE), (10_001, AWAY), (60_000, AWAY)],
)
def test_a_lost_face_is_held_then_idle_then_away(after_ms: int, expected: FrameStatus) -> None:
    machine = live_at(1000)
    empty_until(machine, 1033, 1000 + after_ms)
    assert machine.status(ms(1000 + after_ms)) is expected


@pytest.mark.parametrize(("after_ms", "expected"), [(200, LIVE), (301, IDLE), (1000, IDLE), (1001, AWAY)])
def test_a_camera_that_gives_nothing_is_away_after_a_second(after_ms: int, expected: FrameStatus) -> None:
    assert live_at(1000).status(ms(1000 + after_ms)) is expected


def test_it_begins_idle_and_needs_two_frames_to_go_live() -> None:
    machine = PresenceMachine(0)
    assert machine.status(0) is IDLE
    machine.saw_picture(True, ms(33))
    assert machine.status(ms(33)) is IDLE
    machine.saw_picture(True, ms(66))
    assert machine.status(ms(66)) is LIVE


def test_nobody_from_the_start_is_away_after_ten_seconds() -> None:
    machine = PresenceMachine(0)
    empty_until(machine, 0, 10_050)
    assert machine.status(ms(10_050)) is AWAY


def test_a_camera_that_takes_long_to_open_is_not_lost() -> None:
    machine = PresenceMachine(0)
    assert machine.status(ms(4000)) is IDLE


def test_without_a_camera_by_choice_the_portrait_idles_for_as_long_as_it_takes() -> None:
    assert PresenceMachine(0, camera=False).status(ms(3_600_000)) is IDLE


def test_one_frame_brings_held_back() -> None:
    machine = live_at(1000)
    machine.saw_picture(False, ms(1033))
    assert machine.status(ms(1033)) is HELD
    machine.saw_picture(True, ms(1066))
    assert machine.status(ms(1066)) is LIVE


@pytest.mark.parametrize("gone_ms", [2_000, 20_000])
def test_a_single_false_detection_ends_neither_idle_nor_away(gone_ms: int) -> None:
    machine = live_at(1000)
    empty_until(machine, 1033, 1000 + gone_ms)
    before = machine.status(ms(1000 + gone_ms))
    for k in range(1, 20):
        machine.saw_picture(k % 2 == 0, ms(1000 + gone_ms + 33 * k))
        assert machine.status(ms(1000 + gone_ms + 33 * k)) is before


@pytest.mark.parametrize("gone_ms", [400, 2_000, 20_000])
def test_the_portrait_is_live_again_within_200_ms_at_15_frames_a_second(gone_ms: int) -> None:
    machine, back_ms = live_at(1000), 1000 + gone_ms
    empty_until(machine, 1033, back_ms)
    for k in range(1, 3):
        machine.saw_picture(True, ms(back_ms + 67 * k))
    assert machine.status(ms(back_ms + 134)) is LIVE


def test_a_camera_that_comes_back_needs_two_frames_with_a_face() -> None:
    machine = live_at(1000)
    assert machine.status(ms(5000)) is AWAY
    machine.saw_picture(True, ms(5000))
    assert machine.status(ms(5000)) is AWAY
    machine.saw_picture(True, ms(5033))
    assert machine.status(ms(5033)) is LIVE


def test_the_wish_for_the_card_is_obeyed_at_once_and_taken_back_through_idle() -> None:
    machine = live_at(1000)
    machine.set_away(True, ms(1001))
    assert machine.status(ms(1001)) is AWAY
    machine.saw_picture(True, ms(1033))
    assert machine.status(ms(1033)) is AWAY
    machine.set_away(False, ms(1040))
    assert machine.status(ms(1040)) is IDLE
    machine.saw_picture(True, ms(1066))
    machine.saw_picture(True, ms(1100))
    assert machine.status(ms(1100)) is LIVE


def test_another_camera_begins_anew() -> None:
    machine = live_at(1000)
    assert machine.status(ms(9000)) is AWAY
    machine.restart(ms(9000), camera=True)
    assert machine.status(ms(9500)) is IDLE


@pytest.mark.parametrize(
    "wrong", [{"hold_ms": 10_000}, {"away_ms": 300}, {"hold_ms": 0}, {"camera_lost_ms": 200}, {"confirm_frames": 0}]
)
def test_limits_that_contradict_each_other_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must follow each other|make no state machine"):
        PresenceLimits(**wrong)


@given(st.lists(st.tuples(st.integers(1, 3000), st.sampled_from(["face", "empty", "wait"])), max_size=60))
def test_whatever_happens_live_means_a_face_was_seen_just_now(events: list[tuple[int, str]]) -> None:
    machine, t_ms, last_face_ms, last_picture_ms = PresenceMachine(0), 0, -(10**9), None
    for step_ms, event in events:
        t_ms += step_ms
        if event != "wait":
            machine.saw_picture(event == "face", ms(t_ms))
            last_picture_ms = t_ms
        last_face_ms = t_ms if event == "face" else last_face_ms
        status = machine.status(ms(t_ms))
        if status in (LIVE, HELD):
            assert t_ms - last_face_ms <= 300
        if last_picture_ms is not None and t_ms - last_picture_ms > 1000:
            assert status is AWAY

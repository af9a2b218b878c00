"""The engine: one upload, one read-back, one wait; faster ways when there is time; and it goes on when they fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.session.backend import HostBackend
from models.session.engine import IN_FLIGHT, KEPT_PLANS, Engine
from models.session.lanes import Lane
from models.session.plan import Way
from tests.models.session.rehearsal import LOST, OUT_OF_MEMORY, Adding, Rehearsal, adding_person

ROW = np.arange(6, dtype=np.float32)


def made_by(engine: Engine, value: float, program: Adding | None = None, columns: int = 3) -> None:
    """Run a frame and require it to be right."""
    person = adding_person(program or Adding(), value, columns)
    picture, mean = engine.run(person, ROW)
    np.testing.assert_array_equal(picture, np.repeat((ROW + value)[:, None], columns, 1).astype(np.uint8))
    assert picture.dtype == np.uint8
    assert mean.tolist() == [2.5]


def improved(engine: Engine) -> int:
    """Slices until there is nothing more to do."""
    slices = 0
    while engine.improve():
        slices += 1
        assert slices < 50
    return slices


def test_a_frame_takes_one_upload_one_read_back_and_one_wait() -> None:
    engine = Engine(HostBackend())
    made_by(engine, 1.0)
    before = engine.transfers

    for value in (1.0, 2.0, 3.0):
        made_by(engine, value)

    found = engine.transfers.per_frame(before)
    assert found == {"uploads": 1, "uploaded_bytes": 24, "read_backs": 1, "read_back_bytes": 22, "waits": 1}


def test_without_frames_nothing_is_said_of_them() -> None:
    engine = Engine(HostBackend())

    assert engine.transfers.per_frame(engine.transfers) == {}


def test_results_stay_when_later_frames_are_made() -> None:
    engine, person = Engine(HostBackend()), adding_person(Adding(), 0.0)
    first, _ = engine.run(person, ROW)

    for _ in range(3):
        engine.run(person, ROW + 7.0)

    np.testing.assert_array_equal(first[:, 0], ROW.astype(np.uint8))


def test_two_frames_can_be_on_their_way_and_come_back_as_they_were_given() -> None:
    engine, person = Engine(Rehearsal()), adding_person(Adding(), 0.0)

    tickets = [engine.submit(person, ROW + shift) for shift in (1.0, 2.0)]
    with pytest.raises(ValueError, match=f"{IN_FLIGHT} frames are on their way; collect one first"):
        engine.submit(person, ROW)

    assert [float(engine.collect(ticket)[1][0]) for ticket in tickets] == [3.5, 4.5]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="the program takes 6 numbers"):
        Engine(HostBackend()).run(adding_person(Adding(), 0.0), ROW[:5])


def test_the_main_lane_waits_for_the_upload_and_the_read_back_for_the_main_lane() -> None:
    backend = Rehearsal()
    engine = Engine(backend)
    for _ in range(IN_FLIGHT):  # in the first ones memory is taken
        made_by(engine, 0.0)
    backend.watched.log.clear()

    made_by(engine, 0.0)

    assert backend.watched.log == [
        ("on", Lane.MAIN),
        ("on", Lane.UPLOAD),
        ("join", Lane.UPLOAD),
        ("fork", Lane.REFERENCES),
        ("on", Lane.REFERENCES),
        ("join", Lane.REFERENCES),
        ("fork", Lane.READ_BACK),
        ("on", Lane.READ_BACK),
    ]


def test_the_first_frame_is_eager_and_the_step_is_recorded_in_slices_between_frames() -> None:
    backend = Rehearsal()
    engine, program = Engine(backend), Adding()
    assert engine.improve() is False  # nothing has run yet

    made_by(engine, 1.0, program)
    assert (engine.way, backend.recorded) == (Way.EAGER, 0)
    assert improved(engine) >= 3
    before = program.runs
    made_by(engine, 1.0, program)

    assert (engine.way, backend.recorded) == (Way.RECORDED, 1)
    assert program.runs == before + 1  # the replay's
    assert engine.improve() is False


def test_people_of_the_same_shapes_share_a_recorded_step() -> None:
    backend = Rehearsal()
    engine, program = Engine(backend), Adding()
    made_by(engine, 1.0, program)
    improved(engine)

    for value in (5.0, 1.0, 9.0):
        made_by(engine, value, program)

    assert backend.recorded == 1
    assert engine.way is Way.RECORDED


def test_other_shapes_are_recorded_anew_and_the_oldest_is_given_up() -> None:
    backend = Rehearsal()
    engine, program = Engine(backend), Adding()
    for columns in range(1, KEPT_PLANS + 3):
        made_by(engine, 1.0, program, columns)
        improved(engine)
        assert engine.way is Way.RECORDED

    assert backend.recorded == KEPT_PLANS + 2
    assert len(engine._plans) == KEPT_PLANS


@pytest.mark.parametrize("error", [OUT_OF_MEMORY, RuntimeError("operation not permitted when stream is capturing")])
def test_where_recording_fails_frames_go_on_eagerly_and_the_log_says_so_once(
    error: Exception, expected_log: pytest.LogCaptureFixture
) -> None:
    engine = Engine(Rehearsal({"record": 9}, error))
    made_by(engine, 1.0)
    improved(engine)

    for value in (1.0, 2.0):
        made_by(engine, value)

    assert engine.way is Way.EAGER
    assert expected_log.messages == [f"The GPU goes on with eager, a faster way failed: {error}"]


def test_a_recorded_step_that_makes_other_pictures_is_not_taken(expected_log: pytest.LogCaptureFixture) -> None:
    backend = Rehearsal()
    engine = Engine(backend)
    real = backend.record
    backend.record = lambda work: real(lambda: None)  # type: ignore[method-assign]
    made_by(engine, 100.0)

    improved(engine)

    assert engine.way is Way.EAGER
    assert len(expected_log.messages) == 1
    assert "cuda graph makes other pictures (102.5" in expected_log.messages[0]


def test_a_replay_that_fails_is_done_again_eagerly(expected_log: pytest.LogCaptureFixture) -> None:
    backend = Rehearsal()
    engine = Engine(backend)
    made_by(engine, 1.0)
    improved(engine)
    backend.failing = {"replay": 1}

    for value in (3.0, 4.0):
        made_by(engine, value)

    assert engine.way is Way.EAGER
    assert expected_log.messages == [f"The GPU goes on without cuda graph: {OUT_OF_MEMORY}"]


def test_where_memory_runs_out_it_is_given_back_and_the_frame_made_again() -> None:
    backend = Rehearsal()
    engine = Engine(backend)

    made_by(engine, 1.0, Adding(fails=1))

    assert backend.given_back == 1


@pytest.mark.parametrize("error", [OUT_OF_MEMORY, LOST])
def test_a_device_that_keeps_failing_is_reported(error: Exception) -> None:
    engine = Engine(Rehearsal())

    with pytest.raises(RuntimeError) as reported:
        engine.run(adding_person(Adding(fails=2, error=error), 1.0), ROW)

    assert reported.value is error


@pytest.mark.parametrize("place", ["host bytes", "wait"])
def test_a_failed_frame_does_not_spoil_the_next(place: str) -> None:
    engine = Engine(Rehearsal({place: 1}))

    with pytest.raises(torch.OutOfMemoryError):
        engine.run(adding_person(Adding(), 1.0), ROW)

    for value in (2.0, 3.0, 4.0):
        made_by(engine, value)


def test_improving_waits_until_no_frame_is_on_its_way() -> None:
    backend = Rehearsal()
    engine, person = Engine(backend), adding_person(Adding(), 1.0)
    ticket = engine.submit(person, ROW)

    assert engine.improve() is False
    engine.collect(ticket)
    assert engine.improve() is True


def test_a_closed_engine_can_be_used_again() -> None:
    engine = Engine(Rehearsal())
    made_by(engine, 1.0)
    improved(engine)

    engine.close()

    made_by(engine, 2.0)
    assert engine.way is Way.EAGER

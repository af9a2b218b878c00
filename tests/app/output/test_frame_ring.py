"""Frames in shared memory: what is read is what was written, or it is known that it is not."""

from __future__ import annotations

import numpy as np
import pytest

from app.child_process import SHARED_MEMORY
from app.errors import EnvironmentProblem
from app.output.frame_ring import SLOTS, FrameRing
from tests.helpers.frames import plain

SIZE = (4, 6)


def test_frames_and_card_are_read_back_by_who_attaches() -> None:
    writer = FrameRing.create(SIZE)
    reader = FrameRing.attach(writer.name, SIZE)
    for number in range(1, SLOTS + 1):
        writer.frame(number)[:] = number
    writer.card()[:] = 99
    read = [int(reader.frame(number)[0, 0, 0]) for number in range(1, SLOTS + 1)]
    np.testing.assert_array_equal(reader.card(), plain((99, 99, 99), SIZE))
    reader.close()
    writer.close()
    assert read == list(range(1, SLOTS + 1))


def test_a_frame_is_whole_until_its_slot_may_be_filled_again() -> None:
    assert FrameRing.is_whole(read=5, newest=5)
    assert FrameRing.is_whole(read=5, newest=5 + SLOTS - 2), "frame 5 + SLOTS - 1 may be being written, elsewhere"
    assert not FrameRing.is_whole(read=5, newest=5 + SLOTS - 1), "frame 5 + SLOTS, which has its slot, may be begun"


def test_a_closed_ring_is_gone_and_refuses_access() -> None:
    ring = FrameRing.create(SIZE)
    ring.close()
    ring.close()
    with pytest.raises(ValueError, match="closed"):
        ring.frame(1)
    with pytest.raises(FileNotFoundError):
        FrameRing.attach(ring.name, SIZE)


def test_who_adopts_an_orphaned_ring_removes_it() -> None:
    writer = FrameRing.create(SIZE)
    reader = FrameRing.attach(writer.name, SIZE)
    writer._owner = False  # as if its process had died before it could
    writer.close()
    reader.adopt()
    reader.close()
    with pytest.raises(FileNotFoundError):
        FrameRing.attach(reader.name, SIZE)


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="only Linux has /dev/shm")
def test_too_little_shared_memory_is_said_before_it_ends_the_program() -> None:
    with pytest.raises(EnvironmentProblem, match=r"needs \d+ MB of shared memory and \d+ MB are free in /dev/shm"):
        FrameRing.create((2_000_000, 2_000_000))

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.audio.ring import SampleRing
from models.types import FloatArray


def numbered(first: int, count: int, channels: int = 1) -> FloatArray:
    return np.repeat(np.arange(first, first + count, dtype=np.float32)[:, None], channels, axis=1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 90)), max_size=60))
def test_what_goes_in_comes_out_once_and_in_order(moves: list[tuple[bool, int]]) -> None:
    ring, written, read = SampleRing(64, 2), 0, 0

    for writing, count in moves:
        if writing:
            room = 64 - ring.held
            ring.write(numbered(written, count, 2)[: max(count, 0)])
            written += min(room, count)
        else:
            found = ring.take(count)
            np.testing.assert_array_equal(found, numbered(read, len(found), 2))
            read += len(found)
        assert ring.held == written - read


def test_what_finds_no_room_is_lost_and_counted() -> None:
    ring = SampleRing(10, 1)
    ring.write(numbered(0, 8))
    ring.write(numbered(8, 5))

    assert (ring.written, ring.lost) == (10, 3)
    assert ring.take(99)[:, 0].tolist() == list(range(10))


def test_a_card_that_wants_more_than_there_is_gets_silence_and_it_is_counted() -> None:
    ring = SampleRing(10, 1)
    ring.write(numbered(1, 3))
    wanted = np.full((5, 1), 9.0, np.float32)

    ring.fill(wanted)

    assert wanted[:, 0].tolist() == [1.0, 2.0, 3.0, 0.0, 0.0]
    assert (ring.taken, ring.padded) == (3, 2)

"""Sound in shared memory: found again by its number, silent where a little is missing, anew after a long gap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.output.sound_ring import FULL_SCALE, LENGTH, LONGEST_GAP, SoundRing
from models.types import FloatArray


@pytest.fixture
def rings() -> Iterator[tuple[SoundRing, SoundRing]]:
    writer = SoundRing.create()
    reader = SoundRing.attach(writer.name)
    yield writer, reader
    reader.close()
    writer.close()
    writer.close()


def ramp(count: int) -> FloatArray:
    return np.linspace(-1.0, 1.0, count, dtype=np.float32)[:, None]


def test_what_one_process_writes_the_other_reads_on_both_channels(rings: tuple[SoundRing, SoundRing]) -> None:
    writer, reader = rings
    start = 5 * LENGTH - 100  # over the end of the memory
    writer.write(start, ramp(480))
    writer.write(start + 480, ramp(480))

    assert writer.held == (start, start + 960)
    found = reader.read(start, start + 960)
    np.testing.assert_allclose(found, np.tile(np.concatenate([ramp(480), ramp(480)]), 2), atol=1 / FULL_SCALE)


def test_what_is_missing_is_silence_and_what_comes_twice_is_left_out(rings: tuple[SoundRing, SoundRing]) -> None:
    writer, reader = rings
    writer.write(1000, ramp(480))
    writer.write(1000 + 960, ramp(480))
    writer.write(1000 + 1200, 0.5 * ramp(480))

    assert writer.held == (1000, 1000 + 1680)
    assert not reader.read(1480, 1960).any()
    np.testing.assert_allclose(reader.read(2440, 2680)[:, 0], 0.5 * ramp(480)[240:, 0], atol=1 / FULL_SCALE)


def test_after_a_long_gap_it_begins_anew_so_that_nothing_old_is_heard(rings: tuple[SoundRing, SoundRing]) -> None:
    writer, _ = rings
    writer.write(1000, ramp(480))
    writer.write(1480 + LONGEST_GAP + 1, ramp(480))

    assert writer.held[0] == 1480 + LONGEST_GAP + 1

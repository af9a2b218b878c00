"""Sound of a card with a clock of its own, put on the common row of samples."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.grid import BLOCK_NS, BLOCK_SAMPLES, GridReader
from app.clock import NS_PER_S
from app.packets import AudioBlock
from models.types import FloatArray

START_NS = 7_000 * NS_PER_S + 3_456_789


def tone_at(t_ns: FloatArray, hz: float = 1000.0) -> FloatArray:
    """What is in the air."""
    return np.sin(2 * np.pi * hz * (t_ns - START_NS) / NS_PER_S)


class Card:
    """Samples the tone at a rate that is a little wrong, in blocks of 10 ms, and stamps them."""

    def __init__(self, rate: int = 48_000, skew: float = 0.0) -> None:
        self.rate, self._true_rate, self._number = rate, rate * (1 + skew), 0
        self.grid = GridReader(rate, 1)

    def run(self, seconds: float) -> list[AudioBlock]:
        blocks = []
        for _ in range(round(seconds * 100)):
            count = self.rate // 100
            t_ns = self._time_ns(np.arange(self._number, self._number + count))
            stamp = (self._number, round(float(t_ns[0])))
            blocks += self.grid.push(tone_at(t_ns).astype(np.float32)[:, None], stamp)
            self._number += count
        return blocks

    def skip(self, seconds: float) -> None:
        """The card stops for a while and counts on where it was: sound is lost."""
        self._lost_ns = seconds * NS_PER_S

    _lost_ns = 0.0

    def _time_ns(self, numbers: FloatArray) -> FloatArray:
        return np.asarray(START_NS + self._lost_ns + numbers * (NS_PER_S / self._true_rate))


def errors(blocks: list[AudioBlock]) -> FloatArray:
    """How far each sample is from what was in the air at its time."""
    found = []
    for block in blocks:
        t_ns = block.t_first_sample_ns + np.arange(len(block.samples)) * (NS_PER_S / 48_000)
        found.append(block.samples[:, 0] - tone_at(t_ns))
    return np.concatenate(found)


@pytest.mark.parametrize(
    ("rate", "skew"), [(48_000, 0.0), (48_000, 200e-6), (48_000, -200e-6), (44_100, 50e-6), (16_000, 0.0)]
)
def test_every_sample_is_what_was_in_the_air_at_its_time(rate: int, skew: float) -> None:
    blocks = Card(rate, skew).run(20.0)

    settled = blocks[len(blocks) // 2 :]
    assert np.abs(errors(settled)).max() < 0.01, "2 us of the tone"
    assert all(block.rate == 48_000 for block in blocks)


def test_blocks_lie_on_a_grid_of_10_ms_one_after_the_other_and_cannot_be_changed() -> None:
    blocks = Card(skew=100e-6).run(2.0)

    starts = [block.t_first_sample_ns for block in blocks]
    assert all(start % BLOCK_NS == 0 for start in starts)
    assert np.diff(starts).tolist() == [BLOCK_NS] * (len(starts) - 1)
    assert {len(block.samples) for block in blocks} == {BLOCK_SAMPLES}
    assert not blocks[0].samples.flags.writeable
    assert starts[-1] > START_NS + 2 * NS_PER_S - 3 * BLOCK_NS, "little is held back"


def test_after_sound_was_lost_the_rest_is_again_where_it_belongs() -> None:
    card = Card()
    before = card.run(5.0)
    card.skip(1.2)
    after = card.run(5.0)

    starts = [block.t_first_sample_ns for block in before + after]
    assert min(np.diff(starts)) == BLOCK_NS, "never twice, never back"
    assert max(np.diff(starts)) > NS_PER_S // 2, "what was lost is a gap"
    assert np.abs(errors(after[-100:])).max() < 0.01

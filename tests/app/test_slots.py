from __future__ import annotations

import threading

import pytest

from app.slots import Closed, LatestSlot


def test_a_second_item_replaces_the_unread_first_and_is_counted() -> None:
    slot: LatestSlot[int] = LatestSlot("numbers")

    slot.put(1)
    slot.put(2)

    assert slot.get(timeout_s=0) == 2
    assert slot.replaced == 1
    assert slot.take() is None


def test_get_gives_up_after_its_timeout_and_names_the_slot() -> None:
    slot: LatestSlot[int] = LatestSlot("frames")

    with pytest.raises(TimeoutError, match=r"nothing arrived in slot .frames. within 0\.01 s"):
        slot.get(timeout_s=0.01)


def test_closing_wakes_a_reader_that_waits_and_throws_the_unread_item_away() -> None:
    slot: LatestSlot[int] = LatestSlot("frames")
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(Closed):
            slot.get()
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    slot.close()
    reader.join(1.0)

    assert ended.is_set()
    with pytest.raises(Closed):
        slot.put(3)
    assert slot.take() is None

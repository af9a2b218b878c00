"""Hand-offs whose consumers come and go."""

from __future__ import annotations

import numpy as np
import pytest

from app.outlet import FanOut, Outlet, offer
from app.packets import CapturedFrame, FrameStatus, RenderedFrame
from app.slots import LatestSlot

FRAME = RenderedFrame(1, np.zeros((2, 2, 3), np.uint8), 0, 0, FrameStatus.LIVE)


def test_items_go_to_whichever_inbox_is_connected() -> None:
    outlet: Outlet[int] = Outlet("numbers")
    outlet.put(1)
    first, second = LatestSlot[int]("first"), LatestSlot[int]("second")
    outlet.connect(first)
    outlet.put(2)
    outlet.connect(second)
    outlet.put(3)
    assert (first.take(), second.take()) == (2, 3)


def test_a_closed_inbox_does_not_end_its_producer() -> None:
    outlet, inbox = Outlet[int]("numbers"), LatestSlot[int]("inbox")
    outlet.connect(inbox)
    inbox.close()
    outlet.put(1)
    assert not offer(inbox, 2)


def test_replaced_items_are_counted_over_all_consumers() -> None:
    outlet: Outlet[int] = Outlet("numbers")
    for _ in range(2):
        outlet.connect(LatestSlot("inbox"))
        for number in range(3):
            outlet.put(number)
    assert outlet.replaced == 4


def test_the_owner_hears_of_every_item() -> None:
    heard: list[int] = []
    outlet = Outlet("numbers", heard.append)
    outlet.put(1)
    outlet.put(2)
    assert heard == [1, 2]


def test_every_sink_gets_every_frame_in_a_slot_of_its_own() -> None:
    published: list[RenderedFrame] = []
    fan_out = FanOut(published.append)
    slow, fast = LatestSlot[RenderedFrame]("slow"), LatestSlot[RenderedFrame]("fast")
    fan_out.connect("slow", slow)
    fan_out.connect("fast", fast)
    for _ in range(3):
        fan_out.publish(FRAME)
        assert fast.take() is FRAME
    assert fan_out.replaced() == {"slow": 2, "fast": 0}
    fan_out.connect("slow", None)
    slow.take()
    fan_out.publish(FRAME)
    assert slow.take() is None
    assert len(published) == 4


def test_nothing_but_a_rendered_frame_passes() -> None:
    published: list[RenderedFrame] = []
    camera_picture = CapturedFrame(1, FRAME.image, 0, "camera")
    with pytest.raises(TypeError, match="got CapturedFrame"):
        FanOut(published.append).publish(camera_picture)  # type: ignore[arg-type]
    assert published == []

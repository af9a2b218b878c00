"""The driver's own pictures: no output takes them, and no code but that listed here reads their pixels."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.guided_capture.private_picture import PicturesForgotten, PrivatePicture
from app.outlet import FanOut
from app.output.null import NullSink

ROOT = Path(__file__).resolve().parents[3]
READERS = {
    "app/guided_capture/private_picture.py",
    "app/guided_capture/proposal.py",
    "app/guided_capture/further_views.py",
    "ui/captures.py",
    "ui/references.py",
}
"""Where `reveal` may stand: what was approved is saved, and the person sees what there is to approve."""


@pytest.fixture
def private() -> PrivatePicture:
    return PrivatePicture(np.full((8, 12, 3), 200, np.uint8))


def test_sinks_and_the_way_to_them_refuse_it(private: PrivatePicture) -> None:
    anything: Any = private
    fan_out = FanOut(lambda frame: None)
    with pytest.raises(TypeError, match="a sink accepts only RenderedFrame, got PrivatePicture"):
        fan_out.publish(anything)
    sink = NullSink()
    sink.open()
    with pytest.raises(TypeError, match="a sink accepts only RenderedFrame, got PrivatePicture"):
        sink.send(anything)
    sink.close()


def test_it_becomes_no_array_no_copy_and_no_bytes(private: PrivatePicture) -> None:
    with pytest.raises(TypeError, match="not to be used as an array"):
        np.asarray(private)
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not to be written or sent anywhere"):
            take(private)
    assert repr(private) == "<private picture, 12 x 8>"


def test_its_pixels_are_its_own_and_read_only() -> None:
    image = np.full((8, 12, 3), 200, np.uint8)
    private = PrivatePicture(image)
    image[:] = 0
    assert private.reveal().min() == 200
    with pytest.raises(ValueError, match="read-only"):
        private.reveal()[0, 0, 0] = 1


def test_what_was_forgotten_is_gone(private: PrivatePicture) -> None:
    seen = private.reveal()
    private.forget()
    private.forget()
    assert not seen.any(), "the pixels themselves are overwritten"
    with pytest.raises(PicturesForgotten):
        private.reveal()
    assert repr(private) == "<private picture, 12 x 8, forgotten>"


def test_only_the_listed_files_read_private_pixels() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("app", "ui", "models")
        for path in (ROOT / folder).rglob("*.py")
        if ".reveal()" in path.read_text(encoding="utf-8") or "def reveal(" in path.read_text(encoding="utf-8")
    }
    assert found == READERS

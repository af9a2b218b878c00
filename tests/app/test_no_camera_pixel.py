"""No camera pixel leaves the program: a camera that shows a marker, through the real render thread and real outputs.

The camera shows a checkerboard, of which a single pixel is noticed, and by turns one strong colour all over, which is
noticed also where the picture was blurred or made small (the checkerboard turns grey then). Everything else that is
shown is grey, so that a trace of colour can only be the camera's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from app.capture.synthetic import Pattern, marker_share, synthetic_image, wash_share
from app.outlet import FanOut, offer
from app.output.null import NullSink
from app.output.recorder import Recorder
from app.output.sink_stage import SinkStage
from app.packets import CapturedFrame, FrameStatus, RenderedFrame, TrackedFrame
from app.portrait import LoadedPortrait
from app.render.stage import RenderStage
from app.render.wishes import RenderWishes, WishBox
from app.settings import Background, BackgroundMode, FitMode, OutputSettings
from app.slots import LatestSlot
from app.tracking.stage import TrackingStage
from models.geometric.animator import GeometricAnimator
from tests.helpers.live import (
    FRAME_S,
    PICTURE_SIZE,
    HandClock,
    KeepingSink,
    ScriptedTracker,
    face,
    render_tools,
    small_portrait,
)

CYCLES = 300
FRAMES_OF_A_PATTERN = 8
OUTPUTS = (
    OutputSettings(width=320, height=192),
    OutputSettings(width=320, height=192, fit=FitMode.FIT),
    OutputSettings(width=320, height=192, background=Background(BackgroundMode.BLUR)),
    OutputSettings(width=320, height=192, background=Background(BackgroundMode.COLOUR, colour=(90, 90, 90))),
    OutputSettings(width=320, height=192, background=Background(BackgroundMode.TRANSPARENT, colour=(90, 90, 90))),
)


def grey_portrait(*, with_background: bool = True) -> LoadedPortrait:
    """The small portrait without its colours: where red meets blue it would be of the marker's hue."""
    portrait = small_portrait(with_background=with_background)
    view = replace(
        portrait.view,
        image=_grey(portrait.view.image),
        background=None if portrait.view.background is None else _grey(portrait.view.background),
    )
    return replace(portrait, picture=_grey(portrait.picture), background=_grey(portrait.background), view=view)


def _grey(image: np.ndarray) -> np.ndarray:
    return np.repeat(image.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)


@dataclass
class Line:
    """Tracking, render and two sinks, each stepped by hand on this thread."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    sink: KeepingSink = field(default_factory=lambda: KeepingSink("checked"))

    def __post_init__(self) -> None:
        self.seen = face()
        self.present = False
        self.captured, self.tracked = LatestSlot[CapturedFrame]("captured"), LatestSlot[TrackedFrame]("tracked")
        self.wishes = WishBox(RenderWishes(portrait=grey_portrait(), output=OUTPUTS[0], has_camera=True))
        fan_out = FanOut(lambda frame: None)
        self.sinks = []
        self.movie, self.null = self.folder / "movie.mp4", NullSink()
        self.outputs = (*OUTPUTS, _with_picture(self.folder / "behind.png"))
        for sink in (self.sink, self.null, Recorder(self.movie, (192, 320))):
            inbox: LatestSlot[RenderedFrame] = LatestSlot(sink.name)
            fan_out.connect(sink.name, inbox)
            self.sinks.append((inbox, SinkStage(sink, inbox)))
        tracker = ScriptedTracker(lambda: self.seen if self.present else None)
        tools = render_tools(lambda: GeometricAnimator(torch.device("cpu")), fan_out.publish, self.clock)
        self.stages = [
            TrackingStage(self.captured, self.tracked, lambda: tracker, self.clock),
            RenderStage(self.tracked, self.wishes, tools),
            *(stage for _, stage in self.sinks),
        ]
        for stage in self.stages:
            stage.open()

    def frame(self, number: int) -> None:
        """One picture of a marker goes through the whole line."""
        self.clock.pass_s(FRAME_S)
        pattern = Pattern.MARKER if number // FRAMES_OF_A_PATTERN % 2 else Pattern.WASH
        image = synthetic_image(pattern, PICTURE_SIZE, number)
        self.captured.put(CapturedFrame(number, image, self.clock.now_ns(), "marker"))
        self.stages[0].step()
        self.render()

    def render(self) -> None:
        """The render thread's step, and the delivery of what it finished."""
        self.stages[1].step()
        for inbox, stage in self.sinks:
            if (finished := inbox.take()) is not None:
                offer(inbox, finished)
                stage.step()

    def close(self) -> None:
        for stage in self.stages:
            stage.release()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    before = torch.get_num_threads()
    line = Line(tmp_path)
    yield line
    line.close()
    torch.set_num_threads(before)


@pytest.mark.slow
def test_no_output_frame_contains_a_camera_pixel_however_faces_come_and_go(line: Line) -> None:
    rng = random.Random(7)
    worst, statuses = 0.0, set()
    number = 0
    for cycle in range(CYCLES):
        _wish(line, rng, cycle)
        for present in (True, False):
            line.present = present
            line.seen = face(x=rng.uniform(-60, 60), turn=rng.uniform(-0.6, 0.6))
            for _ in range(rng.randint(1, 3)):
                number += 1
                line.frame(number)
        line.clock.pass_s(rng.choice((0.0, 0.0, 0.4, 1.5)))  # the camera stalls, or is lost
        line.render()
        worst = max(worst, *(camera_share(frame.image) for frame in line.sink.sent))
        statuses |= {frame.status for frame in line.sink.sent}
        line.sink.sent.clear()
    assert statuses == set(FrameStatus)
    assert worst == 0.0
    line.close()
    pictures = _pictures(line.movie)
    assert len(pictures) > CYCLES
    assert max(camera_share(picture) for picture in pictures) == 0.0
    assert line.null.frames > CYCLES


def test_the_marker_would_be_found(line: Line) -> None:
    """The check itself: a camera picture, whole or as a small part, is noticed."""
    image = synthetic_image(Pattern.MARKER, PICTURE_SIZE, 1)
    assert marker_share(image) == 1.0
    line.present = True
    for number in range(5):
        line.frame(number)
    shown = np.array(line.sink.sent[-1].image)
    assert marker_share(shown) == 0.0
    shown[:16, :16] = image[:16, :16]
    assert marker_share(shown) > 0.0


@pytest.mark.parametrize("opacity", [1.0, 0.2])
def test_the_wash_would_be_found_blurred_and_made_small(line: Line, opacity: float) -> None:
    """The check itself: a camera picture that was blurred and shrunk, as a backdrop would be, is noticed."""
    line.present = True
    for number in range(5):
        line.frame(number)
    shown = np.array(line.sink.sent[-1].image)
    assert camera_share(shown) == 0.0
    for pattern, is_found in ((Pattern.WASH, True), (Pattern.MARKER, False)):
        soft = cv2.GaussianBlur(synthetic_image(pattern, PICTURE_SIZE, 1), (0, 0), 20)
        small = cv2.resize(soft, (20, 15), interpolation=cv2.INTER_AREA)
        leaked = shown.copy()
        leaked[:15, :20] = np.rint(opacity * small + (1 - opacity) * shown[:15, :20])
        assert (camera_share(leaked) > 0.0) is is_found, "the checkerboard alone would not do"


def camera_share(image: np.ndarray) -> float:
    """Which part of a picture shows the camera, sharp or not."""
    return max(marker_share(image), wash_share(image))


def _with_picture(path: Path) -> OutputSettings:
    """An output with the person before a picture."""
    Image.fromarray(np.full((96, 160, 3), (120, 120, 120), np.uint8)).save(path)
    return OutputSettings(width=320, height=192, background=Background(BackgroundMode.PICTURE, picture=path))


def _wish(line: Line, rng: random.Random, cycle: int) -> None:
    """What a person does meanwhile: another background, away and back, a new neutral face, another portrait."""
    if cycle % 10 == 0:
        line.wishes.change(lambda wishes: replace(wishes, output=rng.choice(line.outputs)))
    if cycle % 7 == 0:
        line.wishes.change(lambda wishes: replace(wishes, away=not wishes.away))
    if cycle % 11 == 0:
        line.wishes.change(lambda wishes: replace(wishes, calibration=wishes.calibration + 1))
    if cycle % 13 == 0:
        line.wishes.change(lambda wishes: replace(wishes, driver=wishes.driver + 1))
    if cycle % 50 == 49:
        plain = grey_portrait(with_background=rng.random() < 0.5)
        line.wishes.change(lambda wishes: replace(wishes, portrait=plain))


def _pictures(path: Path) -> list[np.ndarray]:
    import av

    with av.open(str(path)) as movie:
        return [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]

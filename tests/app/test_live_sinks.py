"""The virtual camera stays open for the program's life, with the card of the portrait that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.control import EngineConfig
from app.engine import Engine
from app.live_sinks import CameraWish, KeptCamera
from app.live_stages import LiveStages
from app.output.virtual_camera import VirtualCamera
from app.packets import RenderedFrame
from app.pipeline import Pipeline
from app.render.cards import draw_away_card
from app.settings import OutputSettings
from app.worker import Stage
from models.types import ImageArray
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for

CONFIG = EngineConfig(virtual_camera="first", output=OutputSettings(width=320, height=192, fps=100.0))


class PaperCamera:
    """Stands in for `VirtualCamera` and writes down what happens to it."""

    name = "virtual camera"

    def __init__(self, wish: CameraWish) -> None:
        self.wish, self.device = wish, wish.name
        self.events: list[str] = []
        self.card: ImageArray | None = None
        self.failures: list[Exception] = []

    def open(self) -> None:
        self.events.append("open" if self.card is not None else "open without a card")

    def send(self, frame: RenderedFrame) -> None:
        if self.failures:
            self.events.append("failed")
            raise self.failures.pop()
        if "sent" not in self.events[-1:]:
            self.events.append("sent")

    def take_shown(self) -> list[tuple[RenderedFrame, int]]:
        return []

    def set_away_card(self, away: ImageArray) -> None:
        self.card = away

    def close(self) -> None:
        self.events.append("closed")


class WithPaperCamera(TestStages):
    """The real choice of virtual cameras, made of paper."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config)
        self.cameras: list[PaperCamera] = []
        self.failures: list[Exception] = []
        """What the first frames of a camera fail with."""

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        return LiveStages.sink(self, virtual_camera, pipeline)

    def make_virtual_camera(self, wish: CameraWish) -> VirtualCamera:
        self.cameras.append(PaperCamera(wish))
        self.cameras[-1].failures += self.failures
        return self.cameras[-1]  # type: ignore[return-value]


class Meeting:
    """An engine whose virtual cameras are of paper."""

    def __init__(self) -> None:
        self.stages = WithPaperCamera(CONFIG)
        self.engine = Engine(CONFIG, self.stages)

    def wait_for_frames(self, camera: int) -> PaperCamera:
        wait_for(lambda: len(self.stages.cameras) > camera, f"camera {camera}")
        chosen = self.stages.cameras[camera]
        wait_for(lambda: chosen.events[-1:] == ["sent"], "frames in it")
        return chosen


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    meeting = Meeting()
    yield meeting
    meeting.engine.stop()


def test_the_camera_stays_open_over_a_restart_and_goes_with_the_stop(meeting: Meeting) -> None:
    meeting.engine.start()
    camera = meeting.wait_for_frames(0)
    assert camera.events == ["open", "sent"]
    meeting.engine.restart()
    wait_for(lambda: camera.events == ["open", "sent", "open", "sent"], "the same camera again")
    meeting.engine.stop()
    assert camera.events[-1] == "closed"
    assert len(meeting.stages.cameras) == 1


def test_a_camera_that_opened_and_fails_with_its_first_frames_is_fed_again_and_never_closed(
    meeting: Meeting, expected_log: pytest.LogCaptureFixture
) -> None:
    meeting.stages.failures = [RuntimeError("a bug of the sink"), RuntimeError("and again")]
    meeting.engine.start()
    camera = meeting.wait_for_frames(0)
    assert camera.events == ["open", "failed", "open", "failed", "open", "sent"]
    assert not meeting.engine.given_up("virtual camera")
    wait_for(lambda: not meeting.engine.problems(), "all well again")


@pytest.mark.parametrize("chosen", ["none", "second"])
def test_the_camera_goes_when_none_or_another_is_chosen(meeting: Meeting, chosen: str) -> None:
    meeting.engine.start()
    first = meeting.wait_for_frames(0)
    meeting.engine.set_virtual_camera(chosen)
    wait_for(lambda: first.events[-1] == "closed", "the first camera's end")
    if chosen == "second":
        assert meeting.wait_for_frames(1).wish == CameraWish("second", (192, 320), 100.0)


def test_another_portrait_changes_the_card_of_the_open_camera(meeting: Meeting) -> None:
    meeting.engine.start()
    camera = meeting.wait_for_frames(0)
    assert camera.card is not None
    assert np.array_equal(camera.card, draw_away_card((192, 320), None))
    portrait = replace(small_portrait(), picture=np.full((240, 320, 3), (200, 40, 40), np.uint8))
    meeting.engine.set_portrait(portrait)
    expected = draw_away_card((192, 320), portrait.picture)
    wait_for(lambda: np.array_equal(camera.card, expected), "the portrait's card")  # type: ignore[arg-type]
    assert camera.events == ["open", "sent"]


def test_another_size_or_rate_is_another_camera() -> None:
    wish, made = CameraWish("auto", (192, 320), 30.0), list[PaperCamera]()

    def make(wished: CameraWish) -> VirtualCamera:
        made.append(PaperCamera(wished))
        return made[-1]  # type: ignore[return-value]

    kept = KeptCamera(make)
    assert kept.take(wish) is kept.take(replace(wish))
    for other in (replace(wish, size=(64, 96)), replace(wish, fps=25.0)):
        kept.take(other)
        assert made[-1].wish == other
        assert made[-2].events == ["closed"]
    kept.close()
    kept.close()
    assert made[-1].events == ["closed"]

"""A live pipeline for tests: a clock turned by hand, faces, a small portrait, an animator that costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.capture.base import CaptureFormat, FrameSource
from app.capture.stage import CaptureListeners, CaptureStage, RetryPolicy
from app.capture.synthetic import Pattern, SyntheticSource
from app.clock import NS_PER_S
from app.control import EngineConfig
from app.framing import paste_mask
from app.live_stages import LiveStages, sink_inbox
from app.output.camera_problems import VirtualCameraUnavailable
from app.output.null import NullSink
from app.output.sink_stage import SinkStage
from app.packets import FaceObservation, RenderedFrame, TrackedFrame
from app.pipeline import ModelInUse, Pipeline
from app.portrait import LoadedPortrait
from app.render.stage import RenderTools
from app.resample import resized
from app.stats import PipelineStats
from app.tracking.base import Tracker
from app.worker import Stage
from models.motion.canonical import load_canonical
from models.motion.landmark import LandmarkMotionEncoder
from models.types import (
    AnimatedFrame,
    Animator,
    FaceView,
    FloatArray,
    ImageArray,
    MotionState,
    PortraitView,
    StepOptions,
)
from tests.helpers.portraits import made_up_portrait

SMALL_PX = 96
PICTURE_SIZE = (240, 320)
FRAME_S = 0.04


class HandClock:
    """Time passes only when a test says so, and a wait passes it."""

    def __init__(self, now_s: float = 100.0) -> None:
        self._now_ns = int(now_s * NS_PER_S)

    def now_ns(self) -> int:
        return self._now_ns

    def wait_until_ns(self, deadline_ns: int, wake: threading.Event) -> bool:
        self._now_ns = max(self._now_ns, deadline_ns)
        return wake.is_set()

    def pass_s(self, seconds: float) -> None:
        self._now_ns += int(seconds * NS_PER_S)


def face(*, x: float = 0.0, turn: float = 0.0, shape: FloatArray | None = None) -> FaceObservation:
    """The canonical face in a picture, `x` pixels right of the middle, turned by `turn` radians about its y axis."""
    points = load_canonical().mean if shape is None else shape
    c, s = np.cos(turn), np.sin(turn)
    rotation = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)
    h, w = PICTURE_SIZE
    landmarks = points @ rotation.T * 40.0 + np.array([w / 2 + x, h / 2, 0], np.float32)
    return FaceObservation(landmarks.astype(np.float32), PICTURE_SIZE)


def tracked(clock: HandClock, seen: FaceObservation | None, frame_id: int = 1) -> TrackedFrame:
    """What tracking says now."""
    return TrackedFrame(frame_id, clock.now_ns(), seen, clock.now_ns())


def small_portrait(name: str = "small", *, with_background: bool = True) -> LoadedPortrait:
    """A made-up portrait with a believable face, small enough to be animated a thousand times in a test."""
    portrait = made_up_portrait((240, 320), side=72.0)
    crop = replace(portrait.crop, out_px=SMALL_PX)
    view = PortraitView(
        image=resized(portrait.view.image, (SMALL_PX, SMALL_PX)),
        landmarks=(load_canonical().mean * 0.4).astype(np.float32),
        foreground=_small(portrait.view.foreground) if with_background else None,
        background=resized(portrait.background, (SMALL_PX, SMALL_PX)) if with_background else None,
    )
    return replace(portrait, name=name, crop=crop, view=view, paste_mask=paste_mask(crop, (240, 320)))


def _small(mask: FloatArray | None) -> FloatArray:
    assert mask is not None
    return np.asarray(resized(mask, (SMALL_PX, SMALL_PX)), np.float32)


class StillAnimator(Animator[PortraitView]):
    """Shows the portrait unmoved and writes down every motion it is asked for."""

    name = "still"
    input_size = SMALL_PX

    def __init__(self) -> None:
        self.device = torch.device("cpu")
        self.driven: list[MotionState] = []
        self.prepared: list[PortraitView] = []
        self._encoder = LandmarkMotionEncoder()

    def observe(self, view: FaceView) -> MotionState:
        return self._encoder.encode(view.landmarks)

    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> PortraitView:
        self.prepared.append(portrait)
        return portrait

    def motion_of(self, prepared: PortraitView) -> MotionState:
        return self.observe(FaceView(prepared.landmarks))

    def step(self, prepared: PortraitView, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        self.driven.append(driving)
        return AnimatedFrame(torch.from_numpy(prepared.image.copy()))


def render_tools(
    animator: Callable[[], Animator[PortraitView]], publish: Callable[[RenderedFrame], None], clock: HandClock
) -> RenderTools:
    """The tools of a render stage with the real compositor and card."""
    from app.render.cards import draw_away_card
    from app.render.compositor import Compositor

    return RenderTools(animator, Compositor, draw_away_card, publish, PipelineStats(clock), clock)


class ScriptedTracker:
    """Finds whatever `seen` says, in every picture; raises it where it is an error."""

    def __init__(self, seen: Callable[[], FaceObservation | Exception | None]) -> None:
        self._seen = seen

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        answer = self._seen()
        if isinstance(answer, Exception):
            raise answer
        return [] if answer is None else [answer]

    def close(self) -> None:
        """Nothing to give back."""


class KeepingSink(NullSink):
    """Keeps what it was sent, or fails with `error`; its end fails with `end_error`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.sent: list[RenderedFrame] = []
        self.error: Exception | None = None
        self.end_error: Exception | None = None
        self.closed = 0

    def send(self, frame: RenderedFrame) -> None:
        if self.error is not None:
            raise self.error
        super().send(frame)
        self.sent.append(frame)
        del self.sent[:-500]

    def close(self) -> None:
        self.closed += 1
        if self.end_error is not None:
            raise self.end_error


class TestStages(LiveStages):
    """The real stages with a small synthetic camera, a scripted tracker and an animator of the test's.

    seen: what the tracker finds. animator: builds the animator. cameras: sources by name, made anew on each opening.
    """

    __test__ = False

    def __init__(self, config: EngineConfig, animator: Callable[[], Animator[Any]] = StillAnimator) -> None:
        super().__init__(config)
        self.animator = animator
        self.seen: FaceObservation | Exception | None = face()
        self.first_sink, self.recorder_sink = KeepingSink("first"), KeepingSink("recorder")
        self.source: Callable[[str], FrameSource] = lambda name: SyntheticSource(
            CaptureFormat(PICTURE_SIZE[1], PICTURE_SIZE[0], 100.0), pattern=Pattern.MARKER
        )

    def capture(self, camera: str, pipeline: Pipeline) -> Stage:
        listeners = CaptureListeners(lost=pipeline.reports.camera_lost)
        policy = RetryPolicy(first_s=0.01, longest_s=0.05)
        return CaptureStage(lambda: self.source(camera), pipeline.captured, listeners, policy)

    def open_tracker(self, pipeline: Pipeline) -> Tracker:
        return ScriptedTracker(lambda: self.seen)

    def open_animator(self, pipeline: Pipeline) -> Animator[Any]:
        animator = self.animator()
        pipeline.reports.model(ModelInUse(animator.name, "cpu", animator.uses_references), None)
        return animator

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        if virtual_camera == "broken":
            raise VirtualCameraUnavailable("It is gone.", why="It was a test.", fix="Nothing to do.")
        return SinkStage(self.first_sink, sink_inbox(pipeline, "first"), pipeline.reports.delivered)

    def recorder(self, path: Path, pipeline: Pipeline) -> Stage:
        inbox, reports = sink_inbox(pipeline, "recorder"), pipeline.reports
        return SinkStage(self.recorder_sink, inbox, reports.recorded, on_bad_end=reports.recording_lost)

"""What the engine is made of in earnest: cameras, MediaPipe, a model on its device, virtual camera and recorder.

The imports are inside the methods because each runs on the thread that needs it; the window is up before they begin.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.animators import open_animator, open_or_fall_back
from app.audio.streams import SoundSystem
from app.clock import NS_PER_MS, Clock
from app.control import EngineConfig
from app.engine import Engine
from app.gpu_fallback import report_model, watch_model
from app.live_driver import DriverTracker, clip_of, clip_source
from app.live_sinks import CameraStage, CameraWish, CountedSink, KeptCamera, StreamStage
from app.outlet import Outlet
from app.output.base import FrameSink
from app.output.destinations import BrowserWish, StreamTarget
from app.output.sink_stage import SinkStage
from app.output.sound_wait import SoundWait
from app.packets import FaceObservation, RenderedFrame
from app.pipeline import Pipeline
from app.render.wishes import RenderWishes
from app.slots import LatestSlot
from app.stats import PipelineStats
from app.support.folders import state_folder
from app.worker import Stage
from models.types import ImageArray

if TYPE_CHECKING:
    from app.output.recording_sound import RecordingSound
    from app.output.virtual_camera import VirtualCamera
    from app.tracking.base import Tracker
    from app.tracking.scripted import ScriptedTracker
    from app.tracking.stage import TrackingStage
    from models.types import Animator

T = TypeVar("T")

NO_CAMERA = "none"
VIRTUAL_CAMERA, NULL, RECORDER = "virtual camera", "null", "recorder"
BROWSER, STREAM = "browser source", "stream"


class TimedTracker:
    """Measures how long a picture waits for the tracker ("capture") and how long tracking takes ("track")."""

    def __init__(self, tracker: Tracker, stats: PipelineStats, clock: Clock) -> None:
        self._tracker, self._stats, self._clock = tracker, stats, clock

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        """What the tracker finds."""
        t_start_ns = self._clock.now_ns()
        try:
            return self._tracker.track(image, t_capture_ns)
        finally:
            self._stats.spent("capture", max(0, t_start_ns - t_capture_ns) / NS_PER_MS)
            self._stats.spent("track", (self._clock.now_ns() - t_start_ns) / NS_PER_MS)

    def close(self) -> None:
        self._tracker.close()


def connected(outlet: Outlet[T]) -> LatestSlot[T]:
    """A new inbox that gets what `outlet` is given from now on."""
    inbox: LatestSlot[T] = LatestSlot(outlet.name)
    outlet.connect(inbox)
    return inbox


def sink_inbox(pipeline: Pipeline, name: str) -> LatestSlot[RenderedFrame]:
    """A new inbox for finished frames, in place of the last one of this name."""
    inbox: LatestSlot[RenderedFrame] = LatestSlot(name)
    pipeline.fan_out.connect(name, inbox)
    return inbox


class LiveStages:
    """Implements `app.pipeline.StageFactory` for one session."""

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self._tracking: TrackingStage | None = None
        self._crop_px: int | None = None  # what the animator wants of the driver; set by render, read by tracking
        self._choosing = threading.Lock()  # protects the two below: cameras and trackers are made on different threads
        self._clip: ScriptedTracker | None = None
        self._driver: DriverTracker | None = None
        self._kept_camera = KeptCamera(self.make_virtual_camera)

    def capture(self, camera: str, pipeline: Pipeline) -> Stage:
        """The camera stage, which opens its camera again by itself when it is lost; or a motion clip in its place."""
        from app.capture.base import CaptureFormat
        from app.capture.open import open_source
        from app.capture.stage import CaptureListeners, CaptureStage

        clip = self._use_clip(clip_of(camera))
        if self._tracking is not None:
            self._tracking.choose_again()
        wanted = CaptureFormat()
        listeners = CaptureListeners(lost=pipeline.reports.camera_lost)
        return CaptureStage(
            lambda: clip_source(pipeline.clock)
            if clip
            else open_source(camera, wanted, pipeline.clock, pipeline.playback),
            pipeline.captured,
            listeners,
            clock=pipeline.clock,
        )

    def tracking(self, pipeline: Pipeline) -> Stage:
        from app.tracking.stage import TrackingStage

        inbox = connected(pipeline.captured)
        self._tracking = TrackingStage(
            inbox,
            pipeline.tracked,
            lambda: self._open_driver(pipeline),
            pipeline.clock,
            crop_px=lambda: self._crop_px,
            most_fps=lambda: _rate_of(pipeline.wishes.read()),
        )
        return self._tracking

    def render(self, pipeline: Pipeline) -> Stage:
        from app.audio.voice_mouth import VoiceMouth
        from app.render.cards import draw_away_card
        from app.render.compositor import Compositor
        from app.render.stage import RenderStage, RenderTools

        tools = RenderTools(
            build_animator=lambda: self._open_animator(pipeline),
            make_compositor=Compositor,
            make_card=draw_away_card,
            publish=pipeline.fan_out.publish,
            stats=pipeline.stats,
            clock=pipeline.clock,
            on_calibrated=pipeline.reports.calibrated,
            on_background=pipeline.reports.background,
            open_other=lambda model: watch_model(self.open_other(model), pipeline.reports.model),
            on_level=pipeline.reports.level,
            audio=pipeline.audio,
            open_voice=VoiceMouth,
        )
        return RenderStage(connected(pipeline.tracked), pipeline.wishes, tools)

    def card_only(self, pipeline: Pipeline) -> Stage:
        from app.render.card_stage import CardStage
        from app.render.cards import draw_away_card

        return CardStage(pipeline.wishes, draw_away_card, pipeline.fan_out.publish, pipeline.clock)

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        if virtual_camera == NO_CAMERA:
            self._kept_camera.close()
            from app.output.null import NullSink

            return self.counted(NullSink(), NULL, pipeline)
        from app.render.cards import draw_away_card

        output = pipeline.wishes.read().output
        size = (output.height, output.width)
        camera = self._kept_camera.take(CameraWish(virtual_camera, size, output.fps))
        inbox = sink_inbox(pipeline, VIRTUAL_CAMERA)
        wait = SoundWait(pipeline.picture_delay, pipeline.clock)
        return CameraStage(
            camera, inbox, pipeline.reports, wait, pipeline.wishes, lambda picture: draw_away_card(size, picture)
        )

    def make_virtual_camera(self, wish: CameraWish) -> VirtualCamera:
        """A virtual camera that is not open yet; its stage gives it the card of the portrait."""
        import numpy as np

        from app.output.camera_messages import KeeperOptions
        from app.output.virtual_camera import VirtualCamera

        black = np.zeros((*wish.size, 3), np.uint8)
        return VirtualCamera(black, wish.name, KeeperOptions(wish.size, wish.fps, notes=state_folder()))

    def close(self) -> None:
        """Take the virtual camera away: the program ends, or none is wanted any more."""
        self._kept_camera.close()

    def abandon(self) -> None:
        """Leave the virtual camera on the away card: the program failed."""
        self._kept_camera.abandon()

    def counted(self, sink: FrameSink, slot: str, pipeline: Pipeline) -> Stage:
        """The stage of the one sink whose deliveries are counted and timed."""
        wait = SoundWait(pipeline.picture_delay, pipeline.clock)
        return CountedSink(sink, sink_inbox(pipeline, slot), pipeline.reports, wait)

    def recorder(self, path: Path, pipeline: Pipeline) -> Stage:
        from app.output.recorder import Recorder

        output = pipeline.wishes.read().output
        size = (output.height, output.width)
        sink = Recorder(path, size, output.fps, time=pipeline.recording_time, sound=self._recording_sound(pipeline))
        reports = pipeline.reports
        return SinkStage(sink, sink_inbox(pipeline, RECORDER), reports.recorded, on_bad_end=reports.recording_lost)

    def _recording_sound(self, pipeline: Pipeline) -> RecordingSound:
        """Silence while there is no microphone: a file cannot get a sound track later, when one is switched on."""
        from app.output.recording_sound import RecordingSound

        return RecordingSound(pipeline.audio, pipeline.picture_delay, pipeline.recording_time)

    def browser_source(self, wish: BrowserWish, pipeline: Pipeline) -> Stage:
        from app.output.browser_source import BrowserSource

        return SinkStage(BrowserSource(wish, pipeline.reports.browser), sink_inbox(pipeline, BROWSER))

    def stream(self, target: StreamTarget, pipeline: Pipeline) -> Stage:
        from app.output.seen_sound import SeenSound
        from app.output.stream import Stream

        output = pipeline.wishes.read().output
        sound = SeenSound(STREAM, pipeline.audio, pipeline.picture_delay)
        sender = Stream(target, (output.height, output.width), output.fps, sound)
        return StreamStage(sender, sink_inbox(pipeline, STREAM), pipeline.reports)

    def sound_system(self) -> SoundSystem:
        from app.audio.portaudio import sound_system

        return sound_system()

    def open_tracker(self, pipeline: Pipeline) -> Tracker:
        """The tracker, on the tracking thread."""
        tracker: Tracker
        if self._config.face_model is not None:
            from app.tracking.face_landmarker import FaceLandmarkerTracker

            tracker = FaceLandmarkerTracker(self._config.face_model)
        else:
            from app.tracking.face_mesh import FaceMeshTracker

            tracker = FaceMeshTracker()
        return tracker

    def _open_driver(self, pipeline: Pipeline) -> Tracker:
        tracker = self.open_tracker(pipeline)
        with self._choosing:
            self._driver = DriverTracker(tracker, self._clip)
        return TimedTracker(self._driver, pipeline.stats, pipeline.clock)

    def _use_clip(self, clip: ScriptedTracker | None) -> ScriptedTracker | None:
        with self._choosing:
            self._clip = clip
            if self._driver is not None:
                self._driver.choose(clip)
        return clip

    def _open_animator(self, pipeline: Pipeline) -> Animator[Any]:
        animator = self.open_animator(pipeline)
        self._crop_px = animator.input_size if animator.needs_pixels else None
        return animator

    def open_other(self, model: str) -> Animator[Any]:
        """A further model for another level of quality; raises as `open_animator` of `app.animators` does."""
        return open_animator(model, self._config.device, live=True)

    def open_animator(self, pipeline: Pipeline) -> Animator[Any]:
        """The chosen model, or `geometric` where its weights are missing: a live run goes on and says so."""
        animator, refused = open_or_fall_back(self._config.model, self._config.device)
        report_model(animator, refused, pipeline.reports.model)
        return animator


def _rate_of(wishes: RenderWishes) -> float | None:
    """How many pictures of the driver a second are followed; None: all."""
    return None if wishes.level is None else wishes.level.fps


def live_engine(config: EngineConfig) -> Engine:
    """An engine with real cameras, models and sinks, not started. Imports nothing heavy."""
    return Engine(config, LiveStages(config))

"""The live pipeline: capture, tracking, render and sinks, each on a thread of its own.

Requests only write down what is wanted and wake the supervisor, so no caller ever waits for a device.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.clock import NS_PER_S, Clock, SystemClock
from app.control import DriverWatch, EngineConfig, EngineState, EngineStatus, Problem, StageMaps
from app.extra_outputs import ExtraOutputs
from app.governor.governed import GovernedQuality
from app.governor.levels import Level, QualityWish
from app.outlet import FanOut, Outlet
from app.output.destinations import BrowserWish, StreamTarget
from app.output.recording_time import RecordingTime
from app.packets import CapturedFrame, FaceObservation, RenderedFrame, TrackedFrame
from app.part import Part
from app.pipeline import ModelInUse, Pipeline, Reports, StageFactory
from app.portrait import LoadedPortrait
from app.render.wishes import RenderWishes, WishBox
from app.settings import MotionSettings, OutputSettings, SoundSettings
from app.slots import LatestSlot
from app.sound import Sound
from app.stats import PipelineFigures, PipelineStats
from app.supervisor import SupervisorStage
from app.worker import Stage, StopTimeout, Worker

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often tracking and rendering are started again; after that the card stays until another portrait is chosen."""

REFUSAL_SHOWN_S = 12.0
"""How long it is said why a face was not taken as the neutral one."""


class Engine:
    """Implements `app.control.EngineControl`; `factory` decides what the stages are made of."""

    def __init__(self, config: EngineConfig, factory: StageFactory, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.preview: LatestSlot[RenderedFrame] = LatestSlot("preview")
        self._rings: tuple[Callable[[], None], ...] = ()
        self._watch: DriverWatch | None = None
        self._listeners: tuple[Callable[[TrackedFrame], None], ...] = ()
        self._life = threading.Lock()  # one start or stop at a time
        self._running: tuple[Worker, SupervisorStage] | None = None
        self._factory, self._for_good = factory, True
        self._model = ModelInUse(config.model, config.device)
        self._opened = config.model.partition(":")[0]
        self._model_problem: Problem | None = None
        self._background_problem: Problem | None = None
        self._seen: FaceObservation | None = None
        self._refused_calibration: tuple[Problem, int] | None = None
        self._calibrated = False
        self._virtual_camera: str | None = None
        self._stop_problem: Problem | None = None
        self._stop_error: Exception | None = None
        self._stats = PipelineStats(self._clock)
        self._captured: Outlet[CapturedFrame] = Outlet("captured", self._on_captured)
        self._tracked: Outlet[TrackedFrame] = Outlet("tracked", self._on_tracked)
        self._fan_out = FanOut(self._on_rendered)
        self._recording_time = RecordingTime()
        wishes = RenderWishes(motion=config.motion, output=config.output, has_camera=config.camera is not None)
        self._wishes = WishBox(wishes)
        self._make_parts(factory)
        self._quality.want(config.quality)
        self._camera.want(config.camera)
        self._sink.want(config.virtual_camera)
        self._recorder.want(config.record)
        self._extra.browser.want(config.browser_source)
        self._extra.stream.want(config.stream)
        self._sound.camera_is(config.camera)
        self._sound.want(config.sound)

    def start(self) -> None:
        with self._life:
            if self._running is not None:
                return
            self._stop_problem, self._for_good = None, True
            for part in self._parts:
                part.begin_anew()
            self._stats.restart()
            stage = SupervisorStage(self._parts, self._after_stop)
            worker = Worker(stage, self._on_supervisor_failure)
            self._running = (worker, stage)
            worker.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop everything; what hangs longer is left behind, logged, and listed as a problem."""
        self._end(timeout_s, for_good=True)

    def abandon(self, timeout_s: float = 5.0) -> None:
        """Stop after a failure of the program: the away card stays, for the next program to take the camera over."""
        self._end(timeout_s, for_good=False)
        self._factory.abandon()

    def restart(self, timeout_s: float = 5.0) -> None:
        """Stop and start, past failures forgotten. The virtual camera stays: meetings lose one that goes away."""
        self._end(timeout_s, for_good=False)
        self.start()

    def _end(self, timeout_s: float, *, for_good: bool) -> None:
        with self._life:
            if self._running is None:
                return
            worker, stage = self._running
            self._for_good = for_good
            stage.stop_within(timeout_s)
            try:
                worker.stop(timeout_s + 1.0)
            except StopTimeout as error:
                log.error("%s", error)
                self._stop_problem = Problem.of("engine", error)
            self._running = None
        self._tell_news()

    def status(self) -> EngineStatus:
        figures, extra = self._stats.figures(), self._extra.status()
        portrait = self._wishes.read().portrait
        return EngineStatus(
            state=self._state(figures),
            frame_status=figures.frame_status,
            fps=figures.fps,
            camera_fps=figures.camera_fps,
            latency_ms=figures.latency_ms,
            stage_ms=figures.stage_ms,
            dropped=self.dropped(),
            model=self._model.name,
            chosen_model=self._quality.choice.name or self._opened,
            device=self._model.device,
            camera=self._camera.wanted,
            portrait=portrait.name if portrait else None,
            calibrated=self._calibrated,
            virtual_camera=self._virtual_camera,
            recording=self._recording,
            recording_paused=self._recording is not None and self._recording_time.paused,
            snapshot=extra.snapshot,
            browser_source=extra.browser_source,
            browser_viewers=extra.browser_viewers,
            stream=extra.stream,
            quality=self._quality.status(),
            sound=self._sound.status(),
            problems=self.problems(),
        )

    @property
    def stats(self) -> PipelineStats:
        """What was measured since the start."""
        return self._stats

    @property
    def quality(self) -> GovernedQuality:
        """Which levels of quality were used, and why."""
        return self._quality

    @property
    def model(self) -> ModelInUse:
        """What frames are made with."""
        return self._model

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong now; cheaper than the whole `status`."""
        refused = self._quality.choice.problem
        model = self._model_problem if refused is None else Problem.of("model", refused)
        other = (self._stop_problem, model, self._background_problem, self._calibration_problem())
        found = (*other, *(part.problem for part in self._parts), *self._extra.problems())
        return tuple(problem for problem in found if problem is not None)

    def _calibration_problem(self) -> Problem | None:
        """Why the last wish for a neutral face was refused, for as long as somebody may be reading it."""
        refused = self._refused_calibration
        if refused is None or self._clock.now_ns() - refused[1] > REFUSAL_SHOWN_S * NS_PER_S:
            return None
        return refused[0]

    def dropped(self) -> dict[str, int]:
        """Items replaced unread, by slot, since the engine was made."""
        sinks = {f"rendered for {name}": count for name, count in self._fan_out.replaced().items()}
        return {"captured": self._captured.replaced, "tracked": self._tracked.replaced, **sinks}

    def failure(self, part: str) -> Exception | None:
        """The exception behind a problem, for its exit code."""
        if self._stop_problem is not None and part == self._stop_problem.part:
            return self._stop_error
        return next((each.error for each in self._parts if each.name == part), None)

    def given_up(self, part: str) -> bool:
        """Whether a part will not be tried again before something else is wished for."""
        return any(each.exhausted for each in self._parts if each.name == part)

    @property
    def failed(self) -> bool:
        """Whether rendering or tracking was given up, and the rest goes on."""
        return self._render.exhausted or self._tracking.exhausted

    def set_portrait(self, portrait: LoadedPortrait) -> None:
        self._wishes.change(lambda wishes: replace(wishes, portrait=portrait))
        if self._render.problem is not None:  # the old portrait may have been the reason
            self._render.want(True)
        self._tell_news()

    def set_camera(self, camera: str | None) -> None:
        self._calibrated = False
        self._camera.want(camera)
        self._sound.camera_is(camera)
        self._wishes.change(lambda wishes: replace(wishes, has_camera=camera is not None))

    def set_motion(self, motion: MotionSettings) -> None:
        self._wishes.change(lambda wishes: replace(wishes, motion=motion))

    def set_output(self, output: OutputSettings) -> None:
        self._wishes.change(lambda wishes: replace(wishes, output=output))

    def set_quality(self, wish: QualityWish) -> None:
        self._quality.want(wish)

    def set_model(self, name: str) -> None:
        self._quality.want_model(name)

    def set_virtual_camera(self, name: str) -> None:
        self._sink.want(name)

    def start_recording(self, path: Path) -> None:
        self._recording_time.resume(self._clock.now_ns())
        self._recorder.want(path)

    def stop_recording(self) -> None:
        self._recorder.want(None)

    def pause_recording(self, paused: bool) -> None:
        if self._recording is not None:
            change = self._recording_time.pause if paused else self._recording_time.resume
            change(self._clock.now_ns())
        self._tell_news()

    def save_snapshot(self, path: Path) -> None:
        self._extra.save_snapshot(path)

    def set_browser_source(self, wish: BrowserWish | None) -> None:
        self._extra.browser.want(wish)

    def set_stream(self, target: StreamTarget | None) -> None:
        self._extra.stream.want(target)

    def set_sound(self, sound: SoundSettings) -> None:
        self._sound.want(sound)
        self._tell_news()

    def set_away(self, away: bool) -> None:
        self._wishes.change(lambda wishes: replace(wishes, away=away))

    def calibrate(self) -> None:
        from app.calibration import refusal  # loads what the window does not need to open

        refused = refusal(self._seen)
        self._refused_calibration = None
        if refused is not None:
            self._refused_calibration = (Problem.of("calibration", refused), self._clock.now_ns())
        else:
            self._wishes.change(lambda wishes: replace(wishes, calibration=wishes.calibration + 1))
        self._tell_news()

    def watch_driver(self, watch: DriverWatch | None) -> None:
        self._watch = watch

    def watch_stages(self, watch: Callable[[StageMaps], None] | None) -> None:
        self._wishes.change(lambda wishes: replace(wishes, on_maps=watch))

    def on_tracked(self, listen: Callable[[TrackedFrame], None]) -> None:
        """Tell `listen` of every tracked frame, on the tracking thread."""
        self._listeners = (*self._listeners, listen)

    def on_news(self, ring: Callable[[], None]) -> None:
        self._rings = (*self._rings, ring)

    def _tell_news(self) -> None:
        for ring in self._rings:
            ring()

    def _make_parts(self, factory: StageFactory) -> None:
        clock, pipeline = self._clock, self._make_pipeline()
        self._pipeline = pipeline
        self._camera: Part[str] = Part("camera", lambda name: self._capture(factory, name, pipeline), clock)
        self._tracking: Part[bool] = Part("tracking", lambda _: factory.tracking(pipeline), clock, attempts=ATTEMPTS)
        self._render: Part[bool] = Part(
            "render",
            lambda _: factory.render(pipeline),
            clock,
            attempts=ATTEMPTS,
            fallback=lambda _: factory.card_only(pipeline),
        )
        self._sink: Part[str] = Part(
            "virtual camera",
            lambda name: factory.sink(name, pipeline),
            clock,
            attempts=None,  # lost in mid-call: it may be plugged in or loaded again at any time
            must_work_first=True,  # one that never opened is not there
            fallback=lambda _: factory.sink("none", pipeline),
        )
        self._recorder: Part[Path] = Part("recorder", lambda path: factory.recorder(path, pipeline), clock)
        self._extra = ExtraOutputs(factory, pipeline, clock, self._tell_news)
        self._quality = GovernedQuality(pipeline, clock, lambda: self._model, self._tell_news)
        self._sound = Sound(factory, pipeline, clock, self._tell_news)
        self._parts: tuple[Part[Any], ...] = (
            self._quality.part,
            *(self._camera, self._sound.microphone, self._tracking, self._render),
            *self._extra.parts,
            *(self._sound.output, self._sound.monitor, self._sink, self._recorder),
        )
        for part in self._parts:
            part.on_change = self._on_part_changed
        self._tracking.want(True)
        self._render.want(True)

    def _capture(self, factory: StageFactory, camera: str, pipeline: Pipeline) -> Stage:
        """The stage of a camera. The last camera has been stopped: everything captured from now on is this one's."""
        now_ns = self._clock.now_ns()
        self._wishes.change(lambda wishes: replace(wishes, driver=wishes.driver + 1, driver_since_ns=now_ns))
        return factory.capture(camera, pipeline)

    def _make_pipeline(self) -> Pipeline:
        reports = Reports(
            camera_lost=lambda error: self._camera.report(error),
            model=self._on_model,
            background=self._on_background,
            calibrated=self._on_calibrated,
            delivered=self._on_delivered,
            recorded=lambda name, frame, t_ns: self._recorder.working(),
            recording_lost=self._on_recording_lost,
            sink_opened=self._on_sink_opened,
            browser=lambda address, viewers: self._extra.on_browser(address, viewers),
            level=self._on_level,
            streaming=lambda streaming: self._extra.on_streaming(streaming),
        )
        return Pipeline(
            captured=self._captured,
            tracked=self._tracked,
            fan_out=self._fan_out,
            wishes=self._wishes,
            stats=self._stats,
            clock=self._clock,
            reports=reports,
            recording_time=self._recording_time,
        )

    @property
    def _recording(self) -> Path | None:
        return None if self._recorder.problem else self._recorder.wanted

    def _state(self, figures: PipelineFigures) -> EngineState:
        if self._running is None:
            return EngineState.STOPPED
        if self.failed or self._stop_problem is not None:
            return EngineState.FAILED
        return EngineState.RUNNING if figures.rendered else EngineState.STARTING

    # Below: called by stages, on their threads.

    def _on_captured(self, frame: CapturedFrame) -> None:
        watch = self._watch
        if watch is not None:
            watch.captured(frame)
        self._stats.captured(frame.t_capture_ns)
        self._camera.working()

    def _on_tracked(self, frame: TrackedFrame) -> None:
        self._seen = frame.observation
        self._stats.tracked(found=frame.observation is not None)
        self._tracking.working()
        for listen in self._listeners:
            listen(frame)
        watch = self._watch
        if watch is not None:
            watch.tracked(frame)

    def _on_rendered(self, frame: RenderedFrame) -> None:
        self._render.working()
        self._extra.rendered(frame)
        self.preview.put(frame)
        self._tell_news()

    def _on_delivered(self, name: str, frame: RenderedFrame, t_delivered_ns: int) -> None:
        self._stats.delivered(frame, t_delivered_ns)
        self._pipeline.picture_delay.delivered(frame, t_delivered_ns)
        self._sink.working()

    def _on_recording_lost(self, error: Exception) -> None:
        if self._recorder.error is None:  # what failed before the end says more
            self._recorder.report(error)

    def _on_sink_opened(self, name: str | None) -> None:
        self._virtual_camera = name
        if name is not None:
            self._sink.working()  # before its first frame: one that fails from now on is lost, rather than not there
        self._tell_news()

    def _on_model(self, model: ModelInUse, refused: Exception | None) -> None:
        self._model, self._opened = model, model.name
        self._model_problem = Problem.of("model", refused) if refused else None
        self._tell_news()

    def _on_level(self, level: Level, refused: Exception | None) -> None:
        if refused is None:
            self._model = replace(self._model, name=level.model.partition(":")[0])
        self._quality.on_level(level, refused)

    def _on_background(self, refused: Exception | None) -> None:
        self._background_problem = Problem.of("background", refused) if refused else None
        self._tell_news()

    def _on_calibrated(self, known: bool) -> None:
        self._calibrated = known

    def _on_part_changed(self) -> None:
        running = self._running
        if running is not None:
            running[1].wake()
        self._tell_news()

    def _after_stop(self) -> None:
        self._virtual_camera = None
        self._calibrated = False
        self.preview.take()
        self._extra.stopped()
        if self._for_good:
            self._factory.close()

    def _on_supervisor_failure(self, name: str, error: Exception) -> None:
        log.error("the engine failed", exc_info=error)
        self._stop_problem, self._stop_error = Problem.of(name, error), error
        self._for_good = False  # it ends now, and the others are to see the away card
        self._tell_news()

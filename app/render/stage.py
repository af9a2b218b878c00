"""The render thread: tracked faces in, finished pictures out, at the output's rate even when no face is seen.

A `RenderedFrame` is made here and in `app.render.card_stage`, which takes over when this stage failed for good, and
nowhere else: from a portrait or the away card. No camera picture ever reaches either (for animators that need pixels,
the driver's crop goes into `Animator.observe` and nowhere else).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from app.audio.base import AudioFanOut
from app.clock import NS_PER_S, Clock
from app.devices import limit_torch_threads
from app.errors import UsageProblem
from app.governor.levels import Level
from app.jobs import LatestJob
from app.outlet import offer
from app.packets import FrameStatus, RenderedFrame, TrackedFrame
from app.portrait import LoadedPortrait
from app.render.driver import DriverMotion
from app.render.easing import Easing
from app.render.idle import IdleMotion
from app.render.levels import LevelMaker, LevelOrder, OpenAnimator
from app.render.scene import Composed, MakeCompositor, Picture, Scene
from app.render.voice import Voice, VoiceLips
from app.render.wishes import RenderWishes, WishBox
from app.settings import BackgroundMode, OutputSettings
from app.slots import LatestSlot
from app.stats import PipelineStats
from app.tracking.states import PresenceLimits, PresenceMachine
from models.types import Animator, ImageArray, MotionState

TO_IDLE_S = 0.5
TO_LIVE_S = 0.2
CALIBRATE_S = 0.25
"""How long the portrait takes from one kind of motion to the other."""

READING_TIMEOUT_S = 1.0
"""How long the end waits for a background picture that is being read."""

PRESENCE = PresenceLimits(camera_lost_ms=800)
"""A camera without pictures is away within a second, the time to draw and deliver the card included."""

MakeCard = Callable[[tuple[int, int], ImageArray | None], ImageArray]
"""Draws the away card for a size (h, w) and a portrait's picture, read-only."""


@dataclass(frozen=True)
class RenderTools:
    """What the stage is built from; everything heavy is made on the render thread by calling these.

    publish: takes every finished frame. on_calibrated: told whether the neutral face is known.
    on_background: told why the wished background cannot be shown, None where it can.
    open_other: opens another model for another level of quality; None where levels are not changed.
    on_level: told the level frames are made at now, or why the wished one cannot be had.
    open_voice: makes what hears the mouth in the sound of `audio`; None where it cannot.
    """

    build_animator: Callable[[], Animator[Any]]
    make_compositor: MakeCompositor
    make_card: MakeCard
    publish: Callable[[RenderedFrame], None]
    stats: PipelineStats
    clock: Clock
    on_calibrated: Callable[[bool], None] = field(default=lambda known: None)
    on_background: Callable[[UsageProblem | None], None] = field(default=lambda problem: None)
    open_other: OpenAnimator | None = None
    on_level: Callable[[Level, Exception | None], None] = field(default=lambda level, refused: None)
    audio: AudioFanOut | None = None
    open_voice: Callable[[], Voice | None] = field(default=lambda: None)


class RenderStage:
    """Animates the wished portrait; run it in a `Worker`."""

    name = "render"

    def __init__(self, inbox: LatestSlot[TrackedFrame], wishes: WishBox, tools: RenderTools) -> None:
        self._inbox, self._wish_box, self._tools = inbox, wishes, tools
        self._wishes = RenderWishes()
        self._presence = PresenceMachine(tools.clock.now_ns(), camera=False, limits=PRESENCE)
        self._easing = Easing()
        self._idle = IdleMotion()
        self._scene: Scene | None = None
        self._reading = LatestJob("read background")
        self._composed: LatestSlot[tuple[Scene, OutputSettings, Composed | Exception]] = LatestSlot("composed")
        self._levels: LevelMaker | None = None
        self._level: Level | None = None
        self._voice = VoiceLips(None, None)
        self._card: ImageArray | None = None
        self._shown: Picture | None = None
        self._status = FrameStatus.AWAY
        self._frames = 0
        self._t_due_ns = 0
        self._healthy = True

    def open(self) -> None:
        """Load the model on this thread, which alone uses it."""
        limit_torch_threads()
        self._animator = self._tools.build_animator()
        self._driver = DriverMotion(self._animator)
        if self._tools.open_other is not None:
            self._levels = LevelMaker(self._animator, self._tools.open_other, self._tools.make_compositor)
        self._voice = VoiceLips(self._tools.open_voice(), self._tools.audio, self._animator.retargeter)
        self._use_wishes(self._wish_box.read())

    def step(self) -> None:
        """Finish at most one frame: for a tracked face at once, without one when the next frame is due."""
        tracked = self._receive()
        self._healthy = False  # until this step is through
        wishes = self._wish_box.read()
        if wishes is not self._wishes:
            self._use_wishes(wishes)
        self._use_composed()
        self._change_level()
        if tracked is not None and tracked.t_capture_ns < wishes.driver_since_ns:
            tracked = None  # it was on its way when another camera was chosen
        if self._animator.needs_pixels and tracked and tracked.lacks_pixels:
            tracked = None  # it was on its way when this animator was loaded
        self._render(tracked)
        self._animator.improve()  # between two frames: a slice of work that makes later ones faster
        self._healthy = True

    def release(self) -> None:
        """Leave the card on all outputs when the step failed: the last picture must not stay as if it were live."""
        if not self._healthy:
            self._publish_card(self._tools.clock.now_ns())
        self._voice.close()
        self._reading.close(READING_TIMEOUT_S)
        if self._levels is not None:
            self._levels.close()
        self._scene = None

    def unblock(self) -> None:
        """Wake a waiting step."""
        self._inbox.close()

    def _receive(self) -> TrackedFrame | None:
        wait_s = (self._t_due_ns - self._tools.clock.now_ns()) / NS_PER_S
        try:
            return self._inbox.get(max(0.0, wait_s))
        except TimeoutError:
            return None

    def _use_wishes(self, new: RenderWishes) -> None:
        old, self._wishes = self._wishes, new
        now_ns = self._tools.clock.now_ns()
        if new.output != old.output or new.portrait is not old.portrait or self._card is None:
            picture = new.portrait.picture if new.portrait else None
            self._card = self._tools.make_card((new.output.height, new.output.width), picture)
        self._use_portrait(new, output_changed=new.output != old.output)
        self._presence.set_away(new.away, now_ns)
        if (new.driver, new.has_camera) != (old.driver, old.has_camera):
            self._presence.restart(now_ns, camera=new.has_camera)
            self._driver.begin(settle=True)
        elif new.calibration != old.calibration:
            self._driver.begin(settle=False)
            self._easing.begin(now_ns, CALIBRATE_S)

    def _use_portrait(self, new: RenderWishes, *, output_changed: bool) -> None:
        if new.portrait is None:
            self._scene = None
        elif self._scene is None or self._scene.portrait is not new.portrait:
            self._scene = self._new_scene(new.portrait, new.output)
            self._easing.forget()
        elif output_changed and new.output.background.mode is BackgroundMode.PICTURE:
            self._compose_beside(self._scene, new.output)
            return
        elif output_changed:
            self._scene.use(self._scene.composed_for(new.output))
        else:
            return
        self._shown = None
        self._tell_background()

    def _new_scene(self, portrait: LoadedPortrait, output: OutputSettings) -> Scene:
        with self._levels.preparing if self._levels is not None else nullcontext():
            return Scene(self._animator, self._tools.make_compositor, portrait, output, self._level)

    def _change_level(self) -> None:
        """Have the wished level made ready beside the live path, and take it over between two frames once it is."""
        wishes, levels = self._wishes, self._levels
        if levels is None or self._scene is None or wishes.portrait is None or wishes.level is None:
            return
        if wishes.level == self._level:
            levels.forget()
            return
        levels.ask(LevelOrder(wishes.level, wishes.portrait, wishes.output))
        made = levels.take()
        if made is None:
            return
        if made.scene is None or made.animator is None:
            self._tools.on_level(wishes.level, made.error or RuntimeError("nothing was made"))
            return
        if made.animator is not self._animator:
            self._animator = made.animator
            self._driver.use(made.animator)
            self._voice.use(made.animator.retargeter)
            self._easing.forget()
        self._scene, self._level = made.scene, wishes.level
        self._tell_background()
        self._tools.on_level(wishes.level, None)

    def _compose_beside(self, scene: Scene, output: OutputSettings) -> None:
        """Read the picture on another thread; the old background is shown for as long as that takes."""

        def done(composed: Composed | Exception) -> None:
            offer(self._composed, (scene, output, composed))

        self._reading.submit(lambda: scene.composed_for(output), done, done)

    def _use_composed(self) -> None:
        ready = self._composed.take()
        if ready is None:
            return
        scene, output, composed = ready
        if scene is not self._scene or output is not self._wishes.output:
            return  # something else is wished for by now
        if isinstance(composed, Exception):
            raise composed
        scene.use(composed)
        self._shown = None
        self._tell_background()

    def _tell_background(self) -> None:
        self._tools.on_background(self._scene.background_problem if self._scene else None)

    def _render(self, tracked: TrackedFrame | None) -> None:
        now_ns = self._tools.clock.now_ns()
        if tracked is not None:
            self._presence.saw_picture(tracked.observation is not None, tracked.t_capture_ns)
        before, self._status = self._status, self._status_at(now_ns)
        if self._scene is None or self._status is FrameStatus.AWAY:
            if now_ns >= self._t_due_ns or before is not FrameStatus.AWAY:
                self._publish_card(now_ns)
        elif self._status is FrameStatus.LIVE:
            if tracked is not None and tracked.observation is not None:
                self._render_live(self._scene, tracked, before)
            else:
                self._t_due_ns = now_ns + self._period_ns  # the next face is on its way
        elif now_ns >= self._t_due_ns:
            self._render_alone(self._scene, before, now_ns)

    def _status_at(self, now_ns: int) -> FrameStatus:
        return FrameStatus.AWAY if self._scene is None else self._presence.status(now_ns)

    def _render_live(self, scene: Scene, tracked: TrackedFrame, before: FrameStatus) -> None:
        assert tracked.observation is not None
        t_ns = tracked.t_capture_ns
        if before in (FrameStatus.IDLE, FrameStatus.AWAY):
            self._easing.begin(t_ns, TO_LIVE_S)
        motion = self._wishes.motion
        target = self._driver.drive(tracked.observation, tracked.face_crop, t_ns, scene.source, motion)
        self._tools.on_calibrated(self._driver.calibrated)
        self._voice.drew_live(self._tools.clock.now_ns() - t_ns)
        moved = self._with_voice(self._easing.toward(target, t_ns), scene, t_ns, hidden=self._driver.lips_hidden)
        self._shown = scene.picture(moved, stitching=motion.stitching, on_maps=self._wishes.on_maps)
        self._publish(self._shown, t_ns, FrameStatus.LIVE)

    def _render_alone(self, scene: Scene, before: FrameStatus, now_ns: int) -> None:
        """HELD repeats the last picture, IDLE moves the portrait by itself; a voice moves the mouth of both."""
        if self._status is FrameStatus.HELD and self._shown is not None:
            motion = self._easing.shown if self._wishes.motion.voice_mouth and self._voice.speaks(now_ns) else None
            if motion is None:
                self._publish(self._shown, now_ns, FrameStatus.HELD)
                return
        else:
            if before is not FrameStatus.IDLE:
                self._easing.begin(now_ns, TO_IDLE_S)
            motion = self._easing.toward(self._idle_motion(scene, now_ns), now_ns)
        moved = self._with_voice(motion, scene, self._voice.heard_at(now_ns), hidden=True)
        wishes = self._wishes
        self._shown = scene.picture(moved, stitching=wishes.motion.stitching, on_maps=wishes.on_maps)
        self._publish(self._shown, now_ns, self._status)

    def _idle_motion(self, scene: Scene, now_ns: int) -> MotionState:
        if self._animator.needs_pixels:  # its keypoints are not landmarks: it knows how its eyes shut
            return self._idle.motion_at(now_ns / NS_PER_S, scene.source, self._animator.transfer)
        return self._idle.motion_at(now_ns / NS_PER_S, scene.source)

    def _with_voice(self, motion: MotionState, scene: Scene, t_voice_ns: int, *, hidden: bool) -> MotionState:
        wanted = hidden and self._wishes.motion.voice_mouth
        return self._voice.applied(motion, scene.source, t_voice_ns, self._tools.clock.now_ns(), wanted=wanted)

    def _publish_card(self, now_ns: int) -> None:
        if self._card is None:  # opening failed before anything could be drawn
            return
        self._publish(Picture(self._card, 1.0, {}), now_ns, FrameStatus.AWAY)

    def _publish(self, picture: Picture, t_capture_ns: int, status: FrameStatus) -> None:
        tools, now_ns = self._tools, self._tools.clock.now_ns()
        self._frames += 1
        on_grid_ns = now_ns if status is FrameStatus.LIVE else self._t_due_ns  # a face sets the grid anew
        self._t_due_ns = max(on_grid_ns + self._period_ns, now_ns)
        frame = RenderedFrame(
            frame_id=self._frames,
            image=picture.image,
            t_capture_ns=t_capture_ns,
            t_rendered_ns=now_ns,
            status=status,
            confidence=picture.confidence,
            stage_ms=picture.stage_ms,
            cutout=picture.cutout,
        )
        tools.stats.rendered(frame)
        tools.publish(frame)

    @property
    def _period_ns(self) -> int:
        return int(NS_PER_S / self._wishes.output.fps)

"""One portrait on one kind of output, ready to be animated. Render thread only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from app.errors import UsageProblem
from app.governor.levels import Level
from app.packets import Cutout
from app.portrait import LoadedPortrait
from app.render.few_views import MOST_LIVE_REFERENCES, scaled, widest_spread
from app.settings import Background, OutputSettings
from models.types import AnimatedFrame, Animator, ImageArray, MotionState, StageMaps, StepOptions

if TYPE_CHECKING:  # torch takes seconds to import
    from models.session.program import Finish


class Composes(Protocol):
    """Puts an animated square into the output picture."""

    @property
    def needs_foreground(self) -> bool:
        """Whether frames should bring the person's moved mask."""
        ...

    @property
    def finish(self) -> Finish | None:
        """What of composing a GPU may do before a frame is read back."""
        ...

    def compose(self, frame: AnimatedFrame) -> ImageArray:
        """(h, w, 3) uint8 RGB of the output's size, read-only, a new array each time."""
        ...

    def cut_out(self) -> Cutout | None:
        """What of the picture composed last is the person; None where the background is not transparent."""
        ...


MakeCompositor = Callable[[LoadedPortrait, OutputSettings], Composes]


@dataclass(frozen=True)
class Picture:
    """One composed output picture and what it cost.

    Shapes:
        image: (h, w, 3) uint8 RGB, read-only.
    """

    image: ImageArray
    confidence: float
    stage_ms: dict[str, float]
    cutout: Cutout | None = None


@dataclass(frozen=True)
class Composed:
    """A compositor for one portrait and output.

    background_problem: why the wished background is not shown; the portrait's own is kept then, the show goes on.
    """

    compositor: Composes
    background_problem: UsageProblem | None = None


class Scene:
    """An animator's prepared portrait with its compositor.

    level: how much of the portrait is used; None uses all of it. background_problem: see `Composed`.
    """

    def __init__(
        self,
        animator: Animator[Any],
        make_compositor: MakeCompositor,
        portrait: LoadedPortrait,
        output: OutputSettings,
        level: Level | None = None,
    ) -> None:
        self._animator, self._make_compositor = animator, make_compositor
        self.portrait = portrait
        most = MOST_LIVE_REFERENCES if level is None else level.references
        references = widest_spread(animator, portrait.view, portrait.references, most)
        side_px = None if level is None else level.portrait_px
        self._prepared = animator.prepare(
            scaled(portrait.view, side_px), [scaled(view, side_px) for view in references]
        )
        self.source: MotionState = animator.motion_of(self._prepared)
        self.use(self.composed_for(output))

    def use(self, composed: Composed) -> None:
        """Change size, fit or background; the portrait stays prepared."""
        self._compositor, self.background_problem = composed.compositor, composed.background_problem

    def composed_for(self, output: OutputSettings) -> Composed:
        """What `use` takes. Reading a background picture takes a while, so this may run on any thread."""
        try:
            return Composed(self._make_compositor(self.portrait, output))
        except UsageProblem as problem:  # a picture file that was moved or is broken
            kept = replace(output, background=Background())
            return Composed(self._make_compositor(self.portrait, kept), problem)

    def picture(
        self, driving: MotionState, *, stitching: bool, on_maps: Callable[[StageMaps], None] | None = None
    ) -> Picture:
        """Animate and compose; `on_maps` is given what the stages decided, where the animator has any."""
        options = StepOptions(
            stitching=stitching,
            want_foreground=self._compositor.needs_foreground,
            want_maps=on_maps is not None,
            finish=self._compositor.finish if self._animator.device.type == "cuda" else None,
        )
        t_start_ns = time.perf_counter_ns()
        frame = self._animator.step(self._prepared, driving, options)
        if on_maps is not None and frame.maps is not None:
            on_maps(frame.maps)
        if frame.image.device.type != "cpu":  # wait here, so that the time is booked where it was spent
            frame = replace(frame, image=frame.image.cpu())
        t_animated_ns = time.perf_counter_ns()
        image, cutout = self._compositor.compose(frame), self._compositor.cut_out()
        t_composed_ns = time.perf_counter_ns()
        stage_ms = {
            **frame.stage_ms,
            "animate": (t_animated_ns - t_start_ns) / 1e6,
            "compose": (t_composed_ns - t_animated_ns) / 1e6,
        }
        return Picture(image, frame.confidence, stage_ms, cutout)

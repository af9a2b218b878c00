"""The presenter's part for how the picture looks and moves: motion, frame, background, mirror."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.control import EngineControl, EngineStatus
from app.governor.levels import QualityWish
from app.settings import Background, BackgroundMode, FitMode, MotionSettings, OutputSettings
from ui.memory import Memory
from ui.protocols import MainView
from ui.wording import model_line, quality_line


@dataclass(frozen=True)
class LookParts:
    """What the looks need. models: what can be chosen, as in `--model`."""

    view: MainView
    engine: EngineControl
    memory: Memory
    models: tuple[str, ...]


class LookDesk:
    """Every change goes to the engine at once and to the settings soon."""

    def __init__(self, parts: LookParts, motion: MotionSettings, output: OutputSettings) -> None:
        self._parts = parts
        self._motion, self._output = motion, output
        self._popped_out = False

    def show(self) -> None:
        """Set all controls to the values in force."""
        self._parts.view.show_motion(self._motion)
        self._parts.view.show_output(self._output)
        self._parts.view.show_mirror(self._parts.memory.values.mirror)

    def quality_chosen(self, wish: QualityWish) -> None:
        self._parts.engine.set_quality(wish)
        self._parts.memory.update(replace(self._parts.memory.values, quality=wish))
        self.show_quality(self._parts.engine.status())

    def model_chosen(self, name: str) -> None:
        self._parts.engine.set_model(name)
        self._parts.memory.update(replace(self._parts.memory.values, model=name))
        self.show_quality(self._parts.engine.status())

    def show_quality(self, status: EngineStatus) -> None:
        """Say what is chosen and what comes of it."""
        self._parts.view.show_quality(quality_line(status))
        self._parts.view.show_models(model_line(self._parts.models, status.chosen_model))

    def mirror_wanted(self, mirror: bool) -> None:
        self._parts.memory.update(replace(self._parts.memory.values, mirror=mirror))
        self._parts.view.show_mirror(mirror)

    def mirror_toggled(self) -> None:
        self.mirror_wanted(not self._parts.memory.values.mirror)

    def pop_out_toggled(self) -> None:
        self._popped_out = not self._popped_out
        self._parts.view.show_pop_out(self._popped_out)

    def pop_out_closed(self) -> None:
        """The window was closed by its own button."""
        if self._popped_out:
            self.pop_out_toggled()

    def motion_changed(self, motion: MotionSettings) -> None:
        self._motion = motion
        self._parts.engine.set_motion(motion)
        self._parts.memory.update(replace(self._parts.memory.values, motion=motion))

    def motion_reset(self) -> None:
        self.motion_changed(MotionSettings())
        self._parts.view.show_motion(self._motion)

    def fit_chosen(self, fit: FitMode) -> None:
        self._use(replace(self._output, fit=fit))

    def badge_wanted(self, badge: bool) -> None:
        self._use(replace(self._output, badge=badge))

    def background_mode_chosen(self, mode: BackgroundMode) -> None:
        if mode is BackgroundMode.PICTURE and self._output.background.picture is None:
            self._parts.view.ask_background()
            return
        self._use_background(replace(self._output.background, mode=mode))

    def background_colour_chosen(self, colour: tuple[int, int, int]) -> None:
        self._use_background(replace(self._output.background, mode=BackgroundMode.COLOUR, colour=colour))

    def background_picture_wanted(self) -> None:
        self._parts.view.ask_background()

    def background_picture_chosen(self, path: Path) -> None:
        self._use_background(replace(self._output.background, mode=BackgroundMode.PICTURE, picture=path))

    def background_refused(self) -> None:
        self._parts.view.show_output(self._output)

    def _use_background(self, background: Background) -> None:
        self._use(replace(self._output, background=background))

    def _use(self, output: OutputSettings) -> None:
        self._output = output
        self._parts.engine.set_output(output)
        values = self._parts.memory.values
        self._parts.memory.update(replace(values, fit=output.fit, background=output.background, badge=output.badge))
        self._parts.view.show_output(output)

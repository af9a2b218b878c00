"""The engine's side of the governor: what was asked for, what is in use, and the part that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.animators import uses_references
from app.clock import Clock
from app.governor.levels import Level, QualityWish, ladder
from app.governor.meter import IntervalMeter
from app.governor.model_choice import ModelChoice
from app.governor.stage import GovernedRun, GovernorStage, LevelReport
from app.governor.status import QualityStatus
from app.part import Part
from app.pipeline import ModelInUse, Pipeline
from app.worker import Stage

ATTEMPTS = 3
MOST_CHANGES = 1000
"""Changes of level that are remembered for the report of a session."""


@dataclass(frozen=True)
class LevelChange:
    """When a level came into use, and why."""

    t_ns: int
    place: int
    reason: str | None


class GovernedQuality:
    """`want`, `want_model`, `status` and `changes` are for any thread.

    model: what frames are made with; the ladder begins with it.
    """

    def __init__(
        self, pipeline: Pipeline, clock: Clock, model: Callable[[], ModelInUse], tell_news: Callable[[], None]
    ) -> None:
        self._pipeline, self._clock, self._model, self._tell_news = pipeline, clock, model, tell_news
        self._wish = QualityWish.BEST
        self._status = QualityStatus()
        self.choice = ModelChoice()
        self._report: LevelReport | None = None
        self._changes: tuple[LevelChange, ...] = ()
        self.part: Part[bool] = Part("governor", lambda _: self._make(), clock, attempts=ATTEMPTS)
        self.part.want(True)

    def want(self, wish: QualityWish) -> None:
        """Leave quality to the governor, or lock it; followed within a second."""
        self._wish = wish
        self._status = replace(self._status, wish=wish)
        self._tell_news()

    def want_model(self, name: str) -> None:
        """Begin the ladder with another model; followed once it is open, which the picture does not wait for."""
        self.choice.choose(name)
        self._tell_news()

    def status(self) -> QualityStatus:
        """What is in use, and why."""
        return self._status

    def changes(self) -> tuple[LevelChange, ...]:
        """Every level that came into use since the start, the oldest first."""
        return self._changes

    def on_level(self, level: Level, refused: Exception | None) -> None:
        """The render thread uses a level now, or cannot."""
        self.choice.failed(refused)
        self._report = LevelReport(level, refused is not None)

    def _make(self) -> Stage:
        pipeline = self._pipeline
        self._report = None
        pipeline.wishes.change(lambda wishes: replace(wishes, level=None))
        run = GovernedRun(
            t_first_frame_ns=lambda: pipeline.stats.t_first_frame_ns,
            levels=self._levels,
            camera=lambda: pipeline.wishes.read().driver,
            wish=lambda: self._wish,
            report=lambda: self._report,
            use=self._use,
            tell=self._tell,
            chosen=lambda: self.choice.name,
            ladder_of=self._ladder_of,
            model_refused=self._refuse_model,
        )
        return GovernorStage(run, IntervalMeter(pipeline.stats, self._clock.now_ns()), self._clock)

    def _levels(self) -> tuple[Level, ...]:
        model = self._model()
        fps = self._pipeline.wishes.read().output.fps
        return ladder(model.name, fps, references=1 if model.uses_references else 0)

    def _ladder_of(self, model: str) -> tuple[Level, ...]:
        fps = self._pipeline.wishes.read().output.fps
        return ladder(model, fps, references=1 if uses_references(model) else 0)

    def _refuse_model(self, refused: str, kept: str) -> None:
        self.choice.refuse(refused, kept)
        self._tell_news()

    def _use(self, level: Level) -> None:
        if self._report is not None and self._report.refused:
            self._report = None  # of an earlier wish for this level, maybe: it is tried anew
        self._pipeline.wishes.change(lambda wishes: replace(wishes, level=level))

    def _tell(self, status: QualityStatus) -> None:
        before, self._status = self._status, status
        if status.place != before.place:
            change = LevelChange(self._clock.now_ns(), status.place, status.reason)
            self._changes = (*self._changes[-MOST_CHANGES + 1 :], change)
        if status != before:
            self._tell_news()

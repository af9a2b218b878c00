"""The thread that looks at a live run once a second and wishes for the level of quality the machine can hold."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.clock import NS_PER_S, Clock
from app.governor.camera_rate import CameraRate
from app.governor.levels import Level, QualityWish, place_of
from app.governor.measured import Interval
from app.governor.meter import IntervalMeter
from app.governor.policy import QualityGovernor
from app.governor.status import QualityStatus, busy_sentence
from app.slots import Closed

log = logging.getLogger(__name__)

LOOK_S = 1.0
WARM_UP_S = 3.0
"""After the first frame, while kernels are still being chosen and the program still loads, nothing is decided."""

CHANGE_TIMEOUT_S = 20.0
"""A level that is not in use this long after it was wished for cannot be had."""

MODEL_TIMEOUT_S = 60.0
"""The same for a model a person chose: it may have to be read from a slow disk, and nothing stops meanwhile."""


@dataclass(frozen=True)
class LevelReport:
    """What the render thread said last of a level: in use now, or refused."""

    level: Level
    refused: bool = False


@dataclass(frozen=True)
class GovernedRun:
    """The run as the governor sees it; everything may be called from its thread at any time.

    t_first_frame_ns: when the run began to show something, None before. levels: the ladder, once the model is loaded.
    camera: changes with every camera that is opened. wish: what the person asked for. report: the render thread's last
    word. use: make frames at this level. tell: shows a status to the person. chosen: the model a person wants now, None
    for the one the run began with. ladder_of: the levels below a model. model_refused: (the chosen one, which cannot be
    had; the one that goes on, which is `chosen` from now on unless somebody chose anew).
    """

    t_first_frame_ns: Callable[[], int | None]
    levels: Callable[[], tuple[Level, ...]]
    camera: Callable[[], int]
    wish: Callable[[], QualityWish]
    report: Callable[[], LevelReport | None]
    use: Callable[[Level], None]
    tell: Callable[[QualityStatus], None]
    chosen: Callable[[], str | None] = field(default=lambda: None)
    ladder_of: Callable[[str], tuple[Level, ...]] = field(default=lambda model: ())
    model_refused: Callable[[str, str], None] = field(default=lambda refused, kept: None)


class GovernorStage:
    """Run it in a `Worker`."""

    name = "governor"

    def __init__(self, run: GovernedRun, meter: IntervalMeter, clock: Clock) -> None:
        self._run, self._meter, self._clock = run, meter, clock
        self._stopping = threading.Event()
        self._t_look_ns = 0
        self._governor: QualityGovernor | None = None
        self._wish = QualityWish.AUTO
        self._used = 0
        self._t_wished_ns: int | None = None  # None: the wished level is in use
        self._chosen: str | None = None
        self._before: tuple[QualityGovernor, int] | None = None  # with the level in use, while another model is opened
        self._camera = CameraRate()
        self._camera_number = 0

    def open(self) -> None:
        """Nothing to acquire."""

    def step(self) -> None:
        """Wait for the next look, and look."""
        if self._clock.wait_until_ns(self._t_look_ns, self._stopping):
            raise Closed(self.name)
        now_ns = self._clock.now_ns()
        self._t_look_ns = now_ns + int(LOOK_S * NS_PER_S)
        self._look(self._meter.look(now_ns), now_ns)

    def release(self) -> None:
        """Nothing to give back."""

    def unblock(self) -> None:
        self._stopping.set()

    def _look(self, seen: Interval, now_ns: int) -> None:
        log.debug("%s", seen)
        t_first_ns = self._run.t_first_frame_ns()
        if t_first_ns is None or now_ns - t_first_ns < WARM_UP_S * NS_PER_S:
            return
        if self._governor is None:
            self._governor = QualityGovernor(self._run.levels())
        governor = self._governor = self._with_chosen_model(self._governor, now_ns)
        if self._obey(governor, now_ns) or not self._settled(governor, now_ns):
            pass
        elif self._wish is QualityWish.AUTO and governor.weigh(seen, now_ns):
            log.info("level %d of %d: %s", governor.place, len(governor.levels) - 1, governor.level)
            self._change(governor, now_ns)
        self._run.tell(self._status(*(self._before or (self._governor, self._used)), self._camera_note(seen)))

    def _with_chosen_model(self, governor: QualityGovernor, now_ns: int) -> QualityGovernor:
        """The governor of the ladder that begins with the model a person chose."""
        chosen = self._run.chosen()
        if chosen == self._chosen:
            return governor
        self._chosen = chosen
        if chosen is None or chosen == governor.levels[0].model:
            return governor
        if self._before is None:
            self._before = (governor, self._used)
        new = QualityGovernor(self._run.ladder_of(chosen))
        if self._wish is not QualityWish.AUTO:
            new.place = place_of(self._wish, new.levels)
        self._change(new, now_ns)
        return new

    def _obey(self, governor: QualityGovernor, now_ns: int) -> bool:
        """Follow a new wish; whether there was one."""
        wish = self._run.wish()
        if wish is self._wish:
            return False
        self._wish = wish
        if wish is not QualityWish.AUTO:
            before, governor.place = governor.place, place_of(wish, governor.levels)
            if governor.place != before:
                self._change(governor, now_ns)
        return True

    def _change(self, governor: QualityGovernor, now_ns: int) -> None:
        self._t_wished_ns = now_ns
        self._run.use(governor.level)

    def _settled(self, governor: QualityGovernor, now_ns: int) -> bool:
        """Whether the wished level has been in use for the whole of the last interval."""
        if self._t_wished_ns is None:
            return True
        report = self._run.report()
        if report is not None and report.level == governor.level:
            if report.refused:
                self._refuse(governor, now_ns)
            else:
                self._used, self._t_wished_ns, self._before = governor.place, None, None
        elif now_ns - self._t_wished_ns > (MODEL_TIMEOUT_S if self._before else CHANGE_TIMEOUT_S) * NS_PER_S:
            self._refuse(governor, now_ns)
        return False

    def _refuse(self, governor: QualityGovernor, now_ns: int) -> None:
        log.info("a level cannot be had: %s", governor.level)
        if self._before is not None:
            self._keep_model(*self._before, now_ns)
            return
        governor.refuse(governor.place, self._used)
        self._used, self._t_wished_ns = governor.place, None
        self._run.use(governor.level)

    def _keep_model(self, before: QualityGovernor, used: int, now_ns: int) -> None:
        """The chosen model cannot be had: go on with the one in use, at the level that is wished for by now."""
        self._governor, self._used, self._before, self._t_wished_ns = before, used, None, None
        before.place = used if self._wish is QualityWish.AUTO else place_of(self._wish, before.levels)
        if before.place == used:
            self._run.use(before.level)
        else:
            self._change(before, now_ns)
        refused, self._chosen = self._chosen, before.levels[0].model
        if refused is not None:
            self._run.model_refused(refused, self._chosen)

    def _camera_note(self, seen: Interval) -> str | None:
        number = self._run.camera()
        if number != self._camera_number:
            self._camera_number, self._camera = number, CameraRate()
        return self._camera.note(seen)

    def _status(self, governor: QualityGovernor, used: int, camera_note: str | None) -> QualityStatus:
        automatic = self._wish is QualityWish.AUTO
        reason = busy_sentence(governor.levels[0], governor.levels[used]) if automatic else None
        return QualityStatus(self._wish, used, len(governor.levels), reason, camera_note)

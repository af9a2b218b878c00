"""Decides at which level of quality frames are made. Pure: no clock, no thread, no engine.

Down as soon as the machine cannot follow for two looks; up only when what was measured, at that level before or else at
others, says that the better level will hold, and with more patience after every climb that did not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.clock import NS_PER_S
from app.governor.levels import Level
from app.governor.measured import Interval

FACES = 0.5
"""With fewer faces in the pictures than this share, a look says nothing."""

SLOWER = 0.95
"""A camera's rate wavers; what is not below this share of it is the same rate."""


@dataclass(frozen=True)
class Limits:
    """When is it too much, and when is there room.

    followed_share: share of the expected frames that must be made. latency_ms: half of the frames may be later.
    used, room: share of the time between two pictures that the slower thread may be busy; above the first it is too
        much, and a better level must be foreseen to stay below the second.
    bad_looks: looks in a row that are too much, before a step down. deepest_step: levels given up at once.
    patience_s: how long there must be room before a climb.
    barred_s: how long a level that was too much is left alone; `growth` times as long after each further time, at most
        `blind_s`. A climb that did not last `trial_s` counts twice; a level that lasted `forgiven_s` starts anew.
    eased: a barred level is free before its time when the work takes this share of what it took then.
    blind_s: after so long without a step the next better level is tried, whatever is foreseen of it.
    """

    followed_share: float = 0.88
    latency_ms: float = 150.0
    used: float = 0.97
    room: float = 0.85
    bad_looks: int = 2
    deepest_step: int = 2
    patience_s: float = 8.0
    barred_s: float = 60.0
    growth: float = 5.0
    trial_s: float = 20.0
    forgiven_s: float = 300.0
    eased: float = 0.75
    blind_s: float = 600.0


@dataclass(frozen=True)
class _Bar:
    """A level that was too much: until when, and how long a frame took at the levels below it, first seen after it."""

    until_ns: int
    slowest_ms: dict[int, float] = field(default_factory=dict)


class QualityGovernor:
    """Walks on one ladder. Feed it one `Interval` a second, and none while a step is being made.

    place: the level wished for, 0 is the best.
    """

    def __init__(self, levels: tuple[Level, ...], limits: Limits | None = None) -> None:
        self.levels = levels
        self._limits = limits or Limits()
        self.place = 0
        self._bad = 0
        self._t_step_ns = 0
        self._roomy_since_ns: int | None = None
        self._climbed = False  # whether the last step went up
        self._bars: dict[int, _Bar] = {}
        self._times_too_much: dict[int, int] = {}
        self._quickest_ms: dict[Level, float] = {}  # what a frame took at each level when the machine was at its best

    @property
    def level(self) -> Level:
        return self.levels[self.place]

    def refuse(self, place: int, fallback: int) -> None:
        """The level at `place` cannot be made here: go back to `fallback` and leave it out from now on."""
        self.levels = (*self.levels[:place], *self.levels[place + 1 :])
        self.place = fallback if fallback < place else fallback - 1
        self._bars.clear()
        self._times_too_much.clear()

    def weigh(self, seen: Interval, now_ns: int) -> bool:
        """Look at what was measured since the last look at the level in use; whether another one is wished for now."""
        if seen.face_share < FACES:
            self._bad, self._roomy_since_ns = 0, None
            return False
        for bar in self._bars.values():
            bar.slowest_ms.setdefault(self.place, seen.slowest_ms)
        self._quickest_ms[self.level] = min(seen.render_ms, self._quickest_ms.get(self.level, seen.render_ms))
        if self._too_much(seen):
            self._bad, self._roomy_since_ns = self._bad + 1, None
            return self._bad >= self._limits.bad_looks and self._step_down(seen, now_ns)
        self._bad = 0
        better = self._best_foreseen(seen, now_ns)
        if better is None:
            self._roomy_since_ns = None
            return False
        if self._roomy_since_ns is None:
            self._roomy_since_ns = now_ns
        if now_ns - self._roomy_since_ns < self._limits.patience_s * NS_PER_S:
            return False
        self._go_to(better, now_ns)
        self._climbed = True
        return True

    def _too_much(self, seen: Interval) -> bool:
        limits, expected_fps = self._limits, self._expected_fps(seen, self.place)
        if expected_fps <= 0:
            return False
        late = seen.latency_ms > limits.latency_ms
        return (
            late
            or seen.followed_fps < limits.followed_share * expected_fps
            or seen.slowest_ms * expected_fps > limits.used * 1e3
        )

    def _expected_fps(self, seen: Interval, place: int) -> float:
        fps = self.levels[place].fps
        return seen.face_share * (seen.captured_fps if fps is None else min(fps, seen.captured_fps))

    def _used_at(self, place: int, seen: Interval) -> float:
        """Share of the time that the slower thread would be busy at another level."""
        level = self.levels[place]
        render_ms = seen.render_ms * level.effort / self.level.effort
        if self._may_be_as_it_was(place, seen):
            render_ms = min(render_ms, self._quickest_ms.get(level, render_ms))
        return max(seen.track_ms, render_ms) * self._expected_fps(seen, place) / 1e3

    def _may_be_as_it_was(self, place: int, seen: Interval) -> bool:
        """Whether what made a level too much, for the first time, is gone: then it was seen how quick it is, and no
        guess is needed.
        """
        bar = self._bars.get(place)
        return bar is not None and self._eased(bar, seen) and self._times_too_much.get(place, 0) <= 1

    def _step_down(self, seen: Interval, now_ns: int) -> bool:
        below = [place for place in range(self.place + 1, len(self.levels)) if self._is_lighter(place, seen)]
        if not below:
            return False
        self._bar(now_ns)
        within_reach = below[: self._limits.deepest_step]
        enough = (place for place in within_reach if self._used_at(place, seen) <= self._limits.room)
        target = next(enough, within_reach[-1])
        self._go_to(target, now_ns)
        self._climbed = False
        return True

    def _is_lighter(self, place: int, seen: Interval) -> bool:
        """Whether a level below asks for less than the one in use; a rate that the camera does not reach does not."""
        slower = self._expected_fps(seen, place) < SLOWER * self._expected_fps(seen, self.place)
        return slower or self.levels[place].effort < self.level.effort

    def _bar(self, now_ns: int) -> None:
        """Leave the level in use alone for a while, the longer the more often it was too much."""
        limits, held_s = self._limits, (now_ns - self._t_step_ns) / NS_PER_S
        times = 0 if held_s >= limits.forgiven_s else self._times_too_much.get(self.place, 0)
        times += 2 if self._climbed and held_s < limits.trial_s else 1
        self._times_too_much[self.place] = times
        barred_s = min(limits.barred_s * limits.growth ** min(times - 1, 16), limits.blind_s)
        self._bars[self.place] = _Bar(now_ns + int(barred_s * NS_PER_S))

    def _best_foreseen(self, seen: Interval, now_ns: int) -> int | None:
        """The best level above that would leave room; past a bar that was merely waited for, one level at a time."""
        held = [place for place, bar in self._bars.items() if place < self.place and not self._eased(bar, seen)]
        lowest_held, next_up = max(held, default=-1), self.place - 1
        for place in range(lowest_held + 1, self.place):
            if self._used_at(place, seen) <= self._limits.room:
                return place
        if next_up < 0 or (next_up in held and now_ns < self._bars[next_up].until_ns):
            return None
        unforeseen = now_ns - self._t_step_ns >= self._limits.blind_s * NS_PER_S
        foreseen = self._used_at(self.place if unforeseen else next_up, seen) <= self._limits.room
        return next_up if foreseen else None

    def _eased(self, bar: _Bar, seen: Interval) -> bool:
        return seen.slowest_ms <= self._limits.eased * bar.slowest_ms.get(self.place, 0.0)

    def _go_to(self, place: int, now_ns: int) -> None:
        self.place, self._t_step_ns = place, now_ns
        self._bad, self._roomy_since_ns = 0, None

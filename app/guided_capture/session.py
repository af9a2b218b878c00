"""Ten seconds before the camera: asks for one thing after another and keeps the best picture of each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from app.clock import NS_PER_S
from app.guided_capture.candidates import Candidates
from app.guided_capture.goals import ASKED, Goal
from app.guided_capture.proposal import Proposal
from app.packets import CapturedFrame, TrackedFrame

ASKED_S = 1.65
"""How long each goal is asked for; six of them are ten seconds."""

UNTRACKED_KEPT = 8
"""Pictures that wait for their landmarks; more than the tracker can be behind."""


@dataclass(frozen=True)
class CaptureProgress:
    """What the person is to see: `share` of the whole time that is over; no goal once it is through.

    has_it: a good picture of this goal is there already.
    """

    share: float
    goal: Goal | None
    asked: str
    has_it: bool


class GuidedCapture:
    """Feed it what the camera and the tracker give, from their threads; read `progress` from any thread.

    The pictures stay in memory, at most one for each goal and `UNTRACKED_KEPT` more, until `finish` hands them to a
    proposal or `cancel` drops them. The time runs from the first face on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects everything below
        self._candidates = Candidates()
        self._waiting: OrderedDict[int, CapturedFrame] = OrderedDict()
        self._t_first_ns: int | None = None
        self._t_ns = 0
        self._open = True

    def captured(self, frame: CapturedFrame) -> None:
        """A picture from the camera; it waits for its landmarks."""
        with self._lock:
            if not self._open:
                return
            self._waiting[frame.frame_id] = frame
            while len(self._waiting) > UNTRACKED_KEPT:
                self._waiting.popitem(last=False)

    def tracked(self, frame: TrackedFrame) -> None:
        """Where the face is in a picture that came before."""
        with self._lock:
            picture = self._waiting.pop(frame.frame_id, None)
            if picture is None or not self._open or frame.observation is None:
                return
            if self._t_first_ns is None:
                self._t_first_ns = frame.t_capture_ns
            self._t_ns = frame.t_capture_ns
            goal = self._goal()
            if goal is not None:
                landmarks_px = frame.observation.landmarks_px
                self._candidates.see(picture.image, landmarks_px, frame.t_capture_ns, _looked_for(goal))

    def progress(self) -> CaptureProgress:
        """Where it is."""
        with self._lock:
            goal = self._goal()
            share = min(1.0, self._elapsed_s() / (ASKED_S * len(Goal)))
            has_it = goal is not None and self._candidates.has(goal)
            return CaptureProgress(share, goal, ASKED[goal] if goal else "", has_it)

    def finish(self) -> Proposal:
        """End, and hand over what was found; may be called before the time is over."""
        with self._lock:
            self._close()
            return Proposal(self._candidates)

    def cancel(self) -> None:
        """End, and throw everything away. Idempotent."""
        with self._lock:
            self._close()
            self._candidates.forget()

    def _close(self) -> None:
        self._open = False
        self._waiting.clear()

    def _elapsed_s(self) -> float:
        return 0.0 if self._t_first_ns is None else (self._t_ns - self._t_first_ns) / NS_PER_S

    def _goal(self) -> Goal | None:
        place = int(self._elapsed_s() / ASKED_S)
        goals = tuple(Goal)
        return goals[place] if self._open and place < len(goals) else None


def _looked_for(asked: Goal) -> tuple[Goal, ...]:
    """The neutral face first, since the others are measured against it; then all: people are early, late, or both."""
    return (Goal.NEUTRAL,) if asked is Goal.NEUTRAL else tuple(Goal)

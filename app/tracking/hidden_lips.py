"""Tells lips that are hidden, behind a hand or a microphone, from lips that are seen: what is hidden is guessed anew.

A tracker that cannot see the lips puts them somewhere in every picture, and they jump back and forth around it. Lips
that are seen go on in one direction for several pictures, also in fast speech. So the mean product of two steps in a
row says which it is (`noise_level` has the idea from R. Roll), taken in the head's own frame.
Chosen on five training clips without sound, with a hand or a microphone painted over the mouth (docs/measurements.md).
A guess that does not jump, behind something that stands perfectly still, goes unnoticed.
"""

from __future__ import annotations

import numpy as np

from app.clock import NS_PER_S
from app.tracking.head_frame import HeadFrame, HeadRows, Points, moved_faces
from models.motion.landmark_sets import LIPS
from models.types import FloatArray

MEMORY_S = 0.6
LONGEST_STEP_S = 0.055
"""Below about 18 pictures a second fast syllables go back and forth too, and nothing is said."""

HIDDEN, SEEN = 0.0045, 0.0015
"""Jumping back by so much, in face sizes, lips count as hidden, and as seen again below the smaller of the two."""

MOST_SURE = 2.0
"""Times the square of `HIDDEN` that are remembered at most, so that lips are given back two seconds after the hand is
gone, however wildly they were guessed."""

LARGEST_TURN = 0.02
"""One turn back counts at most as this much: a single jump is not a hidden mouth."""

JUMP = 0.5
"""A face that moves by more than this share of its size is another one, or a cut."""

REST_S = 0.4
"""Hidden lips stay hidden at least so long: the portrait's mouth must not change its mind with every picture."""


class HiddenLips:
    """Looks at one face over time; one thread."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Another driver."""
        self.hidden = False
        self._head: HeadFrame | None = None
        self._rows: HeadRows
        self._step: Points | None = None
        self._turned = 0.0
        self._t_ns = self._t_changed_ns = 0

    def update(self, landmarks_px: FloatArray, t_ns: int) -> bool:
        """Whether the lips of this face are hidden; its landmarks as the tracker gave them, (478, 3), any unit."""
        try:
            if self._head is None:
                self._head = HeadFrame(landmarks_px)
                self._rows = self._head.split(landmarks_px)
            rows = self._head.split(landmarks_px)
        except ValueError:  # no face has such points
            self.reset()
            return False
        dt_s, step = (t_ns - self._t_ns) / NS_PER_S, (rows.local - self._rows.local)[LIPS]
        broken = not 0 < dt_s <= LONGEST_STEP_S or moved_faces(self._rows, rows) > JUMP
        self._rows, self._t_ns = rows, t_ns
        if broken:
            self._step = None
            self._forget(abs(dt_s))
        else:
            if self._step is not None:
                self._learn(-float((step * self._step).sum(1).mean()), dt_s)
            self._step = step
        self._judge(t_ns)
        return self.hidden

    def _learn(self, turned: float, dt_s: float) -> None:
        share = 1.0 - np.exp(-dt_s / MEMORY_S)
        self._turned += share * (float(np.clip(turned, -(LARGEST_TURN**2), LARGEST_TURN**2)) - self._turned)
        self._turned = min(self._turned, MOST_SURE * HIDDEN**2)

    def _forget(self, passed_s: float) -> None:
        self._turned *= float(np.exp(-passed_s / MEMORY_S))

    def _judge(self, t_ns: int) -> None:
        limit = SEEN if self.hidden else HIDDEN
        hidden = self._turned > limit**2
        if hidden != self.hidden and (hidden or t_ns - self._t_changed_ns >= REST_S * NS_PER_S):
            self.hidden, self._t_changed_ns = hidden, t_ns

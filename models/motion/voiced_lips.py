"""Lips that follow a voice in place of a face: those of the portrait, opened as far as wanted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.motion.canonical import CanonicalFace, load_canonical
from models.motion.openness import LIPS_WIDE_OPEN, lip_openness
from models.motion.retarget import AnalyticRetargeter, Retargeter, territory_of
from models.types import LANDMARK_COUNT, MotionState


class VoicedLips:
    """Puts lips into a motion; everything else of it stays.

    retargeter: how lips are opened; None is along the average direction, without a network.
    """

    def __init__(self, retargeter: Retargeter | None = None, face: CanonicalFace | None = None) -> None:
        face = face or load_canonical()
        self._retargeter: Retargeter = retargeter or AnalyticRetargeter(face)
        self._region = territory_of(face, "lips")

    def spoken(self, motion: MotionState, source: MotionState, openness: float, share: float) -> MotionState:
        """The motion with the lips of the portrait `source`, opened from there.

        openness: 0 leaves them as they are in the portrait, 1 opens them wide. share: 0 is the motion as it was.
        Keypoints other than the 478 landmarks have no lips; their motion comes back unchanged.
        """
        if share <= 0.0 or len(motion.canonical) != LANDMARK_COUNT:
            return motion
        points, reach = self._region.points, self._region.share[:, None]
        shape = motion.canonical + motion.expression
        shape[points] += share * reach * (source.expression - motion.expression)[points]
        own = lip_openness(shape) / LIPS_WIDE_OPEN
        shape = self._retargeter.open_lips(shape, own + share * openness * max(0.0, 1.0 - own))
        return replace(motion, expression=np.asarray(shape - motion.canonical, np.float32))

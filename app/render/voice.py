"""Lets the voice move the portrait's mouth while the camera does not see the driver's. Render thread only."""

from __future__ import annotations

from typing import Protocol

from app.audio.base import AudioFanOut, AudioListener
from app.clock import NS_PER_MS, NS_PER_S
from app.render.idle import ease
from models.motion.retarget import Retargeter
from models.motion.voiced_lips import VoicedLips
from models.types import MotionState

LISTENER = "voice mouth"

TO_VOICE_S, FROM_VOICE_S = 0.2, 0.2
"""How long the lips take from the camera to the voice and back."""

CLOSES_S = 0.2
"""A voice that breaks off, because the microphone is gone, takes so long to leave the mouth closed."""

USUAL_AGE_NS = 80 * NS_PER_MS
"""How old a picture is when it is drawn, until one was: sound is held back for it, and so is the voice."""

AGE_SHARE = 0.05
"""Weight of each new picture in the mean age."""


class Voice(AudioListener, Protocol):
    """Hears blocks and says how open the mouth is."""

    def openness(self, t_ns: int) -> float | None:
        """0 closed, 1 wide; None: no voice to follow."""
        ...

    def reset(self) -> None: ...


class VoiceLips:
    """Puts the voice's lips into a motion, eased in and out.

    voice: None leaves every motion as it is. audio: where the microphone is heard; None: nowhere.
    """

    def __init__(self, voice: Voice | None, audio: AudioFanOut | None, retargeter: Retargeter | None = None) -> None:
        self._voice, self._audio = voice, audio
        self.use(retargeter)
        self._share, self._openness = 0.0, 0.0
        self._t_ns: int | None = None
        self._age_ns = float(USUAL_AGE_NS)
        if voice is not None and audio is not None:
            audio.connect(LISTENER, voice)

    def use(self, retargeter: Retargeter | None) -> None:
        """Open lips as another animator does."""
        self._lips = VoicedLips(retargeter) if self._voice is not None else None

    def close(self) -> None:
        """Listen no more."""
        if self._audio is not None:
            self._audio.connect(LISTENER, None)

    def drew_live(self, age_ns: int) -> None:
        """A picture of the driver is drawn, so long after it was taken."""
        self._age_ns += AGE_SHARE * (min(max(0, age_ns), NS_PER_S) - self._age_ns)

    def speaks(self, now_ns: int) -> bool:
        """Whether there is a voice to follow where no picture says what time it is."""
        return self._voice is not None and self._voice.openness(self.heard_at(now_ns)) is not None

    def heard_at(self, now_ns: int) -> int:
        """Which moment of the voice belongs to a picture drawn now without a camera."""
        return now_ns - round(self._age_ns)

    def applied(
        self, motion: MotionState, source: MotionState, t_voice_ns: int, now_ns: int, *, wanted: bool
    ) -> MotionState:
        """The motion with the voice's lips as far as they have taken over.

        wanted: whether the camera does not see the driver's lips, and the person wants the voice in their place.
        """
        if self._voice is None or self._lips is None:
            return motion
        passed_s = 0.0 if self._t_ns is None else max(0.0, (now_ns - self._t_ns) / NS_PER_S)
        self._t_ns = now_ns
        heard = self._voice.openness(t_voice_ns)
        self._openness = max(0.0, self._openness - passed_s / CLOSES_S) if heard is None else heard
        if wanted and heard is not None:
            self._share = min(1.0, self._share + passed_s / TO_VOICE_S)
        else:
            self._share = max(0.0, self._share - passed_s / FROM_VOICE_S)
        return self._lips.spoken(motion, source, self._openness, ease(self._share))

"""How far a mouth is open, as heard: a small perceptron from the bands of speech of the last quarter second.

It was trained on synthetic speech alone, whose phonemes and so expected openness are known (docs/measurements.md).
Lips move before they are heard, and some of a sound says how the mouth stood a little earlier. So one pass answers for
several moments around the end of the sound; the later the sound it may wait for, the better the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.motion.perceptron import Perceptron, layer_shapes
from models.motion.small_weights import load_small
from models.types import FloatArray
from models.weights_manifest import WEIGHTS, published_files

FILE = WEIGHTS / "voice-lite.safetensors"
FORMAT = "voice-weights-1"

BANDS, TAPS, STRIDE = 7, 14, 2
"""Bands of a hop of 10 ms, and which hops are looked at: the newest and every second one before it."""

HISTORY = (TAPS - 1) * STRIDE + 1
"""Hops that must be kept."""

DELAYS_MS = (-20.0, 0.0, 40.0, 80.0)
"""For which moments it answers: so long before the end of the sound; -20 lies ahead of it."""

SIZES = (BANDS * TAPS, 32, len(DELAYS_MS))


@dataclass(frozen=True)
class VoiceNetwork:
    """Speech bands in, openness out: 0 closed, 1 that of an open vowel said with care; silence is 0 exactly."""

    perceptron: Perceptron
    silence: FloatArray

    @classmethod
    def of(cls, perceptron: Perceptron) -> VoiceNetwork:
        """With what the perceptron says of silence taken off."""
        return cls(perceptron, perceptron(np.zeros(SIZES[0], np.float32)))

    def openness(self, history: FloatArray) -> FloatArray:
        """(4,), one for each of `DELAYS_MS`.

        Shapes:
            history: (HISTORY, BANDS), oldest first.
        """
        taps = history[::-1][::STRIDE].reshape(-1)
        return self.perceptron(taps) - self.silence


def load_voice(path: Path = FILE, sha256: str | None = None) -> VoiceNetwork:
    """The network of a weights file; the shipped one is checked against the manifest.

    Raises:
        CheckpointError: the file is missing, wrong, truncated or changed.
    """
    expected = sha256 or published_files().get(path)
    return VoiceNetwork.of(
        Perceptron.of(load_small(path, FORMAT, layer_shapes("voice", SIZES), expected), "voice", SIZES)
    )

"""Whether a face may become the neutral one: all motion is measured from it, and an open mouth in it would stay."""

from __future__ import annotations

from functools import cache

from app.errors import UsageProblem
from app.guided_capture.face_signs import FaceReader
from app.packets import FaceObservation

LIPS_AT_MOST = 0.12
"""Gap of the lips over the width of the mouth: half of all faces in talking clips have less, a mouth at rest 0.02."""

EYES_AT_LEAST = 0.10
"""Gap of the lids over the width of the eye; 0.25 is usual, 0.02 is shut."""

TURNED_AT_MOST_DEG = 22.0
"""A camera beside or below the screen sees a face up to 15 degrees aside that looks at the screen."""


class NotNeutral(UsageProblem):
    """The face shown now cannot be the neutral one."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__("The neutral face was not taken.", why=why, fix=f"{fix}, then set it again.")


def refusal(seen: FaceObservation | None) -> NotNeutral | None:
    """Why this face cannot be the neutral one; None if it can."""
    if seen is None:
        return NotNeutral("No face is seen.", "Sit before the camera, in good light")
    signs = _reader().read(seen.landmarks_px)
    if signs.aside_deg > TURNED_AT_MOST_DEG:
        return NotNeutral(f"The head is turned {signs.aside_deg:.0f} degrees away.", "Look straight ahead")
    if signs.lips > LIPS_AT_MOST:
        return NotNeutral("The mouth is open.", "Close your lips")
    if signs.less_open_eye < EYES_AT_LEAST:
        return NotNeutral("The eyes are closed.", "Open your eyes")
    return None


@cache
def _reader() -> FaceReader:
    """One is enough: it only reads."""
    return FaceReader()

"""Says which photos help an avatar as further views of the same person, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UsageProblem
from app.face_choice import choose_face
from app.guided_capture.face_signs import FaceReader, FaceSigns
from app.guided_capture.scoring import picture_quality
from app.picture_file import read_picture
from app.portrait import MAX_PICTURE_PX
from app.tracking.base import Tracker
from models.metrics.transfer import identity_distance
from models.types import ImageArray

ANOTHER_PERSON = 4.0
"""Distance of the shapes of two faces (`identity_distance`) from which on they are likely of two people.

On 240 faces of training clips, four a clip: of pairs of one person 1 % lie above it (mostly from one clip, so photos
taken years apart will more often), of pairs of two people 58 %. A shape is no fingerprint."""

FARTHEST_DEG = 50.0
GOOD_ENOUGH = 0.05
ALIKE_DEG, ALIKE_LIPS, ALIKE_EYES = 6.0, 0.08, 0.3
"""A photo that differs by less than this in pose, lips and eyes shows nothing new."""


@dataclass(frozen=True)
class PhotoVerdict:
    """Whether a photo is taken, and the reason if it is not."""

    path: Path
    taken: bool
    why: str = ""


class PhotoJudge:
    """Compares photos with one portrait and with those taken before.

    tracker: for single pictures, the caller's.

    Raises:
        UsageProblem: the portrait cannot be read or shows no face.
    """

    def __init__(self, portrait: Path, tracker: Tracker) -> None:
        self._tracker, self._reader = tracker, FaceReader()
        image = read_picture(portrait, limit_px=MAX_PICTURE_PX).rgb
        signs = self._signs(image)
        if signs is None:
            raise UsageProblem(
                f"No face was found in {portrait.name}.",
                why="A face is needed to compare the photos with, and none was seen.",
                fix="Choose a picture in which one face looks at the camera.",
            )
        self._known = [signs]

    def judge(self, photos: Sequence[Path]) -> tuple[PhotoVerdict, ...]:
        """One verdict for each photo, in order; a photo that cannot be read is not taken, and why is said."""
        return tuple(self._judge(path) for path in photos)

    def _judge(self, path: Path) -> PhotoVerdict:
        try:
            image = read_picture(path, limit_px=MAX_PICTURE_PX).rgb
        except UsageProblem as problem:
            return PhotoVerdict(path, taken=False, why=f"{problem.what} {problem.why}")
        face = choose_face(self._tracker, image)
        if face is None:
            return PhotoVerdict(path, taken=False, why="No face was found in it.")
        signs, quality = self._reader.read(face.landmarks_px), picture_quality(image, face.landmarks_px)
        why = self._refused(signs)
        if why is None and quality.score < GOOD_ENOUGH:
            why = quality.worst
        if why is None:
            self._known.append(signs)
        return PhotoVerdict(path, why is None, why or "")

    def _refused(self, signs: FaceSigns) -> str | None:
        if signs.aside_deg > FARTHEST_DEG:
            return f"The head is turned {signs.aside_deg:.0f} degrees away, more than can be followed."
        if identity_distance(signs.state, self._known[0].state) > ANOTHER_PERSON:
            return "The face is shaped differently: it seems to be another person."
        if any(_alike(signs, known) for known in self._known):
            return "It shows nothing that the other pictures do not show."
        return None

    def _signs(self, image: ImageArray) -> FaceSigns | None:
        face = choose_face(self._tracker, image)
        return None if face is None else self._reader.read(face.landmarks_px)


def _alike(first: FaceSigns, second: FaceSigns) -> bool:
    turned = max(abs(first.yaw_deg - second.yaw_deg), abs(first.pitch_deg - second.pitch_deg))
    eyes = abs(first.eyes - second.eyes) / max(first.eyes, second.eyes, 1e-6)
    return turned < ALIKE_DEG and abs(first.lips - second.lips) < ALIKE_LIPS and eyes < ALIKE_EYES

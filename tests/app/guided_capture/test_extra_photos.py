"""Which photos are taken as further views, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import UsageProblem
from app.guided_capture.extra_photos import PhotoJudge, PhotoVerdict
from app.guided_capture.goals import Goal
from app.guided_capture.video_views import best_views
from app.packets import FaceObservation
from models.types import FloatArray, ImageArray
from tests.app.guided_capture.acting import ACTS, SIZE, Act, landmarks_of, picture
from tests.helpers.portraits import ScriptedFaces
from tests.helpers.videos import Recipe, write_video


def photo(folder: Path, name: str, image: ImageArray | None = None) -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(picture() if image is None else image).save(path)
    return path


def judged(tmp_path: Path, landmarks: FloatArray | None, image: ImageArray | None = None) -> PhotoVerdict:
    """What is said of one photo beside a neutral portrait."""
    faces = [landmarks_of(Act())]
    tracker = ScriptedFaces(*faces)
    judge = PhotoJudge(photo(tmp_path, "portrait"), tracker)
    tracker.faces = () if landmarks is None else (landmarks,)
    return judge.judge([photo(tmp_path, "extra", image)])[0]


def someone_else() -> FloatArray:
    """A face a fifth narrower."""
    points = landmarks_of(Act(yaw=0.3))
    middle = points.mean(0)
    return np.asarray((points - middle) * (0.8, 1.15, 1.0) + middle, np.float32)


@pytest.mark.parametrize("goal", [Goal.LEFT, Goal.OPEN_MOUTH, Goal.BLINK])
def test_another_view_of_the_same_person_is_taken(tmp_path: Path, goal: Goal) -> None:
    assert judged(tmp_path, landmarks_of(ACTS[goal])).taken


@pytest.mark.parametrize(
    ("landmarks", "image", "why"),
    [
        (None, None, "No face was found in it."),
        (landmarks_of(Act()), None, "It shows nothing that the other pictures do not show."),
        (landmarks_of(Act(yaw=1.1)), None, "The head is turned 63 degrees away, more than can be followed."),
        (someone_else(), None, "The face is shaped differently: it seems to be another person."),
        (landmarks_of(Act(yaw=0.4)), np.full((*SIZE, 3), 128, np.uint8), "The picture was blurred."),
        (landmarks_of(Act(yaw=0.4)), (picture() * 0.1).astype(np.uint8), "The face was too dark or too bright."),
        (landmarks_of(Act(yaw=0.4), side=15.0), None, "The face was too small; come closer."),
    ],
    ids=["nobody", "alike", "turned", "another", "blurred", "dark", "small"],
)
def test_a_photo_that_does_not_help_is_refused_with_the_reason(
    tmp_path: Path, landmarks: FloatArray | None, image: ImageArray | None, why: str
) -> None:
    verdict = judged(tmp_path, landmarks, image)
    assert (verdict.taken, verdict.why) == (False, why)


def test_the_same_photo_is_taken_once_and_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    tracker = ScriptedFaces(landmarks_of(Act()))
    judge = PhotoJudge(photo(tmp_path, "portrait"), tracker)
    tracker.faces = (landmarks_of(ACTS[Goal.LEFT]),)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    first, second, third = judge.judge([photo(tmp_path, "a"), photo(tmp_path, "b"), broken])
    assert (first.taken, second.taken, third.taken) == (True, False, False)
    assert third.why.startswith("The picture broken.png cannot be used.")


def test_a_portrait_without_a_face_cannot_be_compared_with(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        PhotoJudge(photo(tmp_path, "portrait"), ScriptedFaces())
    assert str(caught.value) == (
        "No face was found in portrait.png. A face is needed to compare the photos with, and none was seen. "
        "Choose a picture in which one face looks at the camera."
    )


class ActingFaces(ScriptedFaces):
    """Does something else in every picture."""

    def __init__(self, *acts: Act) -> None:
        super().__init__()
        self._acts = list(acts)

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        self.faces = (landmarks_of(self._acts.pop(0)),) if self._acts else ()
        return super().track(image, t_capture_ns)


def test_the_best_views_are_found_in_a_video(tmp_path: Path) -> None:
    path = write_video(tmp_path / "me.mp4", Recipe(size=SIZE), images=[picture(number) for number in range(6)])
    shares: list[float] = []
    proposal = best_views(path, ActingFaces(*ACTS.values()), shares.append)
    assert {candidate.goal for candidate in proposal.found} == set(Goal)
    assert shares == sorted(shares)
    proposal.reject()


def test_a_video_without_a_face_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "room.mp4", images=[picture()] * 3)
    with pytest.raises(UsageProblem) as caught:
        best_views(path, ScriptedFaces())
    assert str(caught.value) == (
        "No face was found in room.mp4. None of the pictures that were looked at shows one. "
        "Choose a video in which one face looks at the camera."
    )

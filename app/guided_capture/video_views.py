"""Looks through a video of a person for the views that guided capture asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.capture.video_problems import UnusableVideo
from app.capture.video_reader import VideoReader, open_video
from app.clock import NS_PER_S
from app.errors import UsageProblem
from app.face_choice import choose_face
from app.guided_capture.candidates import Candidates
from app.portrait import MAX_PICTURE_PX
from app.resample import limited, resized
from app.tracking.base import Tracker
from models.types import FloatArray

LOOKED_AT = 300
"""Most pictures of a video that are looked at, spread over all of it."""

UNCOUNTED_STEP = 10
"""Of a video that does not say how long it is, every so manieth picture is looked at."""

LONGEST_S = 600
"""A longer video is refused: all of its pictures must be decoded to look at any, which takes minutes."""

LONG_NS = 1000 * NS_PER_S
"""Said to lie between two pictures, so that no speed is seen between them."""


def look_through(
    path: Path,
    tracker: Tracker,
    candidates: Candidates,
    *,
    on_progress: Callable[[float], None] = lambda share: None,
    accepts: Callable[[FloatArray], bool] = lambda landmarks_px: True,
) -> None:
    """Let `candidates` see the pictures of a video, at most MAX_PICTURE_PX large.

    tracker: for single pictures, the caller's. The motion between pictures that are far apart is no blur, so only
    sharpness tells blurred pictures here. on_progress: may raise to end it. accepts: whether a face (478, 3) is to be
    looked at, so that other people in the video are passed over.

    Raises:
        UsageProblem: the file is no video, is too long, or shows no face, or none that is accepted.
    """
    video = open_video(path)
    faces = accepted = 0
    try:
        step = _step(video, path)
        for number, image in enumerate(video.frames()):
            on_progress(min(1.0, number / (video.frame_count or UNCOUNTED_STEP * LOOKED_AT)))
            if number % step:
                continue
            if number // step >= LOOKED_AT:
                break  # it has more pictures than it says
            small = resized(image, limited((image.shape[0], image.shape[1]), MAX_PICTURE_PX))
            face = choose_face(tracker, small)
            if face is None:
                continue
            faces += 1
            if accepts(face.landmarks_px):
                accepted += 1
                candidates.see(small, face.landmarks_px, accepted * LONG_NS)
    finally:
        video.close()
    _require_someone(path, faces, accepted)


def _step(video: VideoReader, path: Path) -> int:
    if video.frame_count is None:
        return UNCOUNTED_STEP
    seconds = float(video.frame_count / video.rate)
    if seconds > LONGEST_S:
        raise UnusableVideo(
            path,
            f"It lasts {seconds / 60:.0f} minutes; at most {LONGEST_S // 60} are looked through.",
            "Cut out a part in which the person looks around and speaks.",
        )
    return max(1, -(-video.frame_count // LOOKED_AT))


def _require_someone(path: Path, faces: int, accepted: int) -> None:
    if not faces:
        raise UsageProblem(
            f"No face was found in {path.name}.",
            why="None of the pictures that were looked at shows one.",
            fix="Choose a video in which one face looks at the camera.",
        )
    if not accepted:
        raise UsageProblem(
            f"Another person seems to be seen in {path.name}.",
            why="The faces in it are shaped differently from that of the portrait.",
            fix="Choose a video of the person the portrait shows.",
        )

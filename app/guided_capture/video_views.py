"""The best views of a person out of a video file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.capture.video_reader import open_video
from app.clock import NS_PER_S
from app.errors import UsageProblem
from app.face_choice import choose_face
from app.guided_capture.candidates import Candidates
from app.guided_capture.proposal import Proposal
from app.tracking.base import Tracker

LOOKED_AT = 300
"""Most pictures of a video that are looked at, spread over all of it."""

LONG_NS = 1000 * NS_PER_S
"""Said to lie between two pictures, so that no speed is seen between them."""


def best_views(path: Path, tracker: Tracker, on_progress: Callable[[float], None] = lambda share: None) -> Proposal:
    """Look through a video for the same six views that guided capture asks for.

    tracker: for single pictures, the caller's. The motion between pictures that are far apart is no blur, so only
    sharpness tells blurred pictures here.

    Raises:
        UsageProblem: the file is no video, or shows no face.
    """
    video, candidates, faces = open_video(path), Candidates(), 0
    step = max(1, (video.frame_count or LOOKED_AT) // LOOKED_AT)
    try:
        for number, image in enumerate(video.frames()):
            if number % step or number // step >= LOOKED_AT:
                continue
            face = choose_face(tracker, image)
            if face is not None:
                faces += 1
                candidates.see(image, face.landmarks_px, faces * LONG_NS)
            on_progress(min(1.0, number / max(video.frame_count or number + 1, 1)))
    finally:
        video.close()
    if not faces:
        raise UsageProblem(
            f"No face was found in {path.name}.",
            why="None of the pictures that were looked at shows one.",
            fix="Choose a video in which one face looks at the camera.",
        )
    return Proposal(candidates)

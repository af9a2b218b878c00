"""Checks of what pictures come from and what they are made with: cameras, tracking, weights, avatars."""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.doctor.findings import Finding, Verdict
from app.doctor.fixes import Lack, fix_for


def check_tracker() -> Finding:
    """MediaPipe with the models bundled in its wheel."""
    import numpy as np

    from app.tracking.face_mesh import FaceMeshTracker

    tracker = FaceMeshTracker(static=True)
    try:
        tracker.track(np.zeros((64, 64, 3), np.uint8), 0)
    finally:
        tracker.close()
    return Finding("tracker", Verdict.OK, "MediaPipe FaceMesh loads and runs.")


def check_weights() -> Finding:
    """The weights in their manifest, each by its checksum."""
    from models.weights_manifest import published_files

    published = published_files()
    if not published:
        sentence = "The list of the weights is missing or damaged."
        return Finding("weights", Verdict.LIMITED, sentence, fix_for(Lack.COMPLETE_COPY))
    damaged = [path.name for path, sha256 in published.items() if not _is_whole(path, sha256)]
    if damaged:
        sentence = f"Missing or damaged: {', '.join(damaged)}."
        why = "What needs them does without, or cannot be used."
        return Finding("weights", Verdict.LIMITED, sentence, fix_for(Lack.COMPLETE_COPY), why)
    return Finding("weights", Verdict.OK, f"Whole and as published: {', '.join(path.name for path in published)}.")


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def check_avatars() -> Finding:
    """The portraits that came with the program."""
    from app.avatars import shipped_avatars

    names = ", ".join(avatar.name for avatar in shipped_avatars())
    if not names:
        return Finding("avatars", Verdict.LIMITED, "No shipped avatar was found.", fix_for(Lack.COMPLETE_COPY))
    return Finding("avatars", Verdict.OK, f"Shipped avatars: {names}.")


def check_cameras() -> Finding:
    """Cameras by name, and whether the system lets them be read; none is not fatal, since a file can be one."""
    from app.capture.devices import list_cameras
    from app.capture.permission import fix_for_denied

    cameras = list_cameras()
    forbidden = [fix for index in [camera.index for camera in cameras] or [0] if (fix := fix_for_denied(index))]
    names = ", ".join(camera.name for camera in cameras)
    if forbidden:
        sentence = f"Not to be used: {names}." if names else "No camera can be seen."
        return Finding("cameras", Verdict.LIMITED, sentence, forbidden[0], "The system does not allow it.")
    if names:
        return Finding("cameras", Verdict.OK, f"Cameras: {names}.")
    return Finding("cameras", Verdict.LIMITED, "No camera was found.", fix_for(Lack.CAMERA))

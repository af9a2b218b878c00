"""Says what about a portrait picture will show in the animation, why, and what to do about it.

Thresholds were set on 116 stills of real faces, so that an ordinary good picture gets no note at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.portrait import QualityNote
from models.types import FloatArray, ImageArray

SMALL_FACE_PX = 96
DARK_LUMA = 60.0
BRIGHT_LUMA = 210.0
TURNED_DEG = 25.0

BLURRED = 0.005
"""Variance of the Laplacian over the variance of the face at 192 pixels; real stills 0.007 to 0.6, and below 0.006
once blurred by 1 % of the face."""

MOUTH_OPEN = 0.36
"""Gap of the inner lips over the width of the mouth; a smile with teeth reaches 0.33."""

EYES_CLOSED = 0.14
"""Height of the wider eye over its width; 0.24 to 0.45 on nineteen stills of twenty, 0.09 when shut."""

_COMPARED_PX = 192

_ROUNDING = 20 / 12
"""What rounding to 8 bits alone gives the Laplacian: the sum of its squared weights, times a variance of 1/12."""

_UPPER_LIP, _LOWER_LIP, _LIP_CORNERS = 13, 14, (78, 308)
_EYES = ((159, 145, 33, 133), (386, 374, 362, 263))  # upper lid, lower lid, corners
_OUTER_EYE_CORNERS = (33, 263)


def quality_notes(picture: ImageArray, landmarks_px: FloatArray, faces: int) -> tuple[QualityNote, ...]:
    """Everything worth saying, the gravest first.

    Shapes:
        picture: (H, W, 3) uint8. landmarks_px: (478, 3) of the chosen face, pixels of the picture.
    """
    found = [
        _size_note(landmarks_px),
        _edge_note(landmarks_px, (picture.shape[0], picture.shape[1])),
        *_exposure_and_blur(picture, landmarks_px),
        _turn_note(landmarks_px),
        _mouth_note(landmarks_px),
        _eyes_note(landmarks_px),
        _crowd_note(faces),
    ]
    return tuple(note for note in found if note is not None)


def head_turn_deg(landmarks_px: FloatArray) -> float:
    """How far the head is turned aside, from the depth of the outer eye corners; 0 looks at the camera."""
    left, right = (landmarks_px[i] for i in _OUTER_EYE_CORNERS)
    return float(np.degrees(np.arctan2(right[2] - left[2], right[0] - left[0])))


def _face_side_px(landmarks_px: FloatArray) -> float:
    return float(np.ptp(landmarks_px[:468, :2], axis=0).max())


def _size_note(landmarks_px: FloatArray) -> QualityNote | None:
    side = _face_side_px(landmarks_px)
    if side >= SMALL_FACE_PX:
        return None
    return QualityNote(
        "small",
        f"The face is only {side:.0f} pixels high, so it will look soft. Use a closer or larger picture.",
    )


def _edge_note(landmarks_px: FloatArray, size: tuple[int, int]) -> QualityNote | None:
    h, w = size
    points = landmarks_px[:468, :2]
    if (points >= 0).all() and (points <= (w, h)).all():
        return None
    return QualityNote(
        "edge",
        "The face is cut by the edge of the picture, so that side cannot move well. "
        "Use a picture that shows the whole head.",
    )


@dataclass(frozen=True)
class FaceFigures:
    """luma: mean brightness of the face, 0 to 255. sharpness: see `BLURRED`."""

    luma: float
    sharpness: float


def face_figures(picture: ImageArray, landmarks_px: FloatArray) -> FaceFigures:
    """How bright and how sharp a face is.

    Shapes:
        picture: (H, W, 3) uint8. landmarks_px: (478, 3), pixels of the picture.
    """
    face = _face_grey(picture, landmarks_px)
    return FaceFigures(float(face.mean()), _sharpness(face))


def _exposure_and_blur(picture: ImageArray, landmarks_px: FloatArray) -> list[QualityNote | None]:
    figures = face_figures(picture, landmarks_px)
    luma = figures.luma
    notes: list[QualityNote | None] = []
    if luma < DARK_LUMA:
        notes.append(
            QualityNote(
                "dark", "The face is very dark, so its expressions will be hard to see. Use a brighter picture."
            )
        )
    if luma > BRIGHT_LUMA:
        notes.append(
            QualityNote(
                "bright", "The face is overexposed, so its features are faint. Use a picture with softer light."
            )
        )
    if figures.sharpness < BLURRED:
        notes.append(
            QualityNote("blurred", "The face is blurred, and the result will be as well. Use a sharper picture.")
        )
    return notes


def _face_grey(picture: ImageArray, landmarks_px: FloatArray) -> FloatArray:
    """The landmarks' box in grey, (h, w) float32 with `_COMPARED_PX` on the long side."""
    h, w = picture.shape[:2]
    limits = np.array([w - 2, h - 2])
    low = np.clip(landmarks_px[:468, :2].min(0), 0, limits).astype(int)
    high = np.clip(np.ceil(landmarks_px[:468, :2].max(0)).astype(int), low + 2, (w, h))
    grey = cv2.cvtColor(picture[low[1] : high[1], low[0] : high[0]], cv2.COLOR_RGB2GRAY)
    scale = _COMPARED_PX / max(grey.shape)
    size = (max(2, round(grey.shape[1] * scale)), max(2, round(grey.shape[0] * scale)))
    mode = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(grey, size, interpolation=mode).astype(np.float32)


def _sharpness(face: FloatArray) -> float:
    """Variance of the Laplacian against the face's own contrast, so that light does not count as sharpness."""
    detail = float(cv2.Laplacian(face, cv2.CV_32F).var()) - _ROUNDING
    return detail / (float(face.var()) + 25.0)


def _turn_note(landmarks_px: FloatArray) -> QualityNote | None:
    turn = head_turn_deg(landmarks_px)
    if abs(turn) <= TURNED_DEG:
        return None
    return QualityNote(
        "turned",
        f"The head is turned {abs(turn):.0f} degrees, so its hidden side has to be made up. "
        "Use a picture that looks at the camera.",
    )


def _mouth_note(landmarks_px: FloatArray) -> QualityNote | None:
    gap = _distance(landmarks_px, _UPPER_LIP, _LOWER_LIP) / max(_distance(landmarks_px, *_LIP_CORNERS), 1e-6)
    if gap <= MOUTH_OPEN:
        return None
    return QualityNote(
        "mouth-open", "The mouth is open, so it cannot close cleanly. Use a picture with the lips together."
    )


def _eyes_note(landmarks_px: FloatArray) -> QualityNote | None:
    openness = [
        _distance(landmarks_px, upper, lower) / max(_distance(landmarks_px, inner, outer), 1e-6)
        for upper, lower, inner, outer in _EYES
    ]
    if max(openness) >= EYES_CLOSED:
        return None
    return QualityNote(
        "eyes-closed", "The eyes are closed, so they cannot open convincingly. Use a picture with open eyes."
    )


def _crowd_note(faces: int) -> QualityNote | None:
    if faces < 2:
        return None
    return QualityNote(
        "several-faces",
        f"{faces} faces were found; the largest one near the middle is used. "
        "Crop the picture to one person to choose yourself.",
    )


def _distance(landmarks_px: FloatArray, first: int, second: int) -> float:
    return float(np.linalg.norm(landmarks_px[first] - landmarks_px[second]))

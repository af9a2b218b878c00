"""All measures of one animated picture against the truth, and their means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.checks import require_shape
from models.metrics.faces import (
    expression_error,
    gaze_error,
    landmark_distance_px,
    rotation_degrees,
    stiff_fit,
)
from models.metrics.pictures import l1, mouth_l1, ms_ssim, psnr, sharpness, ssim
from models.types import LANDMARK_COUNT, FloatArray, ImageArray

PICTURE_MEASURES = ("psnr", "ssim", "ms_ssim", "l1", "mouth_l1", "sharp")
FACE_MEASURES = ("akd_px", "expression", "pose_deg", "gaze", "found")
MEASURES = (*PICTURE_MEASURES, *FACE_MEASURES)
SIDE_PX = 256


def compare_frames(
    truth: ImageArray,
    output: ImageArray,
    truth_landmarks_px: FloatArray | None,
    output_landmarks_px: FloatArray | None,
) -> dict[str, float]:
    """Every measure that can be taken of one pair; those that need a face are absent where there is none.

    Landmarks are those a tracker finds in each picture by itself. `found` is 1 where the true face is found in the
    output too.

    Shapes:
        truth, output: (256, 256, 3) uint8 RGB. landmarks: (478, 3) in pixels, z in pixels of x.

    Raises:
        ShapeError: on other shapes.
    """
    for name, image in (("truth", truth), ("output", output)):
        require_shape(name, image, "H W 3", H=SIDE_PX, W=SIDE_PX)
    row = {
        "psnr": psnr(truth, output),
        "ssim": ssim(truth, output),
        "ms_ssim": ms_ssim(truth, output),
        "l1": l1(truth, output),
        "sharp": sharpness(truth, output),
    }
    if truth_landmarks_px is None:
        return row
    require_shape("truth_landmarks_px", truth_landmarks_px, f"{LANDMARK_COUNT} 3")
    row["mouth_l1"] = mouth_l1(truth, output, truth_landmarks_px)
    row["found"] = float(output_landmarks_px is not None)
    if output_landmarks_px is not None:
        require_shape("output_landmarks_px", output_landmarks_px, f"{LANDMARK_COUNT} 3")
        row |= _face_measures(truth_landmarks_px, output_landmarks_px)
    return row


def _face_measures(truth_px: FloatArray, output_px: FloatArray) -> dict[str, float]:
    fit = stiff_fit(truth_px, output_px)
    return {
        "akd_px": landmark_distance_px(truth_px, output_px),
        "expression": expression_error(truth_px, output_px, fit),
        "pose_deg": rotation_degrees(fit),
        "gaze": gaze_error(truth_px, output_px),
    }


def mean_of(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of every measure over the rows that have it, by name in alphabetical order."""
    names = sorted({name for row in rows for name in row})
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}

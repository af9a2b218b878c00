"""How alike two pictures are: the measures that no tracker can flatter.

Definitions as in the README of the clips: 256 x 256 RGB uint8; psnr and l1 over the picture, ssim on luma.
"""

from __future__ import annotations

import numpy as np
import torch
from pytorch_msssim import ms_ssim as library_ms_ssim

from models.types import FloatArray, ImageArray

GREY_WEIGHTS = np.array([9798, 19235, 3735], np.int64)
"""Rec. 601 luma in 1/2^15, as OpenCV rounds it."""

WINDOW_PX, SIGMA_PX = 11, 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr(truth: ImageArray, output: ImageArray) -> float:
    """Peak signal to noise ratio in dB; at most 78 for equal pictures."""
    error = float(((truth.astype(np.float32) - output.astype(np.float32)) ** 2).mean())
    return float(10.0 * np.log10(255.0**2 / max(1e-3, error)))


def l1(truth: ImageArray, output: ImageArray) -> float:
    """Mean absolute difference; 0 is equal, 1 is black against white."""
    return float(np.abs(truth.astype(np.float32) - output.astype(np.float32)).mean() / 255.0)


def mouth_l1(truth: ImageArray, output: ImageArray, truth_landmarks_px: FloatArray) -> float:
    """`l1` in the square around the true lips."""
    points = truth_landmarks_px[[0, 17, 61, 291, 13, 14]][:, :2]
    (x, y), half = points.mean(0), float(np.ptp(points, 0).max()) * 0.75 + 2.0
    h, w = truth.shape[:2]
    left, right = (int(np.clip(v, 0, w - 1)) for v in (x - half, x + half))
    top, bottom = (int(np.clip(v, 0, h - 1)) for v in (y - half, y + half))
    box = np.s_[top : bottom + 1, left : right + 1]
    return l1(truth[box], output[box])


def sharpness(truth: ImageArray, output: ImageArray) -> float:
    """Mean gradient of the output over that of the truth: 1 is as sharp, below is blurred."""
    return _mean_gradient(output) / max(1e-3, _mean_gradient(truth))


def _mean_gradient(image: ImageArray) -> float:
    values = image.astype(np.float32)
    return float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean())


def ssim(truth: ImageArray, output: ImageArray) -> float:
    """Structural similarity (Wang et al. 2004) of the luma: Gaussian window, borders mirrored."""
    a, b = grey(truth), grey(output)
    mean_a, mean_b = _blurred(a), _blurred(b)
    var_a, var_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + C1) * (2 * covariance + C2)
    return float((likeness / ((mean_a**2 + mean_b**2 + C1) * (var_a + var_b + C2))).mean())


def grey(image: ImageArray) -> FloatArray:
    """(H, W) float32 luma, rounded to whole numbers as 8-bit conversion does."""
    return ((image.astype(np.int64) @ GREY_WEIGHTS + (1 << 14)) >> 15).astype(np.float32)


def _blurred(values: FloatArray) -> FloatArray:
    reach = np.arange(WINDOW_PX) - WINDOW_PX // 2
    kernel = np.exp(-(reach**2) / (2 * SIGMA_PX**2))
    kernel = (kernel / kernel.sum()).astype(np.float32)
    for axis in (0, 1):
        widths = [(WINDOW_PX // 2, WINDOW_PX // 2) if a == axis else (0, 0) for a in range(2)]
        padded = np.pad(values, widths, mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_PX, axis=axis)
        values = windows @ kernel
    return values


def ms_ssim(truth: ImageArray, output: ImageArray) -> float:
    """Multi-scale structural similarity (Wang et al. 2003) of RGB, as the pytorch-msssim library computes it."""
    a, b = (torch.from_numpy(np.ascontiguousarray(p)).permute(2, 0, 1)[None].float() / 255.0 for p in (truth, output))
    return float(library_ms_ssim(a, b, data_range=1.0))

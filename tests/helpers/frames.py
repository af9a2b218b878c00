"""Finished frames for tests of sinks."""

from __future__ import annotations

import numpy as np

from app.packets import FrameStatus, RenderedFrame


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (720, 1280)) -> np.ndarray:
    """A picture of one colour, (h, w, 3) uint8 RGB."""
    return np.full((*size, 3), colour, np.uint8)


def quarters(colours: list[tuple[int, int, int]], size: tuple[int, int] = (720, 1280)) -> np.ndarray:
    """A picture of four colours: top left, top right, bottom left, bottom right."""
    image = np.empty((*size, 3), np.uint8)
    h, w = size[0] // 2, size[1] // 2
    image[:h, :w], image[:h, w:], image[h:, :w], image[h:, w:] = colours
    return image


def rendered(image: np.ndarray, number: int = 1, t_rendered_ns: int = 0, t_capture_ns: int = 0) -> RenderedFrame:
    """`image` as the render thread hands it on."""
    image.setflags(write=False)
    return RenderedFrame(number, image, t_capture_ns, t_rendered_ns, FrameStatus.LIVE)

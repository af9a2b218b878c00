"""How pictures are sampled and coded for a training pack; plain numbers, so that a worker process can be given them."""

from __future__ import annotations

from dataclasses import dataclass

SIZE_PX = 256
MASK_PX = 64
MAX_FRAMES_PER_CLIP = 15_000
"""Frames of one file that are looked at, ten minutes; a longer one is read so far."""


@dataclass(frozen=True)
class PackOptions:
    """The packing of every clip.

    stride: every so manieth frame is taken. 2 at 25 frames a second: the faces between differ by less than the
        tracker's noise more often than not, and half the tracking, reading and memory are saved.
    crf: quality of libx264, lower is better; 15 in 4:4:4 is 43 dB and about 1.6 KB a frame of a talking head.
    still_crf: the same for stills, which are few, sharper, and cannot borrow from the frame before.
    mask_crf: the same for the masks.
    masks: False leaves them out.
    """

    size_px: int = SIZE_PX
    stride: int = 2
    crf: int = 15
    still_crf: int = 8
    mask_crf: int = 18
    masks: bool = True

    def __post_init__(self) -> None:
        qualities = (self.crf, self.still_crf, self.mask_crf)
        if self.stride < 1 or not all(0 < crf <= 40 for crf in qualities):
            raise ValueError(f"no packing: stride {self.stride}, crf {qualities}")

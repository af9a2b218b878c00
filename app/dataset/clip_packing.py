"""One clip or still as the sections of a training pack: pictures, landmarks, masks, and which frames they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import numpy as np

from app.capture.video_reader import open_video
from app.crop import CropTransform
from app.dataset.listing import SourceFile
from app.dataset.movie_code import MovieEncoder
from app.dataset.options import MASK_PX, MAX_FRAMES_PER_CLIP, PackOptions
from app.errors import UsageProblem
from app.face_choice import choose_face
from app.resample import resized
from app.segmentation import Segmenter
from app.tracking.base import Tracker
from models.motion.canonical import load_canonical
from models.training.landmark_code import MAX_UNIT, Parents, encode_landmarks, nearest_before
from models.types import FloatArray, ImageArray


@dataclass(frozen=True)
class PackedClip:
    """The sections of one clip. faceless: frames that were looked at and left out because no face was found.

    frames: numbers in the file. masks: None where they were not asked for.
    """

    source: SourceFile
    sha256: str
    frames: tuple[int, ...]
    movie: bytes
    landmarks: bytes
    masks: bytes | None
    faceless: int


def landmark_predictor() -> Parents:
    """The neighbours by which landmarks are predicted: those on the average face."""
    return nearest_before(load_canonical().mean)


def pack_clip(source: SourceFile, tracker: Tracker, segmenter: Segmenter, options: PackOptions) -> PackedClip:
    """Track, shrink and code one file.

    `tracker` must be one for single pictures: then no frame's landmarks depend on another's.

    Raises:
        UsageProblem: it cannot be read, is not square, or shows no face.
    """
    movie = MovieEncoder(options.size_px, options.still_crf if source.still else options.crf)
    masks = MovieEncoder(MASK_PX, options.mask_crf)
    frames: list[int] = []
    landmarks: list[FloatArray] = []
    faceless = 0
    try:
        for number, image in _sampled(source, options):
            found = _unit_landmarks(tracker, image)
            if found is None:
                faceless += 1
                continue
            frames.append(number)
            landmarks.append(found)
            movie.add(image)
            if options.masks:
                masks.add(_mask(segmenter, image))
        if not frames:
            raise _no_face(source)
        return PackedClip(
            source=source,
            sha256=_sha256(source),
            frames=tuple(frames),
            movie=movie.finish(),
            landmarks=encode_landmarks(np.stack(landmarks), landmark_predictor()),
            masks=masks.finish() if options.masks else None,
            faceless=faceless,
        )
    finally:
        movie.abandon()
        masks.abandon()


def _sampled(source: SourceFile, options: PackOptions) -> Iterator[tuple[int, ImageArray]]:
    """Number and picture of every `stride`-th frame, at the pack's size."""
    with closing(open_video(source.path)) as reader:
        h, w = reader.size
        if h != w:
            raise _not_square(source, (h, w))
        picked = islice(enumerate(reader.frames()), 0, MAX_FRAMES_PER_CLIP, options.stride)
        for number, image in picked:
            yield number, resized(image, (options.size_px, options.size_px))


def _unit_landmarks(tracker: Tracker, image: ImageArray) -> FloatArray | None:
    face = choose_face(tracker, image)
    if face is None:
        return None
    size = (image.shape[0], image.shape[1])
    unit = CropTransform.whole(size, size[0]).to_unit(face.landmarks_px)
    return unit if float(np.abs(unit).max()) <= MAX_UNIT else None


def _mask(segmenter: Segmenter, image: ImageArray) -> ImageArray:
    """(MASK_PX, MASK_PX), 255 where the person is sure."""
    share = resized(segmenter.segment(image), (MASK_PX, MASK_PX))
    mask: ImageArray = np.rint(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)
    return mask


def _sha256(source: SourceFile) -> str:
    with source.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _no_face(source: SourceFile) -> UsageProblem:
    return UsageProblem(
        f"No face was found in {source.name}.", why="Nothing in it can be learned from.", fix="Remove it."
    )


def _not_square(source: SourceFile, size: tuple[int, int]) -> UsageProblem:
    return UsageProblem(
        f"{source.name} cannot be packed.",
        why=f"It is {size[1]} x {size[0]} pixels, not square.",
        fix="Crop it to a fixed square around the head.",
    )

"""Cuts the picture of one of a person's own avatars to the part he wants to be seen."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
from PIL import Image

from app.avatars import Avatar, load_avatar, require_own, rewrite_description
from app.errors import EnvironmentProblem, UsageProblem
from app.picture_box import Box
from app.picture_file import MIN_SIDE_PX, NEUTRAL_GREY, Picture, read_picture
from models.types import ImageArray

JPEG_QUALITY = 95


def cut_portrait(avatar: Avatar, box: Box) -> Avatar:
    """Keep only `box` of an avatar's picture. Its other views stay; its thumbnail, which is of the old one, goes.

    Raises:
        UsageProblem: it is not one of the person's own, its picture cannot be read, or too little would be left.
        EnvironmentProblem: its folder cannot be written.
    """
    require_own(avatar, f"{avatar.name} cannot be cut.", fix="Add a copy of it first.")
    part = _part(read_picture(avatar.portrait), box, avatar.name)
    try:
        return _replaced(avatar, part)
    except OSError as error:
        raise EnvironmentProblem(
            f"{avatar.name} could not be cut.",
            why=f"Writing to {avatar.folder} failed: {error.strerror or error}.",
            fix="Free some space or check the folder's permissions, then try again.",
        ) from error


def _part(picture: Picture, box: Box, name: str) -> Picture:
    h, w = picture.rgb.shape[:2]
    edges = (box.left * w, box.top * h, box.right * w, box.bottom * h)
    if not all(math.isfinite(edge) for edge in edges):
        raise ValueError(f"a cut needs finite edges, got {box}")
    left, top, right, bottom = (round(edge) for edge in edges)
    columns, rows = slice(max(0, left), min(w, right)), slice(max(0, top), min(h, bottom))
    rgb = picture.rgb[rows, columns]
    if min(rgb.shape[:2]) < MIN_SIDE_PX:
        raise UsageProblem(
            f"{name} cannot be cut like this.",
            why=f"Less than {MIN_SIDE_PX} pixels would be left.",
            fix="Make the frame larger.",
        )
    return Picture(rgb, None if picture.alpha is None else picture.alpha[rows, columns])


def _replaced(avatar: Avatar, part: Picture) -> Avatar:
    """The new picture is there before the description names it, and the old one goes last."""
    path = _free_path(avatar.folder, ".jpg" if part.alpha is None else ".png")
    partial = avatar.folder / f".{path.name}.{os.getpid()}.part"
    try:
        if part.alpha is None:
            Image.fromarray(part.rgb).save(partial, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        else:
            Image.fromarray(np.dstack([_uncomposed(part.rgb, part.alpha), part.alpha])).save(partial, "PNG")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    rewrite_description(avatar.folder, {"portrait": path.name})
    if avatar.portrait not in avatar.references:
        avatar.portrait.unlink(missing_ok=True)
    if avatar.thumbnail is not None:
        avatar.thumbnail.unlink(missing_ok=True)
    return load_avatar(avatar.folder)


def _uncomposed(rgb: ImageArray, alpha: ImageArray) -> ImageArray:
    """The colours that give `rgb` again over the grey that reading puts behind a picture."""
    grey = np.array(NEUTRAL_GREY, np.float32)
    share = np.maximum(alpha, 1)[..., None].astype(np.float32) / 255.0
    return (grey + (rgb - grey) / share).round().clip(0, 255).astype(np.uint8)


def _free_path(folder: Path, suffix: str) -> Path:
    number = 1
    while (folder / f"portrait-cut-{number}{suffix}").exists():
        number += 1
    return folder / f"portrait-cut-{number}{suffix}"

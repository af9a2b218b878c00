"""Makes a picture file ready to be animated: finds the person, frames the face, and paints out what is behind.

Runs off the live path, on the thread that made the tracker and the segmenter it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.background_fill import paint_out
from app.crop import CropTransform
from app.errors import UsageProblem
from app.face_choice import ChosenFace, all_faces, choose_face
from app.framing import framed_reference, framed_view, paste_mask, shared_mask
from app.matting import person_mask, with_fringe
from app.picture_file import NEUTRAL_GREY, Picture, read_picture
from app.portrait import CROP_PX, MAX_PICTURE_PX, LoadedPortrait, QualityNote
from app.portrait_quality import quality_notes
from app.resample import limited, resized
from app.segmentation import Segmenter, SelfieSegmenter
from app.tracking.base import Tracker
from models.types import FloatArray, ImageArray, PortraitView


class PortraitLoader:
    """Prepares portraits with one tracker (for single pictures), which the caller keeps and closes.

    Without a `segmenter` of the caller's, the loader makes its own when it first needs one, and closes it.
    """

    def __init__(self, tracker: Tracker, segmenter: Segmenter | None = None) -> None:
        self._tracker, self._segmenter = tracker, segmenter
        self._own_segmenter: Segmenter | None = None

    def close(self) -> None:
        """Give back what the loader made itself. Idempotent."""
        if self._own_segmenter is not None:
            self._own_segmenter.close()
            self._own_segmenter = None

    def load(self, path: Path, references: Sequence[Path] = (), *, name: str | None = None) -> LoadedPortrait:
        """The portrait in the file `path`, with further pictures of the same person.

        A reference in which no face is found is left out and noted. `name` is what people call the portrait, by
        default the file's.

        Raises:
            UsageProblem: a picture cannot be read, or shows no face.
        """
        picture = read_picture(path, limit_px=MAX_PICTURE_PX)
        views = [(file.name, read_picture(file, limit_px=MAX_PICTURE_PX)) for file in references]
        return self.load_picture(picture, path=path, name=name or path.stem, references=views)

    def load_picture(
        self,
        picture: Picture,
        *,
        path: Path | None = None,
        name: str = "portrait",
        references: Sequence[tuple[str, Picture]] = (),
    ) -> LoadedPortrait:
        """The same for pictures already in memory; `references` come with the name to call them by.

        Raises:
            UsageProblem: the picture shows no face.
        """
        picture = even_and_bounded(picture)
        face = self._require_face(picture.rgb, path.name if path else name)
        views, skipped = self._references(references)
        loaded = self._around(picture, face, path, name)
        return replace(loaded, references=views, notes=loaded.notes + skipped)

    def load_everybody(self, picture: Picture, *, name: str = "the picture") -> tuple[LoadedPortrait, ...]:
        """One portrait for every face in a picture, which is that of all of them; each is pasted back where it is.

        Raises:
            UsageProblem: the picture shows no face.
        """
        picture = even_and_bounded(picture)
        found = all_faces(self._tracker, picture.rgb)
        if not found:
            raise _no_face(name)
        portraits = []
        for place, landmarks_px in enumerate(found):
            loaded = self._around(picture, ChosenFace(landmarks_px, len(found)), None, name)
            mask = shared_mask(loaded.crop, landmarks_px, found[:place] + found[place + 1 :])
            portraits.append(replace(loaded, paste_mask=loaded.paste_mask * mask))
        return tuple(portraits)

    def _around(self, picture: Picture, face: ChosenFace, path: Path | None, name: str) -> LoadedPortrait:
        size = (picture.rgb.shape[0], picture.rgb.shape[1])
        crop = CropTransform.around_face(face.landmarks_px, CROP_PX)
        foreground, background = self._layers(picture, crop, face.landmarks_px)
        return LoadedPortrait(
            path=path,
            name=name,
            picture=picture.rgb,
            alpha=picture.alpha,
            foreground=foreground,
            background=background,
            crop=crop,
            view=framed_view(picture.rgb, foreground, background, crop, face.landmarks_px),
            paste_mask=paste_mask(crop, size),
            notes=quality_notes(picture.rgb, face.landmarks_px, face.faces),
        )

    def load_framed(self, image: ImageArray, size_px: int, *, name: str = "the picture") -> PortraitView:
        """A square picture that is already framed as the animator wants it, resized to `size_px`.

        The face is looked for in the resized picture, as it is in the frames that drive it.

        Raises:
            UsageProblem: the picture is not square, or shows no face.
        """
        h, w = image.shape[:2]
        if h != w:
            raise UsageProblem(
                f"The picture {name} cannot be used without cropping.",
                why=f"It is {w} x {h} pixels, not square.",
                fix="Crop it to a square around the face, or leave --no-crop out.",
            )
        square = resized(image, (size_px, size_px))
        face = self._require_face(square, name)
        crop = CropTransform.whole((size_px, size_px), size_px)
        foreground, background = self._layers(Picture(square), crop, face.landmarks_px)
        return PortraitView(square, crop.to_unit(face.landmarks_px), foreground, background, framed=True)

    def _require_face(self, image: ImageArray, name: str) -> ChosenFace:
        face = choose_face(self._tracker, image)
        if face is None:
            raise _no_face(name)
        return face

    def _layers(self, picture: Picture, crop: CropTransform, landmarks_px: FloatArray) -> tuple[FloatArray, ImageArray]:
        """Foreground and painted-out background; a cut-out already knows both."""
        if picture.alpha is not None:
            grey = np.full_like(picture.rgb, NEUTRAL_GREY)
            return (picture.alpha / 255.0).astype(np.float32), grey
        foreground = person_mask(self._segmenter or self._own(), picture.rgb, crop, landmarks_px)
        background = paint_out(picture.rgb, foreground)
        return with_fringe(foreground, picture.rgb, background), background

    def _own(self) -> Segmenter:
        if self._own_segmenter is None:
            self._own_segmenter = SelfieSegmenter()
        return self._own_segmenter

    def _references(
        self, references: Sequence[tuple[str, Picture]]
    ) -> tuple[tuple[PortraitView, ...], tuple[QualityNote, ...]]:
        views, notes = [], []
        for name, picture in references:
            face = choose_face(self._tracker, picture.rgb)
            if face is None:
                sentence = f"No face was found in the reference {name}, so it is not used. Choose another picture."
                notes.append(QualityNote("reference-without-face", sentence))
                continue
            crop = CropTransform.around_face(face.landmarks_px, CROP_PX)
            views.append(framed_reference(picture.rgb, crop, face.landmarks_px))
        return tuple(views), tuple(notes)


def _no_face(name: str) -> UsageProblem:
    return UsageProblem(
        f"No face was found in {name}.",
        why="A face is needed to know what to move, and none was seen.",
        fix="Choose a picture in which one face looks at the camera.",
    )


def even_and_bounded(picture: Picture) -> Picture:
    """At most MAX_PICTURE_PX on the long side and even sides, as video needs them.

    An odd side loses its last row or column: resampling everything for one pixel would cost sharpness.
    """
    h, w = limited((picture.rgb.shape[0], picture.rgb.shape[1]), MAX_PICTURE_PX)
    rgb = _even(resized(picture.rgb, (h, w)))
    return Picture(rgb, None if picture.alpha is None else _even(resized(picture.alpha, (h, w))))


def _even(image: ImageArray) -> ImageArray:
    h, w = image.shape[:2]
    return np.ascontiguousarray(image[: h // 2 * 2, : w // 2 * 2])

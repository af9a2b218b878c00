"""The one type that may hold the driver's own pixels longer than a frame: kept in memory, refused by every output."""

from __future__ import annotations

from typing import NoReturn

from models.types import ImageArray


class PicturesForgotten(RuntimeError):
    """Somebody asked for a picture that was already thrown away."""


class PrivatePicture:
    """A picture of the person at the camera, on its way to being approved or thrown away.

    It is no array, no `RenderedFrame`, and can be neither copied into one by accident nor pickled to a file or another
    process; `reveal` is the only way to its pixels, and every caller of that is listed in
    tests/app/guided_capture/test_private_picture.py.

    Shapes:
        image: (H, W, 3) uint8 RGB.
    """

    __slots__ = ("_image", "size")

    def __init__(self, image: ImageArray) -> None:
        self._image: ImageArray | None = image.copy()
        self.size = (image.shape[0], image.shape[1])

    def reveal(self) -> ImageArray:
        """The pixels, for the person's own eyes and for saving what was approved; read-only.

        Raises:
            PicturesForgotten: after `forget`.
        """
        if self._image is None:
            raise PicturesForgotten("the picture was thrown away")
        seen = self._image.view()
        seen.flags.writeable = False
        return seen

    def forget(self) -> None:
        """Overwrite and drop the pixels. Idempotent."""
        if self._image is not None:
            self._image.fill(0)
            self._image = None

    @property
    def forgotten(self) -> bool:
        return self._image is None

    def __repr__(self) -> str:
        h, w = self.size
        return f"<private picture, {w} x {h}{', forgotten' if self.forgotten else ''}>"

    def __array__(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a private picture is not to be used as an array")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private picture is not to be written or sent anywhere")

"""Who is animated offline: a portrait that stays the same, or a video that is edited frame by frame.

A sitting is one prepared picture together with the way its animated square becomes an output picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

from app.avatars import Avatar
from app.capture.video_reader import VideoReader, open_video
from app.errors import UsageProblem
from app.offline import host_image
from app.picture_file import Picture, read_picture
from app.portrait import CROP_PX, MAX_PICTURE_PX, LoadedPortrait
from app.portrait_loader import PortraitLoader, even_and_bounded
from app.render.compositor import PasteBack
from app.resample import resized
from models.types import AnimatedFrame, ImageArray, PortraitView

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".wmv"})


Finish = Callable[[AnimatedFrame, ImageArray | None], ImageArray]


@dataclass(frozen=True)
class Framing:
    """How pictures come in and go out.

    framed_px: input is already framed and square, and is resized to this side; None crops the face.
    paste_back: the animated square goes back into the whole picture.
    side_px: side of square output; None is the square's own.
    everybody: every face in the picture is animated; they are pasted back.
    """

    framed_px: int | None = None
    paste_back: bool = True
    side_px: int | None = None
    everybody: bool = False


@dataclass(frozen=True)
class Sitting:
    """One picture ready to be animated.

    view: None where a frame of a source video shows no face; then `still` is the output.
    still: the output picture as long as nothing has been animated, (H, W, 3) uint8.
    finish: makes the output picture of an animated square, and of the output with other faces of the picture in it, if
        there are any.
    moves: it is one of many, the frames of a video.
    beside: the other faces of the same picture that are animated.
    """

    view: PortraitView | None
    still: ImageArray
    finish: Finish
    moves: bool = False
    beside: tuple[Sitting, ...] = ()


def open_sittings(
    source: Avatar | Path, references: Sequence[Path], framing: Framing, loader: PortraitLoader
) -> tuple[Iterator[Sitting], tuple[PortraitView, ...]]:
    """The sittings of a source, one per output frame, and the given reference views of the same person.

    Raises:
        UsageProblem: a file cannot be used, or shows no face.
    """
    if isinstance(source, Avatar):
        return _still_sittings(source.portrait, references, framing, loader)
    if source.suffix.lower() in VIDEO_SUFFIXES:
        views = tuple(_reference_view(path, framing, loader) for path in references)
        return _video_sittings(open_video(source), source, framing, loader), views
    return _still_sittings(source, references, framing, loader)


def _still_sittings(
    portrait: Path, references: Sequence[Path], framing: Framing, loader: PortraitLoader
) -> tuple[Iterator[Sitting], tuple[PortraitView, ...]]:
    if framing.framed_px is not None:
        view = loader.load_framed(read_picture(portrait).rgb, framing.framed_px, name=portrait.name)
        views = tuple(_reference_view(path, framing, loader) for path in references)
        return repeat(_framed_sitting(view, framing)), views
    if framing.everybody:
        views = tuple(_reference_view(path, framing, loader) for path in references)
        picture = read_picture(portrait, limit_px=MAX_PICTURE_PX)
        return repeat(_group_sitting(loader.load_everybody(picture, name=portrait.name), framing)), views
    loaded = loader.load(portrait, references)
    return repeat(_cropped_sitting(loaded, framing)), loaded.references


def _reference_view(path: Path, framing: Framing, loader: PortraitLoader) -> PortraitView:
    if framing.framed_px is not None:
        return loader.load_framed(read_picture(path).rgb, framing.framed_px, name=path.name)
    return loader.load(path).view


def _video_sittings(video: VideoReader, path: Path, framing: Framing, loader: PortraitLoader) -> Iterator[Sitting]:
    """One sitting per source frame; the last frame stays when the driver goes on for longer."""
    last: Sitting | None = None
    for frame in video.frames():
        last = replace(_sitting_of_frame(frame, path, framing, loader), moves=True)
        yield last
    while last is not None:
        yield last


def _sitting_of_frame(frame: ImageArray, path: Path, framing: Framing, loader: PortraitLoader) -> Sitting:
    try:
        if framing.framed_px is not None:
            return _framed_sitting(loader.load_framed(frame, framing.framed_px, name=path.name), framing)
        if framing.everybody:
            return _group_sitting(loader.load_everybody(Picture(frame, None), name=path.name), framing)
        return _cropped_sitting(loader.load_picture(Picture(frame, None), name=path.name), framing)
    except UsageProblem:
        if framing.framed_px is not None and frame.shape[0] != frame.shape[1]:
            raise
        return _frame_without_face(frame, framing)


def _frame_without_face(frame: ImageArray, framing: Framing) -> Sitting:
    """A source frame in which nobody is seen stays as it is; its size still has to be that of the others."""
    if framing.paste_back:
        return Sitting(None, even_and_bounded(Picture(frame, None)).rgb, _square(None))
    side = framing.side_px or framing.framed_px or CROP_PX
    return Sitting(None, resized(frame, (side, side)), _square(side))


def _framed_sitting(view: PortraitView, framing: Framing) -> Sitting:
    side = framing.side_px or view.image.shape[0]
    return Sitting(view, resized(view.image, (side, side)), _square(side))


def _square(side: int | None) -> Finish:
    """Output that is the animated square itself; None: at its own size."""

    def finish(frame: AnimatedFrame, onto: ImageArray | None) -> ImageArray:
        del onto  # a square shows one face
        image = host_image(frame)
        return image if side is None else resized(image, (side, side))

    return finish


def _group_sitting(portraits: Sequence[LoadedPortrait], framing: Framing) -> Sitting:
    first, *others = (_cropped_sitting(portrait, framing) for portrait in portraits)
    return replace(first, beside=tuple(others))


def _cropped_sitting(portrait: LoadedPortrait, framing: Framing) -> Sitting:
    if not framing.paste_back:
        return _framed_sitting(portrait.view, framing)
    return Sitting(portrait.view, portrait.picture, PasteBack(portrait).compose)

"""Puts the animated square onto the output: into the whole picture, or onto a canvas with another background.

Everything that does not change from frame to frame is computed once into a `CanvasPlan`; per frame only the
region of the square is touched. The plan is plain arrays and a matrix, so that a GPU can execute the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.crop import CropTransform, Matrix
from app.packets import Cutout
from app.portrait import LoadedPortrait
from app.render.backdrop import behind_the_person, beside_the_picture, edge_mask, replaces_background
from app.render.badge import Badge
from app.render.layout import face_box, place
from app.resample import REPLICATE, resized, warped
from app.settings import BackgroundMode, FitMode, OutputSettings
from models.types import AnimatedFrame, FloatArray, ImageArray

if TYPE_CHECKING:
    from app.render.finish import CanvasFinish

FIT_FEATHER = 0.006
"""Of the canvas width: bars beside a fitted picture begin almost at once."""

FILL_FEATHER = 0.05
"""Of the canvas width: a picture too narrow to fill melts into its own blurred room."""


Part = tuple[slice, slice]
"""Rows and columns."""


@dataclass(frozen=True)
class Region:
    """The part of a canvas that an animated square can change.

    canvas_from_crop: for a square of `crop_px`; other sizes scale it.
    solid: rows and columns of the region in which nothing is blended, as the weight is 1 everywhere.

    Shapes:
        weight: (rows, columns) float32; 1 = the animated square, 0 = what was there before. rest: 1 - weight.
    """

    rows: slice
    columns: slice
    canvas_from_crop: Matrix
    crop_px: int
    weight: FloatArray
    rest: FloatArray
    solid: Part

    @property
    def size(self) -> tuple[int, int]:
        return self.weight.shape[0], self.weight.shape[1]

    def placed(self, square: ImageArray, *, cubic: bool = False) -> ImageArray:
        """An animated square, colours or matte, as it lies in this region."""
        matrix = self.canvas_from_crop.copy()
        matrix[:, :2] *= self.crop_px / square.shape[0]
        matrix[:, 2] -= (self.columns.start, self.rows.start)
        return warped(square, matrix, self.size, border=REPLICATE, cubic=cubic)


@dataclass(frozen=True)
class CanvasPlan:
    """Everything about a portrait on a canvas that does not depend on the frame.

    Shapes:
        still: (h, w, 3) uint8, the canvas with the unmoved portrait.
        backdrop: (rows, columns, 3) uint8, what is behind the person in the region; None: the picture's own background.
        crop_background: (S, S, 3) uint8, the painted-out background of the square, to take it out of hair edges.
        crop_matte: (S, S) uint8, the unmoved person, for frames that come without a matte.
        still_alpha: (h, w) uint8, the unmoved person on the canvas; None where the background is not transparent.
    """

    still: ImageArray
    region: Region
    backdrop: ImageArray | None = None
    crop_background: ImageArray | None = None
    crop_matte: ImageArray | None = None
    still_alpha: ImageArray | None = None


class Compositor:
    """Makes output pictures of one portrait with one setting. Made and used on the render thread."""

    def __init__(self, portrait: LoadedPortrait, settings: OutputSettings) -> None:
        self._plan = plan_canvas(portrait, settings)
        self._behind = settings.background.colour
        self._badge = Badge((settings.height, settings.width)) if settings.badge else None
        self._alpha: ImageArray | None = None

    @cached_property
    def finish(self) -> CanvasFinish | None:
        """What may be done on a GPU before a frame is read back; None where alpha is wanted too."""
        from app.render.finish import CanvasFinish  # it imports torch, for which `import_torch` knows a quicker way

        return CanvasFinish(self._plan) if self._plan.still_alpha is None else None

    @property
    def needs_foreground(self) -> bool:
        """Whether frames should bring their matte (`StepOptions.want_foreground`)."""
        return self._plan.backdrop is not None

    @property
    def still(self) -> ImageArray:
        """The unmoved portrait, (h, w, 3) uint8, read-only."""
        return self._plan.still

    def compose(self, frame: AnimatedFrame) -> ImageArray:
        """One output picture, (h, w, 3) uint8, read-only; a new array each time, as sinks may still read the last."""
        plan = self._plan
        square = np.asarray(frame.image.cpu().numpy())
        if frame.finished:
            return self._labelled(square)
        if plan.backdrop is None:
            moved = plan.region.placed(square)
        else:
            matte = self._matte(frame, square.shape[0])
            moved = _before(plan, square, matte)
            if plan.still_alpha is not None:
                self._alpha = self._finished(plan.still_alpha, plan.region.placed(matte))
        return self._finished(plan.still, moved)

    def cut_out(self) -> Cutout | None:
        """What of the picture composed last is the person; None where the background is not transparent."""
        return None if self._alpha is None else Cutout(self._alpha, self._behind)

    def _finished(self, still: ImageArray, moved: ImageArray) -> ImageArray:
        return self._labelled(_merged(self._plan.region, still, moved))

    def _labelled(self, canvas: ImageArray) -> ImageArray:
        if self._badge is not None:
            (self._badge.put_on if canvas.ndim == 3 else self._badge.put_on_alpha)(canvas)
        return _read_only(canvas)

    def _matte(self, frame: AnimatedFrame, side: int) -> ImageArray:
        """(S, S) uint8."""
        if frame.foreground is None:
            assert self._plan.crop_matte is not None  # a plan with a backdrop has it
            return resized(self._plan.crop_matte, (side, side))
        return _choked(np.asarray(cv2.convertScaleAbs(frame.foreground.cpu().float().numpy(), alpha=255.0), np.uint8))


def plan_canvas(portrait: LoadedPortrait, settings: OutputSettings) -> CanvasPlan:
    """Lay a portrait out on the output.

    Raises:
        UsageProblem: the background picture cannot be used.
    """
    size = (settings.height, settings.width)
    picture_size = (portrait.picture.shape[0], portrait.picture.shape[1])
    cut_out = replaces_background(portrait, settings.background)
    placement = place(picture_size, face_box(portrait), size, settings.fit, stand=cut_out)
    feather_px = (FIT_FEATHER if settings.fit is FitMode.FIT else FILL_FEATHER) * settings.width
    shown = edge_mask(picture_size, placement, size, feather_px)
    on_canvas = placement.canvas_from_picture
    picture = warped(portrait.picture, on_canvas, size, border=REPLICATE, cubic=True)
    region = _region(portrait, on_canvas, shown)
    if not cut_out:
        beside = beside_the_picture(portrait, placement, size, settings.fit)
        return CanvasPlan(_read_only(_blend(picture, beside, shown)), region)
    backdrop = behind_the_person(portrait, settings.background, placement, size)
    matte = _choked(_as_bytes(np.clip(warped(portrait.foreground, on_canvas, size), 0, 1) * shown))
    behind = warped(portrait.background, on_canvas, size, border=REPLICATE)
    still = _over(_person_alone(picture, behind, matte), matte, backdrop)
    return CanvasPlan(
        _read_only(still),
        region,
        backdrop=np.ascontiguousarray(backdrop[region.rows, region.columns]),
        crop_background=portrait.view.background if portrait.view.background is not None else portrait.view.image,
        crop_matte=_choked(_as_bytes(_view_foreground(portrait))),
        still_alpha=matte if settings.background.mode is BackgroundMode.TRANSPARENT else None,
    )


class PasteBack:
    """Puts animated squares back into the whole picture at the picture's own size: what `animate` writes.

    Where the square is enlarged, detail that the picture has and the square has not is put back wherever the
    square did not move, so that background and shoulders keep their sharpness up to the seam.
    """

    def __init__(self, portrait: LoadedPortrait) -> None:
        size = (portrait.picture.shape[0], portrait.picture.shape[1])
        region = _region(portrait, np.eye(2, 3), np.ones(size, np.float32))
        self._plan = CanvasPlan(portrait.picture, region)
        self._view = portrait.view.image
        self._detail: FloatArray | None = None
        if portrait.crop.side_px > 1.1 * portrait.crop.out_px:
            original = portrait.picture[region.rows, region.columns].astype(np.float32)
            self._detail = original - region.placed(self._view, cubic=True)

    def compose(self, frame: AnimatedFrame, onto: ImageArray | None = None) -> ImageArray:
        """The whole picture with the square in it, (H, W, 3) uint8, read-only, a new array each time.

        onto: the picture with others in it already; None is the unmoved one.
        """
        square = np.asarray(frame.image.cpu().numpy())
        moved = self._plan.region.placed(square, cubic=True)
        if self._detail is not None:
            still = self._plan.region.placed(_unmoved(square, resized(self._view, (square.shape[0], square.shape[1]))))
            sharpened = moved + (still * np.float32(1 / 255.0))[..., None] * self._detail
            moved = np.clip(sharpened, 0, 255).round().astype(np.uint8)
        return _read_only(_merged(self._plan.region, self._plan.still if onto is None else onto, moved))


def paste_back(portrait: LoadedPortrait, frame: AnimatedFrame) -> ImageArray:
    """`PasteBack` for a single frame."""
    return PasteBack(portrait).compose(frame)


def _region(portrait: LoadedPortrait, canvas_from_picture: Matrix, shown: FloatArray) -> Region:
    crop = portrait.crop
    canvas_from_crop = _joined(canvas_from_picture, crop)
    size = (shown.shape[0], shown.shape[1])
    weight = np.clip(warped(portrait.paste_mask, canvas_from_crop, size), 0.0, 1.0) * shown
    rows, columns = _extent(weight.any(1)), _extent(weight.any(0))
    inside = np.ascontiguousarray(weight[rows, columns])
    return Region(rows, columns, canvas_from_crop, crop.out_px, inside, 1.0 - inside, _solid(inside))


def _joined(canvas_from_picture: Matrix, crop: CropTransform) -> Matrix:
    linear = canvas_from_picture[:, :2]
    matrix = linear @ crop.picture_from_crop
    matrix[:, 2] += canvas_from_picture[:, 2]
    return np.asarray(matrix)


def _extent(used: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> slice:
    places = np.flatnonzero(used)
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 1)


def _solid(weight: FloatArray) -> Part:
    """A rectangle of ones, all there are where the weight is that of a rounded square; else possibly empty."""
    ones = weight == 1.0
    middle_row, middle_column = (int(np.argmax(ones.sum(axis))) for axis in (1, 0))
    rows, columns = _extent(ones[:, middle_column]), _extent(ones[middle_row])
    return (rows, columns) if ones[rows, columns].all() else (slice(0, 0), slice(0, 0))


def _merged(region: Region, still: ImageArray, moved: ImageArray) -> ImageArray:
    """A canvas, colours or alpha, with what moved in its region. Blended is the rim alone: the rest is copied."""
    canvas = still.copy()
    inside = canvas[region.rows, region.columns]
    for part in _around(region.solid, region.size):
        if inside[part].size:
            inside[part] = cv2.blendLinear(moved[part], inside[part], region.weight[part], region.rest[part])
    inside[region.solid] = moved[region.solid]
    return canvas


def _around(solid: Part, size: tuple[int, int]) -> tuple[Part, ...]:
    """What of a region lies above, below, left and right of a rectangle in it."""
    rows, columns = solid
    all_columns = slice(0, size[1])
    above, below = (slice(0, rows.start), all_columns), (slice(rows.stop, size[0]), all_columns)
    return above, below, (rows, slice(0, columns.start)), (rows, slice(columns.stop, size[1]))


def _before(plan: CanvasPlan, square: ImageArray, matte: ImageArray) -> ImageArray:
    """The moved person before the backdrop, in the region."""
    assert plan.backdrop is not None
    assert plan.crop_background is not None
    background = resized(plan.crop_background, (square.shape[0], square.shape[1]))
    person = plan.region.placed(_person_alone(square, background, matte))
    return _over(person, plan.region.placed(matte), plan.backdrop)


def _person_alone(image: ImageArray, background: ImageArray, matte: ImageArray) -> ImageArray:
    """The person times the matte, with the old background's share of every edge pixel taken out: no halo.

    image = matte * person + (1 - matte) * background, solved for the first term and kept in its possible range.
    """
    old = cv2.multiply(background, _three(cv2.bitwise_not(matte)), scale=1 / 255.0)
    return np.asarray(cv2.min(cv2.subtract(image, old), _three(matte)), np.uint8)


def _over(person: ImageArray, matte: ImageArray, backdrop: ImageArray) -> ImageArray:
    """`person` is already multiplied by `matte`."""
    behind = cv2.multiply(backdrop, _three(cv2.bitwise_not(matte)), scale=1 / 255.0)
    return np.asarray(cv2.add(person, behind), np.uint8)


def _three(matte: cv2.typing.MatLike) -> ImageArray:
    return np.asarray(cv2.cvtColor(matte, cv2.COLOR_GRAY2RGB), np.uint8)


def _unmoved(square: ImageArray, original: ImageArray) -> ImageArray:
    """(S, S) uint8: 255 where the square still shows the portrait as it was, 0 where it moved, soft between."""
    changed = np.asarray(cv2.absdiff(square, original)).max(-1)
    spread = cv2.GaussianBlur(cv2.dilate(changed, np.ones((13, 13), np.uint8)), (0, 0), 2.0)
    return np.clip(255.0 - (spread.astype(np.float32) - 4.0) * (255.0 / 12.0), 0, 255).astype(np.uint8)


def _blend(above: ImageArray, below: ImageArray, weight: FloatArray) -> ImageArray:
    return np.asarray(cv2.blendLinear(above, below, weight, 1.0 - weight), np.uint8)


def _view_foreground(portrait: LoadedPortrait) -> FloatArray:
    side = portrait.view.image.shape[0]
    found = portrait.view.foreground
    return found if found is not None else np.ones((side, side), np.float32)


def _choked(matte: ImageArray) -> ImageArray:
    """The faintest part of a matte taken off: there it knows least, and a glow shows most."""
    return np.asarray(cv2.LUT(matte, _CHOKE), np.uint8)


_CHOKE = np.clip((np.arange(256) - 36) * (255.0 / 208.0), 0, 255).round().astype(np.uint8)


def _as_bytes(mask: FloatArray) -> ImageArray:
    return (mask * 255.0).round().astype(np.uint8)


def _read_only(image: ImageArray) -> ImageArray:
    image.flags.writeable = False
    return image

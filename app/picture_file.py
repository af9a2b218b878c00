"""Reads a picture file nobody vouches for into plain sRGB pixels, or says in one sentence why it cannot.

Pictures come from disks, chats and the web: the size is read from the header and bounded before any pixel is
decoded, only the formats below are tried, and whatever a decoder throws at broken data becomes a sentence.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.errors import UsageProblem
from models.types import ImageArray

MAX_PIXELS = 64_000_000
MAX_SIDE_PX = 16_384
MIN_SIDE_PX = 64
MAX_FILE_BYTES = 128 * 1024 * 1024

NEUTRAL_GREY = (122, 124, 128)
"""What is seen behind a picture with transparency: grey with a breath of blue, neither studio black nor white."""

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF")
FORMATS_SENTENCE = "It is not a JPEG, PNG, WebP, HEIC, AVIF, TIFF, BMP or GIF picture."

DECODER_ERRORS = (
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG or JPEG header
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What decoders raise on broken data, as found by flipping bytes of valid files."""


@dataclass(frozen=True)
class Picture:
    """One still picture, upright, in sRGB.

    Shapes:
        rgb: (H, W, 3) uint8; where the file was transparent it is already composed over `NEUTRAL_GREY`.
        alpha: (H, W) uint8, 255 = opaque; None for a picture without transparency.
    """

    rgb: ImageArray
    alpha: ImageArray | None = None


def read_picture(path: Path, *, limit_px: int | None = None) -> Picture:
    """The first frame of a picture file.

    `limit_px` bounds the long side of the result; smaller pictures are not enlarged.

    Raises:
        UsageProblem: the file is missing, empty, too large, too small, damaged or no picture.
    """
    data = _read_bounded(path)
    _quieten_pillow()
    _register_heif()
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _require_size(image, path.name)
            return _decode(image, limit_px)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path.name) from None
    except UnidentifiedImageError as error:
        if _begins_like_a_picture(data):
            raise _damaged(path.name) from error
        raise _unusable(path.name, FORMATS_SENTENCE, "Choose another file.") from None
    except DECODER_ERRORS as error:
        raise _damaged(path.name) from error


def _begins_like_a_picture(data: bytes) -> bool:
    """Whether the first bytes promise one of the formats: then broken data is damage, not another kind of file."""
    starts = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"GIF8")
    return data.startswith(starts) or data[8:12] == b"WEBP" or data[4:12] in (b"ftypavif", b"ftypheic", b"ftypmif1")


def _read_bounded(path: Path) -> bytes:
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise _unusable(name, "It is a folder.", "Choose a picture file.")
        if path.exists() and not path.is_file():
            raise _unusable(name, "It is not a regular file.", "Choose a picture file.")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except PermissionError:
        raise _unusable(name, "This account may not read it.", "Change its permissions or copy it.") from None
    except (OSError, ValueError):  # ValueError: a path with a zero byte
        raise UsageProblem(
            f"The picture {name} was not found.", why="There is no such file.", fix="Check the path."
        ) from None
    if not data:
        raise _unusable(name, "The file is empty.", "Export or download it again.")
    if len(data) > MAX_FILE_BYTES:
        limit_mb = MAX_FILE_BYTES // 1024**2
        raise _unusable(name, f"The file is larger than {limit_mb} MB.", "Save it smaller, for example as a JPEG.")
    return data


def _quieten_pillow() -> None:
    """Pillow warns about odd metadata nobody here can act on; only its bomb warning counts, as a refusal.

    `warnings.catch_warnings` would not do: it swaps the filters of every thread.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _register_heif() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()


def _require_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
        raise _too_large(name)
    if min(width, height) < MIN_SIDE_PX:
        raise _unusable(
            name,
            f"It is only {width} x {height} pixels.",
            f"Choose a picture of at least {MIN_SIDE_PX} pixels a side; 512 or more look good.",
        )


def _decode(image: Image.Image, limit_px: int | None) -> Picture:
    profile = image.info.get("icc_profile")
    if limit_px is not None:
        image.draft(None, (limit_px, limit_px))  # lets the JPEG decoder skip detail that is thrown away anyway
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        upright = _eight_bits(upright)
    alpha = None
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        alpha = upright.getchannel("A")
    if upright.mode in ("1", "P", "PA"):
        upright = upright.convert("RGB")  # levels and palettes cannot be averaged
    if limit_px is not None and max(upright.size) > limit_px:
        upright, alpha = _shrunk(upright, alpha, limit_px)
    return _composed(_to_srgb(upright, profile), alpha)


def _shrunk(image: Image.Image, alpha: Image.Image | None, limit_px: int) -> tuple[Image.Image, Image.Image | None]:
    """RGBA is averaged with its alpha as weight (Pillow does that), so that hidden colours do not bleed in."""
    scale = limit_px / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return small, small.getchannel("A") if alpha is not None else None


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float greys as 8-bit; Pillow's own conversion clips them to white."""
    values = np.asarray(image).astype(np.float32)
    top = float(values.max(initial=0.0))
    full = 65535.0 if image.mode.startswith("I;16") or 255.0 < top <= 65535.0 else max(top, 255.0)
    if image.mode == "F" and top <= 1.0:
        full = 1.0
    return Image.fromarray(np.clip(values * (255.0 / full), 0, 255).round().astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the file's profile means them; a profile that cannot be used is ignored, as browsers do."""
    source = image.convert("RGB") if image.mode == "RGBA" else image
    if profile:
        try:
            embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(source, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or source.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return source.convert("RGB")
    return source.convert("RGB")


def _composed(image: Image.Image, alpha: Image.Image | None) -> Picture:
    rgb = np.array(image)
    if alpha is None:
        return Picture(rgb)
    opacity = np.array(alpha)
    if int(opacity.min()) == 255:
        return Picture(rgb)
    weight = opacity[..., None].astype(np.float32) / 255.0
    grey = np.array(NEUTRAL_GREY, np.float32)
    return Picture((rgb * weight + grey * (1.0 - weight)).round().astype(np.uint8), opacity)


def _too_large(name: str) -> UsageProblem:
    why = f"It has more than {MAX_PIXELS // 1_000_000} megapixels or a side over {MAX_SIDE_PX:,} pixels."
    return _unusable(name, why, "Save it smaller; 1920 pixels on the long side are enough.")


def _damaged(name: str) -> UsageProblem:
    return UsageProblem(
        f"The picture {name} is damaged.",
        why="The file ends too early or its data is broken.",
        fix="Export or download it again.",
    )


def _unusable(name: str, why: str, fix: str) -> UsageProblem:
    return UsageProblem(f"The picture {name} cannot be used.", why=why, fix=fix)

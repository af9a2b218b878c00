"""Reading pictures: every format, every kind of broken file, and the sentences people get."""

from __future__ import annotations

import io
import os
import random
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageDraw

from app.errors import UsageProblem
from app.picture_file import MAX_FILE_BYTES, NEUTRAL_GREY, read_picture

FORMATS = "It is not a JPEG, PNG, WebP, HEIC, AVIF, TIFF, BMP or GIF picture."


def colours(size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Red left, green right, blue bottom: shows turns, flips and swapped channels."""
    image = Image.new("RGB", size, (200, 40, 40))
    draw = ImageDraw.Draw(image)
    draw.rectangle((size[0] // 2, 0, size[0], size[1]), fill=(40, 180, 40))
    draw.rectangle((0, size[1] * 3 // 4, size[0], size[1]), fill=(40, 40, 200))
    return image


def close_to(rgb: np.ndarray, colour: tuple[int, int, int], tolerance: int = 14) -> bool:
    return bool((np.abs(rgb.astype(int) - np.array(colour)) <= tolerance).all())


def sentence(path: Path) -> str:
    with pytest.raises(UsageProblem) as caught:
        read_picture(path)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff", "bmp", "gif", "heic", "avif"])
def test_every_promised_format_is_read(tmp_path: Path, suffix: str) -> None:
    pillow_heif.register_heif_opener()
    path = tmp_path / f"picture.{suffix}"
    colours().save(path)
    picture = read_picture(path)
    assert picture.rgb.shape == (120, 160, 3)
    assert picture.rgb.dtype == np.uint8
    assert picture.alpha is None
    assert close_to(picture.rgb[20, 20], (200, 40, 40))
    assert close_to(picture.rgb[20, 140], (40, 180, 40))


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif"])
def test_the_orientation_in_the_file_is_applied(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"turned.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = 6  # turn 90 degrees clockwise to show
    colours().save(path, exif=exif)
    rgb = read_picture(path).rgb
    assert rgb.shape == (160, 120, 3)
    assert close_to(rgb[20, 100], (200, 40, 40))
    assert close_to(rgb[80, 10], (40, 40, 200))


def test_cmyk_is_read_in_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    colours().convert("CMYK").save(path, quality=95)
    rgb = read_picture(path).rgb
    assert rgb.shape == (120, 160, 3)
    assert close_to(rgb[20, 20], (200, 40, 40))


def test_sixteen_bit_grey_keeps_its_greys(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 128 * 64).reshape(64, 128).astype(np.uint16)
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    Image.fromarray(ramp).save(tmp_path / "deep.tiff")
    for name in ("deep.png", "deep.tiff"):
        rgb = read_picture(tmp_path / name).rgb
        assert int(rgb.min()) == 0
        assert int(rgb.max()) == 255
        assert int(rgb[32, 0, 0]) == pytest.approx(ramp[32, 0] / 257, abs=1.0)


def test_float_greys_from_0_to_1_are_read(tmp_path: Path) -> None:
    path = tmp_path / "float.tiff"
    Image.fromarray(np.full((70, 70), 0.5, np.float32)).save(path)
    assert close_to(read_picture(path).rgb, (128, 128, 128), tolerance=1)


def test_transparency_is_kept_and_shows_neutral_grey(tmp_path: Path) -> None:
    path = tmp_path / "cut-out.png"
    image = colours().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((255, 255, 255, 0), (0, 0, 40, 120))
    image.paste((200, 40, 40, 128), (40, 0, 60, 60))
    image.save(path)
    picture = read_picture(path)
    assert picture.alpha is not None
    assert picture.alpha.shape == (120, 160)
    assert (picture.alpha[:, :40] == 0).all()
    assert close_to(picture.rgb[:, :40], NEUTRAL_GREY, tolerance=0)
    assert close_to(picture.rgb[10, 50], (161, 82, 84), tolerance=1)
    assert close_to(picture.rgb[10, 150], (40, 180, 40), tolerance=0)


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_transparency_of_greys_and_palettes_is_kept(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "small.png"
    image = Image.new("RGBA", (80, 80), (90, 90, 90, 255))
    image.paste((0, 0, 0, 0), (0, 0, 40, 80))
    image.convert(mode).save(path) if mode == "LA" else image.quantize(8).save(path)
    picture = read_picture(path)
    assert picture.alpha is not None
    assert (picture.alpha[:, :40] == 0).all()
    assert (picture.alpha[:, 40:] == 255).all()


def test_a_picture_that_is_opaque_after_all_has_no_alpha(tmp_path: Path) -> None:
    path = tmp_path / "opaque.png"
    colours().convert("RGBA").save(path)
    assert read_picture(path).alpha is None


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    for suffix in ("gif", "webp", "png"):
        path = tmp_path / f"moving.{suffix}"
        first, second = Image.new("RGB", (80, 80), (200, 0, 0)), Image.new("RGB", (80, 80), (0, 0, 200))
        first.save(path, save_all=True, append_images=[second], duration=100)
        assert close_to(read_picture(path).rgb, (200, 0, 0), tolerance=6)


def test_an_embedded_profile_is_converted_to_srgb(tmp_path: Path) -> None:
    path = tmp_path / "swapped.png"
    Image.new("RGB", (80, 80), (200, 40, 40)).save(path, icc_profile=_profile_with_red_and_green_swapped())
    assert close_to(read_picture(path).rgb, (40, 200, 40), tolerance=3)
    cut_out = tmp_path / "swapped-rgba.png"
    Image.new("RGBA", (80, 80), (200, 40, 40, 254)).save(cut_out, icc_profile=_profile_with_red_and_green_swapped())
    assert close_to(read_picture(cut_out).rgb, (40, 200, 40), tolerance=3)


def _profile_with_red_and_green_swapped() -> bytes:
    """sRGB in which what is called red means green: no converter can overlook it."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def test_a_broken_profile_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    Image.new("RGB", (80, 80), (100, 50, 20)).save(path, icc_profile=b"not a profile at all")
    assert close_to(read_picture(path).rgb, (100, 50, 20), tolerance=0)


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_the_long_side_is_limited_and_proportions_kept(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"large.{suffix}"
    colours((2000, 1000)).save(path)
    rgb = read_picture(path, limit_px=500).rgb
    assert rgb.shape == (250, 500, 3)
    assert close_to(rgb[20, 20], (200, 40, 40))
    assert read_picture(path, limit_px=4000).rgb.shape == (1000, 2000, 3)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    expected = "The picture none.jpg was not found. There is no such file. Check the path."
    assert sentence(tmp_path / "none.jpg") == expected
    assert sentence(Path("zero\0byte/none.jpg")) == expected


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    expected = "The picture empty.png cannot be used. The file is empty. Export or download it again."
    assert sentence(tmp_path / "empty.png") == expected


def test_a_folder_says_so(tmp_path: Path) -> None:
    expected = f"The picture {tmp_path.name} cannot be used. It is a folder. Choose a picture file."
    assert sentence(tmp_path) == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    expected = "The picture pipe.jpg cannot be used. It is not a regular file. Choose a picture file."
    assert sentence(tmp_path / "pipe.jpg") == expected


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "private.jpg"
    colours().save(path)

    def refuse(self: Path, mode: str = "r") -> io.BytesIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, whom no mode bits stop
    assert sentence(path) == (
        "The picture private.jpg cannot be used. This account may not read it. Change its permissions or copy it."
    )


def test_text_called_jpg_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "letter.jpg"
    path.write_text("Dear Sir or Madam\n" * 50)
    assert sentence(path) == f"The picture letter.jpg cannot be used. {FORMATS} Choose another file."


def test_a_format_that_is_not_promised_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "drawing.jpg"
    colours().save(path, format="PPM")
    assert sentence(path) == f"The picture drawing.jpg cannot be used. {FORMATS} Choose another file."


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff", "heic", "avif"])
def test_a_truncated_picture_is_damaged(tmp_path: Path, suffix: str) -> None:
    pillow_heif.register_heif_opener()
    path = tmp_path / f"half.{suffix}"
    noise = np.random.default_rng(0).integers(0, 255, (128, 128, 3), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert sentence(path) == (
        f"The picture half.{suffix} is damaged. The file ends too early or its data is broken. "
        "Export or download it again."
    )


def test_one_pixel_is_too_small(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("RGB", (1, 1)).save(path)
    assert sentence(path) == (
        "The picture dot.png cannot be used. It is only 1 x 1 pixels. "
        "Choose a picture of at least 64 pixels a side; 512 or more look good."
    )


TOO_LARGE = (
    "It has more than 64 megapixels or a side over 16,384 pixels. "
    "Save it smaller; 1920 pixels on the long side are enough."
)


@pytest.mark.parametrize("size", [(20_000, 20_000), (9_500, 9_500), (8_500, 8_500), (16_400, 100)])
def test_a_huge_picture_is_refused_from_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(_png_header(*size))
    assert sentence(path) == f"The picture huge.png cannot be used. {TOO_LARGE}"


def test_a_real_picture_of_20000_by_20000_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.tiff"
    Image.new("1", (20_000, 20_000)).save(path, compression="group4")
    assert sentence(path) == f"The picture huge.tiff cannot be used. {TOO_LARGE}"


def _png_header(width: int, height: int) -> bytes:
    """A PNG that is cut off right where its pixels would begin: nobody may try to decode it."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, format="PNG")
    data = bytearray(buffer.getvalue())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data[:45])


def test_a_file_of_gigabytes_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # sparse: takes no room on the disk
    assert sentence(path) == (
        "The picture film.jpg cannot be used. The file is larger than 128 MB. Save it smaller, for example as a JPEG."
    )


def test_no_warning_of_pillow_reaches_anyone(tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    path.write_bytes(_png_header(10_000, 9_000))  # Pillow's own limit warns from 89 megapixels on
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sentence(path)
    assert [str(warning.message) for warning in caught] == []


def _saved(image: Image.Image, **how: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **how)  # type: ignore[arg-type]
    return buffer.getvalue()


BROKEN_SOURCES: dict[str, Callable[[], bytes]] = {
    "jpg": lambda: _saved(colours(), format="JPEG", exif=_exif()),
    "png": lambda: _saved(colours().convert("RGBA"), format="PNG"),
    "palette": lambda: _saved(colours().quantize(16), format="PNG"),
    "webp": lambda: _saved(colours(), format="WEBP"),
    "tiff": lambda: _saved(colours(), format="TIFF", compression="tiff_lzw"),
    "gif": lambda: _saved(colours(), format="GIF"),
    "bmp": lambda: _saved(colours(), format="BMP"),
    "heic": lambda: _saved(colours(), format="HEIF"),
    "avif": lambda: _saved(colours(), format="AVIF"),
}


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 3
    return exif


@pytest.mark.parametrize("kind", sorted(BROKEN_SOURCES))
def test_flipped_bytes_give_a_picture_or_a_sentence(tmp_path: Path, kind: str) -> None:
    pillow_heif.register_heif_opener()
    whole = BROKEN_SOURCES[kind]()
    rng = random.Random(kind)
    path = tmp_path / f"broken.{kind}"
    refused = 0
    for _ in range(120):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(min(len(data), 700))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            rgb = read_picture(path, limit_px=512).rgb
        except UsageProblem:
            refused += 1
        else:
            assert rgb.ndim == 3
            assert max(rgb.shape[:2]) <= 512
    assert refused > 0

"""What can be wrong with a video file, as sentences for people."""

from __future__ import annotations

from pathlib import Path

from app.capture.bounds import MAX_PIXELS, MAX_SIDE_PX
from app.errors import UsageProblem

FIX_OTHER = "Choose another file; MP4, MOV, MKV, WebM and AVI can be read."
FIX_EXPORT = "Export or download it again."


class UnusableVideo(UsageProblem):
    """A file that cannot be played."""

    def __init__(self, path: Path, why: str, fix: str = FIX_OTHER) -> None:
        super().__init__(f"The video {path.name or path} cannot be used.", why=why, fix=fix)


def no_such_file(text: str) -> UsageProblem:
    """A path with nothing there."""
    return UsageProblem(
        f"There is no file {text}.", why="Nothing is found at this path.", fix="Check its spelling and folder."
    )


def require_plain_file(path: Path) -> None:
    """Refuse what is no readable file with something in it, before a decoder sees it.

    Raises:
        UsageProblem: with the reason.
    """
    try:
        if path.is_dir():
            raise UnusableVideo(path, "It is a folder.")
        if not path.exists():
            raise no_such_file(str(path))
        if not path.is_file():
            raise UnusableVideo(path, "It is not a regular file.")
        with path.open("rb") as file:
            if not file.read(1):
                raise UnusableVideo(path, "The file is empty.", FIX_EXPORT)
    except PermissionError:
        raise UnusableVideo(path, "This account may not read it.", "Change its permissions or copy it.") from None
    except OSError as error:
        raise UnusableVideo(path, f"Reading it failed: {error.strerror}.", "Copy it to another disk.") from error
    except ValueError:  # a path with a zero byte
        raise no_such_file(repr(str(path))) from None


def not_a_video(path: Path) -> UsageProblem:
    """No known container, or one without a readable index."""
    return UnusableVideo(path, "It is not a video, or it is damaged from the start.")


def no_picture(path: Path) -> UsageProblem:
    """Sound only."""
    return UnusableVideo(path, "It has no picture, only sound or text.")


def no_decoder(path: Path) -> UsageProblem:
    """A codec this FFmpeg does not know."""
    return UnusableVideo(path, "Its pictures are in a format that is not known.", "Convert it to MP4 with H.264.")


def no_frames(path: Path) -> UsageProblem:
    """A header and nothing behind it."""
    return UnusableVideo(path, "Not a single picture in it can be read.", FIX_EXPORT)


def too_large_video(path: Path) -> UsageProblem:
    """Refused before memory is taken."""
    why = f"Its pictures have more than {MAX_PIXELS // 1_000_000} megapixels or a side over {MAX_SIDE_PX} pixels."
    return UnusableVideo(path, why, "Convert it to 1920 pixels on the long side.")

"""Pictures side by side with a caption each: what figures cannot tell, eyes can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from app.errors import EnvironmentProblem
from models.types import ImageArray

if TYPE_CHECKING:
    from app.evaluation import Clip

CELL_PX = 192
CAPTION_PX = 16


@dataclass(frozen=True)
class SheetRow:
    """One row of a contact sheet: captions with square pictures."""

    pictures: Mapping[str, ImageArray]

    @classmethod
    def of(cls, clip: Clip, frame: int, outputs: Mapping[str, ImageArray]) -> SheetRow:
        """Source, driver, then what each animator made of them, confidence last."""
        names = sorted((name for name in outputs if name != "still@1"), key=lambda name: name.startswith("confidence"))
        made = {name: outputs[name] for name in names}
        return cls({"source": clip.frames[0], f"driver, frame {frame}": clip.frames[frame], **made})


def write_sheet(path: Path, rows: Sequence[SheetRow]) -> None:
    """Write all rows as one picture: JPEG where the name ends so, else PNG.

    Raises:
        EnvironmentProblem: the file cannot be written.
    """
    columns = max(len(row.pictures) for row in rows)
    sheet = Image.new("RGB", (columns * CELL_PX, len(rows) * (CELL_PX + CAPTION_PX)), "white")
    draw = ImageDraw.Draw(sheet)
    for y, row in enumerate(rows):
        for x, (caption, picture) in enumerate(row.pictures.items()):
            corner = (x * CELL_PX, y * (CELL_PX + CAPTION_PX))
            draw.text((corner[0] + 4, corner[1] + 2), caption, fill="black")
            cell = Image.fromarray(picture).resize((CELL_PX, CELL_PX), Image.Resampling.LANCZOS)
            sheet.paste(cell, (corner[0], corner[1] + CAPTION_PX))
    try:
        sheet.save(path, format="JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else "PNG", quality=90)
    except OSError as error:
        raise EnvironmentProblem(
            f"The contact sheet {path.name} could not be written.",
            why=f"{error.strerror or error}: {path.parent}.",
            fix="Choose a folder that exists, that you can write to and that has room.",
        ) from error

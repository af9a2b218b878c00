"""Reads the manifest.csv of a folder of clips, which may come from anywhere."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

MAX_MANIFEST_BYTES = 64 * 1024**2


class UnusableManifest(Exception):
    """What is wrong with the manifest, one sentence; on its way to an error for people."""


def read_manifest(folder: Path, columns: Collection[str]) -> dict[str, Mapping[str, str]]:
    """Rows by file name; `columns` must be there, and `file`.

    Raises:
        UnusableManifest: it is missing, too large, no CSV, or lacks a column.
    """
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        raise UnusableManifest("It has no manifest.csv.")
    try:
        if manifest.stat().st_size > MAX_MANIFEST_BYTES:
            raise UnusableManifest(f"Its manifest.csv is larger than {MAX_MANIFEST_BYTES // 1024**2} MB.")
        with manifest.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if not {"file", *columns} <= set(reader.fieldnames or ()):
                wanted = " and ".join(f"`{name}`" for name in ("file", *columns))
                raise UnusableManifest(f"Its manifest.csv has no column{'s' if columns else ''} {wanted}.")
            rows = [{key: text for key, text in row.items() if isinstance(text, str)} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableManifest("Its manifest.csv cannot be read.") from error
    return {row["file"]: row for row in rows if row.get("file")}

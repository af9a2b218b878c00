"""Pictures that are dropped or pasted, as files the rest of the program can read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from ui import strings
from ui.shown import Notice, NoticeKind

MAX_PASTED_PX = 8192
"""A pasted picture is made no larger than this."""


def not_a_picture() -> Notice:
    """What was dropped or pasted cannot be used."""
    return Notice(NoticeKind.PROBLEM, strings.NOT_A_PICTURE, strings.NOT_A_PICTURE_WHY, strings.NOT_A_PICTURE_FIX)


def paste_empty() -> Notice:
    """There is nothing to paste."""
    return Notice(NoticeKind.PROBLEM, strings.PASTE_EMPTY, strings.PASTE_EMPTY_WHY, strings.PASTE_EMPTY_FIX)


def pasted_folder() -> Path:
    """Where pictures without a file are written, so that they can be chosen again."""
    return Path(platformdirs.user_cache_dir("understudy", appauthor=False)) / "pasted"


def can_take(mime: QMimeData) -> bool:
    """Whether letting go here makes sense."""
    return mime.hasImage() or mime.hasUrls()


def picture_from(mime: QMimeData, folder: Path) -> Path | Notice:
    """The first file, or the picture itself written to `folder`; or what to tell the person."""
    for url in mime.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    if mime.hasImage():
        return _write(QImage(mime.imageData()), folder)
    return not_a_picture()


def _write(picture: QImage, folder: Path) -> Path | Notice:
    if picture.isNull() or max(picture.width(), picture.height()) > MAX_PASTED_PX:
        return not_a_picture()
    unsaved = Notice(
        NoticeKind.PROBLEM,
        strings.PASTE_UNSAVED,
        strings.PASTE_UNSAVED_WHY.format(folder=folder),
        strings.PASTE_UNSAVED_FIX,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="pasted-", suffix=".png", dir=folder)
        os.close(handle)
    except OSError:
        return unsaved
    return Path(name) if picture.save(name) else unsaved

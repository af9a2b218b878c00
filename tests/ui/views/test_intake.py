from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from ui.shown import Notice
from ui.views.intake import MAX_PASTED_PX, can_take, picture_from


def mime_of(*urls: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def mime_with(picture: QImage) -> QMimeData:
    mime = QMimeData()
    mime.setImageData(picture)
    return mime


def test_the_first_local_file_is_taken(tmp_path: Path) -> None:
    mime = mime_of("https://example.org/a.png", (tmp_path / "b.png").as_uri(), (tmp_path / "c.png").as_uri())

    assert picture_from(mime, tmp_path) == tmp_path / "b.png"


def test_a_link_is_explained(tmp_path: Path) -> None:
    result = picture_from(mime_of("https://example.org/a.png"), tmp_path)

    assert isinstance(result, Notice)
    assert result.what == "What you dropped or pasted is not a picture on this computer."
    assert result.fix == "Save the picture to a file first, then drop that file."


def test_text_is_not_taken() -> None:
    mime = QMimeData()
    mime.setText("hello")

    assert not can_take(mime)


def test_a_picture_without_a_file_is_written_to_one(qt_app: QApplication, tmp_path: Path) -> None:
    picture = QImage(8, 4, QImage.Format.Format_RGB32)
    picture.fill(QColor("green"))

    path = picture_from(mime_with(picture), tmp_path / "new")

    assert isinstance(path, Path)
    assert QImage(str(path)).pixelColor(3, 3) == QColor("green")


def test_a_picture_that_is_far_too_large_is_refused(qt_app: QApplication, tmp_path: Path) -> None:
    picture = QImage(MAX_PASTED_PX + 1, 1, QImage.Format.Format_RGB32)

    assert isinstance(picture_from(mime_with(picture), tmp_path), Notice)


def test_a_folder_that_cannot_be_written_is_explained(qt_app: QApplication, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    picture = QImage(8, 4, QImage.Format.Format_RGB32)

    result = picture_from(mime_with(picture), blocked / "pasted")

    assert isinstance(result, Notice)
    assert result.what == "The pasted picture could not be kept."

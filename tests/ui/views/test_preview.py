from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QSizeF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QPushButton

from tests.ui.conftest import settle
from ui.shown import Picture, PreviewMessage
from ui.views.preview import CORNER, PreviewView, fitted

WIDTH, HEIGHT = 320, 180
INSET = int(CORNER)
"""The rounded corners cover this much of the picture's corners."""


@pytest.fixture
def preview(qt_app: QApplication) -> Iterator[PreviewView]:
    """A preview of exactly the frame's size."""
    view = PreviewView()
    view.resize(WIDTH, HEIGHT)
    view.show()
    yield view
    view.close()
    view.deleteLater()
    settle(qt_app)


def some_picture(height: int = HEIGHT, width: int = WIDTH) -> Picture:
    picture = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    picture.flags.writeable = False
    return picture


def painted(view: PreviewView) -> Picture:
    """What the view paints, as RGB."""
    image = QImage(view.size(), QImage.Format.Format_RGB888)
    image.fill(QColor("magenta"))
    view.render(image)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def without_corners(picture: Picture) -> Picture:
    cut = picture.copy()
    for rows in (slice(0, INSET), slice(-INSET, None)):
        for columns in (slice(0, INSET), slice(-INSET, None)):
            cut[rows, columns] = 0
    return cut


def test_the_pixels_of_the_preview_are_those_of_the_frame(preview: PreviewView) -> None:
    picture = some_picture()

    preview.show_frame(picture)

    np.testing.assert_array_equal(without_corners(painted(preview)), without_corners(picture))


def test_a_mirror_shows_the_frame_the_other_way_round_and_only_when_asked(preview: PreviewView) -> None:
    picture = some_picture()
    preview.show_frame(picture)

    preview.set_mirror(True)
    np.testing.assert_array_equal(without_corners(painted(preview)), without_corners(picture[:, ::-1]))

    preview.set_mirror(False)
    np.testing.assert_array_equal(without_corners(painted(preview)), without_corners(picture))


def test_a_frame_whose_rows_are_no_multiple_of_four_bytes_is_not_skewed(preview: PreviewView) -> None:
    picture = some_picture(height=90, width=161)
    preview.resize(320, 180)

    preview.show_frame(picture)

    assert preview.stage().width() == pytest.approx(320, abs=2)
    frame = preview._frame
    assert frame is not None
    assert QColor(frame.pixel(160, 89)).getRgb()[:3] == tuple(picture[89, 160])


def test_changing_the_array_afterwards_does_not_change_the_screen(preview: PreviewView) -> None:
    picture = some_picture().copy()
    before = picture.copy()
    preview.show_frame(picture)

    picture[:] = 0

    np.testing.assert_array_equal(without_corners(painted(preview)), without_corners(before))


def test_a_tall_window_shows_the_whole_frame_between_bars(preview: PreviewView) -> None:
    preview.resize(320, 320)
    preview.show_frame(np.full((180, 320, 3), 200, np.uint8))

    shown = painted(preview)

    assert (shown[70:250, 20:300] == 200).all()
    assert not (shown[:60] == 200).any()


def test_words_cover_the_frame_and_leave_again(preview: PreviewView) -> None:
    preview.show_frame(np.full((HEIGHT, WIDTH, 3), 200, np.uint8))
    preview.show_message(PreviewMessage("Getting ready…", "A few seconds."))
    assert not (painted(preview) == 200).all(axis=2).any()

    preview.show_message(None)

    assert (painted(preview)[40:140, 20:300] == 200).all()


def test_trying_again_is_offered_only_when_it_makes_sense(preview: PreviewView) -> None:
    pressed: list[int] = []
    preview.retry_pressed.connect(lambda: pressed.append(1))
    button = preview.findChild(QPushButton)
    preview.show_message(PreviewMessage("Getting ready…", "A few seconds."))
    assert not button.isVisible()

    preview.show_message(PreviewMessage("The picture stopped", "Press it.", retry=True))
    button.click()

    assert button.isVisible()
    assert pressed == [1]


def test_a_still_picture_stands_behind_the_words(preview: PreviewView, tmp_path: Path) -> None:
    still = QImage(64, 36, QImage.Format.Format_RGB32)
    still.fill(QColor(250, 0, 0))
    path = tmp_path / "still.png"
    assert still.save(str(path))

    preview.show_message(PreviewMessage("", "", picture=path))

    red, green, blue = painted(preview)[90, 160]
    assert red > 60
    assert green < 30
    assert blue < 30


def test_a_still_picture_that_cannot_be_read_leaves_the_words(preview: PreviewView, tmp_path: Path) -> None:
    (tmp_path / "still.png").write_text("no picture")

    preview.show_message(PreviewMessage("Preparing…", "A moment.", picture=tmp_path / "still.png"))

    assert painted(preview).shape == (HEIGHT, WIDTH, 3)


def test_frames_under_a_message_do_not_repaint(preview: PreviewView, qt_app: QApplication) -> None:
    preview.show_message(PreviewMessage("Getting ready…", ""))
    qt_app.processEvents()
    paints: list[int] = []

    class Counted(PreviewView):
        def event(self, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                paints.append(1)
            return super().event(event)

    view = Counted()
    view.resize(WIDTH, HEIGHT)
    view.show()
    view.show_message(PreviewMessage("Getting ready…", ""))
    qt_app.processEvents()
    before = len(paints)

    view.show_frame(some_picture())
    qt_app.processEvents()

    assert len(paints) == before
    view.close()
    view.deleteLater()


@pytest.mark.parametrize(("room", "expected"), [((320, 180), (0, 0, 320, 180)), ((400, 180), (40, 0, 320, 180))])
def test_a_picture_is_centred_at_the_largest_size_that_fits(
    room: tuple[int, int], expected: tuple[int, int, int, int]
) -> None:
    assert fitted(QSizeF(1280, 720), QSizeF(*room)).getRect() == expected

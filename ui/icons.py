"""Own-drawn icons: SVG files in assets/icons, coloured by the theme, sharp at every scale."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme import ASSETS

ICONS = ASSETS / "icons"
SCALES = (1.0, 1.5, 2.0, 3.0)
"""Device pixel ratios for which an icon is drawn ahead; Qt takes the nearest larger one."""


def icon(name: str, colour: str, size: int = 20) -> QIcon:
    """The icon `name` in one colour ("#rrggbb"), for buttons."""
    result = QIcon()
    for scale in SCALES:
        result.addPixmap(pixmap(name, colour, size, scale))
    return result


def pixmap(name: str, colour: str, size: int, scale: float) -> QPixmap:
    """The icon `name` as a square of `size` logical pixels for one device pixel ratio."""
    svg = (ICONS / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def app_icon() -> QIcon:
    """The program's own icon."""
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(pixmap("understudy", "", size, 1.0))
    return result

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from ui.icons import ICONS, pixmap
from ui.options import ColourScheme
from ui.shown import Badge
from ui.theme import DARK, LIGHT, Theme, apply_theme, current_theme

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = QColor(colour).getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


@THEMES
def test_text_is_readable_on_every_ground_it_stands_on(theme: Theme) -> None:
    pairs = [(text, ground) for text in (theme.text, theme.muted) for ground in (theme.window, theme.panel)]
    pairs += [(theme.text, ground) for ground in (theme.field, theme.hover, theme.problem, theme.info)]
    pairs += [(theme.on_accent, theme.accent), (theme.accent, theme.panel), (theme.danger, theme.panel)]
    pairs += [(theme.window, theme.away), (theme.held, theme.window), (theme.accent, theme.window)]
    pairs += [(theme.danger, ground) for ground in (theme.window, theme.field, theme.problem)]
    pairs += [(theme.muted, ground) for ground in (theme.field, theme.hover)]

    assert [(pair, contrast(*pair)) for pair in pairs if contrast(*pair) < 4.5] == []


@THEMES
def test_the_ring_of_the_keyboard_and_what_is_drawn_stand_out(theme: Theme) -> None:
    drawn = (theme.focus, theme.muted, theme.accent, theme.live, theme.danger)
    pairs = [(colour, ground) for colour in drawn for ground in (theme.window, theme.panel, theme.field)]

    assert [(pair, contrast(*pair)) for pair in pairs if contrast(*pair) < 3.0] == []


@THEMES
def test_every_badge_has_a_readable_colour(theme: Theme) -> None:
    weak = [badge for badge in Badge if contrast(getattr(theme, badge.value), theme.window) < 4.5]

    assert weak == []


@THEMES
def test_the_style_sheet_takes_all_its_colours_from_the_theme(qt_app: QApplication, theme: Theme) -> None:
    apply_theme(qt_app, theme)

    assert theme.accent in qt_app.styleSheet()
    assert "$" not in qt_app.styleSheet()


@pytest.mark.parametrize("path", sorted(ICONS.glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_draws_something_at_every_scale(qt_app: QApplication, path: object) -> None:
    name = path.stem  # type: ignore[attr-defined]
    for scale in (1.0, 2.0):
        image = pixmap(name, "#ff0000", 20, scale).toImage()
        assert image.width() == 20 * scale
        assert any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_a_fixed_wish_wins_over_the_system(qt_app: QApplication) -> None:
    assert current_theme(ColourScheme.DARK) is DARK
    assert current_theme(ColourScheme.LIGHT) is LIGHT

"""The two looks of the window: a restrained palette each, and one style sheet filled in from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.options import ColourScheme

ASSETS = Path(__file__).resolve().parents[1] / "assets"
STYLE = ASSETS / "style"


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for; text on `window`, `panel` and `field` has at least 4.5 : 1 contrast."""

    name: str
    window: str
    panel: str
    field: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    focus: str
    live: str
    held: str
    idle: str
    away: str
    starting: str
    stopped: str
    danger: str
    problem: str
    info: str


DARK = Theme(
    name="dark",
    window="#15171b",
    panel="#1c1f25",
    field="#282c35",
    hover="#323743",
    border="#3a404c",
    text="#eceef2",
    muted="#a2a9b6",
    accent="#7aa7ff",
    on_accent="#0e1420",
    focus="#a9c6ff",
    live="#3ecf8e",
    held="#f2b84b",
    idle="#8ab4f8",
    away="#b9a3e8",
    starting="#a2a9b6",
    stopped="#a2a9b6",
    danger="#ff7b73",
    problem="#3b2526",
    info="#1f2d40",
)

LIGHT = Theme(
    name="light",
    window="#f3f4f6",
    panel="#ffffff",
    field="#ffffff",
    hover="#eceef2",
    border="#cfd4dc",
    text="#1b1e24",
    muted="#596070",
    accent="#2a62d6",
    on_accent="#ffffff",
    focus="#2a62d6",
    live="#12744a",
    held="#8f5400",
    idle="#2a62d6",
    away="#6a4fb3",
    starting="#596070",
    stopped="#596070",
    danger="#c4302b",
    problem="#fdeceb",
    info="#e8f0fd",
)


def current_theme(scheme: ColourScheme) -> Theme:
    """The theme for a wish; SYSTEM follows the system, and is light where the system does not say."""
    if scheme is ColourScheme.SYSTEM:
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    else:
        dark = scheme is ColourScheme.DARK
    return DARK if dark else LIGHT


def wish_scheme(scheme: ColourScheme) -> None:
    """Tell the system, for what it draws itself (title bar, file dialogs)."""
    wanted = {
        ColourScheme.SYSTEM: Qt.ColorScheme.Unknown,
        ColourScheme.LIGHT: Qt.ColorScheme.Light,
        ColourScheme.DARK: Qt.ColorScheme.Dark,
    }[scheme]
    QGuiApplication.styleHints().setColorScheme(wanted)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Colour the whole program."""
    app.setPalette(_palette(theme))
    sheet = Template((STYLE / "window.qss").read_text(encoding="utf-8"))
    app.setStyleSheet(sheet.substitute(asdict(theme), style=STYLE.as_posix()))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.field,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.field,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.panel,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette

"""The browser source a run was asked for, with a token that OBS need not be told again."""

from __future__ import annotations

from app.output.destinations import BROWSER_PORT, BrowserWish
from app.remote.token_file import kept_token
from app.settings_file import default_settings_path

TOKEN_FILE = "browser-source-token"


def browser_wish(port: int | None, *, remembered: bool = True) -> BrowserWish | None:
    """A browser source at `port`; None where none is asked for.

    remembered: False takes a token for this run alone.

    Raises:
        EnvironmentProblem: the token cannot be saved.
    """
    if port is None:
        return None
    if not remembered:
        return BrowserWish(port)
    what = "The browser source could not be started."
    return BrowserWish(port, kept_token(default_settings_path().with_name(TOKEN_FILE), what))


def usual_browser_wish() -> BrowserWish:
    """What the window's switch asks for."""
    wish = browser_wish(BROWSER_PORT)
    assert wish is not None  # a port was given
    return wish

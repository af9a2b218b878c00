"""Where the weights lie that a person has added. Light: nothing is loaded to know it."""

from __future__ import annotations

import os
from pathlib import Path

from app.support.identity import NAME

OWN_WEIGHTS = "UNDERSTUDY_WEIGHTS"
"""Environment variable: a folder with weights of one's own (NAME-PRESET.safetensors), used before the shipped ones."""


def weights_folder() -> Path:
    """Where weights are put that a person adds, and looked for; need not exist yet."""
    named = os.environ.get(OWN_WEIGHTS)
    if named:
        return Path(named).expanduser()
    try:
        import platformdirs
    except ImportError:  # a rented machine with little more than torch, see `app.support.folders`
        return Path.home() / f".{NAME}" / "weights"
    return Path(platformdirs.user_data_dir(NAME, appauthor=False)) / "weights"


def own_weights() -> Path | None:
    """The folder of the person's own weights, if there is one."""
    folder = weights_folder()
    return folder if os.environ.get(OWN_WEIGHTS) or folder.is_dir() else None

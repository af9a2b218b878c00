"""The remote control of a run without a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from app.remote.token_file import default_token_path, kept_token

if TYPE_CHECKING:
    from app.avatars import Avatar
    from app.control import EngineControl
    from app.portrait import LoadedPortrait


@contextmanager
def remote_controlled(
    engine: EngineControl,
    port: int | None,
    load: Callable[[Avatar], LoadedPortrait],
    tell: Callable[[str], None],
) -> Iterator[None]:
    """Let a remote control act on `engine` meanwhile; without a port nothing listens and nothing is loaded.

    Args:
        engine: may be started and stopped inside.
        port: 0 takes any that is free.
        load: makes a portrait of an avatar.
        tell: is given the one line with the address, which holds the token.

    Raises:
        EnvironmentProblem: the port is taken, or the token cannot be kept.
    """
    if port is None:
        yield
        return
    from app.remote.server import RemoteControl  # loads aiohttp
    from app.remote.target import EngineHands, RemoteTarget

    token_path = default_token_path()
    token = kept_token(token_path)
    videos = Path(platformdirs.user_videos_dir())
    hands = EngineHands(engine, load, lambda: new_recording(videos, datetime.now()))
    control = RemoteControl(RemoteTarget(engine, hands), token, port)
    try:
        tell(listening(control.open(), token_path))
        yield
    finally:
        control.close()
        hands.close()


def listening(url: str, token_path: Path) -> str:
    """The one line that tells the token."""
    return f"Remote control: {url} (who knows this address controls the program; its token is kept in {token_path})."


def new_recording(folder: Path, now: datetime) -> Path:
    """A name in `folder` that is not in use; the folder is made if need be.

    A folder that cannot be made is the recorder's to complain about.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        pass
    stem = f"understudy-{now:%Y-%m-%d-%H%M%S}"
    path, number = folder / f"{stem}.mp4", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.mp4", number + 1
    return path

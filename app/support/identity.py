"""Who and where this program runs, as far as a log or a report must not say it."""

from __future__ import annotations

import getpass
import os
import platform
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

NAME = "understudy"
PROGRAM = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Identity:
    """Everything that is redacted because it is this person's or this machine's.

    homes: home folders, as they may be written. users, hosts: names. places: folders that may be named, and how.
    """

    homes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()


def this_identity() -> Identity:
    """Of the person and machine the program runs for; what cannot be found out is left out."""
    homes = {str(Path.home()), os.path.realpath(Path.home()), os.environ.get("USERPROFILE", "")}
    names = {_login_name(), *_full_names(), *(Path(home).name for home in homes)}
    hosts = {socket.gethostname(), platform.node()}
    short = {host.partition(".")[0] for host in hosts}
    places = [(str(PROGRAM), "<program>"), (sys.base_prefix, "<python>"), (sys.prefix, "<python>")]
    places += [(str(folder), shown_path(folder)) for folder in own_folders()]
    return Identity(
        tuple(home for home in homes if len(home) > 1),
        tuple(name for name in names if name),
        tuple(host for host in hosts | short if host),
        tuple(places),
    )


def own_folders() -> tuple[Path, ...]:
    """The program's own folders: their names are the same for everybody, so a report may say them."""
    try:
        import platformdirs
    except ImportError:  # a rented machine with little more than torch, see `folders`
        return ()
    folders = (
        platformdirs.user_log_dir(NAME, appauthor=False),
        platformdirs.user_state_dir(NAME, appauthor=False),
        platformdirs.user_config_dir(NAME, appauthor=False),
        platformdirs.user_data_dir(NAME, appauthor=False),
        platformdirs.user_cache_dir(NAME, appauthor=False),
    )
    return tuple(dict.fromkeys(Path(folder) for folder in folders))


def shown_path(path: Path) -> str:
    """A path as a person can open it that does not say whose it is: from ~ on, or from %USERPROFILE% on Windows."""
    try:
        inside = path.relative_to(Path.home())
    except ValueError:
        return str(path)
    return f"%USERPROFILE%\\{inside}" if sys.platform == "win32" else f"~/{inside}"


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container whose user has no entry anywhere
        return ""


def _full_names() -> tuple[str, ...]:
    """The person's name where the system keeps one, whole and in parts of three letters or more."""
    if sys.platform == "win32":
        return ()
    import pwd

    try:
        full = pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0].strip()
    except KeyError:
        return ()
    return (full, *(part for part in full.split() if len(part) > 2))

"""Where finished pictures can go beside the virtual camera and a file: values, checked, light to import.

Both hold a secret, the browser source's token and the stream's key; neither ever shows it in its `repr`, so that no
log line and no report can tell it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from app.errors import UsageProblem

LOOPBACK = "127.0.0.1"

BROWSER_PORT = 28411
"""Where the browser source listens unless told otherwise: always the same, because OBS remembers the address."""

REMOTE_PORT = 28412
"""The same for the remote control: stream decks remember it too."""

TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{22,86}")
"""At least 128 bits, in characters that an address can hold."""

SCHEMES = ("rtmp", "rtmps", "srt", "whip", "whips")
"""What a stream may be sent with; anything else could read files or open ports (libavformat knows dozens)."""

_PORTS = {"rtmp": 1935, "rtmps": 443, "whip": 80, "whips": 443}
_SRT_OPTIONS = frozenset({"streamid", "passphrase", "pbkeylen", "latency", "mode"})
MAX_ADDRESS = 2048
MAX_ADDRESS_FILE = 8192

WHAT = "This address cannot be streamed to."
_FIX = "Use rtmp://HOST/APP/KEY, rtmps://HOST/APP/KEY, srt://HOST:PORT or whips://KEY@HOST/PATH."


def new_token() -> str:
    """A secret for one run, 256 bits of it."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class BrowserWish:
    """A browser source on this machine. port: 0 takes any that is free."""

    port: int = BROWSER_PORT
    token: str = field(default_factory=new_token, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"a port is between 0 and 65535, got {self.port}")
        if not TOKEN_PATTERN.fullmatch(self.token):
            raise ValueError("a token has 22 to 86 letters, digits, - and _")

    def url(self, port: int) -> str:
        """What is pasted into OBS, for the port that was opened."""
        return f"http://{LOOPBACK}:{port}/{self.token}/"


@dataclass(frozen=True)
class StreamTarget:
    """A server that takes a live stream: rtmp://, rtmps://, srt://, whip:// or whips://. Make it with `parse`."""

    address: str = field(repr=False)
    shown: str
    """The address as people may see it, without key, password or passphrase."""

    @property
    def scheme(self) -> str:
        """In small letters."""
        return self.address.partition(":")[0].lower()

    @classmethod
    def parse(cls, text: str) -> StreamTarget:
        """Check an address a person gave.

        Raises:
            UsageProblem: it is of another kind, has no host, or would do more than send. Nothing of it is repeated
                in the sentence but its kind: it may hold a key.
        """
        if len(text) > MAX_ADDRESS or any(not " " < letter < "\x7f" for letter in text):
            raise _refused("It is too long, or holds spaces or special characters.")
        scheme, found, _ = text.partition("://")
        if not found or scheme.lower() not in SCHEMES:
            raise _refused(_kind_refused(scheme if found else ""))
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise _refused("Its host or port is not one.") from None
        if not host:
            raise _refused("It names no host.")
        scheme = scheme.lower()
        if scheme == "srt":
            _require_harmless(parts.query, port)
        place = f"{host}:{port}" if port and port != _PORTS.get(scheme) else host
        app = parts.path.split("/")[1] if scheme.startswith("rtmp") and parts.path.count("/") > 1 else ""
        return cls(text, f"{scheme}://{place}/{app}/…" if app else f"{scheme}://{place}")


def stream_target(text: str) -> StreamTarget:
    """What `--stream` says: an address, or @FILE with the address in its first line, out of sight of other people.

    Raises:
        UsageProblem: the file cannot be read, or the address cannot be used.
    """
    if not text.startswith("@"):
        return StreamTarget.parse(text)
    path = Path(text[1:])
    try:
        with path.open("rb") as file:
            content = file.read(MAX_ADDRESS_FILE).decode("ascii", "replace")
    except OSError as error:
        raise UsageProblem(
            f"{path} cannot be read.",
            why=f"The system says: {error.strerror or type(error).__name__}.",
            fix="Name a text file that holds the stream's address.",
        ) from error
    return StreamTarget.parse(content.split("\n", 1)[0].strip())


def _kind_refused(scheme: str) -> str:
    if scheme.lower() in ("http", "https"):
        return "The address of a WHIP server begins with whips:// here, and a key stands before an @."
    shown = scheme if re.fullmatch(r"[a-z0-9+.-]{1,16}", scheme.lower()) else "none"
    return f"It is of the kind {shown!r}."


def _require_harmless(query: str, port: int | None) -> None:
    """An SRT address can make libavformat listen to the network, which a sender never needs."""
    if port is None:
        raise _refused("An SRT address needs a port.")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(set(options) - _SRT_OPTIONS)
    if unknown:
        raise _refused("It has options beside streamid, passphrase, pbkeylen, latency and mode.")
    if options.get("mode", "caller") != "caller":
        raise _refused("Its mode is not caller: this program only sends, and listens to nobody.")


def _refused(why: str) -> UsageProblem:
    return UsageProblem(WHAT, why=why, fix=_FIX)

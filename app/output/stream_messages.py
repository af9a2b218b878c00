"""What the program and the streaming process say to each other through their pipe, and how that process is set up."""

from __future__ import annotations

from dataclasses import dataclass, field

WHIP = "whip"
"""In place of a container's name."""


@dataclass(frozen=True)
class StreamOptions:
    """How a stream is made.

    address: may hold a key, so it is never shown. container: libavformat's name, or `WHIP`. size: (h, w), even sides.
    """

    address: str = field(repr=False)
    container: str
    size: tuple[int, int] = (720, 1280)
    fps: float = 30.0
    kbit_s: int = 3000


@dataclass(frozen=True)
class FrameReady:
    """Program -> sender: frame `number` is in the ring; it is seen at `t_seen_ns`.

    sound: first and last + 1 of the samples that are in the ring of sound since the connection was made; (0, 0): none.
    """

    number: int
    t_seen_ns: int
    sound: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class EndStream:
    """Program -> sender: say goodbye to the server and end."""


@dataclass(frozen=True)
class StreamOpened:
    """Sender -> program: the server takes the stream."""


@dataclass(frozen=True)
class StreamFailed:
    """Sender -> program: it could not be opened or was lost; the process ends.

    kind: name of the exception. number: errno where there is one. text: the system's own words, without any address.
    """

    kind: str
    number: int | None
    text: str


@dataclass(frozen=True)
class FrameSent:
    """Sender -> program: frame `number` and all before it were sent or skipped."""

    number: int

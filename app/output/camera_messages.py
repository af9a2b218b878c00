"""What the program and the keeper say to each other through their pipe, and how the keeper is set up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KeeperOptions:
    """How the keeper opens and holds the virtual camera.

    size: (h, w) of the pictures, even sides.
    device: a camera's name or device path; None takes the first that works.
    backend: a pyvirtualcam backend; None tries all there are.
    backend_loader: "package.module:function", called in the keeper before the camera is opened, to register a
        backend of one's own.
    away_after_s: the away card is shown when no frame came for so long.
    orphan_s: how long the keeper goes on showing the card after the program has died without saying so: long enough
        to notice, to start it again and for it to load.
    notes: the folder in which an orphaned keeper can be found by the next program; None leaves it alone.
    """

    size: tuple[int, int] = (720, 1280)
    fps: float = 30.0
    device: str | None = None
    backend: str | None = None
    backend_loader: str | None = None
    away_after_s: float = 1.0
    orphan_s: float = 300.0
    notes: Path | None = None

    def __post_init__(self) -> None:
        if self.size[0] % 2 or self.size[1] % 2 or min(self.size) < 2:
            raise ValueError(f"the virtual camera needs even sides, got {self.size[1]}x{self.size[0]}")
        if not 1 <= self.fps <= 120:
            raise ValueError(f"frame rate must be between 1 and 120, got {self.fps:g}")


@dataclass(frozen=True)
class FramePublished:
    """Program -> keeper: frame `number` is in the ring since `t_published_ns` of the one clock."""

    number: int
    t_published_ns: int


@dataclass(frozen=True)
class CardReplaced:
    """Program -> keeper: the card's slot holds another away card; answer with `CardTaken`."""


@dataclass(frozen=True)
class CloseCamera:
    """Program -> keeper: close the camera and end."""


@dataclass(frozen=True)
class CameraOpened:
    """Keeper -> program: the camera is open and shows the card."""

    device: str
    backend: str
    pixel_format: str


@dataclass(frozen=True)
class CameraFailed:
    """Keeper -> program: the camera could not be opened, or refused a frame; the keeper ends."""

    text: str


@dataclass(frozen=True)
class FrameTaken:
    """Keeper -> program: the camera was given frame `number` at `t_sent_ns`; those before it came earlier or never."""

    number: int
    t_sent_ns: int


@dataclass(frozen=True)
class CardTaken:
    """Keeper -> program: the card was read, its slot may be filled again."""


ToKeeper = FramePublished | CardReplaced | CloseCamera
FromKeeper = CameraOpened | CameraFailed | FrameTaken | CardTaken

"""What a view shows, as plain frozen values: presenters make them, views only paint them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.doctor.findings import Finding
from app.governor.levels import QualityWish
from app.picture_box import Box

Picture = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""


class Badge(Enum):
    """The one word that says what others see; the value names its colour in the theme."""

    STARTING = "starting"
    STOPPED = "stopped"
    LIVE = "live"
    HELD = "held"
    IDLE = "idle"
    AWAY = "away"


@dataclass(frozen=True)
class StatusLine:
    """Badge and sentence under the preview."""

    badge: Badge
    word: str
    sentence: str


@dataclass(frozen=True)
class HealthLine:
    """Figures, what they mean, and a sentence where something is slow; all may be empty."""

    figures: str
    hint: str
    slow: str


@dataclass(frozen=True)
class LiveLine:
    """Whether others see the portrait, and what they see in words."""

    live: bool
    text: str
    trouble: bool = False


@dataclass(frozen=True)
class CameraLine:
    """What comes from the camera, in words."""

    text: str
    trouble: bool = False


@dataclass(frozen=True, eq=False)
class DriverSeen:
    """Where the camera sees the face, as lines. shape: width over height of its pictures.

    Shapes:
        lines: (n, 2) float32 each, shares of width and height; none where no face was found.
    """

    lines: tuple[npt.NDArray[np.float32], ...]
    shape: float = 16 / 9


@dataclass(frozen=True)
class PreviewMessage:
    """Words over the preview while there is no frame, with a still picture behind them where one is known."""

    title: str
    text: str
    picture: Path | None = None
    retry: bool = False


@dataclass(frozen=True)
class AvatarTile:
    """One portrait in the gallery; `key` finds it again. picture: shown large while it is being prepared."""

    key: str
    name: str
    thumbnail: Path | None
    own: bool = False
    picture: Path | None = None


@dataclass(frozen=True)
class CameraEntry:
    """One line of the camera list; `hint` tells cameras of the same name apart."""

    label: str
    hint: str = ""


@dataclass(frozen=True)
class VirtualCameraLine:
    """State of the virtual camera; `trouble` offers the explanation."""

    wanted: bool
    text: str
    trouble: bool = False


@dataclass(frozen=True)
class RemoteLine:
    """State of the remote control; address: as it may be seen, without its token, while it listens."""

    wanted: bool
    text: str
    address: str = ""


@dataclass(frozen=True)
class QualityLine:
    """What was chosen, and what is shown instead, or why the picture is slow."""

    wish: QualityWish
    text: str


@dataclass(frozen=True)
class ModelEntry:
    """One model in the list, by its name in the program and by the one for people."""

    name: str
    label: str


@dataclass(frozen=True)
class ModelLine:
    """The models that can be chosen, and which of them is."""

    entries: tuple[ModelEntry, ...]
    selected: int


@dataclass(frozen=True, eq=False)
class Framing:
    """A picture of one's own that can be cut. animated: what moves; it may reach beyond. face: what no cut leaves out.

    Shapes:
        picture: (H, W, 3) uint8 RGB.
    """

    key: str
    name: str
    picture: Picture
    animated: Box
    face: Box


@dataclass(frozen=True, eq=False)
class StagePicture:
    """What one stage decided, as a picture.

    Shapes:
        picture: (H, W, 3) uint8 RGB.
    """

    name: str
    hint: str
    picture: Picture


@dataclass(frozen=True, eq=False)
class StagesState:
    """The page of the stages; no pictures where the model has no stages, or none came yet."""

    pictures: tuple[StagePicture, ...]
    text: str


@dataclass(frozen=True)
class GuideStep:
    """One of the first steps, counted from 1; done: what it asks for has happened. at_side: it is in the side panel."""

    number: int
    count: int
    title: str
    text: str
    done: bool
    at_side: bool = False


@dataclass(frozen=True)
class ClipLine:
    """One motion clip in the list."""

    path: Path
    name: str
    length: str
    own: bool
    playing: bool


@dataclass(frozen=True)
class ClipsState:
    """The page of recorded movement. recording: its length so far; None: nothing is recorded."""

    clips: tuple[ClipLine, ...]
    recording: str | None
    can_record: bool
    text: str


class CapturePhase(Enum):
    """Where guided capture is."""

    CLOSED = "closed"
    REFUSED = "refused"
    STARTING = "starting"
    ASKING = "asking"
    FOUND = "found"
    SAVING = "saving"
    KEPT = "kept"


@dataclass(frozen=True)
class CaptureShot:
    """One picture that was picked; goal: what it shows, as in `app.guided_capture.goals.Goal`."""

    goal: str
    label: str
    picture: Picture


@dataclass(frozen=True)
class CaptureState:
    """The page of guided capture. asked: the sentence; found: that it was seen; share: of the time that is over.

    shots: what was picked; missing: what was not, and why; can_keep: enough for an avatar.
    """

    phase: CapturePhase
    asked: str = ""
    found: str = ""
    share: float = 0.0
    shots: tuple[CaptureShot, ...] = ()
    missing: tuple[str, ...] = ()
    can_keep: bool = False


class ReferencesPhase(Enum):
    """Where the page of an avatar's further pictures is."""

    CLOSED = "closed"
    LISTED = "listed"
    LOOKING = "looking"
    FOUND = "found"
    SAVING = "saving"


@dataclass(frozen=True, eq=False)
class ReferenceShot:
    """One further picture, small; two are the same only if they are one. name: finds one that is kept again."""

    name: str
    label: str
    picture: Picture


@dataclass(frozen=True)
class ReferencesState:
    """The page of the further pictures of the avatar called `name`.

    shots: those it has, or while FOUND those that are proposed. refused: what was not taken, and why.
    share: of the search that is over.
    """

    phase: ReferencesPhase
    name: str
    sentence: str
    shots: tuple[ReferenceShot, ...] = ()
    refused: tuple[str, ...] = ()
    share: float = 0.0


@dataclass(frozen=True)
class LikenessQuestion:
    """Whose right to the likeness is asked for."""

    name: str


@dataclass(frozen=True)
class SoundChoice:
    """One list of devices."""

    labels: tuple[str, ...]
    selected: int


@dataclass(frozen=True)
class SoundLists:
    """The three lists of the sound panel."""

    microphone: SoundChoice
    output: SoundChoice
    monitor: SoundChoice


@dataclass(frozen=True)
class SoundLine:
    """The meter, both values from 0 to 1, and the words under it. on: a microphone is wanted."""

    on: bool
    muted: bool
    level: float
    peak: float
    text: str
    trouble: bool = False


@dataclass(frozen=True)
class BrowserLine:
    """State of the browser source; listens: there is an address to copy."""

    wanted: bool
    text: str
    trouble: bool = False
    listens: bool = False


class NoticeKind(Enum):
    """How a message looks."""

    PROBLEM = "problem"
    INFO = "info"


@dataclass(frozen=True)
class Notice:
    """One message in the bar: what, why, fix. `folder` offers to open it, `copy` to copy it. index counts from 1."""

    kind: NoticeKind
    what: str
    why: str
    fix: str
    folder: Path | None = None
    copy: str = ""
    index: int = 1
    count: int = 1


@dataclass(frozen=True)
class DoctorState:
    """The doctor's page: findings so far, whether more come, whether there is a report to copy."""

    findings: tuple[Finding, ...]
    running: bool
    can_copy: bool

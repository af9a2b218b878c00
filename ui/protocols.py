"""What the presenter and the views know of each other: plain values, what a view can show, what a person can want.

Views are dumb: every `show_...` sets what is seen and reports nothing back; every wish goes through `Intents`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.audio.devices import DeviceList
from app.capture.base import CameraDescription
from app.doctor.findings import Finding
from app.governor.levels import QualityWish
from app.portrait import LoadedPortrait
from app.settings import BackgroundMode, FitMode, MotionSettings, OutputSettings

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
    """Badge, sentence and figures under the preview; `rates` is empty while nothing was measured."""

    badge: Badge
    word: str
    sentence: str
    rates: str = ""
    rates_hint: str = ""


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


class MainView(Protocol):
    """The whole window, as the presenter sees it. Called on the GUI thread only."""

    def show_frame(self, picture: Picture) -> None:
        """Show the newest frame, never mirrored in data; the array is never written again."""
        ...

    def show_message(self, message: PreviewMessage | None) -> None:
        """Cover the preview with words, or uncover it."""
        ...

    def show_status(self, line: StatusLine) -> None: ...

    def show_avatars(self, tiles: Sequence[AvatarTile], selected: str | None) -> None: ...

    def show_cameras(self, entries: Sequence[CameraEntry], selected: int, *, searching: bool) -> None: ...

    def show_virtual_camera(self, line: VirtualCameraLine) -> None: ...

    def show_sound_devices(self, lists: SoundLists) -> None: ...

    def show_sound(self, line: SoundLine) -> None: ...

    def show_recording(self, length: str | None) -> None:
        """None: not recording."""
        ...

    def show_paused(self, paused: bool) -> None:
        """Whether the recording waits."""
        ...

    def show_browser_source(self, line: BrowserLine) -> None: ...

    def show_away(self, away: bool) -> None: ...

    def show_mirror(self, mirror: bool) -> None: ...

    def show_motion(self, motion: MotionSettings) -> None: ...

    def show_output(self, output: OutputSettings) -> None: ...

    def show_quality(self, line: QualityLine) -> None: ...

    def show_notice(self, notice: Notice | None) -> None: ...

    def show_remote(self, line: RemoteLine) -> None: ...

    def show_question(self, question: LikenessQuestion | None) -> None:
        """Ask for the right to a likeness beside everything else, or ask nothing."""
        ...

    def ask_portrait(self) -> None:
        """Let a person choose a file; answers through `Intents.picture_chosen`."""
        ...

    def ask_video(self) -> None:
        """Answers through `Intents.video_chosen`; leaving the dialog through `video_refused`."""
        ...

    def ask_background(self) -> None:
        """Answers through `Intents.background_picture_chosen` or `background_refused`."""
        ...

    def open_folder(self, folder: Path) -> None: ...

    def show_doctor(self, state: DoctorState) -> None:
        """Open the doctor's page, or bring it up to date."""
        ...

    def show_capture(self, state: CaptureState) -> None:
        """Open the page of guided capture, bring it up to date, or close it."""
        ...

    def copy_text(self, text: str) -> None:
        """Put a text into the clipboard."""
        ...

    def restore_geometry(self, geometry: str) -> None:
        """Take a value `geometry` once gave; nonsense is ignored."""
        ...

    def geometry_text(self) -> str:
        """Where the window is, as text for the settings."""
        ...


class PortraitIntents(Protocol):
    """Wishes about who is shown."""

    def add_picture(self) -> None: ...

    def picture_chosen(self, path: Path) -> None: ...

    def picture_not_usable(self, notice: Notice) -> None: ...

    def avatar_chosen(self, key: str) -> None: ...

    def likeness_confirmed(self) -> None: ...

    def likeness_refused(self) -> None: ...


class CameraIntents(Protocol):
    """Wishes about the camera."""

    def camera_chosen(self, index: int) -> None: ...

    def cameras_wanted(self) -> None: ...

    def video_chosen(self, path: Path) -> None: ...

    def video_refused(self) -> None: ...


class OutputIntents(Protocol):
    """Wishes about what others see."""

    def virtual_camera_wanted(self, on: bool) -> None: ...

    def virtual_camera_explained(self) -> None: ...

    def record_toggled(self) -> None: ...

    def pause_toggled(self) -> None: ...

    def snapshot_wanted(self) -> None: ...

    def browser_source_wanted(self, on: bool) -> None: ...

    def browser_address_wanted(self) -> None: ...

    def record_wanted(self, on: bool) -> None: ...

    def calibrate(self) -> None: ...

    def away_wanted(self, away: bool) -> None: ...

    def away_toggled(self) -> None: ...


class SoundIntents(Protocol):
    """Wishes about sound; devices by their places in the lists."""

    def microphone_chosen(self, index: int) -> None: ...

    def output_chosen(self, index: int) -> None: ...

    def monitor_chosen(self, index: int) -> None: ...

    def muted_wanted(self, muted: bool) -> None: ...

    def mute_toggled(self) -> None: ...

    def sounds_wanted(self) -> None: ...


class LookIntents(Protocol):
    """Wishes about how the picture looks and moves."""

    def mirror_wanted(self, mirror: bool) -> None: ...

    def mirror_toggled(self) -> None: ...

    def motion_changed(self, motion: MotionSettings) -> None: ...

    def motion_reset(self) -> None: ...

    def fit_chosen(self, fit: FitMode) -> None: ...

    def badge_wanted(self, badge: bool) -> None: ...

    def quality_chosen(self, wish: QualityWish) -> None: ...

    def background_mode_chosen(self, mode: BackgroundMode) -> None: ...

    def background_colour_chosen(self, colour: tuple[int, int, int]) -> None: ...

    def background_picture_wanted(self) -> None: ...

    def background_picture_chosen(self, path: Path) -> None: ...

    def background_refused(self) -> None: ...


class CaptureIntents(Protocol):
    """Wishes about guided capture."""

    def capture_wanted(self) -> None: ...

    def capture_kept(self, name: str, left_out: Sequence[str]) -> None: ...

    def capture_deleted(self) -> None: ...

    def capture_closed(self) -> None: ...


class DoctorIntents(Protocol):
    """Wishes about the doctor's page."""

    def doctor_wanted(self) -> None: ...

    def report_wanted(self) -> None: ...

    def log_folder_wanted(self) -> None: ...


class RemoteIntents(Protocol):
    """Wishes about the remote control."""

    def remote_wanted(self, on: bool) -> None: ...

    def address_wanted(self) -> None:
        """Copy the whole address, with its token."""
        ...


class Intents(Protocol):
    """Everything a person can want from the window, by group. Called on the GUI thread only."""

    @property
    def portraits(self) -> PortraitIntents: ...

    @property
    def cameras(self) -> CameraIntents: ...

    @property
    def outputs(self) -> OutputIntents: ...

    @property
    def sound(self) -> SoundIntents: ...

    @property
    def looks(self) -> LookIntents: ...

    @property
    def remote(self) -> RemoteIntents: ...

    @property
    def doctor(self) -> DoctorIntents: ...

    @property
    def captures(self) -> CaptureIntents: ...

    def notice_dismissed(self) -> None: ...

    def notice_next(self) -> None: ...

    def notice_folder_wanted(self) -> None: ...

    def notice_copy_wanted(self) -> None: ...

    def try_again(self) -> None: ...


OnError = Callable[[Exception], None]


@dataclass(frozen=True)
class PortraitRequest:
    """Whom to load: a picture file, or a shipped or own avatar by name or folder; and extra views of the person."""

    who: str
    references: tuple[Path, ...] = ()


class PortraitService(Protocol):
    """Loads portraits off the GUI thread; a newer request replaces one that has not begun.

    `close` (of all services) waits at most the time it is given and may be called again.
    """

    def load(self, request: PortraitRequest, on_done: Callable[[LoadedPortrait], None], on_error: OnError) -> None: ...

    def close(self, timeout_s: float) -> None: ...


class CameraService(Protocol):
    """Lists cameras off the GUI thread."""

    def find(self, on_done: Callable[[Sequence[CameraDescription]], None], on_error: OnError) -> None: ...

    def close(self, timeout_s: float) -> None: ...


class RemoteService(Protocol):
    """Listens for remote controls, off the GUI thread."""

    def open(self, on_done: Callable[[str], None], on_error: OnError) -> None:
        """Listen; `on_done` is given the address with its token."""
        ...

    def shut(self) -> None:
        """Listen no more."""
        ...

    def close(self, timeout_s: float) -> None: ...


class SoundService(Protocol):
    """Lists microphones and sound outputs off the GUI thread."""

    def find(self, on_done: Callable[[DeviceList], None], on_error: OnError) -> None: ...

    def close(self, timeout_s: float) -> None: ...


class AvatarService(Protocol):
    """Lists the gallery and adds pictures to it, off the GUI thread."""

    def find(self, on_done: Callable[[Sequence[AvatarTile]], None], on_error: OnError) -> None: ...

    def keep(self, picture: Path, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        """Copy a picture into the person's own avatars; what was said about the right to it goes along."""
        ...

    def is_open(self, who: str, on_done: Callable[[bool], None], on_error: OnError) -> None:
        """Whether the right to show `who` was never confirmed."""
        ...

    def confirm(self, who: str, on_done: Callable[[], None], on_error: OnError) -> None:
        """Keep that the person has the right to show `who`."""
        ...

    def close(self, timeout_s: float) -> None: ...

"""The two sides of the window: what it can show, and what a person can want from it.

Views are dumb: every `show_...` sets what is seen and reports nothing back; every wish goes through `Intents`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app.remembered import Language
from app.settings import MotionSettings, OutputSettings
from ui.intents import (
    CameraIntents,
    CaptureIntents,
    ClipIntents,
    DoctorIntents,
    GalleryIntents,
    HelpIntents,
    LookIntents,
    OutputIntents,
    PortraitIntents,
    ReferenceIntents,
    RemoteIntents,
    SoundIntents,
)
from ui.shown import (
    AvatarTile,
    BrowserLine,
    CameraEntry,
    CameraLine,
    CaptureState,
    ClipsState,
    DoctorState,
    DriverSeen,
    Framing,
    GuideStep,
    HealthLine,
    LikenessQuestion,
    LiveLine,
    ModelLine,
    Notice,
    Picture,
    PreviewMessage,
    QualityLine,
    ReferencesState,
    RemoteLine,
    SoundLine,
    SoundLists,
    StagesState,
    StatusLine,
    VirtualCameraLine,
)


class MainView(Protocol):
    """The whole window, as the presenter sees it. Called on the GUI thread only."""

    def show_frame(self, picture: Picture, *, has_words: bool = False) -> None:
        """Show the newest frame, never mirrored in data; the array is never written again.

        has_words: it is a card to be read, which no mirror turns round.
        """
        ...

    def show_message(self, message: PreviewMessage | None) -> None:
        """Cover the preview with words, or uncover it."""
        ...

    def show_status(self, line: StatusLine) -> None: ...

    def show_health(self, line: HealthLine) -> None: ...

    def show_live(self, line: LiveLine) -> None: ...

    def show_camera_line(self, line: CameraLine) -> None: ...

    def show_driver(self, seen: DriverSeen | None) -> None:
        """Draw where the camera sees the face; None: no pictures come."""
        ...

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

    def show_pop_out(self, is_open: bool) -> None:
        """Show the picture in a window of its own too, or close that."""
        ...

    def show_motion(self, motion: MotionSettings) -> None: ...

    def show_output(self, output: OutputSettings) -> None: ...

    def show_quality(self, line: QualityLine) -> None: ...

    def show_models(self, line: ModelLine) -> None: ...

    def show_notice(self, notice: Notice | None) -> None: ...

    def show_remote(self, line: RemoteLine) -> None: ...

    def show_question(self, question: LikenessQuestion | None) -> None:
        """Ask for the right to a likeness beside everything else, or ask nothing."""
        ...

    def ask_portrait(self) -> None:
        """Let a person choose a file; answers through `Intents.picture_chosen`."""
        ...

    def ask_name(self, key: str, name: str) -> None:
        """Let a person type another name for an avatar; answers through `Intents.gallery.renamed`."""
        ...

    def show_framing(self, framing: Framing) -> None:
        """Show what is animated, and let a person cut the picture; answers through `Intents.gallery.framed`."""
        ...

    def ask_removal(self, key: str, name: str) -> None:
        """Ask whether an avatar shall be deleted; answers through `Intents.gallery.removed`, or not at all."""
        ...

    def show_language(self, language: Language) -> None:
        """Set the choice of the language; the window speaks it from the next start on."""
        ...

    def show_guide(self, step: GuideStep | None) -> None:
        """Show one of the first steps beside the picture, or none."""
        ...

    def show_stages(self, state: StagesState) -> None:
        """Open the page of the stages, or bring it up to date."""
        ...

    def show_keys(self) -> None:
        """Open the list of keys."""
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

    def show_references(self, state: ReferencesState) -> None:
        """Open the page of an avatar's further pictures, or bring it up to date."""
        ...

    def ask_references(self, name: str, *, video: bool) -> None:
        """Let a person choose photos, or a video, of whom `name` shows; answers through `references.files_chosen`."""
        ...

    def show_clips(self, state: ClipsState) -> None:
        """Open the page of recorded movement, or bring it up to date."""
        ...

    def ask_clip(self) -> None:
        """Let a person choose a motion clip; answers through `Intents.clips.imported`."""
        ...

    def ask_clip_target(self, path: Path, name: str) -> None:
        """Let a person choose where a clip goes; answers through `Intents.clips.exported`."""
        ...

    def ask_clip_removal(self, path: Path, name: str) -> None:
        """Ask whether a clip shall be deleted; answers through `Intents.clips.removed`, or not at all."""
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


class Intents(Protocol):
    """Everything a person can want from the window, by group. Called on the GUI thread only."""

    @property
    def portraits(self) -> PortraitIntents: ...

    @property
    def gallery(self) -> GalleryIntents: ...

    @property
    def help(self) -> HelpIntents: ...

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

    @property
    def references(self) -> ReferenceIntents: ...

    @property
    def clips(self) -> ClipIntents: ...

    def notice_dismissed(self) -> None: ...

    def notice_next(self) -> None: ...

    def notice_folder_wanted(self) -> None: ...

    def notice_copy_wanted(self) -> None: ...

    def try_again(self) -> None: ...

"""Decides everything the window does. Knows no widget: it talks to a `MainView`, the engine and three services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.animators import uses_references
from app.clock import Clock
from app.control import EngineConfig, EngineControl, EngineState, EngineStatus
from app.output.destinations import BrowserWish
from app.packets import FrameStatus
from app.support.folders import log_folder
from ui import strings
from ui.browser import BrowserDesk, BrowserParts
from ui.cameras import CameraDesk, CameraParts
from ui.captures import CaptureDesk, CaptureParts, CaptureService
from ui.clips import ClipDesk, ClipParts, ClipService
from ui.doctor import DoctorDesk, DoctorParts, DoctorService
from ui.driver_sight import DriverSight
from ui.gallery import Gallery, GalleryDesk, GalleryParts
from ui.health import DropCount, health_line
from ui.help import HelpDesk
from ui.looks import LookDesk, LookParts
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.outputs import OutputDesk, OutputParts
from ui.portraits import PortraitDesk, PortraitParts
from ui.protocols import MainView
from ui.references import ReferenceDesk, ReferenceParts, ReferenceService
from ui.remote import RemoteDesk, RemoteParts
from ui.service_protocols import AvatarService, CameraService, PortraitService, RemoteService, SoundService
from ui.shown import Badge, Notice, PreviewMessage
from ui.sound import SoundDesk, SoundParts
from ui.stages import StageSight
from ui.wording import camera_line, notice_of_error, status_line

STOP_TIMEOUT_S = 4.0
"""How long the engine may take to stop; with the services closing takes at most five seconds."""

SERVICE_TIMEOUT_S = 0.2
"""How long each service may still take after the engine has stopped; they were told to stop before it."""


@dataclass(frozen=True)
class PresenterParts:
    """Everything the presenter talks to.

    config: what `engine` was made with. remote_wanted: a flag switches the remote control on.
    videos: the folder recordings go to. now: local time, for their names.
    """

    view: MainView
    engine: EngineControl
    config: EngineConfig
    portraits: PortraitService
    cameras: CameraService
    avatars: AvatarService
    sounds: SoundService
    remote: RemoteService
    doctor: DoctorService
    captures: CaptureService
    references: ReferenceService
    clips: ClipService
    memory: Memory
    notices: NoticeBoard
    clock: Clock
    videos: Path
    now: Callable[[], datetime] = datetime.now
    remote_wanted: bool = False
    models: tuple[str, ...] = ("geometric",)
    pictures: Path | None = None
    browser_wish: Callable[[], BrowserWish] = BrowserWish


@dataclass(frozen=True)
class FirstPortrait:
    """Whom to show at the start: the command line's wish, else the remembered one, else the first of the gallery."""

    who: str | None = None
    references: tuple[Path, ...] = ()


class Presenter:
    """One window's decisions; every method runs on the GUI thread. Is the `Intents` of the views.

    The work is shared among desks, each answering one group of intents; this class joins them, shows the status,
    and starts and stops.
    """

    def __init__(self, parts: PresenterParts, first: FirstPortrait | None = None) -> None:
        self._parts = parts
        self._first = first or FirstPortrait()
        self._view, self._engine = parts.view, parts.engine
        self._frames, self._started, self._closed = 0, False, False
        settle, memory, notices = self._settled, parts.memory, parts.notices
        gallery = Gallery(memory)
        self.portraits = PortraitDesk(
            PortraitParts(parts.view, parts.engine, parts.portraits, parts.avatars, notices, gallery),
            self._first.references,
            settle,
        )
        self.gallery = GalleryDesk(GalleryParts(parts.view, parts.avatars, notices, gallery, self.portraits), settle)
        self.portraits.on_shown = lambda key, new: self.gallery.shown(key, new=new)
        self.help = HelpDesk(parts.view, memory, notices, StageSight(parts.view, parts.engine))
        self.cameras = CameraDesk(
            CameraParts(parts.view, parts.engine, parts.cameras, notices, memory), parts.config.camera, settle
        )
        self.outputs = OutputDesk(
            OutputParts(
                parts.view,
                parts.engine,
                notices,
                memory,
                parts.clock,
                parts.videos,
                parts.now,
                pictures=parts.pictures or parts.videos,
                browser=BrowserDesk(
                    BrowserParts(parts.view, parts.engine, notices, parts.browser_wish), parts.config.browser_source
                ),
                streams=parts.config.stream is not None,
            ),
            parts.config.virtual_camera,
            settle,
        )
        self.sound = SoundDesk(SoundParts(parts.view, parts.engine, parts.sounds, memory), parts.config.sound, settle)
        self.doctor = DoctorDesk(DoctorParts(parts.view, parts.engine, parts.doctor, log_folder()))
        self.remote = RemoteDesk(RemoteParts(parts.view, parts.remote, notices, memory), parts.remote_wanted, settle)
        self.captures = CaptureDesk(
            CaptureParts(
                parts.view,
                parts.engine,
                parts.captures,
                notices,
                self.portraits.captured,
                self.portraits.deleted,
            )
        )
        self.references = ReferenceDesk(
            ReferenceParts(
                parts.view,
                parts.references,
                gallery,
                notices,
                self.portraits.show_anew,
                uses_references(parts.config.model),
            ),
            settle,
        )
        self.clips = ClipDesk(
            ClipParts(parts.view, parts.engine, parts.clips, self.cameras, notices, parts.now), settle
        )
        self._sight, self._drops = DriverSight(parts.view, parts.engine, parts.clock), DropCount()
        looks = LookParts(parts.view, parts.engine, memory, parts.models)
        self.looks = LookDesk(looks, parts.config.motion, parts.config.output)

    @property
    def animated_frames(self) -> int:
        """How many animated frames were shown since the engine started."""
        return self._frames

    def show_remembered(self) -> None:
        """Set the window up before it is visible."""
        self._view.restore_geometry(self._parts.memory.values.geometry)
        self.looks.show()
        self.help.show_language()
        self.cameras.show_again()
        self.sound.show_again()
        self._view.show_avatars((), None)
        self._view.show_recording(None)
        self._view.show_away(False)
        self._settled()

    def start(self) -> None:
        """Start the engine and the searches; called once the window is visible."""
        self._started = True
        self._engine.start()
        self.portraits.start(self._first.who or self._parts.memory.values.avatar)
        self.cameras.cameras_wanted()
        self.sound.sounds_wanted()
        self.remote.start()
        self._settled()

    def on_news(self) -> None:
        """The engine rang: take the newest frame."""
        self._sight.show()
        frame = self._engine.preview.take()
        if frame is None:
            return
        if frame.status is not FrameStatus.AWAY:
            self._frames += 1
        self._view.show_frame(frame.image, has_words=frame.status is FrameStatus.AWAY)
        if self._frames == 1:
            self._settled()

    def tick(self) -> None:
        """Called a few times a second: status, length of the recording, writing of settings."""
        self.captures.tick()
        self.references.tick()
        self.clips.tick()
        self.help.tick()
        self._sight.show()
        self._settled()
        self._parts.memory.tick()

    def try_again(self) -> None:
        """Start a failed engine once more."""
        self._frames = 0
        self._engine.restart(STOP_TIMEOUT_S)
        self.portraits.load_again()
        self._settled()

    def failed(self, error: Exception) -> None:
        """Anything that went wrong in the window itself, as a message (`ui.session` logs it)."""
        self.say(notice_of_error("window", error))

    def say(self, notice: Notice) -> None:
        """Show a message of the window."""
        self._parts.notices.add(notice)
        self._view.show_notice(self._parts.notices.current())

    def close(self) -> None:
        """Remember everything, then stop; idempotent."""
        if self._closed:
            return
        self._closed = True
        self.captures.close()
        self.references.close()
        memory = self._parts.memory
        memory.update(replace(memory.values, geometry=self._view.geometry_text()))
        memory.save()
        services = (
            self._parts.remote,
            self._parts.portraits,
            self._parts.cameras,
            self._parts.avatars,
            self._parts.sounds,
            self._parts.doctor,
            self._parts.captures,
            self._parts.references,
            self._parts.clips,
        )
        for service in services:
            service.close(0.0)  # tell all of them first, so that they end beside the engine
        if self._started:
            self._engine.stop(STOP_TIMEOUT_S)
        for service in services:
            service.close(SERVICE_TIMEOUT_S)

    # --- the message bar's intents -----------------------------------------------------------------------------

    def notice_dismissed(self) -> None:
        self._parts.notices.dismiss()
        self._settled()

    def notice_next(self) -> None:
        self._parts.notices.next()
        self._settled()

    def notice_folder_wanted(self) -> None:
        notice = self._parts.notices.current()
        if notice is not None and notice.folder is not None:
            self._view.open_folder(notice.folder)

    def notice_copy_wanted(self) -> None:
        notice = self._parts.notices.current()
        if notice is not None and notice.copy:
            self._view.copy_text(notice.copy)

    # --- showing -----------------------------------------------------------------------------------------------

    def _settled(self) -> None:
        """Something may have changed: bring the window up to date."""
        if self._closed:
            return
        status = self._engine.status()
        self._parts.notices.report(self.outputs.loud_problems(status))
        self.outputs.show(status)
        self.sound.show(status)
        self.looks.show_quality(status)
        self._show_status(status)
        self._view.show_message(self._message(status))
        self._view.show_notice(self._parts.notices.current())
        self.help.show(face_found=self._sight.found, live=self.outputs.seen(status))
        self._remember_portrait()

    def _show_status(self, status: EngineStatus) -> None:
        line = status_line(
            status,
            has_camera=self.cameras.chosen is not None or self.cameras.stand_in is not None,
            has_frames=self._frames > 0 or self.outputs.away,
            wants_portrait=self.portraits.nobody,
        )
        if line.badge is Badge.LIVE and not self.outputs.seen(status):
            line = replace(line, word=strings.BADGE_READY)  # it follows, but nobody sees it
        if self.portraits.preparing:
            line = replace(line, sentence=self.portraits.preparing)
        if not self._started:
            line = replace(line, sentence=strings.STATUS_STARTING, word=strings.BADGE_STARTING)
        self._view.show_status(line)
        self._view.show_health(health_line(status, self._drops.note(self._parts.clock.now_ns(), status.dropped)))
        self._show_camera(status)

    def _show_camera(self, status: EngineStatus) -> None:
        has_camera = self.cameras.chosen is not None
        playing = self.cameras.stand_in_name if self.cameras.stand_in is not None else ""
        line = camera_line(status, has_camera=has_camera, found=self._sight.found, playing=playing)
        self._view.show_camera_line(line)

    def _message(self, status: EngineStatus) -> PreviewMessage | None:
        if self._started and status.state is EngineState.FAILED:
            return PreviewMessage(strings.STOPPED_TITLE, strings.STOPPED_TEXT, retry=True)
        if self.outputs.away:
            return None
        if self.portraits.chosen is None:
            return self.portraits.message() or _starting(None)
        return _starting(self.portraits.still) if self._frames == 0 else None

    def _remember_portrait(self) -> None:
        memory, chosen = self._parts.memory, self.portraits.chosen
        if chosen is not None and chosen != self._first.who:
            memory.update(replace(memory.values, avatar=chosen))


def _starting(picture: Path | None) -> PreviewMessage:
    return PreviewMessage(strings.STARTING_TITLE, strings.STARTING_TEXT, picture=picture)

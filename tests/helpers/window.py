"""Fakes around the window: an engine that only writes down what it is told, services that answer at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from app.audio.devices import DeviceList
from app.capture.base import CameraDescription
from app.control import DriverWatch, EngineConfig, EngineState, EngineStatus, StageMaps
from app.crop import CropTransform
from app.doctor.findings import Finding
from app.governor.levels import QualityWish
from app.job_progress import JobProgress
from app.motion_library import ClipEntry
from app.output.destinations import BrowserWish, StreamTarget
from app.packets import FrameStatus, RenderedFrame, TrackedFrame
from app.picture_box import Box
from app.portrait import LoadedPortrait, QualityNote
from app.settings import MotionSettings, OutputSettings, SoundSettings
from app.slots import LatestSlot
from ui.service_protocols import OnError, PortraitRequest
from ui.shown import AvatarTile

if TYPE_CHECKING:  # importing them loads OpenCV, and the tests of a light start use this file
    from app.avatar_references import SmallReference
    from app.guided_capture.further_views import FurtherViews
    from app.guided_capture.proposal import Proposal
    from app.guided_capture.session import GuidedCapture
    from app.tracking.motion_take import MotionTake

CAMERAS = (
    CameraDescription("usb-1", "HD Webcam", 0, 200),
    CameraDescription("usb-2", "Document Camera", 1, 200),
)
TILES = (AvatarTile("ada", "Ada", None), AvatarTile("ben", "Ben", None), AvatarTile("my-cat", "Cat", None, own=True))


def rendered(
    picture: np.ndarray | None = None, status: FrameStatus = FrameStatus.LIVE, frame_id: int = 1
) -> RenderedFrame:
    """A finished frame, plain grey unless a picture is given."""
    image = np.full((72, 128, 3), 90, np.uint8) if picture is None else picture
    image.flags.writeable = False
    return RenderedFrame(frame_id, image, 0, 0, status)


class FakeEngine:
    """Implements `EngineControl`: `calls` is what was asked, `now` what `status` answers."""

    def __init__(self, config: EngineConfig | None = None) -> None:
        self.config = config or EngineConfig()
        self.preview: LatestSlot[RenderedFrame] = LatestSlot("preview")
        self.calls: list[tuple[object, ...]] = []
        self.now = EngineStatus()
        self.ring: Callable[[], None] = lambda: None
        self.listeners: list[Callable[[TrackedFrame], None]] = []

    def start(self) -> None:
        self.calls.append(("start",))
        self.now = replace(self.now, state=EngineState.RUNNING, frame_status=FrameStatus.LIVE)

    def stop(self, timeout_s: float = 5.0) -> None:
        self.calls.append(("stop",))
        self.now = replace(self.now, state=EngineState.STOPPED)

    def abandon(self, timeout_s: float = 5.0) -> None:
        self.calls.append(("abandon",))
        self.now = replace(self.now, state=EngineState.STOPPED)

    def restart(self, timeout_s: float = 5.0) -> None:
        self.calls.append(("restart",))
        self.now = replace(self.now, state=EngineState.RUNNING, frame_status=FrameStatus.LIVE)

    def status(self) -> EngineStatus:
        return self.now

    def set_portrait(self, portrait: LoadedPortrait) -> None:
        self.calls.append(("set_portrait", portrait.name))

    def set_camera(self, camera: str | None) -> None:
        self.calls.append(("set_camera", camera))

    def set_motion(self, motion: MotionSettings) -> None:
        self.calls.append(("set_motion", motion))

    def set_output(self, output: OutputSettings) -> None:
        self.calls.append(("set_output", output))

    def set_virtual_camera(self, name: str) -> None:
        self.calls.append(("set_virtual_camera", name))

    def set_quality(self, wish: QualityWish) -> None:
        self.calls.append(("set_quality", wish))
        self.now = replace(self.now, quality=replace(self.now.quality, wish=wish))

    def set_model(self, name: str) -> None:
        self.calls.append(("set_model", name))
        self.now = replace(self.now, chosen_model=name)

    def watch_driver(self, watch: DriverWatch | None) -> None:
        self.calls.append(("watch_driver", watch))

    def set_sound(self, sound: SoundSettings) -> None:
        self.calls.append(("set_sound", sound))

    def start_recording(self, path: Path) -> None:
        self.calls.append(("start_recording", path))

    def stop_recording(self) -> None:
        self.calls.append(("stop_recording",))

    def pause_recording(self, paused: bool) -> None:
        self.calls.append(("pause_recording", paused))

    def save_snapshot(self, path: Path) -> None:
        self.calls.append(("save_snapshot", path))

    def set_browser_source(self, wish: BrowserWish | None) -> None:
        self.calls.append(("set_browser_source", wish))

    def set_stream(self, target: StreamTarget | None) -> None:
        self.calls.append(("set_stream", target))

    def set_away(self, away: bool) -> None:
        self.calls.append(("set_away", away))

    def calibrate(self) -> None:
        self.calls.append(("calibrate",))

    def watch_stages(self, watch: Callable[[StageMaps], None] | None) -> None:
        self.calls.append(("watch_stages", watch))
        self.tell_stages = watch

    def on_tracked(self, listen: Callable[[TrackedFrame], None]) -> None:
        self.listeners.append(listen)

    def tell_tracked(self, frame: TrackedFrame) -> None:
        """Track a face."""
        for listen in self.listeners:
            listen(frame)

    def on_news(self, ring: Callable[[], None]) -> None:
        self.ring = ring

    def show(self, frame: RenderedFrame) -> None:
        """Finish a frame."""
        self.preview.put(frame)
        self.ring()


def portrait_called(name: str, notes: Sequence[QualityNote] = ()) -> LoadedPortrait:
    """As much of a portrait as the window looks at: name, notes, and a face in the middle of a picture."""

    class Named:
        def __init__(self) -> None:
            self.name, self.notes = name, tuple(notes)
            self.picture = np.zeros((200, 400, 3), np.uint8)
            self.crop = CropTransform((200.0, 96.0), 115.0)

    return cast(LoadedPortrait, Named())


class FakePortraits:
    """Implements `PortraitService`; answers when told to."""

    def __init__(self) -> None:
        self.requests: list[PortraitRequest] = []
        self.closed = False

    def load(self, request: PortraitRequest, on_done: Callable[[LoadedPortrait], None], on_error: OnError) -> None:
        self.requests.append(request)
        self.done, self.error = on_done, on_error

    def close(self, timeout_s: float) -> None:
        self.closed = True


class FakeCameras:
    """Implements `CameraService`; answers when told to."""

    def __init__(self) -> None:
        self.searches = 0
        self.closed = False

    def find(self, on_done: Callable[[Sequence[CameraDescription]], None], on_error: OnError) -> None:
        self.searches += 1
        self.done, self.error = on_done, on_error

    def close(self, timeout_s: float) -> None:
        self.closed = True


class FakeRemote:
    """Implements `RemoteService`; answers when told to."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.closed = False

    def open(self, on_done: Callable[[str], None], on_error: OnError) -> None:
        self.calls.append("open")
        self.done, self.error = on_done, on_error

    def shut(self) -> None:
        self.calls.append("shut")

    def close(self, timeout_s: float) -> None:
        self.closed = True


class FakeSounds:
    """Implements `SoundService`; answers when told to."""

    def __init__(self) -> None:
        self.searches = 0
        self.closed = False

    def find(self, on_done: Callable[[DeviceList], None], on_error: OnError) -> None:
        self.searches += 1
        self.done, self.error = on_done, on_error

    def close(self, timeout_s: float) -> None:
        self.closed = True


class FakeAvatars:
    """Implements `AvatarService`; answers when told to.

    open: of whom nobody has said that they may be shown; that is answered at once. confirmed: of whom somebody said so.
    """

    def __init__(self) -> None:
        self.kept: list[Path] = []
        self.open: set[str] = set()
        self.confirmed: list[str] = []
        self.changes: list[tuple[str, ...]] = []
        self.cuts: list[tuple[str, Box]] = []
        self.closed = False

    def find(self, on_done: Callable[[Sequence[AvatarTile]], None], on_error: OnError) -> None:
        self.found, self.not_found = on_done, on_error

    def find_broken(self, on_done: Callable[[Sequence[Exception]], None]) -> None:
        self.found_broken = on_done

    def keep(self, picture: Path, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        self.kept.append(picture)
        self.was_kept, self.was_not_kept = on_done, on_error

    def rename(self, key: str, name: str, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        self.changes.append(("rename", key, name))
        self.was_renamed, self.was_not_changed = on_done, on_error

    def cut(self, key: str, box: Box, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        self.cuts.append((key, box))
        self.was_cut, self.was_not_changed = on_done, on_error

    def remove(self, key: str, on_done: Callable[[], None], on_error: OnError) -> None:
        self.changes.append(("remove", key))
        self.was_removed, self.was_not_changed = on_done, on_error

    def is_open(self, who: str, on_done: Callable[[bool], None], on_error: OnError) -> None:
        on_done(who in self.open)

    def confirm(self, who: str, on_done: Callable[[], None], on_error: OnError) -> None:
        self.confirmed.append(who)
        self.open.discard(who)
        on_done()

    def close(self, timeout_s: float) -> None:
        self.closed = True


class FakeCaptures:
    """Implements `CaptureService`; answers when told to."""

    def __init__(self) -> None:
        self.ready: Callable[[GuidedCapture], None] | None = None
        self.kept: list[tuple[str, tuple[str, ...]]] = []
        self.deleted: list[str] = []
        self.answer: AvatarTile | Exception | None = None
        self.closed = 0

    def begin(self, on_ready: Callable[[GuidedCapture], None], on_error: OnError) -> None:
        self.ready = on_ready

    def keep(
        self,
        proposal: Proposal,
        name: str,
        left_out: Sequence[str],
        on_done: Callable[[AvatarTile], None],
        on_error: OnError,
    ) -> None:
        self.kept.append((name, tuple(left_out)))
        if isinstance(self.answer, Exception):
            on_error(self.answer)
        elif self.answer is not None:
            on_done(self.answer)

    def delete(self, key: str, on_done: Callable[[], None], on_error: OnError) -> None:
        self.deleted.append(key)
        on_done()

    def close(self, timeout_s: float) -> None:
        self.closed += 1


class FakeReferences:
    """Implements `ui.references.ReferenceService`; answers when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.closed = 0

    def find(self, key: str, on_done: Callable[[Sequence[SmallReference]], None], on_error: OnError) -> None:
        self.calls.append(("find", key))
        self.listed, self.error = on_done, on_error

    def search(
        self,
        key: str,
        files: Sequence[Path],
        progress: JobProgress,
        on_done: Callable[[FurtherViews], None],
        on_error: OnError,
    ) -> None:
        self.calls.append(("search", key, tuple(files)))
        self.progress, self.found, self.not_found = progress, on_done, on_error

    def keep(
        self,
        key: str,
        views: FurtherViews,
        left_out: Sequence[int],
        on_done: Callable[[Sequence[SmallReference]], None],
        on_error: OnError,
    ) -> None:
        self.calls.append(("keep", key, tuple(left_out)))
        self.kept, self.not_kept = on_done, on_error

    def remove(
        self, key: str, name: str, on_done: Callable[[Sequence[SmallReference]], None], on_error: OnError
    ) -> None:
        self.calls.append(("remove", key, name))
        self.removed, self.error = on_done, on_error

    def close(self, timeout_s: float) -> None:
        self.closed += 1


class FakeClips:
    """Implements `ui.clips.ClipService`; answers when told to."""

    def __init__(self) -> None:
        self.searches = 0
        self.changes: list[tuple[object, ...]] = []
        self.closed = False

    def find(self, on_done: Callable[[Sequence[ClipEntry]], None], on_error: OnError) -> None:
        self.searches += 1
        self.found, self.not_found = on_done, on_error

    def begin(self, on_done: Callable[[MotionTake], None], on_error: OnError) -> None:
        self.begun = on_done

    def keep(self, take: MotionTake, name: str, on_done: Callable[[ClipEntry], None], on_error: OnError) -> None:
        self.changes.append(("keep", take, name))
        self.done, self.error = on_done, on_error

    def take_in(self, path: Path, on_done: Callable[[ClipEntry], None], on_error: OnError) -> None:
        self.changes.append(("take in", path))
        self.done, self.error = on_done, on_error

    def hand_out(self, path: Path, target: Path, on_done: Callable[[Path], None], on_error: OnError) -> None:
        self.changes.append(("hand out", path, target))
        self.handed_out, self.error = on_done, on_error

    def remove(self, path: Path, on_done: Callable[[], None], on_error: OnError) -> None:
        self.changes.append(("remove", path))
        self.removed, self.error = on_done, on_error

    def close(self, timeout_s: float) -> None:
        self.closed = True


class FakeDoctor:
    """Implements `DoctorService`; answers when told to."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.closed = False

    def examine(
        self, camera_in_use: str | None, on_finding: Callable[[Finding], None], on_done: Callable[[str], None]
    ) -> None:
        self.asked.append(camera_in_use)
        self.found, self.done = on_finding, on_done

    def close(self, timeout_s: float) -> None:
        self.closed = True

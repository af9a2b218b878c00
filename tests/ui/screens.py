"""Every screen of the window in the states a person meets it in: put up with the real presenter over fakes.

`tests.ui.draw_screens` draws them all, `tests/ui/test_screens.py` measures that nothing is cut off.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QToolButton

from app.audio.devices import DeviceList, SoundDevice
from app.audio.problems import Direction, NoSoundLibrary
from app.calibration import NotNeutral
from app.capture.problems import CameraBusy, CameraGone, NoCameraFound
from app.control import EngineConfig, EngineState, Percentiles, Problem, SoundStatus, StageMaps
from app.doctor.findings import Finding, Verdict
from app.errors import AppError, EnvironmentProblem, UsageProblem
from app.governor.status import QualityStatus
from app.motion_library import ClipEntry
from app.packets import FaceObservation, FrameStatus, TrackedFrame
from app.picture_box import Box
from app.render.cards import draw_away_card
from app.settings import Background, BackgroundMode, SoundSettings
from app.settings_file import SettingsFile
from tests.helpers.faces import face_px
from tests.helpers.window import (
    CAMERAS,
    FakeAvatars,
    FakeCameras,
    FakeCaptures,
    FakeClips,
    FakeDoctor,
    FakeEngine,
    FakePortraits,
    FakeReferences,
    FakeRemote,
    FakeSounds,
    portrait_called,
    rendered,
)
from tests.ui.conftest import HandClock
from ui import strings
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.presenter import Presenter, PresenterParts
from ui.services import tile_of
from ui.shown import (
    AvatarTile,
    CapturePhase,
    CaptureShot,
    CaptureState,
    Framing,
    Picture,
    ReferenceShot,
    ReferencesPhase,
    ReferencesState,
)
from ui.theme import Theme, apply_theme
from ui.views.main_window import MainWindow

ASSETS = Path(__file__).resolve().parents[2] / "assets"
AVATARS = ASSETS / "avatars"
FRAME = (720, 1280)
PEOPLE = ("amara", "tomas", "mira", "elowen", "anselm", "amara")
LONG_NAME = "Grandmother Wilhelmina von Hohenstein-Oberweiler at the lake"
LONG_CAMERA = "Logitech BRIO Ultra HD Webcam with RightLight 3 (046d:085e) on USB hub 2"


@dataclass
class Set:
    """A window with its presenter, and the fakes it talks to."""

    window: MainWindow
    presenter: Presenter
    engine: FakeEngine
    portraits: FakePortraits
    cameras: FakeCameras
    avatars: FakeAvatars
    sounds: FakeSounds
    remote: FakeRemote
    doctor: FakeDoctor
    captures: FakeCaptures
    clips: FakeClips
    clock: HandClock

    def tick(self) -> None:
        """A fifth of a second passes."""
        self.clock.time_ns += 200_000_000
        self.presenter.tick()

    def be(self, **changes: object) -> None:
        """Change the engine's status."""
        self.engine.now = replace(self.engine.now, **changes)  # type: ignore[arg-type]
        self.tick()

    def fail(self, *errors: tuple[str, AppError]) -> None:
        """Let parts of the engine report failures."""
        self.be(problems=tuple(Problem.of(part, error) for part, error in errors))


@contextmanager
def a_set(size: QSize, theme: Theme) -> Iterator[Set]:
    """A window of this size that has just been opened for the first time, nothing found yet."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    with tempfile.TemporaryDirectory() as folder:
        made = _make(Path(folder), size)
        made.window.apply_theme(theme)
        made.presenter.show_remembered()
        made.window.resize(size)
        made.window.show()
        try:
            yield made
        finally:
            made.window.close()
            made.window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _make(folder: Path, size: QSize) -> Set:
    config, clock, notices = EngineConfig(camera="usb-1"), HandClock(), NoticeBoard()
    window, engine = MainWindow(), FakeEngine(config)
    portraits, cameras, avatars, sounds = FakePortraits(), FakeCameras(), FakeAvatars(), FakeSounds()
    remote, doctor, captures, clips = FakeRemote(), FakeDoctor(), FakeCaptures(), FakeClips()
    references = FakeReferences()
    parts = PresenterParts(
        view=window,
        engine=engine,
        config=config,
        portraits=portraits,
        cameras=cameras,
        avatars=avatars,
        sounds=sounds,
        remote=remote,
        doctor=doctor,
        captures=captures,
        clips=clips,
        references=references,
        memory=Memory(SettingsFile(folder / "settings.json"), clock, notices),
        notices=notices,
        clock=clock,
        videos=Path("/home/ada/Videos"),
        now=lambda: datetime(2026, 3, 4, 5, 6, 7),
    )
    presenter = Presenter(parts)
    window.bind(presenter, lambda: None)
    return Set(window, presenter, engine, portraits, cameras, avatars, sounds, remote, doctor, captures, clips, clock)


# --- what is there -------------------------------------------------------------------------------------------


def shipped() -> list[AvatarTile]:
    """The portraits that come with the program."""
    from app.avatars import shipped_avatars

    return [tile_of(avatar, own=False) for avatar in shipped_avatars()]


@cache
def picture_of(key: str) -> Picture:
    """A shipped portrait."""
    return _pixels(QImage(str(AVATARS / key / "portrait.jpg")))


@cache
def frame_of(key: str) -> Picture:
    """A wide frame that shows it, as the picture leaves the program."""
    whole = QImage(str(AVATARS / key / "portrait.jpg")).scaledToWidth(FRAME[1])
    return _pixels(whole.copy(0, (whole.height() - FRAME[0]) // 4, FRAME[1], FRAME[0]))


def _pixels(image: QImage) -> Picture:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def find_devices(a: Set) -> None:
    """Cameras, sound devices and portraits were found."""
    a.cameras.done(CAMERAS)
    a.sounds.done(
        DeviceList(
            (
                SoundDevice("mic-1", "Built-in Audio Analog Stereo", Direction.INPUT),
                SoundDevice("mic-2", "Blue Yeti USB Microphone Analog Stereo Input", Direction.INPUT),
                SoundDevice("out-1", "Built-in Audio Digital Stereo (HDMI 2)", Direction.OUTPUT),
            ),
            "mic-1",
            "out-1",
        )
    )
    a.avatars.found(shipped())


def start(a: Set) -> None:
    """The window was opened, devices were found, the first portrait is there and moves."""
    a.presenter.start()
    find_devices(a)
    a.portraits.done(portrait_called("Amara"))
    a.engine.now = replace(a.engine.now, **_RUNNING)  # type: ignore[arg-type]
    look(a)
    a.engine.show(rendered(frame_of("amara")))
    a.presenter.on_news()
    for _ in range(3):
        a.tick()


_RUNNING = {
    "state": EngineState.RUNNING,
    "frame_status": FrameStatus.LIVE,
    "fps": 29.6,
    "camera_fps": 30.0,
    "latency_ms": Percentiles(61, 84, 112),
    "model": "synergy",
    "camera": "usb-1",
}


def look(a: Set) -> None:
    """The camera sees a face."""
    a.engine.tell_tracked(TrackedFrame(1, 0, FaceObservation(face_px((640, 380), 420), (720, 1280))))


def live(a: Set) -> None:
    """Others see the portrait."""
    start(a)
    a.presenter.help.guide_skipped()
    a.presenter.outputs.live_wanted(True)
    a.be(virtual_camera="OBS Virtual Camera", sound=_SOUND)


_SOUND = SoundStatus(SoundSettings("mic-1"), "Built-in Audio Analog Stereo", None, None, -14.0, -22.0, 61.0, 0.0)


# --- screens of the main window ------------------------------------------------------------------------------


def opening(a: Set) -> None:
    """The first moment: nothing was found yet."""


def first_start(a: Set) -> None:
    start(a)


def guide_second_step(a: Set) -> None:
    start(a)
    a.presenter.help.guide_next()


def guide_third_step(a: Set) -> None:
    start(a)
    a.presenter.help.guide_next()
    a.presenter.help.guide_next()


def preparing(a: Set) -> None:
    a.presenter.start()
    a.presenter.help.guide_skipped()
    find_devices(a)
    a.tick()


def empty(a: Set) -> None:
    """No camera, no portrait."""
    a.presenter.start()
    a.presenter.help.guide_skipped()
    a.cameras.done(())
    a.sounds.done(DeviceList())
    a.avatars.found(())
    a.engine.now = replace(a.engine.now, frame_status=FrameStatus.AWAY)
    a.tick()


def recording(a: Set) -> None:
    live(a)
    a.presenter.outputs.record_toggled()
    a.be(recording=Path("/home/ada/Videos/understudy-2026-03-04-050607.mp4"))
    a.clock.time_ns += 3_605_000_000_000
    a.tick()


def away(a: Set) -> None:
    recording(a)
    a.presenter.outputs.away_wanted(True)
    a.engine.show(rendered(draw_away_card(FRAME, picture_of("amara")), FrameStatus.AWAY))
    a.presenter.on_news()
    a.be(frame_status=FrameStatus.AWAY)


def slow(a: Set) -> None:
    live(a)
    note = "Your camera slowed to 15 fps: the room is dark."
    reason = "Your machine is busy: showing with one picture of the person in less detail at 20 fps."
    a.be(fps=14.2, camera_fps=15.0, quality=QualityStatus(place=2, levels=4, reason=reason, camera_note=note))


def camera_unplugged(a: Set) -> None:
    live(a)
    a.be(frame_status=FrameStatus.IDLE, camera_fps=0.0)
    a.fail(("camera", CameraGone(LONG_CAMERA)))


def camera_busy(a: Set) -> None:
    start(a)
    a.be(frame_status=FrameStatus.IDLE, camera_fps=0.0)
    a.fail(("camera", CameraBusy("HD Webcam", "Device or resource busy")))


def no_camera_found(a: Set) -> None:
    start(a)
    a.fail(("camera", NoCameraFound()))


def no_virtual_camera(a: Set) -> None:
    live(a)
    a.be(virtual_camera=None)
    fix = "Install v4l2loopback, then run: sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Understudy"
    error = EnvironmentProblem("There is no virtual camera.", why="No v4l2loopback device was found.", fix=fix)
    a.fail(("virtual camera", error))


def broken_picture(a: Set) -> None:
    live(a)
    a.presenter.portraits.picture_chosen(Path("/home/ada/Pictures/IMG_20260304_050607_HDR_edited_final.jpg"))
    why, fix = "The file is cut off or damaged.", "Save it again in another program, or choose another picture."
    a.portraits.error(UsageProblem("IMG_20260304_050607_HDR_edited_final.jpg cannot be read.", why=why, fix=fix))
    a.tick()


def weights_missing(a: Set) -> None:
    live(a)
    a.be(model="geometric")
    why = "Its weights are not installed."
    fix = "Reinstall the program to get them back. The model geometric, which needs none, is used meanwhile."
    a.fail(("model", EnvironmentProblem("The model 'synergy' cannot be used.", why=why, fix=fix)))


def engine_crashed(a: Set) -> None:
    live(a)
    error = RuntimeError("shape '[1, 32, 16, 64, 64]' is invalid for input of size 2097152")
    a.be(state=EngineState.FAILED, problems=(Problem.of("render", error),))


def no_sound_library(a: Set) -> None:
    live(a)
    a.sounds.error(NoSoundLibrary())
    a.fail(("microphone", NoSoundLibrary()))


def calibration_refused(a: Set) -> None:
    live(a)
    a.fail(("calibration", NotNeutral("The mouth is open.", "Close your lips")))


def several_problems(a: Set) -> None:
    first_start(a)
    a.fail(
        ("microphone", NoSoundLibrary()),
        ("calibration", NotNeutral("The head is turned 31 degrees away.", "Look straight ahead")),
        ("camera", CameraGone(LONG_CAMERA)),
    )


def many_portraits(a: Set) -> None:
    live(a)
    own = [AvatarTile(f"own-{n}", f"{LONG_NAME} {n}", AVATARS / "mira" / "thumbnail.png", own=True) for n in range(30)]
    a.avatars.found([*shipped(), AvatarTile("gone", "No thumbnail", None, own=True), *own])
    a.tick()


def consent_question(a: Set) -> None:
    live(a)
    a.avatars.open = {"/home/ada/Pictures/somebody.jpg"}
    a.presenter.portraits.picture_chosen(Path("/home/ada/Pictures/somebody.jpg"))
    a.portraits.done(portrait_called("Somebody Else"))
    a.tick()


def everything_open(a: Set) -> None:
    """Every control of the side panel that can appear has appeared, with the longest words."""
    live(a)
    a.presenter.looks._use_background(Background(BackgroundMode.COLOUR, (34, 110, 180)))
    a.presenter.looks.motion_changed(replace(a.presenter.looks._motion, retarget_eyes=0.6, retarget_lips=0.3))
    a.presenter.looks.show()
    a.presenter.outputs.browser_source_wanted(True)
    a.presenter.remote.remote_wanted(True)
    a.remote.done("http://127.0.0.1:51234")
    a.be(browser_source="http://127.0.0.1:51235", browser_viewers=2)


def side_panel(a: Set) -> None:
    """The same, asked for where the window is narrow."""
    everything_open(a)
    button = next(each for each in a.window.findChildren(QToolButton) if each.accessibleName() == strings.SIDE)
    if button.isVisible():
        button.click()


# --- pages of their own --------------------------------------------------------------------------------------


def keys_list(a: Set) -> None:
    live(a)
    a.presenter.help.keys_wanted()


def doctor_running(a: Set) -> None:
    live(a)
    a.presenter.doctor.doctor_wanted()
    a.doctor.found(Finding("python", Verdict.OK, "Python 3.11.9 on Linux 6.8."))


def doctor_page(a: Set) -> None:
    doctor_running(a)
    for name in strings.DOCTOR_NAMES:
        a.doctor.found(Finding(name, Verdict.OK, f"{name.capitalize()}: everything that is needed is there."))
    fix = "Install v4l2loopback, then run: sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Understudy"
    a.doctor.found(Finding("virtual", Verdict.LIMITED, "No virtual camera.", fix, "Meetings see nothing without."))
    a.doctor.found(Finding("weights", Verdict.MISSING, "The weights of synergy are damaged.", "Reinstall the program."))
    a.doctor.done("a report")


def capture_refused(a: Set) -> None:
    live(a)
    a.be(camera=None)
    a.presenter.captures.capture_wanted()


def capture_starting(a: Set) -> None:
    live(a)
    a.presenter.captures.capture_wanted()


def capture_asking(a: Set) -> None:
    live(a)
    look(a)
    a.tick()
    state = CaptureState(CapturePhase.ASKING, "Turn your head slowly to your left.", strings.CAPTURE_HAS_IT, 0.6)
    a.window.show_capture(state)


def capture_approval(a: Set) -> None:
    live(a)
    shots = tuple(
        CaptureShot(goal, strings.CAPTURE_GOALS[goal], picture_of(key))
        for goal, key in zip(strings.CAPTURE_GOALS, PEOPLE, strict=True)
    )
    missing = (f"{strings.CAPTURE_GOALS['right']}: The head was not turned far enough to the right.",)
    a.window.show_capture(CaptureState(CapturePhase.FOUND, shots=shots[:5], missing=missing, can_keep=True))


def capture_nothing(a: Set) -> None:
    live(a)
    missing = tuple(f"{label}: No face was seen while it was asked for." for label in strings.CAPTURE_GOALS.values())
    a.window.show_capture(CaptureState(CapturePhase.FOUND, missing=missing))


def capture_kept(a: Set) -> None:
    live(a)
    a.window.show_capture(CaptureState(CapturePhase.KEPT, strings.CAPTURE_KEPT.format(name=LONG_NAME)))


def further_pictures(a: Set) -> None:
    live(a)
    shots = tuple(ReferenceShot(f"{n}.jpg", f"Picture {n}", picture_of(key)) for n, key in enumerate(PEOPLE[:5], 1))
    a.window.show_references(ReferencesState(ReferencesPhase.LISTED, LONG_NAME, strings.REFERENCES_TEXT, shots))


def further_pictures_found(a: Set) -> None:
    live(a)
    shots = tuple(ReferenceShot(str(n), f"IMG_20260304_{n:06}.jpg", picture_of(key)) for n, key in enumerate(PEOPLE))
    why = ("IMG_2.jpg: The face is blurred.", "IMG_3.jpg: Two faces are in it, and nobody knows whose is meant.")
    state = ReferencesState(ReferencesPhase.FOUND, LONG_NAME, strings.REFERENCES_FOUND, shots, why)
    a.window.show_references(state)


def further_pictures_looking(a: Set) -> None:
    live(a)
    state = ReferencesState(ReferencesPhase.LOOKING, LONG_NAME, strings.REFERENCES_LOOKING, share=0.4)
    a.window.show_references(state)


def cut_editor(a: Set) -> None:
    live(a)
    face = Box(0.3, 0.2, 0.7, 0.65)
    a.window.show_framing(Framing("mira", "Mira", picture_of("mira"), Box(0.1, 0.02, 0.9, 0.82), face))


def recorded_movement(a: Set) -> None:
    live(a)
    a.presenter.clips.clips_wanted()
    own = [ClipEntry(Path(f"/m/{n}.motion"), f"Movement 2026-03-{n:02} 05-06-07", 12.0 + n, True) for n in range(1, 15)]
    a.clips.found((*own, ClipEntry(Path("/m/calm.motion"), "Calm", 20.0, False)))


def recorded_movement_playing(a: Set) -> None:
    recorded_movement(a)
    a.presenter.clips.play_toggled(Path("/m/3.motion"))
    a.tick()


def recorded_movement_empty(a: Set) -> None:
    live(a)
    a.be(camera=None)
    a.presenter.clips.clips_wanted()
    a.clips.found(())


def stages(a: Set) -> None:
    live(a)
    a.presenter.help.stages_wanted()
    side = 64
    places = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    x, y = np.meshgrid(places, places)
    flow = np.stack([x + 0.2 * np.sin(3 * y), y + 0.2 * np.cos(3 * x)], -1).astype(np.float32)
    near = np.exp(-2 * (x * x + y * y)).astype(np.float32)
    assert a.engine.tell_stages is not None
    a.engine.tell_stages(StageMaps(flow, near, (near < 0.3).astype(np.uint8) + (x > 0.6), near))
    a.tick()


def stages_none(a: Set) -> None:
    live(a)
    a.presenter.help.stages_wanted()
    for _ in range(20):
        a.tick()


def pop_out(a: Set) -> None:
    live(a)
    a.presenter.looks.pop_out_toggled()
    a.engine.show(rendered(frame_of("amara")))
    a.presenter.on_news()


def rename_question(a: Set) -> None:
    many_portraits(a)
    a.presenter.gallery.rename_wanted("own-0")


def removal_question(a: Set) -> None:
    many_portraits(a)
    a.presenter.gallery.removal_wanted("own-0")


MAIN: tuple[Callable[[Set], None], ...] = (
    opening,
    first_start,
    guide_second_step,
    guide_third_step,
    preparing,
    empty,
    live,
    recording,
    away,
    slow,
    camera_unplugged,
    camera_busy,
    no_camera_found,
    no_virtual_camera,
    broken_picture,
    weights_missing,
    engine_crashed,
    no_sound_library,
    calibration_refused,
    several_problems,
    many_portraits,
    consent_question,
    everything_open,
    side_panel,
)
"""States of the main window."""

PAGES: tuple[Callable[[Set], None], ...] = (
    keys_list,
    doctor_running,
    doctor_page,
    capture_refused,
    capture_starting,
    capture_asking,
    capture_approval,
    capture_nothing,
    capture_kept,
    further_pictures,
    further_pictures_found,
    further_pictures_looking,
    cut_editor,
    recorded_movement,
    recorded_movement_playing,
    recorded_movement_empty,
    stages,
    stages_none,
    pop_out,
    rename_question,
    removal_question,
)
"""Windows beside the main one."""

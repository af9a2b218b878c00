"""Every control of the window, operated as a person does, does to the sent picture what its label says.

The whole way is real: window, presenter, engine, render stage, `geometric`, compositor. Only camera and tracker are
scripted, and the render stage is stepped by hand, so nothing here depends on time. What a control must show is a
picture that is made another way: "Head only" shows what a driver shows who only
turned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QColorDialog, QComboBox, QSlider

from app.clock import NS_PER_S
from app.control import EngineConfig
from app.crop import CropTransform
from app.engine import Engine
from app.framing import framed_view, paste_mask
from app.governor.levels import Level, QualityWish
from app.packets import FaceObservation, FrameStatus, RenderedFrame, TrackedFrame
from app.portrait import LoadedPortrait
from app.render.compositor import plan_canvas
from app.settings import BackgroundMode, FitMode, Gaze, OutputSettings, Region
from models.geometric.animator import GeometricAnimator
from models.motion.canonical import load_canonical
from models.motion.landmark_sets import EYES, INNER_LIP_LOWER, INNER_LIP_UPPER
from tests.app.guided_capture.acting import SIZE, Act, landmarks_of
from tests.helpers.live import HandClock, TestStages
from tests.helpers.portraits import made_up_portrait, textured
from tests.helpers.waiting import wait_for
from tests.helpers.window import TILES
from tests.ui.conftest import Rig, settle
from tests.ui.views.window_parts import button, named
from ui.theme import DARK
from ui.views.gallery import StripView
from ui.views.main_window import MainWindow
from ui.views.preview import PreviewView

PORTRAIT_PX = 160
GREEN, BLUE = (30, 150, 60), (30, 60, 170)
OUTPUT = OutputSettings(width=320, height=192, fps=25)
FRAME_S = 0.2
"""Between two pictures of the camera: few, since each is animated."""

REST, TURNED, TALKS, SHUT = Act(), Act(yaw=0.25), Act(lips=0.8), Act(eyes=0.0)
INNER_LIPS = INNER_LIP_UPPER + INNER_LIP_LOWER
EVERYTHING = Act(yaw=0.25, eyes=0.0, lips=0.8)
SETTLES_S = 1.2
"""After that the neutral face is known, and smoothing has caught up."""


def grainy_portrait(square_px: int = PORTRAIT_PX, wall: tuple[int, int, int] = GREEN) -> LoadedPortrait:
    """A person with a believable face before a wall, with detail everywhere, so that every movement is seen."""
    made = made_up_portrait((240, 320), side=72.0)
    grain = textured((240, 320), 3).astype(np.float32) + np.random.default_rng(3).normal(0, 25, (240, 320, 3))
    behind = np.clip(np.array(wall) + 0.3 * (grain - 128), 0, 255).astype(np.uint8)
    picture = np.where(made.foreground[..., None] > 0.5, np.clip(grain, 0, 255), behind).astype(np.uint8)
    crop = replace(made.crop, out_px=square_px)
    landmarks = crop.to_picture(_in_square(crop))
    view = framed_view(picture, made.foreground, behind, crop, landmarks)
    return replace(
        made, picture=picture, background=behind, crop=crop, view=view, paste_mask=paste_mask(crop, (240, 320))
    )


def _in_square(crop: CropTransform) -> np.ndarray:
    return ((load_canonical().mean * (0.4, 0.4, 0.4)) + (1.0, 1.0, 0.0)) * crop.out_px / 2


def around(points: list[int]) -> tuple[slice, slice]:
    """Where landmarks of the portrait are in the sent picture."""
    portrait = grainy_portrait()
    matrix = plan_canvas(portrait, OUTPUT).region.canvas_from_crop
    square = (portrait.view.landmarks[points, :2] + 1.0) * portrait.crop.out_px / 2
    x, y = (square @ matrix[:, :2].T + matrix[:, 2]).T
    return slice(int(y.min()) - 2, int(y.max()) + 3), slice(int(x.min()) - 2, int(x.max()) + 3)


class Studio:
    """The window with everything behind it, a driver who does what a test says, and the pictures that are sent."""

    def __init__(
        self, make_rig: Callable[..., Rig], window: MainWindow, output: OutputSettings, square_px: int
    ) -> None:
        self.clock, self.window = HandClock(), window
        config = EngineConfig(camera="synthetic", output=output, quality=QualityWish.BEST)
        stages = TestStages(config, lambda: GeometricAnimator(torch.device("cpu")))
        self.engine = Engine(config, stages, self.clock)
        self.rig = make_rig(config, view=window, engine=self.engine)
        self.presenter = self.rig.presenter
        window.bind(self.presenter, lambda: None)
        window.apply_theme(DARK)
        self.presenter.show_remembered()
        self.engine.set_portrait(grainy_portrait(square_px))
        self._pipeline = self.engine._pipeline
        self._stage = stages.render(self._pipeline)
        self._stage.open()
        self.frames: list[RenderedFrame] = []
        self.act(REST, SETTLES_S)

    def close(self) -> None:
        self._stage.release()

    def see(self, seen: FaceObservation | None, shift_px: float = 0.0) -> None:
        """One picture of the camera, and the frame that is made of it."""
        self.clock.pass_s(FRAME_S)
        now_ns = self.clock.now_ns()
        if seen is not None and shift_px:
            moved = seen.landmarks_px + np.array([shift_px, 0.0, 0.0], np.float32)
            seen = FaceObservation(moved, seen.picture_size)
        self._pipeline.tracked.put(TrackedFrame(len(self.frames), now_ns, seen, now_ns))
        self._stage.step()
        frame = self.engine.preview.take()
        if frame is not None:
            self.frames.append(frame)
            self._pipeline.reports.delivered("null", frame, self.clock.now_ns())

    def act(self, act: Act, seconds: float = 0.8, shift_px: float = 0.0) -> np.ndarray:
        """Do one thing for so long; the last picture that is sent."""
        for _ in range(round(seconds / FRAME_S)):
            self.see(FaceObservation(landmarks_of(act), SIZE), shift_px)
        return self.picture

    @property
    def picture(self) -> np.ndarray:
        """The last picture, signed, to be compared."""
        return self.frames[-1].image.astype(np.int16)

    @property
    def level(self) -> Level | None:
        """How frames are wished to be made."""
        return self._pipeline.wishes.read().level

    def slide(self, name: str, key: Qt.Key) -> None:
        """Home goes to the left end of a slider, End to the right."""
        slider = named(self.window, QSlider, name)
        assert isinstance(slider, QSlider)
        QTest.keyClick(slider, key)

    def tick(self, name: str) -> None:
        """Press space on a check box."""
        box = named(self.window, QCheckBox, name)
        assert isinstance(box, QCheckBox)
        QTest.keyClick(box, Qt.Key.Key_Space)

    def choose(self, name: str, value: object) -> None:
        """Go down a list with the arrow key as far as `value`."""
        combo = named(self.window, QComboBox, name)
        assert isinstance(combo, QComboBox)
        QTest.keyClick(combo, Qt.Key.Key_Home)
        while combo.currentData() is not value:
            before = combo.currentIndex()
            QTest.keyClick(combo, Qt.Key.Key_Down)
            assert combo.currentIndex() != before, f"{value} is not in {name}"

    def press(self, name: str) -> None:
        """Click a button."""
        QTest.mouseClick(button(self.window, name), Qt.MouseButton.LeftButton)


@pytest.fixture
def make_studio(qt_app: QApplication, make_rig: Callable[..., Rig]) -> Iterator[Callable[..., Studio]]:
    """Makes a studio for an output and a side of the animated square."""
    made: list[Studio] = []

    def make(output: OutputSettings = OUTPUT, square_px: int = PORTRAIT_PX) -> Studio:
        made.append(Studio(make_rig, MainWindow(), output, square_px))
        made[-1].window.show()
        qt_app.processEvents()
        return made[-1]

    yield make
    for studio in made:
        studio.close()
        studio.window.close()
        studio.window.deleteLater()
    settle(qt_app)


@pytest.fixture
def studio(make_studio: Callable[..., Studio]) -> Studio:
    return make_studio()


def differ(first: np.ndarray, second: np.ndarray) -> float:
    """How much two pictures differ, mean of all pixels."""
    return float(np.abs(first - second).mean())


def alike(first: np.ndarray, second: np.ndarray, *, against: np.ndarray) -> bool:
    """Whether two pictures are much more alike than either and a third."""
    return differ(first, second) < 0.25 * min(differ(first, against), differ(second, against))


# --- movement ------------------------------------------------------------------------------------------------


def test_strength_goes_from_not_at_all_over_as_the_driver_does_to_twice_that(studio: Studio) -> None:
    rest = studio.picture
    as_driven = studio.act(Act(yaw=0.1))
    twice_as_far = studio.act(Act(yaw=0.2))
    studio.act(REST)
    studio.slide("Strength", Qt.Key.Key_Home)
    assert differ(studio.act(Act(yaw=0.1)), rest) < 0.05 * differ(as_driven, rest)
    studio.slide("Strength", Qt.Key.Key_End)
    doubled = studio.act(Act(yaw=0.1))
    assert differ(doubled, twice_as_far) < 0.5 * differ(doubled, as_driven)


def test_smoothing_calms_a_shaky_picture_from_responsive_to_steady(studio: Studio) -> None:
    def shake() -> float:
        """How much successive pictures differ."""
        start, rng = len(studio.frames), np.random.default_rng(1)
        for _ in range(20):
            noise = rng.normal(0.0, 0.6, (478, 3)).astype(np.float32)
            studio.see(FaceObservation(landmarks_of(REST) + noise, SIZE))
        seen = [frame.image.astype(np.int16) for frame in studio.frames[start:]]
        return float(np.mean([differ(a, b) for a, b in pairwise(seen)]))

    usual = shake()
    studio.slide("Smoothing", Qt.Key.Key_Home)
    responsive = shake()
    studio.slide("Smoothing", Qt.Key.Key_End)
    assert shake() < 0.8 * usual < 0.8 * 0.8 * responsive


@pytest.mark.parametrize(
    ("region", "shown"),
    [(Region.ALL, EVERYTHING), (Region.POSE, TURNED), (Region.EXPRESSION, replace(EVERYTHING, yaw=0.0))],
    ids=lambda value: value.value if isinstance(value, Region) else "",
)
def test_head_and_face_move_as_was_chosen(studio: Studio, region: Region, shown: Act) -> None:
    rest, everything, wanted = studio.picture, studio.act(EVERYTHING), studio.act(shown)
    studio.act(REST)
    studio.choose("Moves", region)
    seen = studio.act(EVERYTHING)
    assert alike(seen, wanted, against=rest)
    assert region is Region.ALL or alike(seen, wanted, against=everything)


@pytest.mark.parametrize(
    ("region", "moves", "rests", "shown"),
    [(Region.EYES, EYES, INNER_LIPS, SHUT), (Region.LIPS, INNER_LIPS, EYES, TALKS)],
    ids=["eyes", "lips"],
)
def test_eyes_or_mouth_alone_move_where_that_was_chosen(
    studio: Studio, region: Region, moves: list[int], rests: list[int], shown: Act
) -> None:
    rest, everything, wanted = studio.picture, studio.act(replace(EVERYTHING, yaw=0.0)), studio.act(shown)
    studio.act(REST)
    studio.choose("Moves", region)
    seen, moved, rested = studio.act(EVERYTHING), around(moves), around(rests)
    assert differ(seen[moved], wanted[moved]) < 0.3 * differ(wanted[moved], rest[moved])
    assert differ(seen[rested], rest[rested]) < 0.15 * differ(everything[rested], rest[rested])


def test_eyes_stay_at_the_camera_while_the_head_turns_where_that_was_chosen(studio: Studio) -> None:
    rest, follows = studio.picture, studio.act(TURNED)
    studio.act(REST)
    studio.choose("Looks", Gaze.CAMERA)
    stays, eyes = studio.act(TURNED), around(EYES)
    assert differ(stays[eyes], follows[eyes]) > 0.1 * differ(follows[eyes], rest[eyes])
    mouth = around(INNER_LIPS)
    assert differ(stays[mouth], follows[mouth]) < 0.02 * differ(follows[mouth], rest[mouth])
    studio.act(REST)
    studio.choose("Looks", Gaze.FOLLOW)
    assert alike(studio.act(TURNED), follows, against=rest)


def test_shoulders_are_still_while_the_box_is_ticked_and_follow_while_it_is_not(studio: Studio) -> None:
    rest = studio.picture
    still = studio.act(REST, shift_px=40.0)
    studio.act(REST)
    studio.tick("Keep shoulders still")
    follows = studio.act(REST, shift_px=40.0)
    shoulders = np.s_[-24:]
    assert differ(still, rest) > 1.0, "the head moves either way"
    assert differ(still[shoulders], rest[shoulders]) < 0.2 * differ(follows[shoulders], rest[shoulders])


@pytest.mark.parametrize(
    ("box", "slider", "points", "shut", "opened"),
    [
        ("Hold eyes open", "How far the eyes are open", EYES, SHUT, REST),
        ("Hold mouth open", "How far the mouth is open", INNER_LIPS, REST, TALKS),
    ],
    ids=["eyes", "mouth"],
)
def test_held_eyes_and_mouth_are_as_open_as_the_slider_says_whatever_the_driver_does(
    studio: Studio, box: str, slider: str, points: list[int], shut: Act, opened: Act
) -> None:
    part = around(points)
    driven_shut, driven_open = studio.act(shut)[part], studio.act(opened)[part]
    studio.tick(box)
    studio.slide(slider, Qt.Key.Key_Home)
    held_shut = studio.act(opened)[part]
    assert differ(held_shut, driven_shut) < 0.5 * differ(held_shut, driven_open)
    assert differ(held_shut, studio.act(shut)[part]) < 0.1 * differ(held_shut, driven_open)
    studio.slide(slider, Qt.Key.Key_End)
    held_open = studio.act(shut)[part]
    assert differ(held_open, driven_open) < differ(held_open, driven_shut)
    assert differ(held_open, studio.act(opened)[part]) < 0.1 * differ(held_open, held_shut)
    studio.tick(box)
    assert differ(studio.act(shut)[part], driven_shut) < 0.1 * differ(driven_shut, driven_open)


def test_reset_puts_the_movement_back_as_it_was_delivered(studio: Studio) -> None:
    rest, before = studio.picture, studio.act(EVERYTHING)
    studio.slide("Strength", Qt.Key.Key_Home)
    studio.choose("Moves", Region.LIPS)
    studio.tick("Hold eyes open")
    assert not alike(studio.act(EVERYTHING), before, against=rest)
    studio.press("Reset")
    assert alike(studio.act(EVERYTHING), before, against=rest)


def test_the_neutral_face_is_the_one_that_was_shown_when_the_button_was_pressed(studio: Studio) -> None:
    rest, turned = studio.picture, studio.act(Act(yaw=0.2))
    studio.press("Set neutral face")
    assert alike(studio.act(Act(yaw=0.2)), rest, against=turned)


# --- picture -------------------------------------------------------------------------------------------------


def corner(picture: np.ndarray) -> np.ndarray:
    """The mean colour of the upper left corner, which is background."""
    return np.asarray(picture[:24, :24].reshape(-1, 3).mean(0))


def test_the_frame_shows_all_of_the_portrait_or_fills_the_picture(studio: Studio) -> None:
    everything = studio.picture
    studio.choose("Frame", FitMode.FIT)
    fitted = studio.act(REST)
    studio.choose("Frame", FitMode.FILL)
    filled = studio.act(REST)
    assert differ(filled, everything) < 0.5, "it was filled at first"
    rough = [np.abs(np.diff(each[:, :24], axis=0)).mean() for each in (fitted, filled)]
    assert rough[0] < 0.3 * rough[1], "bars are blurred, the portrait reaches the edge"


@pytest.mark.parametrize("mode", BackgroundMode, ids=lambda mode: mode.value)
def test_behind_the_person_is_what_was_chosen(studio: Studio, tmp_path: Path, mode: BackgroundMode) -> None:
    before, person = studio.picture, np.s_[80:110, 140:180]
    if mode is BackgroundMode.PICTURE:
        violet = tmp_path / "violet.png"
        Image.new("RGB", (64, 64), (150, 0, 200)).save(violet)
        studio.presenter.looks.background_picture_chosen(violet)
        violet_seen = np.array((150, 0, 200))
        wait_for(lambda: differ(corner(studio.act(REST, FRAME_S)), violet_seen) < 3, "the picture that is read")
    else:
        studio.choose("Background", mode)
    seen = studio.act(REST)
    assert differ(seen[person], before[person]) < 1.0, "the person is the same"
    grain = [each[:24, :24].std(axis=(0, 1)).mean() for each in (seen, before)]
    if mode is BackgroundMode.KEEP:
        assert differ(seen, before) < 0.5
    elif mode is BackgroundMode.BLUR:
        assert differ(corner(seen), corner(before)) < 8
        assert grain[0] < 0.5 * grain[1]
    elif mode is BackgroundMode.COLOUR:
        assert differ(corner(seen), np.array((0, 177, 64))) < 3
    elif mode is BackgroundMode.TRANSPARENT:
        cutout = studio.frames[-1].cutout
        assert cutout is not None
        assert (cutout.alpha[:24, :24].max(), cutout.alpha[95, 160]) == (0, 255)


def test_another_colour_is_taken_from_the_dialog(studio: Studio, qt_app: QApplication) -> None:
    studio.choose("Background", BackgroundMode.COLOUR)
    studio.press("Choose colour…")
    (dialog,) = studio.window.findChildren(QColorDialog)
    dialog.setCurrentColor(QColor(10, 20, 250))
    dialog.accept()
    settle(qt_app)
    assert differ(corner(studio.act(REST)), np.array((10, 20, 250))) < 3


def test_the_label_is_in_the_corner_of_the_sent_picture_alone(studio: Studio) -> None:
    before = studio.picture
    studio.tick("Label “AI avatar” in the corner")
    changed = np.abs(studio.act(REST) - before).max(2) > 40
    rows, columns = np.nonzero(changed)
    assert rows.size > 50
    assert (np.ptp(rows) < 60, np.ptp(columns) < 160) == (True, True)
    studio.tick("Label “AI avatar” in the corner")
    assert differ(studio.act(REST), before) < 0.5


def test_mirror_turns_the_preview_round_and_leaves_the_sent_picture(studio: Studio, qt_app: QApplication) -> None:
    def shown() -> np.ndarray:
        studio.act(TURNED, FRAME_S)
        studio.engine.preview.put(studio.frames[-1])
        studio.presenter.on_news()
        studio.window.show_message(None)  # nobody was chosen in the gallery
        qt_app.processEvents()
        view = studio.window.findChild(PreviewView)
        assert isinstance(view, PreviewView)
        image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.int16)

    studio.act(TURNED)
    first, sent = shown(), studio.picture
    studio.press("Mirror")
    second = shown()
    middle = np.s_[first.shape[0] // 3 : first.shape[0] // 2]
    assert differ(studio.picture, sent) < 0.5
    assert differ(second[middle][:, ::-1], first[middle]) < 0.5 * differ(second[middle], first[middle])


def test_light_quality_shows_less_detail_and_best_brings_it_back(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio(replace(OUTPUT, width=960, height=544), 512)
    governor, person = studio.engine._quality._make(), np.s_[200:360, 400:560]

    def detail() -> float:
        """How much neighbouring pixels of the face differ."""
        return float(np.abs(np.diff(studio.act(REST)[person], axis=1)).mean())

    def govern(below: bool) -> None:
        before = studio.level
        while studio.level == before:  # then the render thread has the level made beside the pictures, in its own time
            assert studio.clock.now_ns() < 600 * NS_PER_S, "the wish is obeyed within a second"
            governor.step()
        wait_for(lambda: (detail() < 0.8 * best) is below, "another level of quality", timeout_s=60.0)

    best = detail()
    studio.choose("Quality", QualityWish.LIGHT)
    govern(below=True)
    studio.choose("Quality", QualityWish.BEST)
    govern(below=False)
    assert detail() > 0.95 * best
    governor.release()


# --- what others see -----------------------------------------------------------------------------------------


def test_away_shows_the_card_until_it_is_pressed_again(studio: Studio) -> None:
    before = studio.picture
    studio.press("Away")
    studio.act(REST)
    assert studio.frames[-1].status is FrameStatus.AWAY
    assert differ(studio.picture, before) > 20
    studio.press("Come back")
    assert differ(studio.act(REST), before) < 0.5
    assert studio.frames[-1].status is FrameStatus.LIVE


def test_go_live_lets_the_portrait_be_seen_and_switching_it_off_shows_the_card(studio: Studio) -> None:
    before = studio.picture
    studio.press("Go live")
    assert differ(studio.act(REST), before) < 0.5
    studio.press("Go live")
    studio.act(REST)
    assert studio.frames[-1].status is FrameStatus.AWAY
    studio.press("Go live")
    assert differ(studio.act(REST), before) < 0.5


def test_a_click_on_a_portrait_lets_it_be_seen(studio: Studio) -> None:
    strip = studio.window.findChild(StripView)
    assert isinstance(strip, StripView)
    studio.window.show_avatars(TILES, None)
    place = strip.visualRect(strip.model().index(1, 0)).center()
    assert differ(corner(studio.picture), np.array(GREEN)) < 12

    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert studio.rig.portraits.requests[-1].who == "ben"
    studio.rig.portraits.done(grainy_portrait(wall=BLUE))

    assert differ(corner(studio.act(REST)), np.array(BLUE)) < 12
    assert studio.frames[-1].status is FrameStatus.LIVE

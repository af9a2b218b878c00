"""The window: puts the views together, passes what is shown down and what is wanted up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
)
from PySide6.QtWidgets import QMainWindow

from app.remembered import Language
from app.settings import MotionSettings, OutputSettings
from ui import strings
from ui.icons import app_icon
from ui.protocols import Intents
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
from ui.theme import Theme
from ui.views.actions import ActionRow
from ui.views.arrangement import Arrangement, Parts
from ui.views.browser_panel import BrowserPanel
from ui.views.capture_page import CapturePage
from ui.views.clips_page import ClipsPage
from ui.views.dialogs import RemovalTexts, ask_file, ask_files, ask_name, ask_removal, ask_target
from ui.views.doctor_page import DoctorPage
from ui.views.framing_page import FramingPage
from ui.views.gallery import GalleryView
from ui.views.guide_bar import GuideBar
from ui.views.health_bar import HealthBar
from ui.views.intake import can_take, paste_empty, pasted_folder, picture_from
from ui.views.keys_page import KeysPage
from ui.views.language_panel import LanguagePanel
from ui.views.live_panel import LivePanel
from ui.views.motion_panel import MotionPanel
from ui.views.notice_bar import NoticeBar
from ui.views.pages import open_at
from ui.views.picture_panel import PicturePanel
from ui.views.pop_out import PopOut
from ui.views.preview import PreviewView
from ui.views.quality_panel import QualityPanel
from ui.views.question_bar import QuestionBar
from ui.views.references_page import ReferencesPage
from ui.views.remote_panel import RemotePanel
from ui.views.shortcuts import add_window_keys
from ui.views.sound_panel import SoundPanel
from ui.views.source_panel import CameraPanel, VirtualCameraPanel
from ui.views.stages_page import StagesPage
from ui.views.status_row import StatusRow
from ui.views.tools_panel import ToolsPanel
from ui.views.tray import Tray, raise_window

FIRST_SIZE = QSize(1280, 760)
SMALLEST = QSize(600, 320)
"""Fits a 1280 x 800 screen at a scale of 200 % with its bars."""


class MainWindow(QMainWindow):
    """Implements `ui.protocols.MainView`. `bind` must be called before it is shown.

    on_close is called when the person closes the window, before it disappears.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(strings.APP_NAME)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(SMALLEST)
        self.setAcceptDrops(True)
        open_at(self, FIRST_SIZE)
        self.pasted_folder = pasted_folder()
        self._put_away = False

    def bind(self, intents: Intents, on_close: Callable[[], None]) -> None:
        """Make the views; wishes go to `intents` from now on."""
        self._intents, self._on_close = intents, on_close
        self._centre = centre = Arrangement(self)
        # The Tab key goes the way the views are made: from the top, the picture's column before the side panel.
        self._notice, self._question, self._guide = NoticeBar(centre), QuestionBar(centre), GuideBar(centre)
        self._preview, self._status, self._health = PreviewView(centre), StatusRow(centre), HealthBar(centre)
        self._actions = ActionRow(intents.outputs, intents.looks, centre)
        self._gallery = GalleryView(intents.portraits, intents.gallery, centre)
        self._live, self._camera = LivePanel(intents.outputs, centre), CameraPanel(intents.cameras, centre)
        self._sound = SoundPanel(intents.sound, centre)
        self._virtual = VirtualCameraPanel(intents.outputs, centre)
        self._browser = BrowserPanel(intents.outputs, centre)
        self._motion, self._picture = MotionPanel(intents.looks, centre), PicturePanel(intents.looks, centre)
        self._quality, self._remote = QualityPanel(intents.looks, centre), RemotePanel(intents.remote, centre)
        self._language, self._tools = LanguagePanel(intents.help, centre), ToolsPanel(intents, centre)
        self._doctor, self._capture = DoctorPage(intents.doctor, self), CapturePage(intents.captures, self)
        self._framing, self._stages = FramingPage(intents.gallery, self), StagesPage(intents.help, self)
        self._keys, self._clips = KeysPage(self), ClipsPage(intents.clips, self)
        self._references = ReferencesPage(intents.references, self)
        self._question.confirmed.connect(lambda: intents.portraits.likeness_confirmed())
        self._question.refused.connect(lambda: intents.portraits.likeness_refused())
        self._guide.next_wanted.connect(lambda: intents.help.guide_next())
        self._guide.back_wanted.connect(lambda: intents.help.guide_back())
        self._guide.skipped.connect(lambda: intents.help.guide_skipped())
        self._gallery.references_wanted.connect(lambda key: intents.references.references_wanted(key))
        self._notice.dismissed.connect(lambda: intents.notice_dismissed())
        self._notice.next_wanted.connect(lambda: intents.notice_next())
        self._notice.folder_wanted.connect(lambda: intents.notice_folder_wanted())
        self._notice.copy_wanted.connect(lambda: intents.notice_copy_wanted())
        self._preview.retry_pressed.connect(lambda: intents.try_again())
        self._pop_out, self._tray = PopOut(), Tray(intents, self.raise_to_front, self._close_by_key)
        self._pop_out.closed.connect(lambda: intents.looks.pop_out_closed())
        self._pop_out.panicked.connect(lambda: intents.outputs.away_wanted(True))
        self._arrange(centre)
        self._gallery.last_control.setFocus()  # a key pressed by chance changes nothing there
        add_window_keys(self, intents, lambda: self._virtual.switched_on, self.paste)

    def raise_to_front(self) -> None:
        """Show the window over all others, from wherever it is."""
        raise_window(self)

    def put_away(self) -> None:
        """Take what is not part of the window off the screen for good; idempotent."""
        self._tray.close()
        if not self._put_away:
            self._put_away = True
            self._pop_out.hide()
            self._pop_out.deleteLater()

    def show_tray(self) -> None:
        """Let the icon appear in the system's tray."""
        self._tray.open()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for view in (self._notice, self._question, self._preview, self._status, self._actions, self._gallery):
            view.apply_theme(theme)
        self._doctor.apply_theme(theme)
        self._capture.apply_theme(theme)
        self._clips.apply_theme(theme)
        self._references.apply_theme(theme)
        self._framing.apply_theme(theme)
        self._health.apply_theme(theme)
        self._guide.apply_theme(theme)
        for panel in (self._live, self._camera, self._virtual, self._browser, self._sound, self._picture, self._remote):
            panel.apply_theme(theme)

    # --- MainView ----------------------------------------------------------------------------------------------

    def show_frame(self, picture: Picture, *, has_words: bool = False) -> None:
        self._preview.show_frame(picture, has_words=has_words)
        if not self._put_away:
            self._pop_out.show_frame(picture)

    def show_message(self, message: PreviewMessage | None) -> None:
        self._preview.show_message(message)
        if not self._put_away:
            self._pop_out.show_covered(message is not None)

    def show_status(self, line: StatusLine) -> None:
        self._status.show_status(line)

    def show_health(self, line: HealthLine) -> None:
        self._health.show_line(line)

    def show_live(self, line: LiveLine) -> None:
        self._live.show_line(line)
        self._tray.show_live(line)

    def show_camera_line(self, line: CameraLine) -> None:
        self._camera.show_line(line)

    def show_driver(self, seen: DriverSeen | None) -> None:
        self._camera.show_seen(seen)
        self._capture.show_seen(seen)

    def show_avatars(self, tiles: Sequence[AvatarTile], selected: str | None) -> None:
        self._gallery.show_avatars(tiles, selected)

    def show_cameras(self, entries: Sequence[CameraEntry], selected: int, *, searching: bool) -> None:
        self._camera.show_cameras(entries, selected, searching=searching)

    def show_virtual_camera(self, line: VirtualCameraLine) -> None:
        self._virtual.show_line(line)

    def show_sound_devices(self, lists: SoundLists) -> None:
        self._sound.show_devices(lists)

    def show_sound(self, line: SoundLine) -> None:
        self._sound.show_line(line)

    def show_recording(self, length: str | None) -> None:
        self._actions.show_recording(length)
        self._tray.show_recording(length)

    def show_paused(self, paused: bool) -> None:
        self._actions.show_paused(paused)

    def show_browser_source(self, line: BrowserLine) -> None:
        self._browser.show_line(line)

    def show_away(self, away: bool) -> None:
        self._actions.show_away(away)

    def show_mirror(self, mirror: bool) -> None:
        self._actions.show_mirror(mirror)
        self._preview.set_mirror(mirror)
        self._camera.set_mirror(mirror)
        self._capture.set_mirror(mirror)

    def show_pop_out(self, is_open: bool) -> None:
        self._actions.show_pop_out(is_open)
        self._pop_out.setVisible(is_open)

    def show_motion(self, motion: MotionSettings) -> None:
        self._motion.show_motion(motion)

    def show_output(self, output: OutputSettings) -> None:
        self._picture.show_output(output)

    def show_models(self, line: ModelLine) -> None:
        self._quality.show_models(line)

    def show_quality(self, line: QualityLine) -> None:
        self._quality.show_line(line)

    def show_notice(self, notice: Notice | None) -> None:
        self._notice.show_notice(notice)

    def show_remote(self, line: RemoteLine) -> None:
        self._remote.show_line(line)

    def show_question(self, question: LikenessQuestion | None) -> None:
        self._question.show_question(question)

    def ask_portrait(self) -> None:
        ask_file(self, strings.PICTURE_DIALOG, strings.PICTURE_FILTER, self._intents.portraits.picture_chosen)

    def ask_name(self, key: str, name: str) -> None:
        ask_name(self, name, lambda text: self._intents.gallery.renamed(key, text))

    def show_framing(self, framing: Framing) -> None:
        self._framing.show_framing(framing)

    def ask_removal(self, key: str, name: str) -> None:
        texts = RemovalTexts(strings.REMOVE_TITLE, strings.REMOVE_WHAT.format(name=name), strings.REMOVE_WHY)
        ask_removal(self, texts, lambda: self._intents.gallery.removed(key))

    def show_language(self, language: Language) -> None:
        self._language.show_language(language)

    def show_guide(self, step: GuideStep | None) -> None:
        self._guide.show_step(step)
        self._centre.show_side(step is not None and step.at_side)

    def show_stages(self, state: StagesState) -> None:
        self._stages.show_state(state)

    def show_keys(self) -> None:
        self._keys.show()
        self._keys.raise_()

    def ask_video(self) -> None:
        cameras = self._intents.cameras
        ask_file(self, strings.VIDEO_DIALOG, strings.VIDEO_FILTER, cameras.video_chosen, cameras.video_refused)

    def ask_background(self) -> None:
        looks = self._intents.looks
        chosen, refused = looks.background_picture_chosen, looks.background_refused
        ask_file(self, strings.BACKGROUND_DIALOG, strings.PICTURE_FILTER, chosen, refused)

    def open_folder(self, folder: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def show_doctor(self, state: DoctorState) -> None:
        self._doctor.show_state(state)

    def show_capture(self, state: CaptureState) -> None:
        self._capture.show_state(state)

    def show_references(self, state: ReferencesState) -> None:
        self._references.show_state(state)

    def ask_references(self, name: str, *, video: bool) -> None:
        chosen = self._intents.references.files_chosen
        title = strings.REFERENCES_VIDEO_DIALOG if video else strings.REFERENCES_DIALOG
        names = strings.VIDEO_FILTER if video else strings.PICTURE_FILTER
        ask_files(self, title.format(name=name), names, chosen)

    def show_clips(self, state: ClipsState) -> None:
        self._clips.show_state(state)

    def ask_clip(self) -> None:
        ask_file(self, strings.CLIP_DIALOG, strings.CLIP_FILTER, self._intents.clips.imported)

    def ask_clip_target(self, path: Path, name: str) -> None:
        exported = self._intents.clips.exported
        ask_target(self, strings.CLIP_SAVE_DIALOG, strings.CLIP_FILTER, f"{name}{path.suffix}", partial(exported, path))

    def ask_clip_removal(self, path: Path, name: str) -> None:
        what = strings.CLIP_REMOVE_WHAT.format(name=name)
        texts = RemovalTexts(strings.CLIP_REMOVE_TITLE, what, strings.CLIP_REMOVE_WHY)
        ask_removal(self, texts, lambda: self._intents.clips.removed(path))

    def copy_text(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def restore_geometry(self, geometry: str) -> None:
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "ignore")))

    def geometry_text(self) -> str:
        return bytes(self.saveGeometry().toBase64().data()).decode("ascii")

    # --- Qt ----------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self.put_away()
        self._on_close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if can_take(event.mimeData()):
            event.acceptProposedAction()
            self._preview.set_dropping(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._preview.set_dropping(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._preview.set_dropping(False)
        event.acceptProposedAction()
        self._take(picture_from(event.mimeData(), self.pasted_folder))

    def paste(self) -> None:
        """Use the picture in the clipboard."""
        mime = QGuiApplication.clipboard().mimeData()
        self._take(picture_from(mime, self.pasted_folder) if can_take(mime) else paste_empty())

    def _take(self, result: Path | Notice) -> None:
        if isinstance(result, Path):
            self._intents.portraits.picture_chosen(result)
        else:
            self._intents.portraits.picture_not_usable(result)

    def _close_by_key(self) -> None:
        self.close()

    def _arrange(self, centre: Arrangement) -> None:
        sources = (self._camera, self._sound, self._virtual, self._browser)
        rest = (self._motion, self._picture, self._quality, self._remote, self._language, self._tools)
        bars, row = (self._notice, self._question, self._guide), (self._health, self._actions)
        panels = (*sources, *rest)
        centre.arrange(Parts(bars, self._preview, self._status, row, self._gallery, self._live, panels))
        self.setCentralWidget(centre)

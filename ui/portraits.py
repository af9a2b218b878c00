"""The presenter's part for portraits: the gallery, loading the chosen one, what to say when that fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.avatars import user_folder
from app.control import EngineControl
from app.portrait import LoadedPortrait
from ui import strings
from ui.gallery import Gallery
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.sentences import said
from ui.service_protocols import AvatarService, PortraitRequest, PortraitService
from ui.shown import AvatarTile, LikenessQuestion, Notice, NoticeKind, PreviewMessage
from ui.wording import notice_of_error

PART = "portrait"

MOST_BROKEN = 3
"""So many folders that cannot be used are named at the start; nobody reads more."""


@dataclass(frozen=True)
class PortraitParts:
    """What portraits need: where they come from and where they go."""

    view: MainView
    engine: EngineControl
    portraits: PortraitService
    avatars: AvatarService
    notices: NoticeBoard
    gallery: Gallery


@dataclass(frozen=True)
class _Question:
    """Whose right to a likeness is asked for; portrait: what waits for the answer, None where it is shown already."""

    request: PortraitRequest
    name: str
    portrait: LoadedPortrait | None


class PortraitDesk:
    """Loads whoever is chosen, keeps pictures in the gallery, and falls back to a shipped avatar at the start.

    `on_settled` is called after anything changed that the rest of the window shows.
    """

    def __init__(self, parts: PortraitParts, references: tuple[Path, ...], on_settled: Callable[[], None]) -> None:
        self._parts = parts
        self._references = references  # belong to the first portrait alone; used up by it
        self._shown: PortraitRequest | None = None  # as it was loaded, with its references
        self._on_settled = on_settled
        self._gallery = parts.gallery
        self._asked: str | None = None
        self._failure: Notice | None = None
        self._to_keep: str | None = None  # a picture that goes into the gallery once it turned out usable
        self._listed = False
        self._by_hand = False  # what is being loaded was picked in the window, so it waits for the answer
        self._question: _Question | None = None
        self._used: LoadedPortrait | None = None  # what the engine shows
        self.on_shown: Callable[[str, bool], None] = lambda key, new: None
        """Told who is shown now, and whether he was just added to the gallery."""
        self.chosen: str | None = None
        """The portrait that is loaded; what is remembered."""

    @property
    def preparing(self) -> str:
        """Whom the window is preparing, as a sentence; empty if nobody."""
        if self._asked is None:
            return ""
        if self._question is not None:
            return strings.LIKENESS_WAITING.format(name=self._question.name)
        tile = self._gallery.tile(self._asked)
        name = tile.name if tile else Path(self._asked).stem
        return strings.PREPARING_TITLE.format(name=name or strings.PICTURE_PLACEHOLDER)

    @property
    def nobody(self) -> bool:
        """Whether nobody is shown and nobody is on the way."""
        return self.chosen is None and self._asked is None and self._listed

    def start(self, who: str | None) -> None:
        """List the gallery and load `who`; None takes the first of the gallery."""
        if who is not None:
            self._load(PortraitRequest(who, self._references))
        self._parts.avatars.find(self._listed_avatars, self._not_listed)
        self._parts.avatars.find_broken(self._say_broken)

    @property
    def still(self) -> Path | None:
        """A picture of whoever is on the way or shown, to look at while nothing moves."""
        tile = self._gallery.tile(self._asked or self.chosen or "")
        return tile.picture if tile else None

    @property
    def current(self) -> str | None:
        """Who is on the way, or shown."""
        return self._asked or self.chosen

    def load_again(self) -> None:
        """Hand the chosen portrait to an engine that was started anew."""
        if self._shown is not None:
            self._load(self._shown)

    def add_picture(self) -> None:
        """Ask which picture."""
        self._parts.view.ask_portrait()

    def avatar_chosen(self, key: str) -> None:
        """Load a portrait of the gallery."""
        if key not in (self._asked, self.chosen if self._asked is None else None):
            self._clear_failure()
            self._load(PortraitRequest(key), by_hand=True)

    def picture_chosen(self, path: Path) -> None:
        """Load a picture, and keep it in the gallery once it turned out usable."""
        self._clear_failure()
        self._to_keep = str(path)
        self._load(PortraitRequest(str(path)), by_hand=True)

    def captured(self, tile: AvatarTile) -> None:
        """A new avatar was captured: show it."""
        self._gallery.put(tile)
        self.avatar_chosen(tile.key)

    def deleted(self, key: str) -> None:
        """An avatar is gone: show the first of the gallery if it was that one."""
        self._gallery.drop(key)
        first = self._gallery.first
        if key in (self._asked, self.chosen) and first is not None:
            self._load(PortraitRequest(first.key))
        self.show_tiles()
        self._on_settled()

    def in_use(self, key: str) -> LoadedPortrait | None:
        """What is shown, if it is this avatar and no other is on the way."""
        return self._used if self._asked is None and self.chosen == key else None

    def show_anew(self, key: str) -> None:
        """Load an avatar once more, if it is shown: its picture has changed."""
        if self.chosen == key and self._asked is None:
            self._load(PortraitRequest(key))
        self.show_tiles()

    def likeness_confirmed(self) -> None:
        """The person may show whoever was asked about: keep that, and show it if it waited for this."""
        question, self._question = self._question, None
        self._show_question()
        if question is None:
            return
        who = question.request.who
        self._parts.avatars.confirm(who, lambda: self._confirmed(question), self._not_confirmed)
        self._on_settled()

    def likeness_refused(self) -> None:
        """Show somebody else, and ask who that shall be."""
        question, self._question = self._question, None
        first = self._gallery.first
        self._show_question()
        if question is not None and question.portrait is not None:
            self._asked = self._to_keep = None
        elif question is not None and first is not None and first.key != question.request.who:
            self._load(PortraitRequest(first.key))  # shown since the start, and may not be
        self.show_tiles()
        self._parts.view.ask_portrait()
        self._on_settled()

    def picture_not_usable(self, notice: Notice) -> None:
        """Say why what was dropped or pasted is no picture."""
        self._parts.notices.add(notice)
        self._on_settled()

    def message(self) -> PreviewMessage | None:
        """What covers the preview while nobody is shown."""
        if self._asked is None:
            return PreviewMessage(strings.CHOOSE_TITLE, strings.CHOOSE_TEXT) if self.nobody else None
        return PreviewMessage(self.preparing, strings.PREPARING_TEXT, picture=self.still)

    def _load(self, request: PortraitRequest, *, by_hand: bool = False) -> None:
        who = self._asked = request.who
        self._by_hand, self._question = by_hand, None
        self._show_question()
        self._references = ()
        self.show_tiles()
        self._parts.portraits.load(
            request, lambda portrait: self._loaded(request, portrait), lambda error: self._failed(who, error)
        )
        self._on_settled()

    def _loaded(self, request: PortraitRequest, portrait: LoadedPortrait) -> None:
        who = request.who
        if who != self._asked:
            return  # another one was chosen meanwhile
        question = _Question(request, portrait.name, portrait if self._by_hand else None)
        if question.portrait is None:  # of the start, or tried again: it is shown at once, and asked about beside it
            self._use(request, portrait)
        self._parts.avatars.is_open(
            who, lambda is_open: self._looked_up(question, portrait, is_open), lambda error: self._not_confirmed(error)
        )

    def _looked_up(self, question: _Question, portrait: LoadedPortrait, is_open: bool) -> None:
        who = question.request.who
        if who != (self.chosen if question.portrait is None else self._asked):
            return  # another one was chosen meanwhile
        if is_open:
            self._question = question
            self._show_question()
            self._on_settled()
        elif question.portrait is not None:
            self._use(question.request, portrait)

    def _confirmed(self, question: _Question) -> None:
        if question.portrait is not None and question.request.who == self._asked:
            self._use(question.request, question.portrait)

    def _not_confirmed(self, error: Exception) -> None:
        """The answer could not be looked up or kept: the portrait is not shown, and the message says why."""
        self._parts.notices.add(notice_of_error(PART, error))
        self._asked = self._to_keep = None
        self.show_tiles()
        self._on_settled()

    def _show_question(self) -> None:
        question = self._question
        self._parts.view.show_question(None if question is None else LikenessQuestion(question.name))

    def _use(self, request: PortraitRequest, portrait: LoadedPortrait) -> None:
        """Hand it to the engine."""
        who = request.who
        self._asked, self.chosen, self._shown = None, who, request
        self._used = portrait
        self._parts.engine.set_portrait(portrait)
        if (
            portrait.notes and self._gallery.tile(who) is None
        ):  # of a new picture; the gallery's were told when they came
            self._say_notes(portrait)
        if who == self._to_keep:
            self._to_keep = None
            self._parts.avatars.keep(
                Path(who), lambda tile: self._kept(who, tile), lambda error: self._not_kept(portrait.name, error)
            )
        self.show_tiles()
        self._on_settled()
        self.on_shown(who, False)

    def _failed(self, who: str, error: Exception) -> None:
        if who != self._asked:
            return
        self._asked, self._to_keep = None, None
        self._failure = notice_of_error(PART, error)
        self._parts.notices.add(self._failure)
        first = self._gallery.first
        if self.chosen is None and first is not None and first.key != who:
            self._load(PortraitRequest(first.key))  # somebody is better than nobody; the message says why
        self.show_tiles()
        self._on_settled()

    def _say_notes(self, portrait: LoadedPortrait) -> None:
        why = " ".join(said(note.sentence) for note in portrait.notes)
        what = strings.NOTES_WHAT.format(name=portrait.name)
        self._failure = Notice(NoticeKind.INFO, what, why, strings.NOTES_FIX)
        self._parts.notices.add(self._failure)

    def _kept(self, who: str, tile: AvatarTile) -> None:
        self._gallery.put(tile)
        if self.chosen == who:  # else another one was chosen meanwhile
            self.chosen, self._shown = tile.key, PortraitRequest(tile.key)
        self.show_tiles()
        self._on_settled()
        if self.chosen == tile.key:
            self.on_shown(tile.key, True)

    def _not_kept(self, name: str, error: Exception) -> None:
        why = notice_of_error(PART, error).why
        what = strings.NOT_KEPT.format(name=name)
        self._parts.notices.add(Notice(NoticeKind.PROBLEM, what, why, strings.NOT_KEPT_FIX))
        self._on_settled()

    def _listed_avatars(self, tiles: Sequence[AvatarTile]) -> None:
        self._gallery.take(tiles)
        self._listed, first = True, self._gallery.first
        if self.chosen is None and self._asked is None and first is not None:
            self._load(PortraitRequest(first.key, self._references))
        self.show_tiles()
        self._on_settled()

    def _not_listed(self, error: Exception) -> None:
        self._listed = True
        why = notice_of_error(PART, error).why
        self._parts.notices.add(Notice(NoticeKind.PROBLEM, strings.NO_AVATARS, why, strings.NO_AVATARS_FIX))
        self.show_tiles()
        self._on_settled()

    def _say_broken(self, problems: Sequence[Exception]) -> None:
        """Folders of the person's own that are not in the gallery: which, why, and where they are."""
        for problem in reversed(problems[:MOST_BROKEN]):
            notice = replace(notice_of_error(PART, problem), folder=user_folder())
            self._parts.notices.add(notice)
        if problems:
            self._on_settled()

    def _clear_failure(self) -> None:
        if self._failure is not None:
            self._parts.notices.drop(self._failure)
            self._failure = None

    def show_tiles(self) -> None:
        """Bring the gallery in the window up to date."""
        tile = self._gallery.tile(self._asked or self.chosen or "")
        self._parts.view.show_avatars(self._gallery.tiles, tile.key if tile else None)

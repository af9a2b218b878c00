"""When the right to a likeness is asked for, and where the answer goes: one rule for the window and the commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.avatars import SHIPPED, Avatar, record_consent, resolve_avatar, user_folder
from app.consent import Consent, How
from app.consent_book import ConsentBook
from app.errors import AppError

NOTICE = (
    "{name} is used for the first time. Show it only if it is you, or if you have the person's permission; "
    "--i-have-the-right keeps that answer."
)


def is_open(who: str, book: ConsentBook) -> bool:
    """Whether nobody has said yet that `who` (as `--avatar` takes it) may be shown.

    Raises:
        UsageProblem: there is no such avatar.
    """
    found = resolve_avatar(who)
    if not isinstance(found, Avatar):
        return found.is_file() and not _inside(found, SHIPPED) and book.answer(found) is None
    if _inside(found.folder, SHIPPED):
        return False
    if _inside(found.folder, user_folder()):
        return found.consent is None
    return book.answer(found.portrait) is None  # what a folder from elsewhere says about itself is not this person's


def give(who: str, how: How, book: ConsentBook) -> None:
    """Keep the answer that `who` may be shown, beside the avatar or under the picture's hash.

    Raises:
        UsageProblem: there is no such avatar.
    """
    found, consent = resolve_avatar(who), Consent.now(how)
    if not isinstance(found, Avatar):
        book.record(found, consent)
    elif _inside(found.folder, user_folder()):
        record_consent(found, consent)
    elif not _inside(found.folder, SHIPPED):
        book.record(found.portrait, consent)


def note_likeness(who: str, *, has_right: bool, tell: Callable[[str], None] | None, book: ConsentBook) -> None:
    """For commands: keep the answer that was given, or say once what to think of; never ask, never fail.

    tell: None says nothing, and counts as not having said it.
    """
    try:
        if not is_open(who, book):
            return
        if has_right:
            give(who, How.COMMAND_LINE, book)
            return
        found = resolve_avatar(who)
    except AppError:
        return  # whoever loads it says what is wrong
    if tell is not None and book.first_notice(found.portrait if isinstance(found, Avatar) else found):
        tell(NOTICE.format(name=found.name))


def _inside(place: Path, home: Path) -> bool:
    return place.resolve().is_relative_to(home.resolve())

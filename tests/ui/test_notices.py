from __future__ import annotations

from app.control import Problem
from ui.notices import MAX_NOTICES, NoticeBoard
from ui.shown import Notice, NoticeKind

CAMERA = Problem("camera", "The camera is gone.", "It was unplugged.", "Plug it in.")
SAVED = Notice(NoticeKind.INFO, "Saved.", "Here.", "")


def test_a_dismissed_failure_stays_away_while_it_lasts() -> None:
    board = NoticeBoard()
    board.report([CAMERA])
    board.dismiss()

    board.report([CAMERA])

    assert board.current() is None


def test_a_dismissed_failure_that_went_and_came_back_is_shown_again() -> None:
    board = NoticeBoard()
    board.report([CAMERA])
    board.dismiss()
    board.report([])

    board.report([CAMERA])

    shown = board.current()
    assert shown is not None
    assert shown.what == CAMERA.what


def test_a_failure_that_ended_disappears_by_itself() -> None:
    board = NoticeBoard()
    board.report([CAMERA])

    board.report([])

    assert board.current() is None


def test_the_same_notice_is_shown_once() -> None:
    board = NoticeBoard()
    board.add(SAVED)
    board.add(SAVED)

    shown = board.current()
    assert shown is not None
    assert shown.count == 1


def test_dismissing_closes_the_one_that_is_shown() -> None:
    board = NoticeBoard()
    board.report([CAMERA])
    board.add(SAVED)
    board.next()
    shown = board.current()
    assert shown is not None
    assert (shown.what, shown.index, shown.count) == ("Saved.", 2, 2)

    board.dismiss()

    shown = board.current()
    assert shown is not None
    assert shown.what == CAMERA.what


def test_unread_notices_are_bounded() -> None:
    board = NoticeBoard()

    for number in range(3 * MAX_NOTICES):
        board.add(Notice(NoticeKind.INFO, f"{number}", "", ""))

    shown = board.current()
    assert shown is not None
    assert (shown.what, shown.count) == (f"{3 * MAX_NOTICES - 1}", MAX_NOTICES)

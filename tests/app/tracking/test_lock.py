from __future__ import annotations

from app.clock import NS_PER_MS, NS_PER_S
from app.tracking.lock import FaceLock
from tests.helpers.faces import seen_at

FRAME_NS = 33 * NS_PER_MS


def test_the_biggest_face_is_chosen_at_the_start() -> None:
    small, big = seen_at((300, 300), 150), seen_at((900, 300), 250)
    assert FaceLock().choose([small, big], 0) is big


def test_a_bigger_face_that_appears_later_does_not_take_over() -> None:
    lock, mine = FaceLock(), seen_at((300, 300), 150)
    lock.choose([mine], 0)
    for frame in range(1, 90):
        assert lock.choose([seen_at((900, 300), 300), mine], frame * FRAME_NS) is mine


def test_the_followed_face_may_walk_across_the_picture_and_past_another() -> None:
    lock, other = FaceLock(), seen_at((640, 360), 160)
    lock.choose([seen_at((200, 360), 220)], 0)
    for frame in range(1, 60):
        mine = seen_at((200 + frame * 15, 360), 220)
        assert lock.choose([other, mine], frame * FRAME_NS) is mine


def test_while_the_followed_face_is_missing_another_is_not_taken() -> None:
    lock, other = FaceLock(), seen_at((900, 300), 220)
    lock.choose([seen_at((300, 300), 220)], 0)
    assert lock.choose([other], 900 * NS_PER_MS - 1) is None


def test_after_a_second_the_biggest_face_is_followed() -> None:
    lock, other = FaceLock(), seen_at((1100, 300), 150)
    lock.choose([seen_at((200, 300), 150)], 0)
    assert lock.choose([other], NS_PER_S // 10) is None
    assert lock.choose([other], NS_PER_S + FRAME_NS) is other


def test_a_face_of_quite_another_size_is_another_face() -> None:
    lock = FaceLock()
    lock.choose([seen_at((300, 300), 100)], 0)
    assert lock.choose([seen_at((300, 300), 300)], FRAME_NS) is None


def test_reset_takes_the_biggest_again() -> None:
    lock, mine, bigger = FaceLock(), seen_at((300, 300), 150), seen_at((900, 300), 300)
    lock.choose([mine], 0)
    lock.reset()
    assert lock.choose([mine, bigger], FRAME_NS) is bigger


def test_no_faces_is_none() -> None:
    assert FaceLock().choose([], 0) is None

"""Guided capture behind the page, on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.avatars import delete_avatar, user_avatars
from app.jobs import LatestJob
from ui.service_protocols import OnError
from ui.services import Post, posted, tile_of
from ui.shown import AvatarTile

if TYPE_CHECKING:  # importing them loads OpenCV
    from app.guided_capture.proposal import Proposal
    from app.guided_capture.session import GuidedCapture


class Captures:
    """Implements `ui.captures.CaptureService`."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._making, self._keeping = LatestJob("guided capture"), LatestJob("keep captured pictures")

    def begin(self, on_ready: Callable[[GuidedCapture], None], on_error: OnError) -> None:
        self._making.submit(_new_capture, posted(self._post, on_ready), posted(self._post, on_error))

    def keep(
        self,
        proposal: Proposal,
        name: str,
        left_out: Sequence[str],
        on_done: Callable[[AvatarTile], None],
        on_error: OnError,
    ) -> None:
        def save() -> AvatarTile:
            goals = {each.goal for each in proposal.found if each.goal.value in left_out}
            return tile_of(proposal.approve(name, goals), own=True)

        self._keeping.submit(save, posted(self._post, on_done), posted(self._post, on_error))

    def delete(self, key: str, on_done: Callable[[], None], on_error: OnError) -> None:
        self._keeping.submit(
            lambda: _delete(key), posted(self._post, lambda nothing: on_done()), posted(self._post, on_error)
        )

    def close(self, timeout_s: float) -> None:
        for job in (self._making, self._keeping):
            job.close(timeout_s)


def _new_capture() -> GuidedCapture:
    from app.guided_capture.session import GuidedCapture

    return GuidedCapture()


def _delete(key: str) -> None:
    for avatar in user_avatars():
        if avatar.key == key:
            delete_avatar(avatar)

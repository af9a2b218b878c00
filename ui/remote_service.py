"""The server behind the remote control's switch: opened and closed on a thread of its own, for it waits for sockets."""

from __future__ import annotations

from collections.abc import Callable

from app.jobs import LatestJob
from app.remote.session import listening
from app.remote.target import RemoteTarget
from app.remote.token_file import default_token_path, kept_token
from ui.service_protocols import OnError
from ui.services import Post


class Remotes:
    """Implements `RemoteService`.

    port: 0 takes any that is free. tell: is given one line with the address when it first listens; None says nothing.
    """

    def __init__(self, post: Post, target: RemoteTarget, port: int, tell: Callable[[str], None] | None = None) -> None:
        self._post, self._target, self._port, self._tell = post, target, port, tell
        self._close: Callable[[], None] = _nothing  # on the job's thread alone
        self._job = LatestJob("remote control switch", self._shut)

    def open(self, on_done: Callable[[str], None], on_error: OnError) -> None:
        self._job.submit(
            self._open,
            lambda address: self._post(lambda: on_done(address)),
            lambda error: self._post(lambda: on_error(error)),
        )

    def shut(self) -> None:
        self._job.submit(self._shut, lambda nothing: None, lambda error: None)

    def close(self, timeout_s: float) -> None:
        self._job.close(timeout_s)

    def _open(self) -> str:
        from app.remote.server import RemoteControl  # loads aiohttp

        self._shut()
        path = default_token_path()
        control = RemoteControl(self._target, kept_token(path), self._port)
        try:
            address = control.open()
        except BaseException:
            control.close()
            raise
        self._close = control.close
        if self._tell is not None:
            self._tell(listening(address, path))
            self._tell = None
        return address

    def _shut(self) -> None:
        close, self._close = self._close, _nothing
        close()


def _nothing() -> None:
    """Nothing listens."""

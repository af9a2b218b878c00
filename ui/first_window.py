"""A second start of the program raises the window of the first instead of fighting it for the camera.

The two meet at a local socket only this user can open, in the program's own folder. Where Qt's network part cannot be
loaded (it wants Kerberos on Linux), or the name cannot be used, a second window opens, as if there were no first.
"""

from __future__ import annotations

import getpass
import hashlib
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.support.folders import make_private, state_folder
from ui.qt_application import qt_application

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

log = logging.getLogger(__name__)

ASK, YES = b"raise\n", b"raised\n"
CONNECT_MS, ANSWER_MS = 300, 2000
LONGEST_SOCKET_PATH = 100
"""Systems take 104 to 108 characters."""


def meeting_place() -> str:
    """Where the two meet: the same for every start by this user with this folder."""
    folder = state_folder()
    path = folder / "window"
    if sys.platform != "win32" and len(str(path)) <= LONGEST_SOCKET_PATH:
        return str(path)
    return "understudy-" + hashlib.sha256(f"{getpass.getuser()} {folder}".encode()).hexdigest()[:24]


def raise_first_window(place: str) -> bool:
    """Ask a program that runs already to show its window; whether there is one and it did."""
    try:
        from PySide6.QtNetwork import QLocalSocket
    except ImportError:
        return False
    qt_application()  # sockets need one
    socket = QLocalSocket()
    socket.connectToServer(place)
    try:
        if not socket.waitForConnected(CONNECT_MS):
            return False
        socket.write(ASK)
        socket.waitForBytesWritten(ANSWER_MS)
        return socket.waitForReadyRead(ANSWER_MS) and bytes(socket.readAll().data()) == YES
    finally:
        socket.abort()


class FirstWindow:
    """Answers later starts; `on_raise` shows the window."""

    def __init__(self, place: str, on_raise: Callable[[], None]) -> None:
        self._place, self._on_raise = place, on_raise
        self._server: QLocalServer | None = None

    def open(self) -> None:
        """Listen from now on; a socket that a crash left behind is taken over."""
        try:
            from PySide6.QtNetwork import QLocalServer

            make_private(state_folder())
        except (ImportError, OSError) as error:
            log.info("later starts open windows of their own: %s", type(error).__name__)
            return
        server = QLocalServer()
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._place)
        if not server.listen(self._place):
            log.info("later starts open windows of their own: the socket cannot be opened")
            return
        server.newConnection.connect(self._answer)
        self._server = server

    def close(self) -> None:
        """Listen no more; idempotent."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    def _answer(self) -> None:
        socket = None if self._server is None else self._server.nextPendingConnection()
        if socket is None:
            return
        socket.disconnected.connect(socket.deleteLater)

        def read() -> None:
            if bytes(socket.read(len(ASK)).data()) == ASK:
                self._on_raise()
                socket.write(YES)
                socket.flush()
            else:
                socket.abort()

        socket.readyRead.connect(read)
        if socket.bytesAvailable():
            read()

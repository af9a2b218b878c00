"""The only place that starts threads. A stage is opened, stepped and released on one thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from app.slots import Closed


class Stage(Protocol):
    """One part of the pipeline. Everything but `unblock` runs on the worker's thread."""

    name: str

    def open(self) -> None:
        """Acquire devices and models."""
        ...

    def step(self) -> None:
        """One unit of work; waits for its input at most a bounded time or until `unblock`."""
        ...

    def release(self) -> None:
        """Give everything back; called once, also when `open` failed half-way."""
        ...

    def unblock(self) -> None:
        """Make a waiting `step` return soon; runs on the stopping thread, may be called more than once."""
        ...


class StopTimeout(RuntimeError):
    """A stage did not end in time after it was told to."""


class ThreadEnded(RuntimeError):
    """A library wanted to end the whole program from a thread of it (`sys.exit`); only the thread ended."""


class Worker:
    """Runs a stage until it is stopped, its input closes, or it fails.

    A failure reaches `on_failure` once, on the worker's thread, before `release`.
    """

    def __init__(self, stage: Stage, on_failure: Callable[[str, Exception], None]) -> None:
        self._stage, self._on_failure = stage, on_failure
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=stage.name, daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin on a thread named after the stage."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Ask, wake, wait. Safe to call twice and before `start`.

        Raises:
            StopTimeout: the stage was still running after `timeout_s`.
        """
        self._stopping.set()
        self._stage.unblock()
        if self._thread.ident is None:
            return
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise StopTimeout(f"{self._stage.name!r} was still running {timeout_s:g} s after it was told to stop")

    def _run(self) -> None:
        try:
            self._stage.open()
            while not self._stopping.is_set():
                self._stage.step()
        except Closed:
            pass  # the input ended: a normal way to finish
        except Exception as error:  # noqa: BLE001 - the one border of this thread
            self._on_failure(self._stage.name, error)
        except BaseException as error:  # noqa: BLE001 - Python ends a thread that wants the program to end in silence
            self._on_failure(self._stage.name, ThreadEnded(f"{type(error).__name__}: {error}"))
        finally:
            self._stage.release()

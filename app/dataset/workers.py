"""Two processes that pack clips side by side: a decoder that dies of a damaged file takes one file with it."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from app.child_process import birth, ignore_the_terminal
from app.dataset.clip_packing import PackedClip, pack_clip
from app.dataset.listing import SourceFile
from app.dataset.options import PackOptions
from app.errors import AppError
from app.segmentation import Segmenter
from app.tracking.base import Tracker

WORKERS = 2
STOP_TIMEOUT_S = 5.0

Work = Callable[[Connection, PackOptions], None]


@dataclass(frozen=True)
class Refused:
    """A file that is left out, and the sentence that says why."""

    source: SourceFile
    sentence: str


@dataclass(frozen=True)
class Broken:
    """An error of this program inside a worker."""

    text: str


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    busy_with: tuple[int, SourceFile] | None = None

    def stop(self) -> None:
        """End it at once; what it was doing is not wanted."""
        self.connection.close()
        self.process.terminate()
        self.process.join(STOP_TIMEOUT_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


Result = tuple[int, PackedClip | Refused]
"""A source's place in the list, and what became of it."""


def pack_all(
    sources: Sequence[SourceFile], options: PackOptions, work: Work | None = None
) -> Generator[Result, None, None]:
    """Each source's place in `sources` and its result, in the order they are done.

    Closing the iterator (or an interrupt) ends the processes. `work` is what each of them does, by default `serve`.
    """
    waiting = deque(enumerate(sources))
    workers: list[_Worker] = []
    try:
        while waiting or any(worker.busy_with for worker in workers):
            _give_work(workers, waiting, work or serve, options)
            busy = [worker for worker in workers if worker.busy_with]
            ready = wait([worker.connection for worker in busy])
            for worker in busy:
                if worker.connection in ready and worker.busy_with:
                    yield worker.busy_with[0], _result(worker, workers)
    finally:
        for worker in workers:
            worker.stop()


def _give_work(
    workers: list[_Worker], waiting: deque[tuple[int, SourceFile]], work: Work, options: PackOptions
) -> None:
    while waiting:
        idle = next((worker for worker in workers if worker.busy_with is None), None)
        if idle is None and len(workers) < WORKERS:
            idle = _start(work, options)
            workers.append(idle)
        if idle is None:
            return
        idle.busy_with = waiting.popleft()
        try:
            idle.connection.send(idle.busy_with[1])
        except OSError:
            pass  # it died; waiting for its answer says so


def _start(work: Work, options: PackOptions) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, options), name="pack-clips", daemon=True)
    with birth():
        process.start()
    theirs.close()
    return _Worker(process, ours)


def _result(worker: _Worker, workers: list[_Worker]) -> PackedClip | Refused:
    assert worker.busy_with is not None
    source, worker.busy_with = worker.busy_with[1], None
    try:
        answer = worker.connection.recv()
    except (EOFError, OSError):
        workers.remove(worker)
        worker.stop()
        return Refused(source, f"{source.name} ended the process that read it. It is damaged. Remove it.")
    if isinstance(answer, Broken):
        raise RuntimeError(f"{source.name}: {answer.text}")
    assert isinstance(answer, PackedClip | Refused)
    return answer


def serve(connection: Connection, options: PackOptions) -> None:
    """The worker: packs every source it is sent until the other end closes."""
    ignore_the_terminal()
    try:
        tracker, segmenter = _open_networks()
    except Exception as error:  # noqa: BLE001 - told to the other side as the answer to its first question
        connection.send(Broken(f"{type(error).__name__}: {error}"))
        return
    while True:
        try:
            connection.send(_answer(connection.recv(), tracker, segmenter, options))
        except (EOFError, OSError):
            return  # the other side is gone, or wants no more


def _open_networks() -> tuple[Tracker, Segmenter]:
    import cv2

    from app.segmentation import SelfieSegmenter
    from app.tracking.face_mesh import FaceMeshTracker

    cv2.setNumThreads(1)  # the workers share the cores already
    return FaceMeshTracker(static=True), SelfieSegmenter()


def _answer(
    source: SourceFile, tracker: Tracker, segmenter: Segmenter, options: PackOptions
) -> PackedClip | Refused | Broken:
    try:
        return pack_clip(source, tracker, segmenter, options)
    except AppError as error:
        return Refused(source, str(error))
    except Exception as error:  # noqa: BLE001 - the one border of this process
        return Broken(f"{type(error).__name__}: {error}")

"""What a device can do beside computing: lanes, memory that copies quickly, recorded steps. Only this knows CUDA."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol

import torch
from torch import Tensor

from models.session.lanes import ONE_LANE, Lane, Lanes, named

Work = Callable[[], None]


class Mark(Protocol):
    """A place in the work of a lane."""

    def wait(self) -> None:
        """Hold the calling thread until the lane is there."""
        ...


class Done:
    """A place that is always behind."""

    def wait(self) -> None:
        """There is nothing to wait for."""


DONE = Done()


class Backend(ABC):
    """One device; made and used by the one thread that uses the device."""

    device: torch.device
    lanes: Lanes
    records: bool
    """Whether `record` is worth its while."""

    @abstractmethod
    def host_bytes(self, count: int) -> Tensor:
        """(count,) uint8 on the host, from and to which the device copies beside other work."""

    @abstractmethod
    def mark(self, lane: Lane) -> Mark:
        """The place after everything `lane` was given so far."""

    @abstractmethod
    def adopt(self) -> None:
        """The main lane waits for what was computed outside the lanes, such as a portrait's preparation."""

    @abstractmethod
    def record(self, work: Work) -> Work:
        """The work of the main lane as something that repeats it at once; it reads and writes the same tensors."""

    @abstractmethod
    def give_back_memory(self) -> None:
        """What is kept for reuse goes back to the device; nothing is raised where the device is lost."""

    @abstractmethod
    def memory_bytes(self) -> tuple[int, int]:
        """In use now, and the most so far; (0, 0) where it is not counted."""

    @abstractmethod
    def milliseconds(self, work: Work, times: int) -> float:
        """What one call of `work` on the main lane takes, the median of `times`; waits for the device."""


class HostBackend(Backend):
    """A CPU: no streams, nothing to record. The same engine runs on it, and the tests of the engine do."""

    def __init__(self, lanes: Lanes = ONE_LANE) -> None:
        self.device = torch.device("cpu")
        self.lanes = lanes
        self.records = False

    def host_bytes(self, count: int) -> Tensor:
        return torch.zeros(count, dtype=torch.uint8)

    def mark(self, lane: Lane) -> Mark:
        return DONE

    def adopt(self) -> None:
        """Everything is done when it is given."""

    def record(self, work: Work) -> Work:
        """The work itself."""
        return work

    def give_back_memory(self) -> None:
        """The allocator keeps nothing."""

    def memory_bytes(self) -> tuple[int, int]:
        return 0, 0

    def milliseconds(self, work: Work, times: int) -> float:
        return _median([_timed_ms(work) for _ in range(times)])


class CudaLanes:
    """A stream for each lane, joined by events.

    apart: False puts all of a step's own lanes on one stream, to see what the others are good for.
    """

    def __init__(self, device: torch.device, *, apart: bool = True) -> None:
        self.streams = {lane: _stream(device) for lane in Lane}
        if not apart:
            for lane in (Lane.REFERENCES, Lane.ATTENTION):
                self.streams[lane] = self.streams[Lane.MAIN]

    def fork(self, lane: Lane) -> None:
        """`lane` waits for the main lane."""
        self.streams[lane].wait_event(self.streams[Lane.MAIN].record_event())

    def on(self, lane: Lane, name: str) -> AbstractContextManager[None]:
        """Work given inside goes to the lane's stream."""
        return self._on(lane, name)

    def join(self, lane: Lane) -> None:
        """The main lane waits for `lane`."""
        self.streams[Lane.MAIN].wait_event(self.streams[lane].record_event())

    @contextmanager
    def _on(self, lane: Lane, name: str) -> Iterator[None]:
        with torch.cuda.stream(self.streams[lane]), named(lane, name):
            yield


class _CudaMark:
    def __init__(self, stream: torch.cuda.Stream) -> None:
        self._event = _event(blocking=True)  # a waiting thread sleeps: tracking needs the core
        self._event.record(stream)

    def wait(self) -> None:
        self._event.synchronize()


class CudaBackend(Backend):
    """An NVIDIA GPU. apart: as in `CudaLanes`.

    Raises:
        RuntimeError: as torch says it; from any method, also for work given earlier.
    """

    def __init__(self, device: torch.device, *, apart: bool = True) -> None:
        if not torch.cuda.is_available():  # without this, builds of torch without CUDA fail with an AssertionError
            raise RuntimeError("no CUDA GPUs are available")
        self.device = torch.device(device.type, torch.cuda.current_device() if device.index is None else device.index)
        self._streams = CudaLanes(self.device, apart=apart)
        self.lanes = self._streams
        self.records = True
        self._pool = torch.cuda.graph_pool_handle()  # graphs never run side by side

    def host_bytes(self, count: int) -> Tensor:
        return torch.zeros(count, dtype=torch.uint8, pin_memory=True)

    def mark(self, lane: Lane) -> Mark:
        return _CudaMark(self._streams.streams[lane])

    def adopt(self) -> None:
        self._streams.streams[Lane.MAIN].wait_stream(torch.cuda.current_stream(self.device))

    def record(self, work: Work) -> Work:
        graph = torch.cuda.CUDAGraph()
        main = self._streams.streams[Lane.MAIN]
        with torch.cuda.graph(graph, pool=self._pool, stream=main, capture_error_mode="thread_local"):
            work()

        def replay() -> None:
            graph.replay()

        return replay

    def give_back_memory(self) -> None:
        with suppress(RuntimeError):
            torch.cuda.synchronize(self.device)
            torch.cuda.empty_cache()

    def memory_bytes(self) -> tuple[int, int]:
        return torch.cuda.memory_allocated(self.device), torch.cuda.max_memory_allocated(self.device)

    def milliseconds(self, work: Work, times: int) -> float:
        main, found = self._streams.streams[Lane.MAIN], []
        for _ in range(times):
            begin, end = (_event(enable_timing=True) for _ in range(2))
            begin.record(main)
            work()
            end.record(main)
            end.synchronize()
            found.append(begin.elapsed_time(end))
        return _median(found)


def backend_of(device: torch.device) -> Backend:
    """The backend for a device; on others than CUDA nothing is overlapped or recorded."""
    return CudaBackend(device) if device.type == "cuda" else HostBackend()


def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # missing in torch's own types, as below


def _event(*, blocking: bool = False, enable_timing: bool = False) -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=enable_timing, blocking=blocking)  # type: ignore[no-untyped-call]


def _timed_ms(work: Work) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1e3


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]

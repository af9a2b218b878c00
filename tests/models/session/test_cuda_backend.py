"""The CUDA backend with stand-ins for streams, events and graphs: that it calls them as they are meant to be called."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch

from models.session.backend import CudaBackend, CudaLanes
from models.session.engine import Engine
from models.session.failures import Failure, failure_of
from models.session.lanes import Lane
from models.session.plan import Way
from tests.models.session.rehearsal import Adding, adding_person

ROW = np.arange(6, dtype=np.float32)


class Gpu:
    """Notes what streams are given and wait for; a graph runs its work again."""

    def __init__(self) -> None:
        self.current: list[str] = ["default"]
        self.log: list[tuple[str, str, str]] = []
        self.graphs: list[dict[str, Any]] = []
        self.emptied = 0


class Stream:
    def __init__(self, gpu: Gpu, device: torch.device) -> None:
        self.gpu, self.name = gpu, f"stream {len([1 for _ in gpu.log if _[0] == 'made'])}"
        gpu.log.append(("made", self.name, str(device)))

    def record_event(self) -> Event:
        return Event(self.gpu, self.name)

    def wait_event(self, event: Event) -> None:
        self.gpu.log.append(("waits", self.name, event.of))

    def wait_stream(self, other: Stream) -> None:
        self.gpu.log.append(("waits", self.name, other.name))


class Event:
    def __init__(self, gpu: Gpu, of: str = "", **wanted: bool) -> None:
        self.gpu, self.of, self.wanted = gpu, of, wanted

    def record(self, stream: Stream) -> None:
        self.of = stream.name

    def synchronize(self) -> None:
        self.gpu.log.append(("host waits", "", self.of))

    def elapsed_time(self, end: Event) -> float:
        return 1.5


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Gpu:
    found = Gpu()

    @contextmanager
    def on(stream: Stream) -> Iterator[None]:
        found.current.append(stream.name)
        yield
        found.current.pop()

    @contextmanager
    def graph(made: Any, **how: Any) -> Iterator[None]:
        inspect.signature(REAL_GRAPH).bind(made, **how)  # no argument that torch does not know
        found.graphs.append(how)
        found.current.append(how["stream"].name)
        yield
        found.current.pop()

    class Graph:
        def replay(self) -> None:
            found.log.append(("replay", found.current[-1], ""))

    cuda = "torch.cuda."
    monkeypatch.setattr(f"{cuda}is_available", lambda: True)
    monkeypatch.setattr(f"{cuda}Stream", lambda device: Stream(found, device))
    monkeypatch.setattr(f"{cuda}Event", lambda **wanted: Event(found, **wanted))
    monkeypatch.setattr(f"{cuda}stream", on)
    monkeypatch.setattr(f"{cuda}graph", graph)
    monkeypatch.setattr(f"{cuda}CUDAGraph", Graph)
    monkeypatch.setattr(f"{cuda}graph_pool_handle", lambda: (7, 7))
    monkeypatch.setattr(f"{cuda}current_device", lambda: 0)
    monkeypatch.setattr(f"{cuda}current_stream", lambda device: Stream(found, device))
    monkeypatch.setattr(f"{cuda}synchronize", lambda device: None)
    monkeypatch.setattr(f"{cuda}empty_cache", lambda: setattr(found, "emptied", found.emptied + 1))
    return found


REAL_GRAPH = torch.cuda.graph


def backend(monkeypatch: pytest.MonkeyPatch) -> CudaBackend:
    """With tensors on the CPU and plain memory; everything else as on a GPU."""
    made = CudaBackend(torch.device("cuda"))
    assert made.device == torch.device("cuda", 0)
    made.device = torch.device("cpu")
    monkeypatch.setattr(made, "host_bytes", lambda count: torch.zeros(count, dtype=torch.uint8))
    return made


def test_without_a_gpu_it_fails_as_a_lost_one_does() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")

    with pytest.raises(RuntimeError, match=r"^no CUDA GPUs are available$") as failed:
        CudaBackend(torch.device("cuda"))
    assert failure_of(failed.value) is Failure.LOST


def test_every_lane_has_a_stream_of_its_own(gpu: Gpu) -> None:
    names = [stream.name for stream in CudaLanes(torch.device("cuda")).streams.values()]  # type: ignore[attr-defined]

    assert len(set(names)) == len(Lane)


def test_lanes_that_are_not_apart_share_the_main_stream_but_not_the_copies(gpu: Gpu) -> None:
    streams = CudaLanes(torch.device("cuda"), apart=False).streams

    assert streams[Lane.REFERENCES] is streams[Lane.ATTENTION] is streams[Lane.MAIN]
    assert len({id(stream) for stream in streams.values()}) == 3


def test_a_frame_waits_for_its_upload_and_its_read_back_for_the_frame_and_the_host_once(
    gpu: Gpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = backend(monkeypatch)
    engine, person = Engine(used), adding_person(Adding(), 1.0)
    for _ in range(2):
        engine.run(person, ROW)
    gpu.log.clear()

    engine.run(person, ROW)

    names = {lane: stream.name for lane, stream in used._streams.streams.items()}  # type: ignore[attr-defined]
    main, references = names[Lane.MAIN], names[Lane.REFERENCES]
    assert gpu.log == [
        ("waits", main, names[Lane.UPLOAD]),
        ("waits", references, main),
        ("waits", main, references),
        ("waits", names[Lane.READ_BACK], main),
        ("host waits", "", names[Lane.READ_BACK]),
    ]
    assert gpu.current == ["default"]


def test_a_step_is_recorded_on_the_main_stream_without_minding_other_threads(
    gpu: Gpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = backend(monkeypatch)
    engine, program = Engine(used), Adding()
    monkeypatch.setattr("models.session.plan.StepPlan._require_same", lambda *_: None)  # the stand-in replays nothing
    engine.run(adding_person(program, 1.0), ROW)
    while engine.improve():
        pass
    runs = program.runs
    engine.run(adding_person(program, 1.0), ROW)

    main = used._streams.streams[Lane.MAIN]
    assert [(how["stream"], how["pool"], how["capture_error_mode"]) for how in gpu.graphs] == [
        (main, (7, 7), "thread_local")
    ]
    assert engine.way is Way.RECORDED
    assert program.runs == runs  # nothing is done by hand any more
    assert gpu.log.count(("replay", main.name, "")) == 2  # type: ignore[attr-defined]
    assert engine.step_ms(3) == 1.5


def test_what_was_prepared_elsewhere_is_waited_for_and_memory_is_given_back_once_closed(
    gpu: Gpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = backend(monkeypatch)
    engine = Engine(used)
    gpu.log = [entry for entry in gpu.log if entry[0] == "made"]

    engine.new_person(adding_person(Adding(), 1.0))
    engine.close()

    main = used._streams.streams[Lane.MAIN]
    assert [entry[:2] for entry in gpu.log if entry[0] == "waits"] == [("waits", main.name)]  # type: ignore[attr-defined]
    assert gpu.emptied == 1


def test_a_lost_gpu_gives_nothing_back_and_raises_nothing(gpu: Gpu, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise RuntimeError("CUDA error: unspecified launch failure")

    used = backend(monkeypatch)
    monkeypatch.setattr("torch.cuda.synchronize", lost)

    used.give_back_memory()

    assert gpu.emptied == 0

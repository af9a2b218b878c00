"""Runs the frames of any number of people on one device: one upload, one read-back and one wait a frame.

A frame's numbers go up on a lane of their own, the step runs between tensors at fixed places, and the results come
down on another lane; host memory is pinned and there are two of everything, so that the next frame can be given while
this one is on its way. The first frames are eager. Between frames, `improve` does slices of the work on faster ways.
The engine knows no network: what it runs is a `FrameProgram`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.session.backend import DONE, Backend, Mark
from models.session.compiling import Compiling
from models.session.counters import Transfers
from models.session.failures import FAILURES, Failure, failure_of
from models.session.lanes import Lane
from models.session.plan import Part, StepPlan, Way
from models.session.program import Person
from models.session.spans import FRAME
from models.types import FloatArray

IN_FLIGHT = 2
"""Frames that can be on their way at once."""

KEPT_PLANS = 4
"""Shapes and programs whose recorded steps are kept: people with other numbers of pictures, background on and off."""


@dataclass
class _Slot:
    """Memory of one frame on its way: pinned on the host, and beside the plans' on the device."""

    row_host: Tensor | None = None
    row_device: Tensor | None = None
    answer_host: Tensor | None = None
    answer_device: Tensor | None = None
    done: Mark = DONE
    busy: bool = False


@dataclass(frozen=True)
class Ticket:
    """A frame on its way; to be collected once."""

    slot: _Slot
    parts: tuple[Part, ...]


class Engine:
    """One device with its plans; used by one thread.

    compiles: whether steps are also compiled, by a process of its own; where that fails they stay as they are.
    """

    def __init__(self, backend: Backend, *, compiles: bool = False) -> None:
        self.backend, self._compiles = backend, compiles
        self.transfers = Transfers()
        self._plans: OrderedDict[Hashable, StepPlan] = OrderedDict()
        self._slots = [_Slot() for _ in range(IN_FLIGHT)]
        self._turn = 0
        self._newest: StepPlan | None = None

    @property
    def way(self) -> Way:
        """How the last frame was run."""
        return Way.EAGER if self._newest is None else self._newest.way

    def run(self, person: Person, row: FloatArray) -> tuple[np.ndarray[Any, np.dtype[Any]], ...]:
        """One frame, waited for; the results are the caller's own.

        Raises:
            RuntimeError, MemoryError: the device failed, also after memory was given back.
        """
        return self.collect(self.submit(person, row))

    @torch.inference_mode()
    def run_eagerly(self, person: Person, row: FloatArray) -> None:
        """The work of a frame operation by operation, to be counted and traced; nothing comes back."""
        with self.backend.lanes.on(Lane.MAIN, FRAME):
            numbers = torch.from_numpy(row).to(self.backend.device)
            person.program.run(numbers, person.kept, self.backend.lanes)

    @torch.inference_mode()
    def submit(self, person: Person, row: FloatArray) -> Ticket:
        """Give a frame to the device and return at once; at most `IN_FLIGHT` can be on their way.

        Raises:
            ValueError: too many frames are on their way, or the row is not as long as the program's.
            RuntimeError, MemoryError: the device failed.
        """
        slot = self._slots[self._turn]
        if slot.busy:
            raise ValueError(f"{IN_FLIGHT} frames are on their way; collect one first")
        if row.shape != (person.program.row_length,):
            raise ValueError(f"the program takes {person.program.row_length} numbers, got {row.shape}")
        lanes = self.backend.lanes
        with lanes.on(Lane.MAIN, FRAME):
            plan = self._plan_of(person)
            self._upload(slot, plan, row)
            self._step(plan)
            self._read_back(slot, plan)
        slot.busy, self._newest = True, plan
        self._turn = (self._turn + 1) % IN_FLIGHT
        return Ticket(slot, plan.parts)

    def collect(self, ticket: Ticket) -> tuple[np.ndarray[Any, np.dtype[Any]], ...]:
        """Wait for a frame; its results in the order the program gives them.

        Raises:
            RuntimeError: the device failed.
        """
        ticket.slot.busy = False
        self.transfers = self.transfers.plus(waits=1, frames=1)
        ticket.slot.done.wait()
        assert ticket.slot.answer_host is not None
        answer = ticket.slot.answer_host.numpy().copy()
        return tuple(part.of(answer) for part in ticket.parts)

    @torch.inference_mode()
    def improve(self) -> bool:
        """Do one slice of the work on faster ways for what ran last; whether there is more. Between frames only."""
        if self._newest is None or any(slot.busy for slot in self._slots):
            return False
        with self.backend.lanes.on(Lane.MAIN, "improve"):
            return self._newest.improve()

    @torch.inference_mode()
    def step_ms(self, times: int) -> float:
        """What the last frame's step takes on the device alone, by the way in use; the median of so many."""
        assert self._newest is not None
        with self.backend.lanes.on(Lane.MAIN, "measure"):
            return self.backend.milliseconds(self._newest.step, times)

    @torch.inference_mode()
    def new_person(self, person: Person) -> Person:
        """Tell the engine that a person was prepared outside its lanes."""
        self.backend.adopt()
        return person

    def close(self) -> None:
        """End compilers and give memory back."""
        for plan in self._plans.values():
            plan.forget()
        self._plans.clear()
        self._newest = None
        self._slots = [_Slot() for _ in range(IN_FLIGHT)]
        self.backend.give_back_memory()

    def _plan_of(self, person: Person) -> StepPlan:
        key = (person.program.key, person.shapes)
        plan = self._plans.get(key)
        if plan is None:
            while len(self._plans) >= KEPT_PLANS:
                self._plans.popitem(last=False)[1].forget()
            plan = self._plans[key] = self._with_room(lambda: StepPlan(person, self.backend, self._compiling(person)))
        self._plans.move_to_end(key)
        plan.bind(person)
        return plan

    def _compiling(self, person: Person) -> Compiling | None:
        recipe = person.program.recipe() if self._compiles and self.backend.records else None
        return None if recipe is None else Compiling(person.program, recipe, self.backend.device)

    def _upload(self, slot: _Slot, plan: StepPlan, row: FloatArray) -> None:
        """The frame's numbers, beside whatever the main lane is still at."""
        bytes_of_row = np.ascontiguousarray(row, np.float32).view(np.uint8)
        if slot.row_host is None or len(slot.row_host) != len(bytes_of_row):
            slot.row_host = self.backend.host_bytes(len(bytes_of_row))
            slot.row_device = torch.zeros(len(bytes_of_row), dtype=torch.uint8, device=self.backend.device)
            self.backend.lanes.fork(Lane.UPLOAD)
        assert slot.row_device is not None
        slot.row_host.numpy()[:] = bytes_of_row
        with self.backend.lanes.on(Lane.UPLOAD, "upload"):
            slot.row_device.copy_(slot.row_host, non_blocking=True)
        self.backend.lanes.join(Lane.UPLOAD)
        plan.row.view(torch.uint8).copy_(slot.row_device)
        self.transfers = self.transfers.plus(uploads=1, uploaded_bytes=len(bytes_of_row))

    def _step(self, plan: StepPlan) -> None:
        if plan.way is not Way.EAGER:
            try:
                plan.step()
            except FAILURES as error:
                if failure_of(error) is Failure.LOST:
                    raise
                plan.fall_back(error)
            else:
                return
        self._with_room(plan.step)

    def _with_room(self, work: Any) -> Any:
        """Do it; where memory is short, again after everything that can be given back has been."""
        try:
            return work()
        except FAILURES as error:
            if failure_of(error) is not Failure.MEMORY:
                raise
        for plan in self._plans.values():
            plan.forget()
        self.backend.give_back_memory()
        return work()

    def _read_back(self, slot: _Slot, plan: StepPlan) -> None:
        """All results in one copy, beside the next frame's work."""
        size = len(plan.answer)
        if slot.answer_host is None or len(slot.answer_host) != size:
            slot.answer_host = self.backend.host_bytes(size)
            slot.answer_device = torch.zeros(size, dtype=torch.uint8, device=self.backend.device)
        assert slot.answer_device is not None
        slot.answer_device.copy_(plan.answer)
        self.backend.lanes.fork(Lane.READ_BACK)
        with self.backend.lanes.on(Lane.READ_BACK, "read-back"):
            slot.answer_host.copy_(slot.answer_device, non_blocking=True)
        slot.done = self.backend.mark(Lane.READ_BACK)
        self.transfers = self.transfers.plus(read_backs=1, read_back_bytes=size)

"""The whole frame on a device: the pictures of the plain way, and nothing asked of the host on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from models.build import ModelChoice, motion_networks, weights_of
from models.session.backend import HostBackend
from models.session.engine import Engine
from models.session.lanes import ONE_LANE, Lane
from models.session.plan import Way
from models.synergy.animator import SynergyAnimator
from models.synergy.config import Stages
from models.synergy.engine_animator import EngineSynergyAnimator
from models.synergy.export import bank_tensors
from models.synergy.frame_program import SynergyProgram, Wanted, frame_row
from models.synergy.runtime import EagerRuntime
from models.synergy.stitching import USUAL_NECK
from models.synergy.weights import build_network, load_weights
from models.types import MotionState, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait, with_openness
from tests.models.session.rehearsal import Rehearsal
from tests.models.synergy.networks import random_network

CPU = torch.device("cpu")
Pixels = np.ndarray[Any, np.dtype[Any]]


def both(
    stages: Stages = Stages.SYNERGY, engine: Engine | None = None
) -> tuple[SynergyAnimator, EngineSynergyAnimator]:
    network = random_network()
    plain = SynergyAnimator(network, CPU, stages, EagerRuntime(network, stages, CPU, torch.float32))
    return plain, EngineSynergyAnimator(network, engine or Engine(HostBackend()), stages, dtype=torch.float32)


def portrait(turn: float = 0.0, side: int = 64) -> PortraitView:
    return painted_portrait(with_openness(face_state((0.0, turn, 0.0)), eyes=1.0), side)


def driven(source: MotionState, eyes: float = 1.0) -> MotionState:
    moved = face_state((0.05, 0.2, 0.02), scale=0.44)
    expression = with_openness(face_state(), eyes=eyes).expression
    return replace(source, expression=expression, camera_from_head=moved.camera_from_head, scale=moved.scale)


def require_alike(got: Pixels, wanted: Pixels, mean: float = 0.1) -> None:
    """Far within what the program promises of another device (2 levels on average, 8 at the 99.9th percentile)."""
    apart = np.abs(got.astype(np.float64) - wanted)
    assert got.shape == wanted.shape
    assert apart.mean() < mean
    assert np.percentile(apart, 99.9) <= 1.0


@pytest.mark.parametrize("side", [64, 128])
@pytest.mark.parametrize("stitching", [True, False])
@pytest.mark.parametrize("eyes", [1.0, 0.2])
def test_the_engine_makes_the_pictures_of_the_plain_way(side: int, stitching: bool, eyes: float) -> None:
    plain, device = both()
    view, references = portrait(side=side), (portrait(0.4), portrait(-0.3))
    options = StepOptions(stitching=stitching, want_foreground=True)
    wanted, got = (
        animator.step(made := animator.prepare(view, references), driven(animator.motion_of(made), eyes), options)
        for animator in (plain, device)
    )

    require_alike(got.image.numpy(), wanted.image.numpy())
    assert got.foreground is not None
    assert wanted.foreground is not None
    torch.testing.assert_close(got.foreground, wanted.foreground, atol=5e-3, rtol=0)
    assert got.confidence == pytest.approx(wanted.confidence, abs=1e-3)


def test_the_shipped_network_makes_the_same_pictures_on_the_engine() -> None:
    choice = ModelChoice("synergy")
    weights = weights_of(choice)
    assert weights is not None
    network = build_network(*load_weights(weights.path, weights.sha256, preset=weights.preset))
    networks = motion_networks(weights.preset, None)
    eager = EagerRuntime(network, Stages.SYNERGY, CPU, torch.float32)
    plain = SynergyAnimator(network, CPU, Stages.SYNERGY, eager, networks)
    device = EngineSynergyAnimator(network, Engine(HostBackend()), motion_networks=networks, dtype=torch.float32)
    wanted, got = (
        animator.step(made, driven(animator.motion_of(made), 0.3), StepOptions()).image.numpy()
        for animator in (plain, device)
        for made in [animator.prepare(portrait(side=512), (portrait(0.4, side=256),))]
    )

    require_alike(got, wanted, mean=0.3)


@pytest.mark.parametrize("stages", [Stages.EXPLICIT, Stages.ATTENTION])
def test_so_do_the_stages_alone(stages: Stages) -> None:
    plain, device = both(stages)
    wanted, got = (
        animator.step(made := animator.prepare(portrait()), driven(animator.motion_of(made)), StepOptions())
        for animator in (plain, device)
    )

    require_alike(got.image.numpy(), wanted.image.numpy())


def test_maps_and_other_wishes_come_the_plain_way() -> None:
    plain, device = both()
    made = device.prepare(portrait())

    frame = device.step(made, driven(made.state), StepOptions(want_maps=True))

    assert frame.maps is not None
    assert frame.maps.flow.shape == (16, 16, 2)
    assert plain.input_size == device.input_size


def test_people_share_the_network_and_can_take_turns() -> None:
    engine = Engine(Rehearsal())
    plain, device = both(engine=engine)
    views = [portrait(), replace(portrait(), image=np.invert(portrait().image))]
    people = [(plain.prepare(view), device.prepare(view)) for view in views]
    device.step(people[0][1], people[0][1].state, StepOptions())
    while device.improve():
        pass

    for turn in (0, 1, 0):
        wanted, got = (
            animator.step(made, driven(made.state), StepOptions()).image.numpy()
            for animator, made in zip((plain, device), people[turn], strict=True)
        )
        require_alike(got, wanted)

    assert device.runtime == Way.RECORDED.value
    assert len(engine._plans) == 1


class AskingTheHost(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes every operation for which a GPU would have to wait for the host, or the host for it."""

    ASKING = (
        torch.ops.aten.item.default,  # float(tensor)
        torch.ops.aten._local_scalar_dense.default,
        torch.ops.aten.lift_fresh.default,  # a tensor made of numbers of the host
        torch.ops.aten.nonzero.default,
        torch.ops.aten.masked_select.default,
        torch.ops.aten.is_nonzero.default,
        torch.ops.aten.equal.default,
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.asked: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in self.ASKING:
            self.asked.append(str(func))
        return func(*args, **(kwargs or {}))


@contextmanager
def asked_of_the_host() -> Iterator[list[str]]:
    watch = AskingTheHost()
    with torch.inference_mode(), watch:
        yield watch.asked


def frame_of(device: EngineSynergyAnimator, wanted: Wanted) -> Callable[[], tuple[torch.Tensor, ...]]:
    """The work of one frame with everything it reads on the device already."""
    made = device.prepare(portrait(side=128), (portrait(0.3),))
    runtime = device._on_device
    program = SynergyProgram(runtime.network, torch.float32, Stages.SYNERGY, wanted)
    kept = program.kept(bank_tensors(made.bank), made.picture, made.detail, made.foreground)
    row = torch.from_numpy(frame_row(made.state, driven(made.state, 0.1), USUAL_NECK, 64))

    def frame() -> tuple[torch.Tensor, ...]:
        with torch.inference_mode():
            return program.run(row, kept, ONE_LANE)

    return frame


def test_a_frame_asks_the_host_for_nothing() -> None:
    frame = frame_of(both()[1], Wanted(stitching=True, detail=True, foreground=True))
    frame()  # constants are made once

    with asked_of_the_host() as asked:
        frame()

    assert asked == []


def test_the_watch_would_have_seen_it() -> None:
    with asked_of_the_host() as asked:
        float(torch.ones(3).mean())
        torch.tensor([1.0, 2.0])

    assert asked == ["aten.item.default", "aten.lift_fresh.default"]


@pytest.mark.parametrize("stages", [Stages.EXPLICIT, Stages.ATTENTION, Stages.SYNERGY])
def test_what_lanes_do_side_by_side_is_joined_before_the_frame_is_whole(stages: Stages) -> None:
    backend = Rehearsal()
    _, device = both(stages, Engine(backend))
    made = device.prepare(portrait(), (portrait(0.3),))
    device.step(made, driven(made.state), StepOptions())

    log = backend.watched.log
    used = {which for what, which in log if what in ("on", "fork")} - {Lane.MAIN, Lane.UPLOAD, Lane.READ_BACK}
    assert used == {Lane.REFERENCES} | ({Lane.ATTENTION} if stages is not Stages.EXPLICIT else set())
    for lane in used:
        places = [(what, place) for place, (what, which) in enumerate(log) if which is lane]
        assert places[0][0] == "fork"  # it waits for the main lane before it is given anything
        assert places[-1][0] == "join"
        assert places[-1][1] < log.index(("fork", Lane.READ_BACK))

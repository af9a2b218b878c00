"""Placing the square on the device gives the pictures of the host's compositor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from app.portrait import LoadedPortrait
from app.render.compositor import Compositor
from app.render.scene import Scene
from app.settings import Background, BackgroundMode, FitMode, OutputSettings
from models.session.backend import HostBackend
from models.session.engine import Engine
from models.synergy.engine_animator import EngineSynergyAnimator
from models.types import AnimatedFrame, MotionState, StageMaps, StepOptions
from tests.helpers.live import small_portrait
from tests.helpers.portraits import made_up_portrait
from tests.models.session.fake_gpu import Watched, fake_gpu
from tests.models.synergy.networks import random_network

CPU = torch.device("cpu")


def output(mode: str, fit: FitMode = FitMode.FILL, width: int = 640, height: int = 368) -> OutputSettings:
    background = Background(BackgroundMode(mode), (0, 177, 64))
    return OutputSettings(width=width, height=height, fit=fit, background=background, badge=True)


def moved(portrait: LoadedPortrait, side: int | None = None) -> AnimatedFrame:
    """The square shifted, with its matte."""
    view = portrait.view
    assert view.foreground is not None
    image = torch.from_numpy(np.roll(view.image, 9, 1).copy())
    mask = torch.from_numpy(np.roll(view.foreground, 9, 1).copy())
    if side is not None:
        planes = torch.nn.functional.interpolate(image.permute(2, 0, 1)[None].float(), size=(side, side), mode="area")
        image = planes[0].permute(1, 2, 0).round().to(torch.uint8).contiguous()
        mask = torch.nn.functional.interpolate(mask[None, None], size=(side, side), mode="area")[0, 0]
    return AnimatedFrame(image, mask)


def finished(compositor: Compositor, frame: AnimatedFrame) -> AnimatedFrame:
    """What an animator on a GPU makes of the frame."""
    finish = compositor.finish
    assert finish is not None
    mask = frame.foreground if finish.needs_foreground else None
    return AnimatedFrame(finish.run(frame.image, mask, finish.kept(CPU)), finished=True)


@pytest.mark.parametrize("mode", ["keep", "colour", "blur"])
@pytest.mark.parametrize("fit", list(FitMode))
@pytest.mark.parametrize(
    ("size", "side"), [((640, 368), None), ((640, 368), 128), ((1280, 720), None), ((160, 160), None)]
)
def test_the_picture_is_that_of_the_host(mode: str, fit: FitMode, size: tuple[int, int], side: int | None) -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, output(mode, fit, *size))
    frame = moved(portrait, side)

    wanted = compositor.compose(frame).astype(np.int16)
    got = compositor.compose(finished(compositor, frame)).astype(np.int16)

    apart = np.abs(got - wanted)
    assert got.shape == wanted.shape
    assert apart.mean() < 0.5
    shrinks = size == (640, 368) and side is None
    assert np.percentile(apart, 99.9) <= (12 if shrinks else 8)  # at the hard outline of the made-up person
    assert (wanted != compositor.still).any()


def test_a_frame_without_a_matte_uses_the_portraits() -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, output("colour"))
    frame = replace(moved(portrait), foreground=None)

    apart = np.abs(compositor.compose(finished(compositor, frame)).astype(int) - compositor.compose(frame))

    assert apart.mean() < 0.5


def test_portraits_that_lie_differently_on_the_canvas_can_share_a_recorded_step() -> None:
    one, other = (Compositor(made_up_portrait(size), output("keep")).finish for size in ((720, 1280), (900, 700)))
    assert one is not None
    assert other is not None

    assert one.key == other.key
    assert [tensor.shape for tensor in one.kept(CPU)] == [tensor.shape for tensor in other.kept(CPU)]
    assert not torch.equal(one.kept(CPU)[0], other.kept(CPU)[0])


def test_nothing_is_finished_on_the_device_where_alpha_has_to_come_back_too() -> None:
    assert Compositor(made_up_portrait(), output("transparent")).finish is None


def test_finished_pictures_are_read_only_and_new_each_time() -> None:
    compositor = Compositor(made_up_portrait(), output("keep"))
    first, second = (compositor.compose(finished(compositor, moved(made_up_portrait()))) for _ in range(2))

    assert not first.flags.writeable
    assert first is not second
    assert compositor.still is not first


@pytest.mark.parametrize("mode", ["keep", "colour"])
def test_on_a_gpu_nothing_of_it_is_on_the_host(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = Compositor(made_up_portrait(), output(mode)).finish
    assert finish is not None
    sizes = [tensor.shape for tensor in finish.kept(CPU)]

    with fake_gpu(monkeypatch) as gpu:
        kept = tuple(torch.empty(size, device=gpu) for size in sizes)
        square, mask = torch.empty(256, 256, 3, dtype=torch.uint8, device=gpu), torch.empty(256, 256, device=gpu)
        with Watched() as watched:
            made = finish.run(square, mask if finish.needs_foreground else None, kept)

        assert made.device == gpu
    assert watched.of_the_host == []
    assert watched.grids == {torch.float32}


class OnAGpu(EngineSynergyAnimator):
    """Says it is on a GPU; `finishes` notes what it was asked for."""

    def __init__(self) -> None:
        super().__init__(random_network(), Engine(HostBackend()), dtype=torch.float32)
        self.finishes: list[bool] = []

    def step(self, prepared: object, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        self.finishes.append(options.finish is not None)
        self.device = CPU
        try:
            return super().step(prepared, driving, options)  # type: ignore[arg-type]
        finally:
            self.device = torch.device("cuda")


@pytest.mark.parametrize("mode", ["keep", "colour"])
def test_a_scene_on_a_gpu_composes_there_and_the_picture_is_the_same(mode: str) -> None:
    animator, portrait = OnAGpu(), small_portrait()
    plain = Scene(animator, Compositor, portrait, output(mode))
    wanted = plain.picture(plain.source, stitching=True)
    animator.device = torch.device("cpu")
    scene = Scene(animator, Compositor, portrait, output(mode))
    animator.device = torch.device("cuda")

    got = scene.picture(scene.source, stitching=True)

    assert animator.finishes == [False, True]
    apart = np.abs(got.image.astype(int) - wanted.image)
    assert apart.mean() < 0.5
    assert got.image.shape == (368, 640, 3)


def test_what_the_stages_decided_is_told_only_where_somebody_asked() -> None:
    animator, portrait = OnAGpu(), small_portrait()
    animator.device = CPU
    scene = Scene(animator, Compositor, portrait, output("keep"))
    seen: list[StageMaps] = []

    told = scene.picture(scene.source, stitching=True, on_maps=seen.append)
    untold = scene.picture(scene.source, stitching=True)

    (maps,) = seen
    assert maps.flow.shape == (*maps.confidence.shape, 2)
    assert maps.visibility.shape == maps.picture.shape == maps.confidence.shape
    assert np.abs(told.image.astype(int) - untold.image).mean() < 0.5  # told, the engine leaves it to PyTorch

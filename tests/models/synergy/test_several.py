from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from models.synergy.animator import SynergyAnimator
from models.synergy.config import TINY, Stages
from models.synergy.runtime import EagerRuntime
from models.synergy.several import SeveralNet, SeveralRuntime, build_several
from models.types import MotionState, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait, with_openness
from tests.models.synergy.networks import random_network

CPU = torch.device("cpu")
FREE = StepOptions(stitching=False)
DRIVING = with_openness(face_state((0.0, 0.2, 0.0)), lips=0.3)


@pytest.fixture(scope="module")
def network() -> SeveralNet:
    return build_several(TINY, random_network().state_dict())


@pytest.fixture(scope="module")
def animator(network: SeveralNet) -> SynergyAnimator:
    return SynergyAnimator(network, CPU, Stages.EXPLICIT_MULTI, SeveralRuntime(network, CPU, torch.float32))


def view(turn: float = 0.0) -> PortraitView:
    return painted_portrait(face_state((0.0, turn, 0.0)), 64)


def driven(state: MotionState) -> MotionState:
    return replace(DRIVING, canonical=state.canonical)


def test_its_name_is_that_of_the_contract_and_references_count(animator: SynergyAnimator) -> None:
    assert (animator.name, animator.uses_references) == ("explicit-multi", True)


def test_with_one_picture_it_is_stage_1_alone(animator: SynergyAnimator, network: SeveralNet) -> None:
    runtime = EagerRuntime(network, Stages.EXPLICIT, CPU, torch.float32)
    explicit = SynergyAnimator(network, CPU, Stages.EXPLICIT, runtime)
    prepared = explicit.prepare(view())

    expected = explicit.step(prepared, driven(prepared.state), FREE).image.int()
    made = animator.step(animator.prepare(view()), driven(prepared.state), FREE).image.int()

    assert int((made - expected).abs().max()) <= 1


def test_the_same_picture_again_changes_nothing(animator: SynergyAnimator) -> None:
    once, twice = animator.prepare(view()), animator.prepare(view(), [view()])

    difference = animator.step(twice, driven(once.state), FREE).image.int()
    difference -= animator.step(once, driven(once.state), FREE).image.int()

    assert int(difference.abs().max()) <= 1


def test_a_picture_in_the_drivers_pose_counts_more_than_one_turned_away(animator: SynergyAnimator) -> None:
    prepared = animator.prepare(view(-0.5), [view(0.2)])

    maps = animator.step(prepared, driven(prepared.state), replace(FREE, want_maps=True)).maps

    assert maps is not None
    assert float((maps.picture == 1).mean()) > 0.8

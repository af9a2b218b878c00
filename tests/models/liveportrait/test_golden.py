"""With weights made by a rule the networks give the numbers of the original (../shared/parity)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from models.liveportrait.config import BASE
from models.liveportrait.motion import camera_from_head, expected_degrees, place_keypoints
from models.liveportrait.network import GROUPS, LivePortraitNetwork
from models.synergy.weights import Undrawn
from tests.models.liveportrait.weight_rule import fill_by_rule, shapes_of

PARITY = Path(__file__).resolve().parents[4] / "shared" / "parity"
GOLDEN = "UNDERSTUDY_GOLDEN"
"""Environment variable: another golden file, made with another seed."""

TOLERANCE, OUTPUT_TOLERANCE = 1e-3, 2e-3

Arrays = Mapping[str, npt.NDArray[np.float32]]


@pytest.fixture(scope="module")
def golden() -> Arrays:
    """The golden arrays, or a visible skip."""
    path = Path(os.environ.get(GOLDEN) or PARITY / "liveportrait_golden.npz")
    if not path.is_file():
        pytest.skip(f"there is no golden file {path}; {GOLDEN} can name another")
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="module")
def network(golden: Arrays) -> LivePortraitNetwork:
    with Undrawn():
        made = LivePortraitNetwork(BASE).eval()
    fill_by_rule(made, int(golden["seed"]))
    made.fix()
    return made


def agree(made: Tensor, wanted: npt.NDArray[np.float32], tolerance: float = TOLERANCE) -> None:
    """The largest difference is small beside the largest number."""
    expected = torch.from_numpy(wanted.astype(np.float32))
    assert made.shape == expected.shape
    error = (made.float() - expected).abs().max() / expected.abs().max()
    assert float(error) < tolerance


def test_names_and_shapes_are_those_of_the_public_files() -> None:
    layout = PARITY / "liveportrait_layout.json"
    if not layout.is_file():
        pytest.skip("the layout of ../shared/parity is not here")
    with Undrawn():
        network = LivePortraitNetwork(BASE)
    wanted = json.loads(layout.read_text(encoding="utf-8"))

    found = {group: shapes_of(network.get_submodule(group)) for group in GROUPS}

    assert found == {group: {name: tuple(shape) for name, shape in rows.items()} for group, rows in wanted.items()}


@torch.inference_mode()
def test_motion_agrees_from_the_picture_to_the_keypoints(network: LivePortraitNetwork, golden: Arrays) -> None:
    heads = network.motion_extractor(torch.from_numpy(golden["image"]))
    angles = [expected_degrees(bins) for bins in (heads.pitch, heads.yaw, heads.roll)]
    row_form = camera_from_head(*angles).transpose(1, 2)
    canonical, expression = (torch.unflatten(part, 1, (-1, 3)) for part in (heads.canonical, heads.expression))
    placed = place_keypoints(canonical, row_form, expression, heads.scale, heads.translation)

    for name in ("pitch", "yaw", "roll", "scale"):
        agree(getattr(heads, name), golden[f"motion_{name}"])
    agree(heads.translation, golden["motion_t"])
    agree(heads.expression, golden["motion_exp"])
    agree(heads.canonical, golden["motion_kp"])
    for name, angle in zip(("pitch", "yaw", "roll"), angles, strict=True):
        agree(angle, golden[f"degree_{name}"])
    agree(row_form, golden["rotation"])
    agree(placed, golden["keypoints_transformed"])


@torch.inference_mode()
def test_the_picture_made_agrees_and_so_does_everything_on_the_way(
    network: LivePortraitNetwork, golden: Arrays
) -> None:
    source, driving = torch.from_numpy(golden["kp_source"]), torch.from_numpy(golden["kp_driving"])

    volume = network.appearance_feature_extractor(torch.from_numpy(golden["image"]))
    warped = network.warping_module(volume, driving, source)
    picture = network.spade_generator(warped.features)

    agree(volume[:, :, ::4, ::8, ::8], golden["feature_3d_sub"])
    agree(warped.motion.deformation[:, ::2, ::4, ::4], golden["deformation_sub"])
    agree(warped.motion.occlusion, golden["occlusion_map"])
    agree(warped.features[:, ::4, ::4, ::4], golden["warped_sub"])
    agree(picture, golden["output"], OUTPUT_TOLERANCE)


@torch.inference_mode()
def test_the_networks_on_keypoints_agree(network: LivePortraitNetwork, golden: Arrays) -> None:
    def joined(*names: str) -> Tensor:
        return torch.cat([torch.from_numpy(golden[name]).flatten(1) for name in names], dim=1)

    agree(network.retarget_shoulder(joined("kp_source", "kp_driving")), golden["stitch_delta"])
    agree(network.retarget_eye(joined("kp_source", "eye_ratio")), golden["eye_delta"])
    agree(network.retarget_mouth(joined("kp_source", "lip_ratio")), golden["lip_delta"])

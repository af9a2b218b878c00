from __future__ import annotations

import numpy as np
import pytest
import torch

from models.motion.canonical import load_canonical
from models.synergy.config import TINY, Stages
from models.synergy.network import SynergyOutput, SynergyWarpNet
from models.training.data import FrameBank, MotionTable, Sample
from models.training.losses import LossWeights, part_weight, reconstruction, ssim

FRAMES = 4


@pytest.fixture
def bank() -> FrameBank:
    """One clip of four frames in which the average face walks to the right over coloured blobs."""
    rng = np.random.default_rng(1)
    coarse = torch.from_numpy(rng.uniform(0, 255, (1, 3, 8, 8)).astype(np.float32))
    picture = torch.nn.functional.interpolate(coarse, size=(64, 64), mode="bicubic", align_corners=False)
    first = picture[0].permute(1, 2, 0).clamp(0, 255).byte().numpy()
    frames = np.stack([np.roll(first, 2 * i, axis=1) for i in range(FRAMES)])
    return FrameBank(frames, np.zeros(FRAMES, np.int32), motions(1.0), motions(-1.0))


def motions(direction: float) -> MotionTable:
    face = np.repeat(load_canonical().mean[None], FRAMES, axis=0)
    shift = np.zeros((FRAMES, 3), np.float32)
    shift[:, 0] = direction * np.arange(FRAMES) * 2 * 2 / 64
    turned = np.repeat(np.eye(3, dtype=np.float32)[None], FRAMES, axis=0)
    return MotionTable(face, np.zeros_like(face), turned, np.full(FRAMES, 0.45, np.float32), shift)


def animate(network: SynergyWarpNet, sample: Sample) -> SynergyOutput:
    pictures = [network.prepare(p, m) for p, m in zip(sample.pictures, sample.motions, strict=True)]
    output: SynergyOutput = network(pictures, sample.driving, Stages.SYNERGY)
    return output


def test_twenty_steps_overfit_four_frames(bank: FrameBank) -> None:
    torch.manual_seed(0)
    network = SynergyWarpNet(TINY).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    rng = np.random.default_rng(0)
    history = []
    for _ in range(20):
        sample = bank.draw(4, 2, 64, rng)
        losses = reconstruction(animate(network, sample), sample.truth, LossWeights())
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        history.append(float(losses.total.detach()))

    assert np.mean(history[-3:]) < 0.6 * np.mean(history[:3])


def test_a_sample_has_its_pictures_and_truth_in_one_size_and_wears_the_sources_face(bank: FrameBank) -> None:
    sample = bank.draw(3, 2, 32, np.random.default_rng(2))

    assert [tuple(p.shape) for p in (*sample.pictures, sample.truth)] == [(3, 3, 32, 32)] * 3
    torch.testing.assert_close(sample.driving.canonical, sample.motions[0].canonical)


def test_a_picture_compared_with_itself_costs_nothing_in_structure() -> None:
    picture = torch.rand(2, 3, 32, 32)

    assert float(ssim(picture, picture)) == pytest.approx(1.0, abs=1e-4)
    assert float(ssim(picture, 1 - picture)) < 0.5


def test_eyes_and_lips_weigh_more_than_the_background() -> None:
    landmarks = 0.45 * torch.from_numpy(load_canonical().mean)[None]

    weight = part_weight(landmarks, 64, gain=5.0)

    x, y = ((landmarks[0, 13, :2] + 1) * 32).long().tolist()
    assert float(weight[0, 0, y, x]) > 4.0
    assert float(weight[0, 0, 0, 0]) == pytest.approx(1.0, abs=1e-3)

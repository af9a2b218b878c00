from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.motion.canonical import load_canonical
from models.training.discriminator import Critics, PatchCritic, judge_both, region
from models.training.losses.adversarial import critic_hinge
from models.training.losses.identity import SIDE_PX, FaceIdentity
from models.training.losses.perceptual import Perceptual
from models.training.problems import TrainingProblem


@pytest.fixture
def landmarks() -> torch.Tensor:
    return 0.45 * torch.from_numpy(load_canonical().mean)[None].expand(2, -1, -1)


def noise(*, seed: int = 0) -> torch.Tensor:
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(seed))


def test_a_region_shows_what_is_around_its_points_and_passes_gradient_on() -> None:
    picture = torch.zeros(1, 3, 64, 64)
    picture[..., 40:48, 8:16] = 1.0
    picture.requires_grad_()
    corners = torch.tensor([[[-0.75, 0.25, 0.0], [-0.5, 0.5, 0.0]]])  # the white square, unit coordinates

    shown = region(picture, corners, 32, margin=0.5)
    shown.sum().backward()  # type: ignore[no-untyped-call]

    assert float(shown.detach().mean()) > 0.9
    assert picture.grad is not None
    assert float(picture.grad[..., :32, :].abs().sum()) == 0.0


def test_critics_learn_to_tell_two_kinds_of_texture_apart(landmarks: torch.Tensor) -> None:
    torch.manual_seed(0)
    critics = Critics()
    optimiser = torch.optim.AdamW(critics.parameters(), lr=2e-3)
    sharp, blurred = noise(), torch.nn.functional.avg_pool2d(noise(), 5, 1, 2)
    history = []
    for _ in range(6):
        pairs = judge_both(critics, sharp, blurred, landmarks)
        loss = torch.stack([critic_hinge(*pair) for pair in pairs]).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        history.append(float(loss.detach()))

    assert len(pairs) == 3  # whole, face, lips
    assert history[-1] < 0.8 * history[0]


def test_a_critic_is_held_in_by_spectral_normalisation() -> None:
    torch.manual_seed(0)
    critic = PatchCritic((8, 8, 8)).eval()
    weight = critic.score.weight.detach()
    assert float(torch.linalg.matrix_norm(weight.flatten(1), 2)) == pytest.approx(1.0, abs=0.1)


def test_the_perceptual_loss_is_nothing_for_the_same_picture_and_grows_with_difference(tmp_path: Path) -> None:
    torch.manual_seed(0)
    state = {**Perceptual().state_dict(), "classifier.0.weight": torch.zeros(2, 2)}
    torch.save(state, tmp_path / "vgg19.pth")
    network = Perceptual.read(tmp_path / "vgg19.pth")
    picture = noise()

    near, far = picture + 0.02 * noise(seed=1), noise(seed=1)
    assert float(network(picture, picture)) == 0.0
    assert 0.0 < float(network(near, picture)) < float(network(far, picture))
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_the_identity_loss_tells_the_same_face_from_another(tmp_path: Path, landmarks: torch.Tensor) -> None:
    torch.manual_seed(0)
    save_file(FaceIdentity((1, 2, 1, 1)).state_dict(), tmp_path / "arcface.safetensors")
    network = FaceIdentity.read(tmp_path / "arcface.safetensors")
    picture = noise()

    assert len(network.get_submodule("layer2")) == 2  # type: ignore[arg-type]  # depth read from the names
    assert float(network(picture, picture, landmarks)) == pytest.approx(0.0, abs=1e-5)
    assert float(network(noise(seed=1), picture, landmarks)) > 1e-4
    assert SIDE_PX == 112


def test_files_of_other_networks_are_sentences(tmp_path: Path) -> None:
    save_file({"layer1.0.conv1.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(TrainingProblem) as vgg:
        Perceptual.read(tmp_path / "other.safetensors")
    with pytest.raises(TrainingProblem) as face:
        FaceIdentity.read(tmp_path / "other.safetensors")

    assert str(vgg.value) == (
        "other.safetensors cannot be used for the perceptual loss. It does not hold the convolutions of VGG-19. "
        "Give torchvision's vgg19 weights, or leave --vgg out."
    )
    assert str(face.value) == (
        "other.safetensors cannot be used for the identity loss. It does not hold the layers of an ArcFace IResNet. "
        "Give InsightFace's arcface_torch weights (iresnet 18 to 100), or leave --face-identity out."
    )

"""`--model liveportrait` on imported weights: the frames are those of the networks called by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.data import astronaut
from torch import Tensor

from app.animators import open_animator, open_or_fall_back
from app.cli import run_command_line
from app.commands.import_weights import ImportOptions, import_weights
from app.own_weights import OWN_WEIGHTS
from models.liveportrait.config import TINY
from models.liveportrait.motion import MotionHeads, camera_from_head, expected_degrees, place_keypoints
from models.types import ImageArray
from tests.app.commands.test_animate import frames_of
from tests.helpers.videos import Recipe, write_video
from tests.models.liveportrait.networks import ruled_network
from tests.models.liveportrait.public_set import write_public_set

SIDE = TINY.input_px
MOTION = Path(__file__).resolve().parents[3] / "assets" / "motion" / "talking.motion"
MODEL = "liveportrait:tiny"
ABSOLUTE = ("--absolute", "--no-crop")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with imported weights."""
    folder = tmp_path_factory.mktemp("weights")
    published = write_public_set(tmp_path_factory.mktemp("downloads") / "liveportrait")
    options = ImportOptions(published, folder / "liveportrait-tiny.safetensors", quiet=True, configs={"base": TINY})
    assert import_weights(options) == 0
    return folder


@pytest.fixture(autouse=True)
def own_weights(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OWN_WEIGHTS, str(weights))


@pytest.fixture(scope="module")
def faces() -> list[ImageArray]:
    """A real face that wanders, at the size of the networks' input."""
    square = Image.fromarray(astronaut()[0:280, 84:364]).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return [np.roll(np.asarray(square), 3 * i, axis=1) for i in range(3)]


@pytest.fixture
def face_file(faces: list[ImageArray], tmp_path: Path) -> Path:
    Image.fromarray(faces[0]).save(tmp_path / "face.png")
    return tmp_path / "face.png"


@pytest.fixture
def clip(faces: list[ImageArray], tmp_path: Path) -> Path:
    """The wandering face as video."""
    return write_video(tmp_path / "driver.mp4", Recipe(size=(SIDE, SIDE), rate=25), faces)


def animate(*arguments: object) -> int:
    return run_command_line(["animate", *map(str, arguments), "--model", MODEL, "--quiet", "--device", "cpu"])


def planes(image: ImageArray) -> Tensor:
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255.0


class ByHand:
    """The networks of the imported weights, with nothing of the program around them."""

    def __init__(self) -> None:
        self.network = ruled_network()

    @torch.inference_mode()
    def motion(self, image: ImageArray) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Canonical keypoints, rotation in row form, expression, scale, translation."""
        heads: MotionHeads = self.network.motion_extractor(planes(image))
        rotation = camera_from_head(*(expected_degrees(bins) for bins in (heads.pitch, heads.yaw, heads.roll)))
        canonical, expression = (part.view(1, -1, 3) for part in (heads.canonical, heads.expression))
        return canonical, rotation.transpose(1, 2), expression, heads.scale, heads.translation

    @torch.inference_mode()
    def picture(self, source: ImageArray, driving: Tensor) -> ImageArray:
        volume = self.network.appearance_feature_extractor(planes(source))
        warped = self.network.warping_module(volume, driving, place_keypoints(*self.motion(source)))
        made = self.network.spade_generator(warped.features)[0].permute(1, 2, 0)
        return np.asarray((made * 255.0).round().to(torch.uint8).numpy())

    def absolute(self, source: ImageArray, driver: ImageArray) -> ImageArray:
        """Eq. 2."""
        own, moved = self.motion(source), self.motion(driver)
        return self.picture(source, place_keypoints(own[0], *moved[1:]))

    def edited(self, source: ImageArray, driver: ImageArray, after: ImageArray, first: ImageArray) -> ImageArray:
        """Eq. 8 for one frame."""
        s, d, following, d0 = (self.motion(image) for image in (source, driver, after, first))
        rotation = d[1] @ d0[1].transpose(1, 2) @ s[1]
        expression = s[2] + 0.5 * (d[2] + following[2]) - d0[2]
        return self.picture(
            source, place_keypoints(s[0], rotation, expression, s[3] * d[3] / d0[3], s[4] + d[4] - d0[4])
        )


def assert_alike(made: ImageArray, expected: ImageArray) -> None:
    assert made.shape == expected.shape == (2 * SIDE, 2 * SIDE, 3)
    assert int(np.abs(made.astype(int) - expected).max()) <= 1


def test_animate_gives_the_frames_of_the_networks_called_by_hand(
    face_file: Path, faces: list[ImageArray], clip: Path, tmp_path: Path
) -> None:
    assert animate("--source", face_file, "--driving", clip, "--output", tmp_path / "o.mkv", *ABSOLUTE) == 0

    hand = ByHand()
    made, drivers = frames_of(tmp_path / "o.mkv"), frames_of(clip)
    assert len(made) == 3
    for frame, driver in zip(made, drivers, strict=True):
        assert_alike(frame, hand.absolute(faces[0], driver))


def test_a_picture_drives_too(face_file: Path, faces: list[ImageArray], tmp_path: Path) -> None:
    Image.fromarray(faces[2]).save(tmp_path / "driver.png")

    assert (
        animate("--source", face_file, "--driving", tmp_path / "driver.png", "--output", tmp_path / "o", *ABSOLUTE) == 0
    )

    (only,) = sorted((tmp_path / "o").glob("*.png"))
    assert_alike(np.asarray(Image.open(only)), ByHand().absolute(faces[0], faces[2]))


def test_a_source_video_is_edited_as_equation_8_says(faces: list[ImageArray], clip: Path, tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", Recipe(size=(SIDE, SIDE), rate=25), faces[::-1])

    assert animate("--source", source, "--driving", clip, "--output", tmp_path / "o.mkv", "--no-crop") == 0

    hand, made = ByHand(), frames_of(tmp_path / "o.mkv")
    sources, drivers = frames_of(source), frames_of(clip)
    assert_alike(made[1], hand.edited(sources[1], drivers[1], drivers[2], drivers[0]))
    assert_alike(made[2], hand.edited(sources[2], drivers[2], drivers[2], drivers[0]))


@pytest.mark.parametrize("flags", [(), ("--no-paste-back",), ("--no-stitch", "--retarget-eyes", 0, "--region", "eyes")])
def test_a_face_is_cropped_animated_and_pasted_back_whatever_is_asked_for(
    clip: Path, tmp_path: Path, flags: tuple[object, ...]
) -> None:
    picture = astronaut()[:400, :500]
    Image.fromarray(picture).save(tmp_path / "whole.png")

    assert animate("--source", tmp_path / "whole.png", "--driving", clip, "--output", tmp_path / "o.mkv", *flags) == 0

    frames = frames_of(tmp_path / "o.mkv")
    if "--no-paste-back" in flags:
        assert frames[0].shape == (512, 512, 3)
        return
    assert frames[0].shape == picture.shape
    changed = np.abs(frames[2].astype(int) - picture).max(-1)
    assert changed[100:180, 190:260].mean() > 5  # the face
    assert changed[:, 480:].max() == changed[350:, :40].max() == 0  # far from it


def test_a_motion_clip_drives_without_any_pixels(face_file: Path, tmp_path: Path) -> None:
    common = ("--source", face_file, "--driving", MOTION, "--no-crop", "--max-frames", 3)

    assert animate(*common, "--output", tmp_path / "o.mkv") == 0

    assert len(frames_of(tmp_path / "o.mkv")) == 3


def test_evaluate_measures_it_alone_and_with_several_pictures(faces: list[ImageArray], tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    write_video(
        tmp_path / "videos" / "walk.mp4",
        Recipe(size=(256, 256)),
        [faces[i % 3].repeat(2, 0).repeat(2, 1) for i in range(20)],
    )
    (tmp_path / "manifest.csv").write_text("file,identity\nvideos/walk.mp4,astronaut\n")
    arguments = ["evaluate", "--data", tmp_path, "--models", f"{MODEL},explicit-multi:tiny"]
    arguments += ["--references", "1,2", "--frames", "1"]

    assert run_command_line([*map(str, arguments), "--json", str(tmp_path / "r.json"), "--device", "cpu"]) == 0

    models = json.loads((tmp_path / "r.json").read_text())["models"]
    counted = {f"{name}@{count}" for name in ("geometric", "liveportrait", "explicit-multi") for count in (1, 2)}
    assert set(models) == {"still@1", *counted}
    assert models["liveportrait@1"]["mean"]["psnr"] > 0


@pytest.mark.parametrize(
    ("model", "wanted"), [("liveportrait", "base"), ("liveportrait:nope", "nope; the sets are called base and animals")]
)
def test_without_weights_it_is_exit_3_with_the_way_to_get_them(
    model: str,
    wanted: str,
    face_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path))
    arguments = ["animate", "--source", face_file, "--driving", MOTION, "--output", tmp_path / "o.mkv"]

    assert run_command_line([*map(str, arguments), "--model", model, "--device", "cpu"]) == 3

    assert capsys.readouterr().err.endswith(
        f"The model 'liveportrait' cannot be used. Its weights are not imported ({wanted}). Download them "
        "(docs/liveportrait.md says where) and run: import-weights DIR, or use --model geometric, which needs none.\n"
    )


def test_a_live_run_without_weights_falls_back_to_geometric_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path))

    animator, refused = open_or_fall_back("liveportrait", "cpu")

    assert animator.name == "geometric"
    assert refused is not None
    assert refused.why == "Its weights are not imported (base)."


@pytest.mark.parametrize(
    ("model", "file"), [("liveportrait", "liveportrait-base"), ("explicit-multi", "liveportrait-base")]
)
def test_a_live_run_on_a_cpu_leaves_full_size_networks_alone_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, file: str
) -> None:
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path))
    with (tmp_path / f"{file}.safetensors").open("wb") as opened:
        opened.truncate(200 << 20)

    animator, refused = open_or_fall_back(model, "cpu")

    assert animator.name == "geometric"
    assert refused is not None
    assert (refused.what, refused.why) == (
        f"The model {model!r} cannot be used live on a CPU.",
        "A frame of its full-size networks takes seconds there.",
    )
    assert refused.fix == "Use an NVIDIA GPU, make a video with animate, or use another --model."


def test_small_networks_run_live_on_a_cpu() -> None:
    animator, refused = open_or_fall_back(MODEL, "cpu")

    assert (animator.name, refused) == ("liveportrait", None)


def test_imported_weights_are_opened_by_their_preset() -> None:
    animator = open_animator(MODEL, "cpu")

    assert (animator.name, animator.framed_size, animator.made_size) == ("liveportrait", SIDE, 2 * SIDE)
    assert animator.needs_pixels

"""Preparing portraits: with scripted faces for the rules, with the real networks and a real face for the result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from app.errors import UsageProblem
from app.picture_file import NEUTRAL_GREY, Picture
from app.portrait import CROP_PX, LoadedPortrait
from app.portrait_loader import PortraitLoader
from app.segmentation import SelfieSegmenter
from app.tracking.face_mesh import FaceMeshTracker
from models.coords import pixels_from_unit
from tests.helpers.portraits import EllipseSegmenter, ScriptedFaces, face_landmarks, textured

NO_FACE = (
    "A face is needed to know what to move, and none was seen. Choose a picture in which one face looks at the camera."
)


@pytest.fixture(scope="module")
def loader() -> Iterator[PortraitLoader]:
    tracker, segmenter = FaceMeshTracker(max_faces=4, static=True), SelfieSegmenter()
    yield PortraitLoader(tracker, segmenter)
    segmenter.close()
    tracker.close()


@pytest.fixture(scope="module")
def person(loader: PortraitLoader, tmp_path_factory: pytest.TempPathFactory) -> LoadedPortrait:
    path = tmp_path_factory.mktemp("pictures") / "collins.png"
    Image.fromarray(astronaut()).save(path)
    return loader.load(path)


def test_a_real_face_is_framed_in_the_middle(person: LoadedPortrait) -> None:
    assert person.name == "collins"
    assert person.picture.shape == (512, 512, 3)
    assert person.view.image.shape == (CROP_PX, CROP_PX, 3)
    assert person.view.landmarks.shape == (478, 3)
    middle = person.view.landmarks[:468, :2].mean(0)
    assert np.abs(middle).max() < 0.2
    assert np.ptp(person.view.landmarks[:468, 1]) == pytest.approx(2 / 2.3, abs=0.1)
    assert person.notes == ()


def test_a_real_head_is_foreground_and_the_room_is_not(person: LoadedPortrait) -> None:
    head = person.crop.to_picture(pixels_from_unit(person.view.landmarks, (CROP_PX, CROP_PX)))[:468, :2]
    x, y = head.round().astype(int).T
    assert np.quantile(person.foreground[y, x], 0.05) > 0.9  # the outline itself is soft
    assert person.foreground[y, x].mean() > 0.99
    hair = (int(head[:, 1].min()) - 15, int(head[:, 0].mean()))
    assert person.foreground[hair] > 0.9
    assert person.foreground[20:120, 320:380].max() < 0.05  # the wall
    assert person.view.foreground is not None
    assert person.view.foreground[256, 256] == 1.0
    assert person.view.foreground[5, 5] < 0.05


def test_the_person_is_painted_out_with_colours_of_the_room(person: LoadedPortrait) -> None:
    assert person.background.shape == person.picture.shape
    room = person.picture[20:120, 320:380].reshape(-1, 3).mean(0)
    behind = person.background[40:110, 190:260].reshape(-1, 3).mean(0)
    assert np.abs(behind - room).max() < 40
    face = person.picture[90:130, 205:245].reshape(-1, 3).mean(0)
    assert np.abs(behind - face).max() > 25


def test_framing_a_real_square_keeps_its_pixels_and_finds_the_same_layers(loader: PortraitLoader) -> None:
    square = np.ascontiguousarray(astronaut()[:256, 100:356])
    view = loader.load_framed(square, 256)
    assert (view.image == square).all()
    assert view.foreground is not None
    assert view.background is not None
    tip = pixels_from_unit(view.landmarks, (256, 256))[1, :2].round().astype(int)
    assert view.foreground[tip[1], tip[0]] == 1.0


def test_no_face_is_said_with_the_files_name(loader: PortraitLoader, tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    Image.fromarray(textured((300, 400))).save(path)
    with pytest.raises(UsageProblem) as caught:
        loader.load(path)
    assert str(caught.value) == f"No face was found in wall.png. {NO_FACE}"


def test_of_two_real_faces_one_is_taken_and_the_other_noted(loader: PortraitLoader) -> None:
    face = astronaut()[0:256, 96:352]
    small = np.asarray(Image.fromarray(face).resize((150, 150)))
    both = np.full((300, 480, 3), 190, np.uint8)
    both[22:278, 10:266] = face
    both[60:210, 310:460] = small
    portrait = loader.load_picture(Picture(both))
    assert [note.code for note in portrait.notes] == ["several-faces"]
    assert portrait.notes[0].sentence.startswith("2 faces were found")
    assert portrait.crop.centre_px[0] < 266


def test_a_reference_without_a_face_is_left_out_and_noted(loader: PortraitLoader) -> None:
    face = Picture(astronaut())
    wall = Picture(textured((300, 400)))
    portrait = loader.load_picture(face, references=[("wall.png", wall), ("same.png", face)])
    assert len(portrait.references) == 1
    assert portrait.references[0].landmarks == pytest.approx(portrait.view.landmarks, abs=1e-3)
    assert [note.code for note in portrait.notes] == ["reference-without-face"]
    assert portrait.notes[0].sentence == (
        "No face was found in the reference wall.png, so it is not used. Choose another picture."
    )


def test_a_cut_out_keeps_its_own_matte_and_needs_no_segmenter(tmp_path: Path) -> None:
    path = tmp_path / "cut-out.png"
    alpha = np.zeros((400, 400), np.uint8)
    alpha[100:400, 120:280] = 255
    Image.fromarray(np.dstack([textured((400, 400)), alpha])).save(path)
    portrait = PortraitLoader(ScriptedFaces(face_landmarks((200, 200), 120)), _NoSegmenter()).load(path)
    assert portrait.alpha is not None
    assert (portrait.alpha == alpha).all()
    assert (portrait.foreground == alpha / 255).all()
    assert (portrait.background == NEUTRAL_GREY).all()


class _NoSegmenter:
    def segment(self, image: np.ndarray) -> np.ndarray:
        raise AssertionError("a cut-out already says who is foreground")

    def close(self) -> None:
        raise AssertionError("the caller closes what he made")


def test_sides_are_even_and_at_most_1920() -> None:
    faces = ScriptedFaces(face_landmarks((200, 200), 150))
    loader = PortraitLoader(faces, EllipseSegmenter())
    assert loader.load_picture(Picture(textured((333, 401)))).picture.shape == (332, 400, 3)
    assert loader.load_picture(Picture(textured((1201, 2401)))).picture.shape == (960, 1920, 3)


def test_the_square_shows_what_the_crop_says() -> None:
    picture = textured((600, 800))
    landmarks = face_landmarks((400, 300), 512 / 2.3)
    portrait = PortraitLoader(ScriptedFaces(landmarks), EllipseSegmenter()).load_picture(Picture(picture))
    left = round(portrait.crop.centre_px[0] - 256)
    top = portrait.crop.centre_px[1] - 256
    expected = picture[round(top) : round(top) + 512, left : left + 512].astype(int)
    assert np.abs(portrait.view.image[20:-20].astype(int) - expected[20:-20]).max() <= 4


@pytest.mark.parametrize("size", [(256, 300), (300, 256)])
def test_a_framed_picture_must_be_square(size: tuple[int, int]) -> None:
    loader = PortraitLoader(ScriptedFaces(face_landmarks((128, 128), 100)), EllipseSegmenter())
    with pytest.raises(UsageProblem) as caught:
        loader.load_framed(textured(size), 256, name="me.jpg")
    assert str(caught.value) == (
        "The picture me.jpg cannot be used without cropping. "
        f"It is {size[1]} x {size[0]} pixels, not square. "
        "Crop it to a square around the face, or leave --no-crop out."
    )


def test_a_framed_face_is_looked_for_at_the_size_it_is_used() -> None:
    faces = ScriptedFaces(face_landmarks((128, 128), 100))
    view = PortraitLoader(faces, EllipseSegmenter()).load_framed(textured((512, 512)), 256)
    assert [picture.shape for picture in faces.pictures] == [(256, 256, 3)]
    assert view.landmarks[:, :2] == pytest.approx(face_landmarks((0, 0), 100 / 128)[:, :2], abs=1e-5)


def test_the_loader_closes_only_the_segmenter_it_made() -> None:
    given = EllipseSegmenter()
    PortraitLoader(ScriptedFaces(), given).close()
    assert not given.closed
    loader = PortraitLoader(ScriptedFaces(face_landmarks((128, 128), 100)))
    loader.load_framed(textured((256, 256)), 256)
    loader.close()
    loader.close()


def test_a_closed_segmenter_says_so() -> None:
    segmenter = SelfieSegmenter()
    assert segmenter.segment(textured((90, 70))).shape == (90, 70)
    segmenter.close()
    segmenter.close()
    with pytest.raises(ValueError, match="this segmenter was closed"):
        segmenter.segment(textured((90, 70)))


def test_only_the_tracker_and_the_picture_decide(person: LoadedPortrait, loader: PortraitLoader) -> None:
    again = loader.load_picture(Picture(astronaut()))
    assert (again.view.image == person.view.image).all()
    assert again.view.landmarks == pytest.approx(person.view.landmarks, abs=1e-4)
    assert again.foreground == pytest.approx(person.foreground, abs=2e-2)


def test_everybody_in_a_picture_is_a_portrait_and_their_squares_share_what_lies_between() -> None:
    left, right = face_landmarks((200, 200), 100), face_landmarks((360, 200), 80)
    loader = PortraitLoader(ScriptedFaces(right, left), EllipseSegmenter())

    first, second = loader.load_everybody(Picture(textured((400, 560)), None))

    assert first.crop.centre_px[0] == pytest.approx(200, abs=1)  # the larger comes first
    for portrait, own in ((first, (200.0, 200.0)), (second, (360.0, 200.0))):
        x, y = portrait.crop.to_crop(np.array([own]))[0].astype(int)
        assert portrait.paste_mask[y, x] == 1.0
    between = [portrait.crop.to_crop(np.array([[290.0, 200.0]]))[0].astype(int) for portrait in (first, second)]
    shares = [portrait.paste_mask[y, x] for portrait, (x, y) in zip((first, second), between, strict=True)]
    assert sum(shares) == pytest.approx(1.0, abs=0.05)
    assert 0.1 < shares[0] < 0.9


def test_a_picture_of_nobody_is_refused_for_everybody_too() -> None:
    with pytest.raises(UsageProblem, match=r"^No face was found in group\.jpg\."):
        PortraitLoader(ScriptedFaces(), EllipseSegmenter()).load_everybody(
            Picture(textured((64, 64)), None), name="group.jpg"
        )

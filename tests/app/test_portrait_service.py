from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import app.portrait_service as portrait_service
from app.avatars import Avatar
from app.errors import UsageProblem
from app.portrait import LoadedPortrait
from app.portrait_service import PortraitMaker

ADA = Avatar("ada", "Ada Lovelace", Path("a"), Path("a/portrait.png"), (Path("a/left.png"),))


class FakeLoader:
    """Writes down what it is asked to load."""

    def __init__(self) -> None:
        self.loads: list[tuple[Path, tuple[Path, ...]]] = []

    def load(self, path: Path, references: Sequence[Path] = ()) -> str:
        self.loads.append((path, tuple(references)))
        return path.stem


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> FakeLoader:
    fake = FakeLoader()
    monkeypatch.setattr(PortraitMaker, "_loader", lambda self: fake)
    monkeypatch.setattr(portrait_service, "replace", lambda portrait, name: name)
    return fake


def test_an_avatar_comes_with_its_views_and_its_name(monkeypatch: pytest.MonkeyPatch, loader: FakeLoader) -> None:
    monkeypatch.setattr(portrait_service, "resolve_avatar", lambda who: ADA)

    portrait = PortraitMaker().load("ada", (Path("extra.png"),))

    assert loader.loads == [(Path("a/portrait.png"), (Path("a/left.png"), Path("extra.png")))]
    assert portrait == "Ada Lovelace"


def test_a_picture_is_loaded_as_it_is(loader: FakeLoader, tmp_path: Path) -> None:
    picture = tmp_path / "me.png"
    picture.touch()

    PortraitMaker().load(str(picture))

    assert loader.loads == [(picture, ())]


def test_a_missing_picture_is_a_usage_problem() -> None:
    maker = PortraitMaker()

    with pytest.raises(UsageProblem):
        maker.load("nobody-of-this-name")
    maker.close()


@pytest.mark.slow
def test_a_real_face_is_loaded_and_the_models_are_kept_and_given_back(tmp_path: Path) -> None:
    from PIL import Image
    from skimage import data

    Image.fromarray(data.astronaut()).save(tmp_path / "eileen.png")
    maker = PortraitMaker()

    first: LoadedPortrait = maker.load(str(tmp_path / "eileen.png"))
    made = maker._made
    maker.load(str(tmp_path / "eileen.png"))

    assert first.name == "eileen"
    assert made is not None
    assert maker._made is made
    maker.close()
    maker.close()
    assert maker._made is None

"""What the window does with the gallery: order, names, removal, and choosing by place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.errors import EnvironmentProblem
from app.picture_box import Box
from tests.helpers.window import TILES, portrait_called
from tests.ui.conftest import Rig
from ui.shown import AvatarTile, Framing


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A presenter that shows the first of three avatars."""
    made = make_rig()
    made.presenter.start()
    made.avatars.found(TILES)
    made.portraits.done(portrait_called("Ada"))
    return made


def order(rig: Rig) -> list[str]:
    return [tile.key for tile in rig.view.show_avatars.call_args.args[0]]


def asked_for(rig: Rig) -> list[str]:
    return [request.who for request in rig.portraits.requests]


@pytest.mark.parametrize(("step", "who"), [(1, "ben"), (2, "my-cat"), (-1, "my-cat"), (4, "ben")])
def test_the_next_portrait_is_counted_round_and_round(rig: Rig, step: int, who: str) -> None:
    rig.presenter.gallery.next_wanted(step)

    assert asked_for(rig) == ["ada", who]


def test_next_pressed_twice_goes_on_from_whoever_is_being_prepared(rig: Rig) -> None:
    rig.presenter.gallery.next_wanted(1)
    rig.presenter.gallery.next_wanted(1)

    assert asked_for(rig) == ["ada", "ben", "my-cat"]


def test_without_anybody_next_does_nothing(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.presenter.start()
    rig.avatars.found(())

    rig.presenter.gallery.next_wanted(1)
    rig.presenter.gallery.place_chosen(0)

    assert asked_for(rig) == []


def test_a_place_chooses_whoever_is_shown_there_and_an_empty_one_nobody(rig: Rig) -> None:
    rig.presenter.gallery.moved("my-cat", 0)

    rig.presenter.gallery.place_chosen(0)
    rig.presenter.gallery.place_chosen(8)

    assert asked_for(rig) == ["ada", "my-cat"]


@pytest.mark.parametrize(
    ("key", "place", "after"),
    [
        ("my-cat", 0, ["my-cat", "ada", "ben"]),
        ("ada", 1, ["ben", "ada", "my-cat"]),
        ("ada", 99, ["ben", "my-cat", "ada"]),
        ("ada", -1, ["ada", "ben", "my-cat"]),
        ("nobody", 0, ["ada", "ben", "my-cat"]),
    ],
)
def test_a_portrait_goes_where_it_was_put(rig: Rig, key: str, place: int, after: list[str]) -> None:
    rig.presenter.gallery.moved(key, place)

    assert order(rig) == after


def test_the_order_is_remembered_and_whoever_is_new_comes_last(rig: Rig, make_rig: Callable[..., Rig]) -> None:
    rig.presenter.gallery.moved("my-cat", 0)
    rig.presenter.close()

    again = make_rig()
    again.presenter.start()
    again.avatars.found([AvatarTile("aaron", "Aaron", None), *TILES])

    assert order(again) == ["my-cat", "ada", "ben", "aaron"]


def test_only_own_portraits_can_be_renamed_or_removed(rig: Rig) -> None:
    for key in ("ada", "nobody"):
        rig.presenter.gallery.rename_wanted(key)
        rig.presenter.gallery.renamed(key, "Eve")
        rig.presenter.gallery.removal_wanted(key)
        rig.presenter.gallery.removed(key)

    rig.view.ask_name.assert_not_called()
    rig.view.ask_removal.assert_not_called()
    assert rig.avatars.changes == []


def test_a_new_name_is_asked_for_kept_and_shown_at_the_same_place(rig: Rig) -> None:
    rig.presenter.gallery.moved("my-cat", 0)
    rig.presenter.gallery.rename_wanted("my-cat")
    rig.view.ask_name.assert_called_once_with("my-cat", "Cat")

    rig.presenter.gallery.renamed("my-cat", "Tiger")
    assert rig.avatars.changes == [("rename", "my-cat", "Tiger")]
    rig.avatars.was_renamed(replace(TILES[2], name="Tiger"))

    assert rig.view.show_avatars.call_args.args[0][0].name == "Tiger"


def test_a_name_that_stayed_the_same_changes_nothing(rig: Rig) -> None:
    rig.presenter.gallery.renamed("my-cat", " Cat ")

    assert rig.avatars.changes == []


def test_a_portrait_is_deleted_only_after_the_question_and_its_tile_goes_then(rig: Rig) -> None:
    rig.presenter.gallery.removal_wanted("my-cat")
    rig.view.ask_removal.assert_called_once_with("my-cat", "Cat")
    assert rig.avatars.changes == []

    rig.presenter.gallery.removed("my-cat")
    assert rig.avatars.changes == [("remove", "my-cat")]
    assert order(rig) == ["ada", "ben", "my-cat"]
    rig.avatars.was_removed()

    assert order(rig) == ["ada", "ben"]


def test_removing_whoever_is_shown_shows_the_first(rig: Rig) -> None:
    rig.presenter.portraits.avatar_chosen("my-cat")
    rig.portraits.done(portrait_called("Cat"))

    rig.presenter.gallery.removed("my-cat")
    rig.avatars.was_removed()

    assert asked_for(rig) == ["ada", "my-cat", "ada"]


def test_a_portrait_that_cannot_be_changed_stays_and_is_said(rig: Rig) -> None:
    rig.presenter.gallery.removed("my-cat")

    rig.avatars.was_not_changed(EnvironmentProblem("Cat could not be deleted.", why="It is open.", fix="Close it."))

    assert order(rig) == ["ada", "ben", "my-cat"]
    assert rig.notice is not None
    assert rig.notice.what == "Cat could not be deleted."


def framing(rig: Rig) -> Framing:
    shown: Framing = rig.view.show_framing.call_args.args[0]
    return shown


def test_a_new_picture_shows_what_is_animated_once_it_is_in_the_gallery(rig: Rig) -> None:
    rig.presenter.portraits.picture_chosen(Path("me.jpg"))
    rig.portraits.done(portrait_called("me"))
    rig.view.show_framing.assert_not_called()

    rig.avatars.was_kept(AvatarTile("my-me", "me", Path("me.jpg"), own=True))

    shown = framing(rig)
    assert (shown.key, shown.name) == ("my-me", "me")
    assert shown.picture.shape == (200, 400, 3)
    assert shown.animated == Box(0.35625, 0.1925, 0.64375, 0.7675)  # the square of 115 pixels around (200, 96)
    assert np.allclose(  # the face's box of 50 pixels, 4 lower, with 1.3 times the room
        [shown.face.left, shown.face.top, shown.face.right, shown.face.bottom],
        [(200 - 32.5) / 400, (100 - 32.5) / 200, (200 + 32.5) / 400, (100 + 32.5) / 200],
    )


def test_a_cut_is_kept_and_the_portrait_loaded_anew(rig: Rig) -> None:
    rig.presenter.portraits.avatar_chosen("my-cat")
    rig.portraits.done(portrait_called("Cat"))
    rig.presenter.gallery.framing_wanted("my-cat")
    cut = Box(0.2, 0.0, 0.8, 1.0)

    rig.presenter.gallery.framed("my-cat", cut)
    assert rig.avatars.cuts == [("my-cat", cut)]
    rig.avatars.was_cut(replace(TILES[2], picture=Path("cut.jpg")))

    assert asked_for(rig) == ["ada", "my-cat", "my-cat"]
    assert rig.view.show_avatars.call_args.args[0][2].picture == Path("cut.jpg")


def test_a_portrait_that_is_not_shown_is_shown_first(rig: Rig) -> None:
    rig.presenter.gallery.framing_wanted("my-cat")
    rig.view.show_framing.assert_not_called()

    rig.portraits.done(portrait_called("Cat"))

    assert framing(rig).key == "my-cat"


def test_only_pictures_of_ones_own_are_cut_and_never_through_the_face(rig: Rig) -> None:
    rig.presenter.gallery.framing_wanted("ada")
    rig.presenter.gallery.framed("ada", Box(0.1, 0.0, 1.0, 1.0))
    rig.view.show_framing.assert_not_called()

    rig.presenter.portraits.avatar_chosen("my-cat")
    rig.portraits.done(portrait_called("Cat"))
    rig.presenter.gallery.framed("my-cat", Box(0.5, 0.0, 1.0, 1.0))

    assert rig.avatars.cuts == []


def test_choosing_somebody_else_meanwhile_forgets_the_wish_to_cut(rig: Rig) -> None:
    rig.presenter.gallery.framing_wanted("my-cat")
    rig.presenter.portraits.avatar_chosen("ben")
    rig.portraits.done(portrait_called("Ben"))
    rig.presenter.portraits.avatar_chosen("my-cat")
    rig.portraits.done(portrait_called("Cat"))

    rig.view.show_framing.assert_not_called()

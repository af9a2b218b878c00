from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.avatars import user_folder
from app.errors import EnvironmentProblem, UsageProblem
from app.portrait import QualityNote
from tests.helpers.window import TILES, portrait_called, rendered
from tests.ui.conftest import Rig
from ui import strings
from ui.presenter import FirstPortrait
from ui.service_protocols import PortraitRequest
from ui.shown import AvatarTile, Notice, NoticeKind

NO_FACE = UsageProblem("No face was found.", why="The picture shows none.", fix="Choose another picture.")


def test_without_a_wish_the_first_of_the_gallery_is_loaded(rig: Rig) -> None:
    assert rig.portraits.requests == []

    rig.avatars.found(TILES)

    assert [request.who for request in rig.portraits.requests] == ["ada"]
    rig.view.show_avatars.assert_called_with(list(TILES), "ada")


REFERENCES = (Path("smiling.jpg"), Path("open.jpg"))


def test_references_belong_to_the_default_portrait_where_no_other_was_named(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(first=FirstPortrait(None, REFERENCES))
    rig.presenter.start()

    rig.avatars.found(TILES)
    rig.presenter.portraits.avatar_chosen("ben")

    assert rig.portraits.requests == [PortraitRequest("ada", REFERENCES), PortraitRequest("ben")]


def test_references_of_a_portrait_that_failed_are_not_given_to_another_person(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(first=FirstPortrait("gone", REFERENCES))
    rig.presenter.start()
    rig.portraits.error(NO_FACE)

    rig.avatars.found(TILES)

    assert rig.portraits.requests == [PortraitRequest("gone", REFERENCES), PortraitRequest("ada")]


def test_trying_again_loads_the_portrait_with_its_references(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(first=FirstPortrait("me.jpg", REFERENCES))
    rig.presenter.start()
    rig.portraits.done(portrait_called("me"))

    rig.presenter.try_again()
    rig.portraits.done(portrait_called("me"))
    rig.presenter.try_again()

    assert rig.portraits.requests == [PortraitRequest("me.jpg", REFERENCES)] * 3


def test_trying_again_loads_a_kept_picture_from_where_it_is_kept(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.presenter.portraits.picture_chosen(Path("me.jpg"))
    rig.portraits.done(portrait_called("me"))
    rig.avatars.was_kept(AvatarTile("my-me", "me", Path("me.jpg"), own=True))

    rig.presenter.try_again()

    assert rig.portraits.requests[-1] == PortraitRequest("my-me")


def test_a_picture_kept_after_another_portrait_was_chosen_does_not_take_its_place(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.presenter.portraits.picture_chosen(Path("me.jpg"))
    rig.portraits.done(portrait_called("me"))
    rig.presenter.portraits.avatar_chosen("ben")
    rig.portraits.done(portrait_called("Ben"))

    rig.avatars.was_kept(AvatarTile("my-me", "me", Path("me.jpg"), own=True))

    assert rig.memory.values.avatar == "ben"
    assert rig.view.show_avatars.call_args.args[1] == "ben"


def test_a_loaded_portrait_goes_to_the_engine(rig: Rig) -> None:
    rig.avatars.found(TILES)

    rig.portraits.done(portrait_called("Ada"))

    assert rig.engine.calls[-1] == ("set_portrait", "Ada")


def test_a_portrait_that_was_replaced_by_a_newer_wish_is_not_used(rig: Rig) -> None:
    rig.avatars.found(TILES)
    late = rig.portraits.done
    rig.presenter.portraits.avatar_chosen("ben")

    late(portrait_called("Ada"))

    assert ("set_portrait", "Ada") not in rig.engine.calls


def test_choosing_the_shown_portrait_again_loads_nothing(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.portraits.done(portrait_called("Ada"))

    rig.presenter.portraits.avatar_chosen("ada")

    assert len(rig.portraits.requests) == 1


def test_the_add_button_asks_for_a_file(rig: Rig) -> None:
    rig.presenter.portraits.add_picture()

    rig.view.ask_portrait.assert_called_once_with()


def test_a_picture_is_kept_only_after_it_turned_out_usable(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.presenter.portraits.picture_chosen(Path("me.jpg"))
    assert rig.avatars.kept == []

    rig.portraits.done(portrait_called("me"))
    assert rig.avatars.kept == [Path("me.jpg")]

    tile = AvatarTile("my-me", "me", Path("me.jpg"), own=True)
    rig.avatars.was_kept(tile)
    rig.view.show_avatars.assert_called_with([*TILES, tile], "my-me")
    assert rig.memory.values.avatar == "my-me"


def test_a_picture_that_cannot_be_kept_is_used_all_the_same_and_said(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.presenter.portraits.picture_chosen(Path("me.jpg"))
    rig.portraits.done(portrait_called("me"))

    rig.avatars.was_not_kept(EnvironmentProblem("Not saved.", why="The disk is full.", fix="Free some space."))

    assert rig.engine.calls[-1] == ("set_portrait", "me")
    assert rig.notice is not None
    assert rig.notice.what == "me is used now, but was not added to your portraits."
    assert rig.notice.why == "The disk is full."


def test_a_picture_without_a_face_is_said_and_the_portrait_stays(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.portraits.done(portrait_called("Ada"))
    rig.presenter.portraits.picture_chosen(Path("wall.jpg"))

    rig.portraits.error(NO_FACE)

    assert rig.notice is not None
    assert rig.notice.what == "No face was found."
    assert rig.avatars.kept == []
    rig.view.show_avatars.assert_called_with(list(TILES), "ada")


def test_the_next_choice_takes_the_complaint_about_the_last_one_away(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.portraits.error(NO_FACE)
    rig.presenter.portraits.avatar_chosen("my-cat")

    rig.portraits.done(portrait_called("Cat"))

    assert rig.notice is None


def test_a_remembered_portrait_that_is_gone_is_replaced_by_a_shipped_one_and_said(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(first=FirstPortrait("gone"))
    rig.presenter.start()
    rig.portraits.error(UsageProblem("There is no avatar called gone.", why="It is not here.", fix="Choose another."))

    rig.avatars.found(TILES)

    assert rig.portraits.requests[-1].who == "ada"
    assert rig.notice is not None
    assert rig.notice.what == "There is no avatar called gone."


def test_weaknesses_of_a_new_picture_are_said_as_information(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.presenter.portraits.picture_chosen(Path("me.jpg"))

    rig.portraits.done(portrait_called("me", [QualityNote("dark", "The face is dark.")]))

    assert rig.notice is not None
    assert rig.notice.kind is NoticeKind.INFO
    assert (rig.notice.what, rig.notice.why) == ("me may not look its best.", "The face is dark.")


def test_weaknesses_of_the_gallery_are_not_told_at_every_start(rig: Rig) -> None:
    rig.avatars.found(TILES)

    rig.portraits.done(portrait_called("Ada", [QualityNote("dark", "The face is dark.")]))

    assert rig.notice is None


def test_while_another_portrait_is_prepared_the_status_says_so_and_the_picture_goes_on(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.portraits.done(portrait_called("Ada"))
    rig.engine.preview.put(rendered())
    rig.presenter.on_news()

    rig.presenter.portraits.avatar_chosen("ben")

    assert rig.view.show_status.call_args.args[0].sentence == "Preparing Ben…"
    assert rig.view.show_message.call_args.args[0] is None


def test_an_empty_gallery_invites_to_add_a_picture(rig: Rig) -> None:
    rig.avatars.found(())

    assert rig.view.show_message.call_args.args[0].title == strings.CHOOSE_TITLE
    assert rig.view.show_status.call_args.args[0].sentence == strings.STATUS_NO_PORTRAIT


def test_a_gallery_that_cannot_be_listed_is_said(rig: Rig) -> None:
    rig.avatars.not_found(OSError("no such folder"))

    assert rig.notice is not None
    assert rig.notice.what == strings.NO_AVATARS


def test_something_dropped_that_is_no_picture_is_said(rig: Rig) -> None:
    notice = Notice(NoticeKind.PROBLEM, "What you dropped is no picture.", "It is a link.", "Save it first.")

    rig.presenter.portraits.picture_not_usable(notice)

    assert rig.notice == notice


def test_folders_that_cannot_be_used_are_named_with_a_way_to_open_them(rig: Rig) -> None:
    newer = UsageProblem("It is newer.", why="It has version 2.", fix="Update the program.")

    rig.avatars.found_broken([newer, NO_FACE])

    first = rig.notice
    assert first is not None
    assert (first.what, first.why, first.fix, first.count) == (newer.what, newer.why, newer.fix, 2)
    assert first.folder == user_folder()


def test_a_hundred_broken_folders_are_not_a_hundred_messages(rig: Rig) -> None:
    rig.avatars.found_broken([UsageProblem(f"{n}", why="", fix="") for n in range(100)])

    first = rig.notice
    assert first is not None
    assert (first.what, first.count) == ("0", 3)

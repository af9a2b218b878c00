"""The question about the right to a likeness: asked at adding, beside everything else, never instead of a call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import EnvironmentProblem
from tests.helpers.window import TILES, portrait_called
from tests.ui.conftest import Rig
from ui.presenter import FirstPortrait
from ui.shown import AvatarTile, LikenessQuestion

MUM = Path("mum.jpg")


def question(rig: Rig) -> LikenessQuestion | None:
    asked: LikenessQuestion | None = rig.view.show_question.call_args.args[0]
    return asked


def shown(rig: Rig) -> list[object]:
    return [call[1] for call in rig.engine.calls if call[0] == "set_portrait"]


@pytest.fixture
def live(rig: Rig) -> Rig:
    """Ada is live."""
    rig.avatars.found(TILES)
    rig.portraits.done(portrait_called("Ada"))
    assert shown(rig) == ["Ada"]
    return rig


def add_mum(rig: Rig) -> None:
    rig.avatars.open.add(str(MUM))
    rig.presenter.portraits.picture_chosen(MUM)
    rig.portraits.done(portrait_called("Mum"))


def test_a_new_picture_waits_for_the_answer_while_the_call_goes_on(live: Rig) -> None:
    add_mum(live)

    assert question(live) == LikenessQuestion("Mum")
    assert shown(live) == ["Ada"]
    assert live.avatars.kept == []
    assert live.presenter.portraits.preparing == "Mum waits for your answer above."


def test_a_yes_is_kept_and_shows_the_picture(live: Rig) -> None:
    add_mum(live)
    live.presenter.portraits.likeness_confirmed()

    assert question(live) is None
    assert live.avatars.confirmed == [str(MUM)]
    assert live.avatars.kept == [MUM]
    assert shown(live) == ["Ada", "Mum"]


def test_a_no_shows_nothing_and_asks_for_another(live: Rig) -> None:
    add_mum(live)
    live.presenter.portraits.likeness_refused()

    assert question(live) is None
    assert live.avatars.confirmed == []
    assert live.avatars.kept == []
    assert shown(live) == ["Ada"]
    assert live.presenter.portraits.chosen == "ada"
    live.view.ask_portrait.assert_called_once_with()


def test_choosing_another_portrait_takes_the_question_away(live: Rig) -> None:
    add_mum(live)
    live.presenter.portraits.avatar_chosen("ben")

    assert question(live) is None
    live.portraits.done(portrait_called("Ben"))
    assert shown(live) == ["Ada", "Ben"]
    live.presenter.portraits.likeness_confirmed()
    assert live.avatars.confirmed == []


def test_what_was_answered_before_is_not_asked_about(live: Rig) -> None:
    live.presenter.portraits.picture_chosen(MUM)
    live.portraits.done(portrait_called("Mum"))

    assert question(live) is None
    assert shown(live) == ["Ada", "Mum"]


def test_who_is_shown_from_the_start_is_shown_at_once_and_asked_about_beside_it(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(first=FirstPortrait(str(MUM)))
    rig.avatars.open.add(str(MUM))
    rig.presenter.start()
    rig.portraits.done(portrait_called("Mum"))

    assert shown(rig) == ["Mum"]
    assert question(rig) == LikenessQuestion("Mum")
    rig.presenter.portraits.likeness_confirmed()
    assert (question(rig), rig.avatars.confirmed) == (None, [str(MUM)])
    assert shown(rig) == ["Mum"]


def test_who_is_shown_from_the_start_and_may_not_be_gives_way_to_the_first_of_the_gallery(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(first=FirstPortrait(str(MUM)))
    rig.avatars.open.add(str(MUM))
    rig.presenter.start()
    rig.avatars.found([AvatarTile("ada", "Ada", None)])
    rig.portraits.done(portrait_called("Mum"))
    rig.presenter.portraits.likeness_refused()
    rig.portraits.done(portrait_called("Ada"))

    assert shown(rig) == ["Mum", "Ada"]


def test_an_answer_that_cannot_be_kept_is_said_and_shows_nothing(live: Rig) -> None:
    def full(who: str, on_done: Callable[[], None], on_error: Callable[[Exception], None]) -> None:
        on_error(EnvironmentProblem("Your answer could not be kept.", why="The disk is full.", fix="Free some space."))

    live.avatars.confirm = full  # type: ignore[method-assign]
    add_mum(live)
    live.presenter.portraits.likeness_confirmed()

    assert live.notice is not None
    assert live.notice.what == "Your answer could not be kept."
    assert shown(live) == ["Ada"]

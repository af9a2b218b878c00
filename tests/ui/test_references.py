"""What the window does with further pictures of an avatar: looks, shows, keeps what was approved, drops the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.avatar_references import SmallReference
from app.avatars import Avatar
from app.control import EngineConfig
from app.errors import EnvironmentProblem, UsageProblem
from app.guided_capture.further_views import FoundView, FurtherViews
from app.guided_capture.goals import Goal
from app.guided_capture.private_picture import PrivatePicture
from app.guided_capture.view_choice import Refusal
from app.job_progress import Cancelled
from tests.helpers.window import TILES, portrait_called
from tests.ui.conftest import Rig
from ui.shown import ReferencesPhase, ReferencesState

FILES = [Path("/photos/a.jpg"), Path("/photos/b.jpg")]
HAS = (SmallReference("further-1.jpg", np.full((30, 40, 3), 9, np.uint8)),)


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A presenter whose gallery is listed, with the page of the person's own avatar open."""
    made = make_rig(EngineConfig(model="synergy"))
    made.presenter.start()
    made.avatars.found(TILES)
    made.presenter.references.references_wanted("my-cat")
    made.references.listed(HAS)
    return made


def shown(rig: Rig) -> ReferencesState:
    state: ReferencesState = rig.view.show_references.call_args.args[0]
    return state


def proposal(refused: int = 1) -> FurtherViews:
    """A photo and a picture of a video that are proposed."""

    def found(name: str, goal: Goal | None) -> FoundView:
        picture = PrivatePicture(np.full((60, 80, 3), 200, np.uint8))
        return FoundView(name, picture, PrivatePicture(np.full((30, 40, 3), 200, np.uint8)), goal)

    views = [found("a.jpg", None), found("me.mp4", Goal.LEFT)]
    return FurtherViews(
        Avatar("my-cat", "Cat", Path("/c"), Path("/c/p")),
        views,
        [Refusal(f"{n}.jpg", "Blurred.") for n in range(refused)],
    )


def searched(rig: Rig) -> FurtherViews:
    """Files were chosen and something was found in them."""
    rig.presenter.references.files_chosen(FILES)
    views = proposal()
    rig.references.found(views)
    return views


def test_the_page_shows_what_the_avatar_has(rig: Rig) -> None:
    state = shown(rig)
    assert (state.phase, state.name) == (ReferencesPhase.LISTED, "Cat")
    assert [(shot.name, shot.label) for shot in state.shots] == [("further-1.jpg", "Picture 1")]
    assert state.sentence.startswith("Pictures of the same person that show what the portrait hides")


def test_where_the_model_makes_nothing_of_them_the_page_says_so(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(model="geometric"))
    rig.presenter.start()
    rig.avatars.found(TILES)
    rig.presenter.references.references_wanted("my-cat")
    assert shown(rig).sentence == (
        "Pictures of the same person. The model in use looks at the portrait alone; they count with Detailed "
        "(synergy), from the next start on."
    )


def test_shipped_avatars_have_no_such_page(rig: Rig) -> None:
    rig.view.show_references.reset_mock()
    rig.presenter.references.references_wanted("ada")
    rig.view.show_references.assert_not_called()


def test_photos_and_videos_are_asked_for(rig: Rig) -> None:
    rig.presenter.references.photos_wanted()
    rig.view.ask_references.assert_called_with("Cat", video=False)
    rig.presenter.references.video_wanted()
    rig.view.ask_references.assert_called_with("Cat", video=True)


def test_while_it_looks_the_page_says_how_far_it_is(rig: Rig) -> None:
    rig.presenter.references.files_chosen(FILES)
    assert rig.references.calls[-1] == ("search", "my-cat", tuple(FILES))
    rig.references.progress.report(0.4)
    rig.presenter.tick()
    assert (shown(rig).phase, shown(rig).share) == (ReferencesPhase.LOOKING, 0.4)
    assert shown(rig).shots == ()


def test_cancelling_ends_the_search_and_what_it_finds_after_all_is_thrown_away(rig: Rig) -> None:
    rig.presenter.references.files_chosen(FILES)
    rig.presenter.references.search_cancelled()
    with pytest.raises(Cancelled):
        rig.references.progress.report(0.5)
    assert shown(rig).phase is ReferencesPhase.LISTED
    views = proposal()
    rig.references.found(views)
    rig.references.not_found(Cancelled())
    assert views.found[0].picture.forgotten
    assert shown(rig).phase is ReferencesPhase.LISTED
    assert rig.notice is None


def test_what_was_found_is_shown_for_approval_with_the_reasons_of_the_rest(rig: Rig) -> None:
    searched(rig)
    state = shown(rig)
    assert (state.phase, state.sentence) == (ReferencesPhase.FOUND, "Keep these pictures?")
    assert [(shot.name, shot.label) for shot in state.shots] == [("0", "a.jpg"), ("1", "Turned left")]
    assert state.refused == ("0.jpg: Blurred.",)
    assert not [call for call in rig.references.calls if call[0] == "keep"]


def test_many_reasons_are_counted(rig: Rig) -> None:
    rig.presenter.references.files_chosen(FILES)
    rig.references.found(proposal(refused=11))
    assert len(shown(rig).refused) == 9
    assert shown(rig).refused[-1] == "and 3 more"


def test_where_nothing_helps_the_page_says_so(rig: Rig) -> None:
    rig.presenter.references.files_chosen(FILES)
    rig.references.found(FurtherViews(Avatar("my-cat", "Cat", Path("/c"), Path("/c/p")), [], [Refusal("a.jpg", "No.")]))
    assert (shown(rig).sentence, shown(rig).shots) == ("There is no picture that helps.", ())


def test_what_is_kept_is_listed_and_the_avatar_is_shown_anew(rig: Rig) -> None:
    rig.portraits.done(portrait_called("Ada"))
    rig.presenter.portraits.avatar_chosen("my-cat")
    rig.portraits.done(portrait_called("Cat"))
    loads = len(rig.portraits.requests)
    searched(rig)
    rig.presenter.references.references_kept([1])
    assert rig.references.calls[-1] == ("keep", "my-cat", (1,))
    assert shown(rig).phase is ReferencesPhase.SAVING
    rig.references.kept((*HAS, SmallReference("further-2.jpg", np.zeros((30, 40, 3), np.uint8))))
    assert (shown(rig).phase, len(shown(rig).shots)) == (ReferencesPhase.LISTED, 2)
    assert [request.who for request in rig.portraits.requests[loads:]] == ["my-cat"]


def test_one_that_was_kept_is_removed_with_one_click(rig: Rig) -> None:
    rig.presenter.references.reference_removed("further-1.jpg")
    assert rig.references.calls[-1] == ("remove", "my-cat", "further-1.jpg")
    rig.references.removed(())
    assert shown(rig).shots == ()


@pytest.mark.parametrize("how", ["throw away", "close the page", "choose other files", "close the window"])
def test_what_was_not_kept_is_thrown_away(rig: Rig, how: str) -> None:
    views = searched(rig)
    desk = rig.presenter.references
    if how == "throw away":
        desk.references_dropped()
        assert shown(rig).phase is ReferencesPhase.LISTED
    elif how == "close the page":
        desk.references_closed()
    elif how == "choose other files":
        desk.files_chosen(FILES)
    else:
        rig.presenter.close()
    assert all(view.picture.forgotten and view.small.forgotten for view in views.found)
    assert not [call for call in rig.references.calls if call[0] == "keep"]


@pytest.mark.parametrize("how", ["close the page", "close the window"])
def test_closing_ends_the_search(rig: Rig, how: str) -> None:
    rig.presenter.references.files_chosen(FILES)
    if how == "close the page":
        rig.presenter.references.references_closed()
    else:
        rig.presenter.close()
    with pytest.raises(Cancelled):
        rig.references.progress.report(0.5)


def test_a_search_that_fails_says_why_and_the_page_goes_back(rig: Rig) -> None:
    rig.presenter.references.files_chosen(FILES)
    rig.references.not_found(UsageProblem("These are too many files.", why="25.", fix="Choose fewer."))
    assert shown(rig).phase is ReferencesPhase.LISTED
    assert rig.notice is not None
    assert rig.notice.what == "These are too many files."


def test_pictures_that_cannot_be_saved_stay_and_the_reason_is_said(rig: Rig) -> None:
    views = searched(rig)
    rig.presenter.references.references_kept([])
    rig.references.not_kept(EnvironmentProblem("The disk is full.", why="Too much.", fix="Delete some."))
    assert (shown(rig).phase, len(shown(rig).shots)) == (ReferencesPhase.FOUND, 2)
    assert not views.found[0].picture.forgotten
    assert rig.notice is not None
    assert rig.notice.what == "The disk is full."


def test_what_could_not_be_saved_after_the_page_was_closed_is_thrown_away(rig: Rig) -> None:
    views = searched(rig)
    rig.presenter.references.references_kept([])
    rig.presenter.references.references_closed()
    assert not views.found[0].picture.forgotten, "it is being saved"
    rig.references.not_kept(EnvironmentProblem("The disk is full.", why="Too much.", fix="Delete some."))
    assert views.found[0].picture.forgotten

"""What the window does with guided capture: asks, shows, keeps what was approved, and throws away the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.errors import EnvironmentProblem
from app.guided_capture.goals import Goal
from app.guided_capture.private_picture import PrivatePicture
from app.guided_capture.session import GuidedCapture
from tests.app.guided_capture.acting import Act, Actor
from tests.ui.conftest import Rig
from ui.shown import AvatarTile, CapturePhase, CaptureState

ME = AvatarTile("my-me", "Me", None, own=True)


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A presenter that runs with a camera."""
    made = make_rig()
    made.presenter.start()
    made.engine.now = replace(made.engine.now, camera="usb-1")
    return made


def shown(rig: Rig) -> CaptureState:
    state: CaptureState = rig.view.show_capture.call_args.args[0]
    return state


def begun(rig: Rig) -> GuidedCapture:
    """A capture that watches the driver."""
    rig.presenter.captures.capture_wanted()
    capture = GuidedCapture()
    assert rig.captures.ready is not None
    rig.captures.ready(capture)
    return capture


def found(rig: Rig) -> list[PrivatePicture]:
    """A capture that is through; the pictures that were picked."""
    capture = begun(rig)
    Actor(capture).obey()
    pictures = [each.picture for each in capture._candidates.best()]
    rig.presenter.tick()
    return pictures


def test_without_a_camera_the_page_says_what_to_do(rig: Rig) -> None:
    rig.engine.now = replace(rig.engine.now, camera=None)
    rig.presenter.captures.capture_wanted()
    assert (shown(rig).phase, shown(rig).asked) == (CapturePhase.REFUSED, "Choose a camera first.")
    assert rig.captures.ready is None


def test_the_driver_is_watched_while_it_asks_and_no_longer(rig: Rig) -> None:
    capture = begun(rig)
    assert rig.engine.calls[-1] == ("watch_driver", capture)
    assert (shown(rig).phase, shown(rig).asked) == (CapturePhase.ASKING, "Look at the camera, lips together.")
    actor = Actor(capture)
    actor.act(Act(), 0.5)
    rig.presenter.tick()
    assert shown(rig).found == "Got it."
    actor.obey()
    rig.presenter.tick()
    assert rig.engine.calls[-1] == ("watch_driver", None)
    assert shown(rig).phase is CapturePhase.FOUND


def test_what_was_picked_is_shown_for_approval_with_what_is_missing(rig: Rig) -> None:
    capture = begun(rig)
    Actor(capture).obey({**dict.fromkeys(Goal, Act()), Goal.LEFT: Act(yaw=0.5)})
    rig.presenter.tick()
    state = shown(rig)
    assert [shot.label for shot in state.shots] == ["Neutral", "Turned left"]
    assert state.missing == (
        "Smile: The smile was hardly seen.",
        "Open mouth: The mouth was not open far enough.",
        "Eyes closed: The eyes were not seen closed.",
        "Turned right: The head was not turned far enough to your right.",
    )
    assert state.can_keep


def test_what_is_kept_joins_the_gallery_and_is_shown(rig: Rig) -> None:
    found(rig)
    rig.captures.answer = ME
    rig.presenter.captures.capture_kept("Me", ("blink",))
    assert rig.captures.kept == [("Me", ("blink",))]
    assert (shown(rig).phase, shown(rig).asked) == (CapturePhase.KEPT, "Me is among your portraits now.")
    assert ME in rig.view.show_avatars.call_args.args[0]


def test_it_is_deleted_with_one_click(rig: Rig) -> None:
    found(rig)
    rig.captures.answer = ME
    rig.presenter.captures.capture_kept("Me", ())
    rig.presenter.captures.capture_deleted()
    assert rig.captures.deleted == ["my-me"]
    assert shown(rig).phase is CapturePhase.CLOSED
    assert ME not in rig.view.show_avatars.call_args.args[0]
    rig.presenter.captures.capture_deleted()
    assert rig.captures.deleted == ["my-me"]


@pytest.mark.parametrize("how", ["close the page", "capture again", "close the window"])
def test_what_was_not_kept_is_thrown_away(rig: Rig, how: str) -> None:
    pictures = found(rig)
    assert pictures
    if how == "close the page":
        rig.presenter.captures.capture_closed()
    elif how == "capture again":
        rig.presenter.captures.capture_wanted()
    else:
        rig.presenter.close()
    assert all(picture.forgotten for picture in pictures)
    assert rig.captures.kept == []


def test_closing_the_page_while_it_asks_ends_the_watching(rig: Rig) -> None:
    capture = begun(rig)
    Actor(capture).act(Act(), 0.5)
    pictures = [each.picture for each in capture._candidates.best()]
    rig.presenter.captures.capture_closed()
    assert rig.engine.calls[-1] == ("watch_driver", None)
    assert all(picture.forgotten for picture in pictures)


def test_a_capture_that_is_ready_after_the_page_was_closed_is_dropped(rig: Rig) -> None:
    rig.presenter.captures.capture_wanted()
    rig.presenter.captures.capture_closed()
    calls = list(rig.engine.calls)
    assert rig.captures.ready is not None
    rig.captures.ready(GuidedCapture())
    assert rig.engine.calls == calls


def test_pictures_that_cannot_be_saved_stay_and_the_reason_is_said(rig: Rig) -> None:
    pictures = found(rig)
    rig.captures.answer = EnvironmentProblem("The disk is full.", why="Too much.", fix="Delete some.")
    rig.presenter.captures.capture_kept("Me", ())
    rig.presenter.tick()
    assert shown(rig).phase is CapturePhase.FOUND
    assert not any(picture.forgotten for picture in pictures)
    assert rig.notice is not None
    assert rig.notice.what == "The disk is full."

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.control import EngineConfig, EngineState, Problem
from app.errors import UsageProblem
from app.packets import FrameStatus
from tests.helpers.window import CAMERAS, TILES, portrait_called, rendered
from tests.ui.conftest import Rig
from ui import strings
from ui.presenter import FirstPortrait
from ui.shown import Badge


def test_the_engine_starts_only_after_the_window_was_set_up(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    assert rig.engine.calls == []

    rig.presenter.start()

    assert rig.engine.calls == [("start",)]


def test_a_ring_shows_the_newest_frame_and_an_empty_ring_shows_nothing(rig: Rig) -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    rig.engine.preview.put(rendered())
    rig.engine.preview.put(rendered(picture))

    rig.presenter.on_news()
    rig.presenter.on_news()

    rig.view.show_frame.assert_called_once()
    assert rig.view.show_frame.call_args.args[0] is picture


def test_words_cover_the_preview_until_the_first_animated_frame(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.portraits.done(portrait_called("Ada"))
    assert rig.view.show_message.call_args.args[0].title == strings.STARTING_TITLE

    rig.engine.preview.put(rendered(status=FrameStatus.AWAY))
    rig.presenter.on_news()
    assert rig.view.show_message.call_args.args[0].title == strings.STARTING_TITLE

    rig.engine.preview.put(rendered())
    rig.presenter.on_news()
    assert rig.view.show_message.call_args.args[0] is None
    assert rig.presenter.animated_frames == 1


def test_a_failed_engine_offers_to_try_again_and_trying_again_restarts_with_the_same_portrait(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.portraits.done(portrait_called("Ada"))
    rig.engine.now = replace(rig.engine.now, state=EngineState.FAILED)
    rig.presenter.tick()
    assert rig.view.show_message.call_args.args[0].retry

    rig.engine.calls.clear()
    rig.presenter.try_again()

    assert rig.engine.calls == [("restart",)]
    assert rig.portraits.requests[-1].who == "ada"


def test_the_status_line_says_what_others_see(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.portraits.done(portrait_called("Ada"))
    rig.engine.preview.put(rendered())
    rig.presenter.on_news()
    rig.engine.now = replace(rig.engine.now, frame_status=FrameStatus.HELD)

    rig.presenter.tick()

    line = rig.view.show_status.call_args.args[0]
    assert (line.badge, line.sentence) == (Badge.HELD, "Your face was lost for a moment.")


def test_a_failure_of_the_window_itself_is_shown_as_a_message(rig: Rig) -> None:
    rig.presenter.failed(KeyError("lost"))

    assert rig.notice is not None
    assert rig.notice.what == "The window stopped working."
    assert "KeyError" in rig.notice.why


def test_a_failure_for_people_keeps_its_own_words(rig: Rig) -> None:
    rig.presenter.failed(UsageProblem("It broke.", why="It was old.", fix="Get a new one."))

    assert rig.notice is not None
    assert (rig.notice.what, rig.notice.why, rig.notice.fix) == ("It broke.", "It was old.", "Get a new one.")


def test_messages_can_be_turned_and_dismissed(rig: Rig) -> None:
    first, second = Problem("camera", "A.", "b.", "c."), Problem("tracking", "D.", "e.", "f.")
    rig.engine.now = replace(rig.engine.now, problems=(first, second))
    rig.presenter.tick()
    assert rig.notice is not None
    assert (rig.notice.what, rig.notice.index, rig.notice.count) == ("D.", 1, 2)

    rig.presenter.notice_next()
    assert rig.notice is not None
    assert rig.notice.what == "A."

    rig.presenter.notice_dismissed()
    assert rig.notice is not None
    assert (rig.notice.what, rig.notice.count) == ("D.", 1)

    rig.presenter.notice_dismissed()
    assert rig.notice is None


def test_closing_remembers_then_closes_services_then_stops_once(rig: Rig) -> None:
    rig.presenter.close()
    rig.presenter.close()

    assert rig.engine.calls.count(("stop",)) == 1
    assert rig.portraits.closed
    assert rig.cameras.closed
    assert rig.avatars.closed
    assert rig.memory.values.geometry == "where it was"
    assert (rig.videos / "settings.json").is_file()


def test_closing_a_window_that_never_started_does_not_stop_the_engine(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()

    rig.presenter.close()

    assert ("stop",) not in rig.engine.calls


def test_nothing_is_shown_after_closing(rig: Rig) -> None:
    rig.presenter.close()
    rig.view.reset_mock()

    rig.cameras.done(CAMERAS)
    rig.avatars.found(TILES)

    rig.view.show_status.assert_not_called()


def test_the_portrait_of_the_command_line_comes_first_and_is_not_remembered(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(first=FirstPortrait("ben", (Path("left.png"),)))
    rig.presenter.start()
    assert [(request.who, request.references) for request in rig.portraits.requests] == [("ben", (Path("left.png"),))]

    rig.portraits.done(portrait_called("Ben"))

    assert rig.memory.values.avatar is None


def test_the_chosen_portrait_is_remembered(rig: Rig) -> None:
    rig.avatars.found(TILES)
    rig.presenter.portraits.avatar_chosen("ben")
    rig.portraits.done(portrait_called("Ben"))

    assert rig.memory.values.avatar == "ben"


def test_a_message_with_a_folder_opens_it(rig: Rig) -> None:
    rig.presenter.outputs.record_toggled()
    rig.engine.now = replace(rig.engine.now, recording=Path("x.mp4"))
    rig.presenter.tick()
    rig.engine.now = replace(rig.engine.now, recording=None)
    rig.presenter.tick()

    rig.presenter.notice_folder_wanted()

    rig.view.open_folder.assert_called_once_with(rig.videos)


def test_the_window_is_set_up_from_the_configuration(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(virtual_camera="none"))

    assert rig.view.show_virtual_camera.call_args.args[0].text == "Off"
    rig.view.show_mirror.assert_called_with(True)
    rig.view.show_motion.assert_called_once()
    rig.view.show_output.assert_called_once()


def test_only_the_away_card_is_shown_as_something_to_read(rig: Rig) -> None:
    for status in (FrameStatus.LIVE, FrameStatus.AWAY):
        rig.engine.preview.put(rendered(status=status))
        rig.presenter.on_news()

    assert [call.kwargs["has_words"] for call in rig.view.show_frame.call_args_list] == [False, True]

"""The first steps and the list of keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.control import EngineConfig
from app.packets import FaceObservation, TrackedFrame
from app.remembered import Remembered
from app.settings_file import SettingsFile
from tests.ui.conftest import Rig
from ui.shown import GuideStep


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A very first start, with a virtual camera that is off."""
    made = make_rig(EngineConfig(virtual_camera="none"))
    made.presenter.start()
    return made


def step(rig: Rig) -> GuideStep | None:
    shown: GuideStep | None = rig.view.show_guide.call_args.args[0]
    return shown


def test_the_first_start_begins_with_the_first_step(rig: Rig) -> None:
    assert step(rig) == GuideStep(
        1,
        3,
        "Choose who you want to be seen as",
        "Pick a portrait in the row below, or add a picture of your own. You can change it at any time.",
        done=True,
    )


def test_a_step_says_when_what_it_asks_for_has_happened(rig: Rig) -> None:
    rig.presenter.help.guide_next()
    before = step(rig)
    assert before is not None
    assert (before.number, before.done) == (2, False)

    rig.engine.tell_tracked(TrackedFrame(1, 0, FaceObservation(np.zeros((478, 3), np.float32), (480, 640))))
    rig.clock.pass_s(1)
    rig.presenter.tick()

    after = step(rig)
    assert after is not None
    assert (after.number, after.done) == (2, True)
    assert after.text == "Good: your face is seen, and the portrait follows it."


def test_going_live_is_the_last_step(rig: Rig) -> None:
    rig.presenter.help.guide_next()
    rig.presenter.help.guide_next()
    rig.presenter.outputs.live_wanted(True)
    rig.engine.now = replace(rig.engine.now, virtual_camera="Loopback")
    rig.presenter.tick()

    shown = step(rig)
    assert shown is not None
    assert (shown.number, shown.done) == (3, True)
    rig.presenter.help.guide_next()
    assert step(rig) is None
    assert rig.memory.values.guided


@pytest.mark.parametrize("steps", [0, 1])
def test_skipping_ends_it_for_good(rig: Rig, make_rig: Callable[..., Rig], steps: int) -> None:
    for _ in range(steps):
        rig.presenter.help.guide_next()
    rig.presenter.help.guide_skipped()
    rig.presenter.close()
    assert step(rig) is None

    again = make_rig()
    again.presenter.start()
    again.view.show_guide.assert_not_called()


def test_the_steps_can_be_gone_back_and_shown_again(rig: Rig) -> None:
    rig.presenter.help.guide_back()
    rig.presenter.help.guide_next()
    rig.presenter.help.guide_back()
    rig.presenter.help.guide_skipped()
    rig.presenter.help.guide_wanted()

    numbers = [call.args[0].number if call.args[0] else None for call in rig.view.show_guide.call_args_list]
    assert numbers == [1, 2, 1, None, 1]


def test_who_went_through_it_once_is_not_asked_again(make_rig: Callable[..., Rig], rig: Rig) -> None:
    SettingsFile(rig.videos / "settings.json").save(Remembered(guided=True))

    again = make_rig()
    again.presenter.start()

    again.view.show_guide.assert_not_called()


def test_the_list_of_keys_opens(rig: Rig) -> None:
    rig.presenter.help.keys_wanted()

    rig.view.show_keys.assert_called_once_with()

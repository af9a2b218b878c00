"""What the stages of the network decide, in the window: watched only while somebody looks."""

from __future__ import annotations

import numpy as np

from app.control import StageMaps
from tests.ui.conftest import Rig
from ui.shown import StagesState
from ui.stages import COLOURS, PATIENCE, flow_picture, pictures_of


def still(side: int = 8) -> np.ndarray:
    """A flow that moves nothing."""
    places = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    return np.stack(np.meshgrid(places, places), -1)


def maps(side: int = 8) -> StageMaps:
    ramp = np.linspace(0, 1, side * side, dtype=np.float32).reshape(side, side)
    return StageMaps(still(side), ramp, (np.arange(side * side) % 7).reshape(side, side).astype(np.uint8), ramp)


def shown(rig: Rig) -> StagesState:
    state: StagesState = rig.view.show_stages.call_args.args[0]
    return state


def test_the_network_is_asked_only_while_the_page_is_open(rig: Rig) -> None:
    rig.presenter.tick()
    assert not any(call[0] == "watch_stages" for call in rig.engine.calls)

    rig.presenter.help.stages_wanted()
    assert rig.engine.tell_stages is not None
    rig.presenter.help.stages_closed()

    assert rig.engine.calls[-1] == ("watch_stages", None)


def test_the_newest_maps_are_shown_at_the_next_tick(rig: Rig) -> None:
    rig.presenter.help.stages_wanted()
    assert (shown(rig).pictures, shown(rig).text) == ((), "Waiting for the next animated picture…")
    for _ in range(5):
        assert rig.engine.tell_stages is not None
        rig.engine.tell_stages(maps())

    rig.presenter.tick()

    assert [each.name for each in shown(rig).pictures] == ["Movement", "Shown by the portrait", "Picture used", "Trust"]
    assert rig.view.show_stages.call_count == 2


def test_a_model_without_stages_is_said_after_a_while(rig: Rig) -> None:
    rig.presenter.help.stages_wanted()
    for _ in range(PATIENCE):
        rig.presenter.tick()

    assert shown(rig).text.startswith("The model in use has no stages to show.")
    assert rig.view.show_stages.call_count == 2


def test_nothing_moved_is_black_and_opposite_directions_differ() -> None:
    nothing, moved = flow_picture(still()), still()
    moved[:, :4, 0] += 0.25
    moved[:, 4:, 0] -= 0.25
    picture = flow_picture(moved)

    assert nothing.max() == 0
    assert picture[0, 0].tolist() == [255, 64, 64]
    assert picture[0, 7].tolist() == [0, 191, 191]


def test_maps_become_pictures_of_their_values() -> None:
    flow, visibility, picture, confidence = (each.picture for each in pictures_of(maps()))

    assert flow.shape == visibility.shape == picture.shape == confidence.shape == (8, 8, 3)
    assert (visibility[0, 0].tolist(), visibility[-1, -1].tolist()) == ([0, 0, 0], [255, 255, 255])
    assert picture[0, 0].tolist() == COLOURS[0].tolist()
    assert picture[0, 6].tolist() == COLOURS[1].tolist()
    assert (confidence[0, 0].tolist(), confidence[-1, -1].tolist()) == ([220, 70, 60], [60, 190, 110])

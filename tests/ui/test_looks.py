from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.governor.levels import QualityWish
from app.governor.status import QualityStatus
from app.settings import Background, BackgroundMode, FitMode, MotionSettings, OutputSettings
from tests.ui.conftest import Rig
from ui.shown import ModelEntry, ModelLine, QualityLine
from ui.wording import model_line


def test_a_change_of_motion_goes_to_the_engine_and_is_remembered(rig: Rig) -> None:
    motion = MotionSettings(smoothing=0.9)

    rig.presenter.looks.motion_changed(motion)

    assert rig.engine.calls[-1] == ("set_motion", motion)
    assert rig.memory.values.motion == motion


def test_reset_puts_the_delivered_motion_back_and_shows_it(rig: Rig) -> None:
    rig.presenter.looks.motion_changed(MotionSettings(gain=2.0))

    rig.presenter.looks.motion_reset()

    assert rig.engine.calls[-1] == ("set_motion", MotionSettings())
    rig.view.show_motion.assert_called_with(MotionSettings())


def test_mirroring_changes_the_preview_only(rig: Rig) -> None:
    calls = list(rig.engine.calls)

    rig.presenter.looks.mirror_wanted(False)

    rig.view.show_mirror.assert_called_with(False)
    assert rig.engine.calls == calls
    assert not rig.memory.values.mirror

    rig.presenter.looks.mirror_toggled()
    rig.view.show_mirror.assert_called_with(True)


def test_the_frame_changes_and_keeps_size_and_background(rig: Rig) -> None:
    rig.presenter.looks.fit_chosen(FitMode.FIT)

    assert rig.engine.calls[-1] == ("set_output", OutputSettings(fit=FitMode.FIT))
    assert rig.memory.values.fit is FitMode.FIT


def test_a_background_mode_is_used_at_once(rig: Rig) -> None:
    rig.presenter.looks.background_mode_chosen(BackgroundMode.BLUR)

    assert rig.engine.calls[-1] == ("set_output", OutputSettings(background=Background(BackgroundMode.BLUR)))
    assert rig.memory.values.background.mode is BackgroundMode.BLUR


def test_a_background_picture_is_asked_for_first_and_refusing_sets_the_list_back(rig: Rig) -> None:
    calls = list(rig.engine.calls)
    rig.presenter.looks.background_mode_chosen(BackgroundMode.PICTURE)
    rig.view.ask_background.assert_called_once_with()
    assert rig.engine.calls == calls

    rig.presenter.looks.background_refused()

    rig.view.show_output.assert_called_with(OutputSettings())


def test_a_chosen_background_picture_is_used_and_another_can_be_asked_for(rig: Rig) -> None:
    rig.presenter.looks.background_picture_chosen(Path("beach.jpg"))
    wanted = Background(BackgroundMode.PICTURE, picture=Path("beach.jpg"))
    assert rig.engine.calls[-1] == ("set_output", OutputSettings(background=wanted))

    rig.presenter.looks.background_picture_wanted()
    rig.view.ask_background.assert_called_once_with()

    rig.presenter.looks.background_mode_chosen(BackgroundMode.KEEP)
    rig.presenter.looks.background_mode_chosen(BackgroundMode.PICTURE)
    assert rig.engine.calls[-1] == ("set_output", OutputSettings(background=wanted))


def test_a_colour_switches_to_one_colour(rig: Rig) -> None:
    rig.presenter.looks.background_colour_chosen((1, 2, 3))

    wanted = replace(Background(), mode=BackgroundMode.COLOUR, colour=(1, 2, 3))
    assert rig.engine.calls[-1] == ("set_output", OutputSettings(background=wanted))


def test_the_badge_is_put_on_and_taken_off_and_remembered(rig: Rig) -> None:
    rig.presenter.looks.badge_wanted(True)
    assert rig.engine.calls[-1] == ("set_output", OutputSettings(badge=True))
    assert rig.memory.values.badge

    rig.presenter.looks.badge_wanted(False)
    assert rig.engine.calls[-1] == ("set_output", OutputSettings())
    assert not rig.memory.values.badge


def test_a_chosen_quality_goes_to_the_engine_is_remembered_and_explained(rig: Rig) -> None:
    rig.presenter.looks.quality_chosen(QualityWish.LIGHT)

    assert rig.engine.calls[-1] == ("set_quality", QualityWish.LIGHT)
    assert rig.memory.values.quality is QualityWish.LIGHT
    text = "Lightest on the computer: fewer pictures a second."
    rig.view.show_quality.assert_called_with(QualityLine(QualityWish.LIGHT, text))


def test_the_reasons_for_a_lesser_picture_are_shown_as_soon_as_they_are_known(rig: Rig) -> None:
    busy = "Your machine is busy: showing with geometric at 25 fps."
    dark = "Your camera slowed to 15 fps: the room is probably dark. More light makes it faster."
    quality = QualityStatus(QualityWish.AUTO, place=4, levels=7, reason=busy, camera_note=dark)
    rig.engine.now = replace(rig.engine.now, quality=quality)

    rig.presenter.tick()

    rig.view.show_quality.assert_called_with(QualityLine(QualityWish.AUTO, f"{busy} {dark}"))


def test_the_picture_pops_out_and_back_and_its_own_button_closes_it_once(rig: Rig) -> None:
    rig.presenter.looks.pop_out_closed()
    rig.view.show_pop_out.assert_not_called()

    rig.presenter.looks.pop_out_toggled()
    rig.presenter.looks.pop_out_closed()
    rig.presenter.looks.pop_out_closed()

    assert [call.args for call in rig.view.show_pop_out.call_args_list] == [(True,), (False,)]


def test_a_chosen_model_goes_to_the_engine_is_remembered_and_shown(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(models=("geometric", "synergy"))
    rig.presenter.start()
    entries = (ModelEntry("geometric", "Quick (geometric)"), ModelEntry("synergy", "Detailed (synergy)"))
    rig.view.show_models.assert_called_with(ModelLine(entries, 0))

    rig.presenter.looks.model_chosen("synergy")

    assert rig.engine.calls[-1] == ("set_model", "synergy")
    assert rig.memory.values.model == "synergy"
    rig.view.show_models.assert_called_with(ModelLine(entries, 1))


def test_a_refused_model_is_not_shown_as_the_chosen_one_any_more(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(models=("geometric", "synergy"))
    rig.presenter.start()
    rig.presenter.looks.model_chosen("synergy")
    rig.engine.now = replace(rig.engine.now, chosen_model="geometric")

    rig.presenter.tick()

    assert rig.view.show_models.call_args.args[0].selected == 0


def test_a_model_that_only_a_flag_can_name_is_in_the_list_while_it_is_in_use() -> None:
    assert model_line(("geometric",), "explicit") == ModelLine(
        (ModelEntry("geometric", "Quick (geometric)"), ModelEntry("explicit", "explicit")), 1
    )

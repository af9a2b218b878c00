"""The switch of the browser source and its address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.control import EngineConfig, Problem
from app.output.destinations import BrowserWish
from tests.ui.conftest import Rig
from ui.shown import BrowserLine

TAKEN = Problem("browser source", "The browser source could not be opened.", "The port is taken.", "Choose another.")


def line(rig: Rig) -> BrowserLine:
    shown: BrowserLine = rig.view.show_browser_source.call_args.args[0]
    return shown


def test_it_is_off_until_it_is_switched_on(rig: Rig) -> None:
    assert line(rig) == BrowserLine(False, "Off")
    assert not [call for call in rig.engine.calls if call[0] == "set_browser_source"]
    rig.presenter.outputs.browser_source_wanted(True)
    name, wish = rig.engine.calls[-1]
    assert name == "set_browser_source"
    assert isinstance(wish, BrowserWish)
    assert line(rig) == BrowserLine(True, "Starting…")
    rig.presenter.outputs.browser_source_wanted(False)
    assert rig.engine.calls[-1] == ("set_browser_source", None)
    assert line(rig) == BrowserLine(False, "Off")


def test_its_address_can_be_copied_while_it_listens_and_is_not_shown(make_rig: Callable[..., Rig]) -> None:
    wish = BrowserWish(28411)
    rig = make_rig(EngineConfig(browser_source=wish))
    rig.presenter.start()
    rig.presenter.outputs.browser_address_wanted()
    rig.view.copy_text.assert_not_called()
    rig.engine.now = replace(rig.engine.now, browser_source="http://127.0.0.1:5000")
    rig.presenter.tick()
    assert line(rig) == BrowserLine(True, "On: add a browser source in OBS with this address.", listens=True)
    rig.presenter.outputs.browser_address_wanted()
    rig.view.copy_text.assert_called_once_with(f"http://127.0.0.1:5000/{wish.token}/")
    assert wish.token not in line(rig).text


def test_it_says_how_many_watch(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(browser_source=BrowserWish()))
    rig.presenter.start()
    for viewers, text in ((1, "On: one program shows it."), (3, "On: 3 programs show it.")):
        rig.engine.now = replace(rig.engine.now, browser_source="http://127.0.0.1:1", browser_viewers=viewers)
        rig.presenter.tick()
        assert line(rig).text == text


def test_a_port_that_is_taken_is_said_in_the_panel_and_in_the_bar(rig: Rig) -> None:
    rig.presenter.outputs.browser_source_wanted(True)
    rig.engine.now = replace(rig.engine.now, problems=(TAKEN,))
    rig.presenter.tick()
    assert line(rig) == BrowserLine(True, "Not available", trouble=True)
    assert rig.notice is not None
    assert rig.notice.why == "The port is taken."

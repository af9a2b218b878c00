from __future__ import annotations

import sys

import pytest

from ui.display import LibraryMissing, NoDisplay, forget_foreign_plugins, require_display

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")


def everything(name: str) -> object:
    return object()


def lacking(*missing: str) -> object:
    def load(name: str) -> object:
        if name in missing:
            raise OSError(f"{name}: cannot open shared object file")
        return object()

    return load


def test_no_screen_is_one_sentence_each_with_what_to_do() -> None:
    with pytest.raises(NoDisplay) as caught:
        require_display({}, everything)

    assert str(caught.value) == (
        "The window cannot be opened. There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set. "
        "Run it from a desktop session, or add --headless to run without a window."
    )
    assert caught.value.exit_code == 3


def test_a_missing_library_names_the_package_to_install() -> None:
    with pytest.raises(LibraryMissing) as caught:
        require_display({"DISPLAY": ":0"}, lacking("libxcb-cursor.so.0"))  # type: ignore[arg-type]

    assert caught.value.why == "This system lacks libxcb-cursor.so.0."
    assert caught.value.fix == (
        "Install it with: sudo apt install libxcb-cursor0 - or add --headless to run without a window."
    )


def test_libraries_of_x11_are_not_asked_for_on_wayland() -> None:
    require_display({"WAYLAND_DISPLAY": "wayland-0"}, lacking("libxcb-cursor.so.0"))  # type: ignore[arg-type]


def test_what_qt_itself_needs_is_asked_for_even_without_a_screen() -> None:
    with pytest.raises(LibraryMissing, match="libegl1"):
        require_display({"QT_QPA_PLATFORM": "offscreen"}, lacking("libEGL.so.1"))  # type: ignore[arg-type]


def test_a_screen_that_does_not_answer_is_said_by_its_name() -> None:
    with pytest.raises(NoDisplay, match="The screen :987 \\(DISPLAY\\) does not answer"):
        require_display({"DISPLAY": ":987"})


def test_a_screenless_platform_needs_no_screen() -> None:
    require_display({"QT_QPA_PLATFORM": "offscreen"}, everything)


def test_plugins_of_opencvs_qt_are_forgotten_and_others_kept() -> None:
    environment = {"QT_QPA_PLATFORM_PLUGIN_PATH": "/x/cv2/qt/plugins", "QT_PLUGIN_PATH": "/usr/lib/qt6/plugins"}

    forget_foreign_plugins(environment)

    assert environment == {"QT_PLUGIN_PATH": "/usr/lib/qt6/plugins"}

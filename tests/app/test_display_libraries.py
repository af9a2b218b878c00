from __future__ import annotations

from app.display_libraries import (
    QT_PACKAGES,
    X11_PACKAGES,
    Package,
    install_command,
    missing_display_libraries,
)


def lacks_sync_and_egl(name: str) -> object:
    if name in ("libxcb-sync.so.1", "libEGL.so.1"):
        raise OSError(f"{name}: cannot open shared object file")
    return object()


def test_missing_libraries_come_with_their_packages_in_order() -> None:
    missing = missing_display_libraries(load=lacks_sync_and_egl, system="linux")

    assert missing == [Package("libEGL.so.1", "libegl1"), Package("libxcb-sync.so.1", "libxcb-sync1")]
    assert install_command(missing) == "sudo apt install libegl1 libxcb-sync1"


def test_only_the_packages_asked_for_are_looked_for() -> None:
    assert missing_display_libraries(QT_PACKAGES, lacks_sync_and_egl, "linux") == [Package("libEGL.so.1", "libegl1")]


def test_other_systems_lack_nothing() -> None:
    assert missing_display_libraries(load=lacks_sync_and_egl, system="darwin") == []


def test_no_package_is_asked_for_twice() -> None:
    names = [package.name for package in QT_PACKAGES + X11_PACKAGES]

    assert len(set(names)) == len(names)

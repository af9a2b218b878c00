"""Checks of what others see: the virtual camera, and of what the person sees: the window."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from app.display_libraries import install_command, missing_display_libraries
from app.doctor.findings import Finding, Verdict
from app.doctor.fixes import Lack, fix_for

if TYPE_CHECKING:
    from app.output.camera_messages import KeeperOptions


def check_virtual_camera(wanted: str = "auto", options: KeeperOptions | None = None) -> Finding:
    """Whether other programs could see the portrait as a camera."""
    from app.output.virtual_camera import probe_virtual_camera

    if (held := _held_since_a_crash()) is not None:
        return held
    name = probe_virtual_camera(wanted, options)
    return Finding("virtual", Verdict.OK, f"Virtual camera: {name}.")


def check_camera_proof() -> Finding:
    """Whether other programs do see what is sent to the virtual camera; takes some seconds, and it must be free."""
    from app.output.camera_proof import ProofVerdict, prove_virtual_camera

    if (held := _held_since_a_crash()) is not None:
        return held
    proof = prove_virtual_camera()
    verdict = Verdict.OK if proof.verdict is ProofVerdict.PROVED else Verdict.LIMITED
    return Finding("virtual", verdict, proof.sentence, proof.fix)


def _held_since_a_crash() -> Finding | None:
    """A camera that still shows the away card of a program that died has no room for a second writer."""
    from app.output.keeper_handover import orphaned_keepers
    from app.support.folders import state_folder

    if not orphaned_keepers(state_folder()):
        return None
    sentence = "The virtual camera shows the away card of a run that crashed."
    return Finding("virtual", Verdict.LIMITED, sentence, "Start the program again: it goes on with that camera.")


def check_display() -> Finding:
    """A screen to show the window on, and the libraries Qt needs for it."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Finding("display", Verdict.LIMITED, "There is no display.", fix_for(Lack.DISPLAY))
    lacking = missing_display_libraries()
    if lacking:
        names = ", ".join(package.library for package in lacking)
        fix = f"On Debian and Ubuntu: {install_command(lacking)}"
        return Finding("display", Verdict.LIMITED, f"The window lacks {names}.", fix)
    return Finding("display", Verdict.OK, "There is a display for the window.")

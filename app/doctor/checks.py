"""All checks, in the order they are shown: what is needed first. Imports nothing heavy: each check does so itself."""

from __future__ import annotations

from app.doctor.findings import Check
from app.doctor.fixes import Lack, fix_for
from app.doctor.folders import check_log, check_settings
from app.doctor.imported import check_imported
from app.doctor.machine import check_disk, check_opencv, check_python, check_torch, check_versions
from app.doctor.outputs import check_display, check_virtual_camera
from app.doctor.pictures import check_avatars, check_cameras, check_tracker, check_weights
from app.doctor.sound import check_sound

_REINSTALL = fix_for(Lack.PACKAGES)

CHECKS: tuple[Check, ...] = (
    Check("python", check_python, needed=True),
    Check("versions", check_versions, needed=True, fix=_REINSTALL),
    Check("opencv", check_opencv, needed=True, fix=_REINSTALL),
    Check("device", check_torch, needed=True, fix=_REINSTALL),
    Check("tracker", check_tracker, needed=True, fix=_REINSTALL),
    Check("weights", check_weights),
    Check("liveportrait", check_imported),
    Check("avatars", check_avatars),
    Check("cameras", check_cameras),
    Check("virtual", check_virtual_camera),
    Check("sound", check_sound),
    Check("display", check_display),
    Check("disk", check_disk),
    Check("settings", check_settings),
    Check("log", check_log),
)

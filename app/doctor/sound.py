"""Checks of the sound."""

from __future__ import annotations

from app.doctor.findings import Finding, Verdict
from app.doctor.fixes import Lack, fix_for


def check_sound() -> Finding:
    """PortAudio, at least one microphone that may be used, and where its sound could be sent."""
    from app.audio.permission import fix_for_denied_microphone
    from app.audio.portaudio import sound_system
    from app.audio.problems import Direction, NoSoundLibrary

    try:
        devices = sound_system().devices()
    except NoSoundLibrary:
        return Finding("sound", Verdict.LIMITED, "PortAudio is not installed: no sound.", fix_for(Lack.PORTAUDIO))
    outputs = _named("Sound outputs", [device.name for device in devices.of(Direction.OUTPUT)])
    microphones = devices.of(Direction.INPUT)
    if not microphones:
        return Finding("sound", Verdict.LIMITED, f"No microphone was found. {outputs}", fix_for(Lack.MICROPHONE))
    found = f"{_named('Microphones', [device.name for device in microphones])} {outputs}"
    served = any(device.served for device in microphones)  # whose server has asked the system already
    fix = None if served else fix_for_denied_microphone()
    if fix is not None:
        return Finding("sound", Verdict.LIMITED, found, fix, "The system does not let this program use them.")
    return Finding("sound", Verdict.OK, found)


def _named(what: str, names: list[str]) -> str:
    return f"{what}: {', '.join(names) or 'none'}."

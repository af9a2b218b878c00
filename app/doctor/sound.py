"""Checks of the sound."""

from __future__ import annotations

from app.doctor.findings import Finding, Verdict
from app.doctor.fixes import Lack, fix_for


def check_sound() -> Finding:
    """PortAudio and at least one microphone."""
    try:
        import sounddevice
    except OSError:
        return Finding("sound", Verdict.LIMITED, "PortAudio is not installed: no sound.", fix_for(Lack.PORTAUDIO))
    inputs = [device["name"] for device in sounddevice.query_devices() if device["max_input_channels"] > 0]
    if not inputs:
        return Finding("sound", Verdict.LIMITED, "No microphone was found.", fix_for(Lack.MICROPHONE))
    return Finding("sound", Verdict.OK, f"Microphones: {', '.join(inputs)}.")

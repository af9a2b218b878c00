"""The doctor on a machine with a real sound server, and with a virtual camera whose pictures can be read back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from app.commands.doctor import with_proof
from app.doctor.checks import CHECKS
from app.doctor.findings import Finding, Verdict, examine
from app.doctor.fixes import Lack, fix_for
from app.output import camera_proof
from app.output.camera_messages import KeeperOptions
from tests.app.output.test_camera_proof import SIZE, FileReader
from tests.helpers.fake_camera import LOADER
from tests.helpers.sound_server import sound_server

HEADSET = "module-remap-source master=cable.monitor source_name=headset source_properties=device.description=Headset"


def found(name: str) -> Finding:
    """What the check of that name finds, as `doctor --prove-camera` asks it."""
    return next(examine(check for check in with_proof(CHECKS) if check.name == name))


def test_a_sound_server_without_a_microphone_is_a_lack_and_its_outputs_are_named(tmp_path: Path) -> None:
    with sound_server(tmp_path, "cable", "ears"):
        finding = found("sound")

    sentence = "No microphone was found. Sound outputs: cable, ears."
    assert finding == Finding("sound", Verdict.LIMITED, sentence, fix_for(Lack.MICROPHONE))


def test_a_sound_server_with_a_microphone_lacks_nothing(tmp_path: Path) -> None:
    with sound_server(tmp_path, "cable", modules=(HEADSET,)):
        finding = found("sound")

    assert finding == Finding("sound", Verdict.OK, "Microphones: Headset. Sound outputs: cable.")


def test_a_registered_camera_whose_pictures_come_back_is_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = partial(
        camera_proof.prove_virtual_camera,
        str(tmp_path / "camera.log"),
        KeeperOptions(SIZE, backend_loader=LOADER + "register"),
        FileReader,
        timeout_s=20.0,
    )
    monkeypatch.setattr(camera_proof, "prove_virtual_camera", registered)

    finding = found("virtual")

    assert (finding.verdict, finding.fix) == (Verdict.OK, "")
    assert finding.sentence.startswith(f"Other programs see the pictures of “{tmp_path / 'camera.log'}”: ")

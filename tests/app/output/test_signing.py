"""Content Credentials: what is refused before any work, and that a signed movie verifies and still plays."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.errors import EnvironmentProblem, UsageProblem
from app.output.movie_writer import open_writer
from app.output.provenance import SOURCE_TYPE
from app.output.signing import Signer

needs_c2pa = pytest.mark.skipif(
    importlib.util.find_spec("c2pa") is None or shutil.which("openssl") is None,
    reason="c2pa-python (the extra 'provenance') or openssl is not installed: nothing was signed",
)

EXTENSIONS = (
    "keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\nbasicConstraints=critical,CA:FALSE\n"
)


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate signed by an authority of one's own, with its chain, and its key; as docs/provenance.md says."""
    (folder / "extensions").write_text(EXTENSIONS)
    new_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    for command in (
        f"req -x509 {new_key} -keyout ca.key -out ca.pem -days 30 -subj /CN=me/O=me",
        f"req {new_key} -keyout sign.key -out sign.csr -subj /CN=signer/O=me",
        "x509 -req -in sign.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out sign.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True, timeout=60)
    chain = folder / "chain.pem"
    chain.write_bytes((folder / "sign.pem").read_bytes() + (folder / "ca.pem").read_bytes())
    return chain, folder / "sign.key"


def movie(path: Path) -> Path:
    with open_writer(path, (48, 64), Fraction(30)) as writer:
        for number in range(10):
            writer.write(np.full((48, 64, 3), number * 20, np.uint8))
        writer.commit()
    return path


@needs_c2pa
def test_a_signed_movie_verifies_says_that_it_is_synthetic_and_plays(tmp_path: Path) -> None:
    import c2pa

    path = movie(tmp_path / "film.mp4")
    chain, key = own_certificate(tmp_path)
    Signer.of(chain, key, path).sign(path)

    with path.open("rb") as file:
        report = json.loads(c2pa.Reader("video/mp4", file).json())
    assert report["validation_state"] == "Valid"  # unchanged and well signed; "Trusted" would need a known authority
    (actions,) = [
        assertion["data"]["actions"]
        for assertion in report["manifests"][report["active_manifest"]]["assertions"]
        if assertion["label"].startswith("c2pa.actions")
    ]
    assert actions[0]["digitalSourceType"] == SOURCE_TYPE
    with av.open(str(path)) as container:
        assert container.metadata["DigitalSourceType"] == SOURCE_TYPE
        assert sum(1 for _ in container.decode(video=0)) == 10
    assert sorted(each.name for each in tmp_path.glob(".*")) == []


@needs_c2pa
def test_a_changed_movie_no_longer_verifies(tmp_path: Path) -> None:
    import c2pa

    path = movie(tmp_path / "film.mp4")
    Signer.of(*own_certificate(tmp_path), path).sign(path)
    data = bytearray(path.read_bytes())
    place = data.index(b"mdat") + 40
    data[place] ^= 0xFF
    path.write_bytes(data)

    with path.open("rb") as file:
        assert json.loads(c2pa.Reader("video/mp4", file).json())["validation_state"] == "Invalid"


@needs_c2pa
def test_a_key_that_does_not_fit_leaves_the_movie_as_it_was(tmp_path: Path) -> None:
    path = movie(tmp_path / "film.mp4")
    before = path.read_bytes()
    chain, _ = own_certificate(tmp_path)
    with pytest.raises(UsageProblem, match=r"film\.mp4 was written but not signed") as caught:
        Signer(chain.read_bytes(), b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").sign(path)

    assert caught.value.why.startswith("The signing library says: ")
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.glob(".*")) == []


def test_only_mp4_is_signed(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        Signer.of(tmp_path / "a.pem", tmp_path / "a.key", Path("film.mkv"))

    assert str(caught.value) == "film.mkv cannot be signed. Only MP4 is signed. Write to a name ending in .mp4."


def test_without_the_library_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.output.signing.importlib.util.find_spec", lambda name: None)
    with pytest.raises(EnvironmentProblem) as caught:
        Signer.of(tmp_path / "a.pem", tmp_path / "a.key", Path("film.mp4"))

    assert str(caught.value) == (
        "The movie cannot be signed. The library for Content Credentials (c2pa-python) is not installed. "
        "Run: python3 -m uv sync --extra provenance"
    )


def test_what_is_no_certificate_is_refused_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.output.signing.importlib.util.find_spec", lambda name: object())
    wrong = tmp_path / "wrong.pem"
    with pytest.raises(UsageProblem) as missing:
        Signer.of(wrong, wrong, Path("film.mp4"))
    wrong.write_text("not a certificate")
    with pytest.raises(UsageProblem) as nonsense:
        Signer.of(wrong, wrong, Path("film.mp4"))

    explain = "See docs/provenance.md for how to make a certificate and a key."
    assert str(missing.value) == f"{wrong} cannot be read. The system says: No such file or directory. {explain}"
    assert str(nonsense.value) == f"{wrong} cannot be signed with. It holds no CERTIFICATE in PEM. {explain}"

"""Content Credentials (C2PA) in a finished movie, signed with a certificate of the person's own. Optional and offline.

A signature says that the file was not changed since, and who signed it as far as one trusts the certificate. A
certificate that one made oneself is on nobody's list: verifiers show such a file as signed by somebody unknown.

Needs `c2pa-python`, which is not installed by default (it brings 50 MB): `python3 -m uv sync --extra provenance`.
"""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path

from app.errors import EnvironmentProblem, UsageProblem
from app.output.disk import unwritable
from app.output.movie_writer import temporary_beside
from app.output.provenance import SOURCE_TYPE
from app.version import VERSION

MAX_PEM_BYTES = 64 * 1024
SUFFIX = ".mp4"

_EXPLAIN = "See docs/provenance.md for how to make a certificate and a key."


@dataclass(frozen=True)
class Signer:
    """Signs movies. Make it with `of`, before any work is done.

    certificate: PEM, the own one first, then whose it is signed by. key: PEM of its private key, P-256.
    """

    certificate: bytes
    key: bytes

    @classmethod
    def of(cls, certificate: Path, key: Path, output: Path) -> Signer:
        """Refuse what cannot be signed with or signed.

        Raises:
            UsageProblem: a file that is no PEM, or an output that takes no signature.
            EnvironmentProblem: the library is not installed.
        """
        if output.suffix.lower() != SUFFIX:
            raise UsageProblem(
                f"{output} cannot be signed.", why="Only MP4 is signed.", fix=f"Write to a name ending in {SUFFIX}."
            )
        if importlib.util.find_spec("c2pa") is None:
            raise EnvironmentProblem(
                "The movie cannot be signed.",
                why="The library for Content Credentials (c2pa-python) is not installed.",
                fix="Run: python3 -m uv sync --extra provenance",
            )
        return cls(_pem(certificate, b"CERTIFICATE"), _pem(key, b"PRIVATE KEY"))

    def sign(self, movie: Path) -> None:
        """Replace `movie` by itself with a signature, whole or not at all.

        Raises:
            UsageProblem: certificate and key do not fit each other or the standard.
            EnvironmentProblem: the disk is full.
        """
        import c2pa

        signed = temporary_beside(movie)
        try:
            info = c2pa.C2paSignerInfo(b"es256", self.certificate, self.key, None)
            with movie.open("rb") as source, signed.open("wb+") as target:
                c2pa.Builder(json.dumps(_manifest())).sign(c2pa.Signer.from_info(info), "video/mp4", source, target)
            os.replace(signed, movie)
        except c2pa.C2paError as error:
            raise UsageProblem(
                f"{movie.name} was written but not signed.", why=f"The signing library says: {error}.", fix=_EXPLAIN
            ) from error
        except OSError as error:
            raise unwritable(movie, error) from error
        finally:
            signed.unlink(missing_ok=True)


def _manifest() -> dict[str, object]:
    created = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE}
    return {
        "claim_generator_info": [{"name": "Understudy", "version": VERSION}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [created]}}],
    }


def _pem(path: Path, kind: bytes) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PEM_BYTES + 1)
    except OSError as error:
        why = f"The system says: {error.strerror or type(error).__name__}."
        raise UsageProblem(f"{path} cannot be read.", why=why, fix=_EXPLAIN) from error
    if len(data) > MAX_PEM_BYTES or b"-----BEGIN " not in data or kind + b"-----" not in data:
        raise UsageProblem(f"{path} cannot be signed with.", why=f"It holds no {kind.decode()} in PEM.", fix=_EXPLAIN)
    return data

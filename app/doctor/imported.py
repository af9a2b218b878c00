"""Check of what a person has added: the imported weights of LivePortrait."""

from __future__ import annotations

from app.doctor.findings import Finding, Verdict


def check_imported() -> Finding:
    """Which sets are imported and whether their numbers are still those that were; none is nothing to repair."""
    from app.own_weights import weights_folder
    from models.errors import CheckpointError
    from models.liveportrait.config import PRESETS
    from models.liveportrait.weights import inspect_imported, weights_name

    found = [(name, weights_folder() / weights_name(config)) for name, config in PRESETS.items()]
    sets = [(name, path) for name, path in found if path.is_file()]
    if not sets:
        return Finding("liveportrait", Verdict.OK, "The weights of LivePortrait are not imported.")
    for _, path in sets:
        try:
            inspect_imported(path, whole=True)
        except CheckpointError as error:
            fix = "Import them again: main.py import-weights DIR"
            return Finding("liveportrait", Verdict.LIMITED, f"{error}.", fix, "--model liveportrait cannot be used.")
    return Finding("liveportrait", Verdict.OK, f"Imported and whole: {', '.join(name for name, _ in sets)}.")

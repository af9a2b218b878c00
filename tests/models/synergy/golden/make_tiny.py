"""Write the golden files of the `tiny` network anew: after a change that is meant to change its outputs.

python -m tests.models.synergy.golden.make_tiny
"""

from __future__ import annotations

from pathlib import Path

from models.synergy.config import TINY
from models.synergy.weights import build_network, load_weights, save_weights
from tests.models.synergy.golden import write_golden
from tests.models.synergy.networks import random_network

if __name__ == "__main__":
    folder = Path(__file__).parent
    save_weights(folder / "tiny.safetensors", random_network(), TINY, {"origin": "random numbers"})
    write_golden(folder / "tiny.golden.safetensors", build_network(*load_weights(folder / "tiny.safetensors")))

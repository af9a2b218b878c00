"""Make the graph of SynergyWarpNet's live step that OpenVINO runs: assets/weights/synergy-PRESET.graph.

Run with the program's environment (it needs openvino), from the repository's root, whenever code of the live step in
models/synergy has changed; a test says so. New weights do not need it: the graph holds none.

    python assets/make/step_graph.py [--preset lite] [--folder DIR]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from models.layers.folding import fold_batch_norms  # noqa: E402
from models.synergy.config import SynergyConfig, preset  # noqa: E402
from models.synergy.export import BANK, DRIVING, RESULTS, fingerprint, live_weights, trace  # noqa: E402
from models.synergy.graph_file import GraphFile, write_graph  # noqa: E402
from models.synergy.network import SynergyWarpNet  # noqa: E402
from models.weights_manifest import WEIGHTS  # noqa: E402


def main() -> None:
    """Trace, convert, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="lite")
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    config = preset(options.preset)
    target = options.folder / f"synergy-{config.name}.graph"
    write_graph(target, convert(config))
    print(f"{target.name}: {target.stat().st_size} bytes")


def convert(config: SynergyConfig) -> GraphFile:
    """The graph of one configuration; its inputs and results are called as in `models.synergy.export`."""
    import openvino

    network = fold_batch_norms(SynergyWarpNet(config))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, see `trace`
        traced, example = trace(network)
        model = openvino.convert_model(traced, example_input=example)
    names = (*DRIVING, *BANK, *live_weights(network))
    for port, name in zip(model.inputs, names, strict=True):
        port.get_node().set_friendly_name(name)
        port.get_tensor().set_names({name})
    for port, name in zip(model.outputs, RESULTS, strict=True):
        port.get_tensor().set_names({name})
    with tempfile.TemporaryDirectory() as folder:
        openvino.save_model(model, Path(folder) / "graph.xml", compress_to_fp16=False)
        topology = (Path(folder) / "graph.xml").read_bytes()
        constants = (Path(folder) / "graph.bin").read_bytes()
    return GraphFile(config, fingerprint(traced), topology, constants)


if __name__ == "__main__":
    main()

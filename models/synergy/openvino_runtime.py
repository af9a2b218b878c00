"""The live step through OpenVINO: the same pictures as eager PyTorch in half the time on a CPU.

The shipped graph (`graph_file`) gets the installed weights and is compiled on this machine in under half a second, once
for each number of pictures. Where the CPU multiplies bfloat16 natively, convolutions and what lies between them run in
it; grids, geometry, sampling and the final composition stay float32, as under PyTorch's autocast here: OpenVINO's own
switch would put all of it into bfloat16, and grids lose whole pixels in that.
"""

from __future__ import annotations

import importlib.util
import os
import platform
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.errors import CheckpointError
from models.layers.folding import fold_batch_norms
from models.motion.rotation import rotation_matrix
from models.synergy.export import BANK, DRIVING, RESULTS, bank_tensors, driving_arrays, live_weights, result_tensors
from models.synergy.graph_file import read_graph
from models.synergy.motion import MotionBatch
from models.synergy.network import Bank, SynergyWarpNet
from models.synergy.runtime import RuntimeFrame
from models.types import MotionState
from models.weights_manifest import WEIGHTS

SUPPORTED_MACHINES = ("x86_64", "AMD64")
"""Elsewhere OpenVINO samples grids by plain loops; PyTorch is faster there."""

KEPT_COMPILED = 2
"""Numbers of pictures for which the compiled step is kept: that of before, should the person go back to it."""

PROBE_TURN_RAD = 0.15
LARGEST_LEVELS, LARGEST_FLOW_PX = 1.0, 0.2
"""The head turned by so much may differ from PyTorch's picture by so much on average. Ten faces with the weights of
2026-11-20: at most 0.05 levels and 0.007 pixels in bfloat16."""

BEFORE_GRIDS = ("Convolution", "Parameter", "Constant")
"""Kinds of operations at which the way back from a grid or a result ends: what lies before may be less precise."""


@dataclass(frozen=True)
class BoundBank:
    """The pictures of one person, and the compiled step that reads them where they lie.

    keeps: what the request points into.
    """

    bank: Bank
    request: Any
    keeps: tuple[Any, ...]


def openvino_serves(network: SynergyWarpNet, device: torch.device) -> bool:
    """Whether OpenVINO is installed, this machine is one it is good on, and there is a graph for the network."""
    if device.type != "cpu" or platform.machine() not in SUPPORTED_MACHINES:
        return False
    return importlib.util.find_spec("openvino") is not None and graph_path(network).is_file()


def graph_path(network: SynergyWarpNet) -> Path:
    """The shipped graph of a network's configuration."""
    return WEIGHTS / f"synergy-{network.config.name}.graph"


class OpenVinoRuntime:
    """The whole network (`Stages.SYNERGY`) on a CPU.

    threads: how many the step may use; None takes one more than PyTorch.
    lower: bfloat16 for features; None: where the CPU has it.

    The first person with each number of pictures is also animated by PyTorch, and the results are compared: only so is
    it known that the graph is of this code, with these weights, on this machine.

    Raises:
        CheckpointError: the graph cannot be read, was made for another configuration or version of the network, or
            does not make the network's pictures; the last from `prepare_bank`.
        RuntimeError: OpenVINO cannot use it; from any method.
    """

    name = "openvino"

    def __init__(
        self, network: SynergyWarpNet, graph: Path | None = None, threads: int | None = None, lower: bool | None = None
    ) -> None:
        import openvino

        self._network = fold_batch_norms(network).requires_grad_(False)
        path = graph or graph_path(network)
        self._graph = path.name
        file = read_graph(path, network.config)
        self._core = openvino.Core()
        self._model = self._core.read_model(file.topology, openvino.Tensor(_bytes(file.constants)))
        _require_inputs(self._model, self._network, path)
        _fill(self._model, self._network)
        if lower is None:
            lower = "BF16" in self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if lower:
            lower_features(self._model)
        self.dtype = "bfloat16" if lower else "float32"
        self._options = {
            "INFERENCE_PRECISION_HINT": "f32",  # every operation in the type the graph gives it
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads or _threads(),
            "ENABLE_CPU_PINNING": False,  # the cores are shared with tracking, capture and the window
        }
        self._compiled: OrderedDict[tuple[tuple[int, ...], ...], Any] = OrderedDict()
        self._checked: set[int] = set()  # numbers of pictures

    @torch.inference_mode()
    def prepare_bank(self, pictures: Sequence[Tensor], states: Sequence[MotionState]) -> BoundBank:
        """Encode the pictures with PyTorch, compile the step for their number, and let it read them in place."""
        import openvino

        cpu = torch.device("cpu")
        known = [
            self._network.prepare(picture.contiguous(), MotionBatch.of([state], cpu))
            for picture, state in zip(pictures, states, strict=True)
        ]
        bank = self._network.bank(known)
        arrays = [tensor.float().contiguous().numpy() for tensor in bank_tensors(bank)]
        request = self._step_for(arrays).create_infer_request()
        keeps = tuple(openvino.Tensor(array, shared_memory=True) for array in arrays)
        for name, tensor in zip(BANK, keeps, strict=True):
            request.set_tensor(name, tensor)
        bound = BoundBank(bank, request, keeps)
        if len(pictures) not in self._checked:
            self._require_same_picture(bound, _turned(states[0]))
            self._checked.add(len(pictures))
        return bound

    def run(self, bank: BoundBank, driving: MotionState) -> RuntimeFrame:
        """Animate the portrait of `bank`; the frame is the caller's own."""
        import openvino

        request = bank.request
        arrays = driving_arrays(driving)  # kept until the step has run
        for name, array in zip(DRIVING, arrays, strict=True):
            request.set_tensor(name, openvino.Tensor(array, shared_memory=True))
        request.infer()
        found = {name: torch.from_numpy(request.get_tensor(name).data.copy()) for name in RESULTS}
        return RuntimeFrame(**found)

    @torch.inference_mode()
    def run_in_pytorch(self, bank: BoundBank, driving: MotionState) -> RuntimeFrame:
        output = self._network.animate(bank.bank, MotionBatch.of([driving], torch.device("cpu")))
        return RuntimeFrame(*result_tensors(output))

    def _require_same_picture(self, bank: BoundBank, driving: MotionState) -> None:
        expected, got = self.run_in_pytorch(bank, driving), self.run(bank, driving)
        levels = float((got.image - expected.image).abs().mean()) * 255.0
        flow_px = float((got.flow - expected.flow).abs().mean()) * (expected.image.shape[-1] / 2.0)
        if not (levels <= LARGEST_LEVELS and flow_px <= LARGEST_FLOW_PX):  # also refuses what is not a number
            raise CheckpointError(
                f"{self._graph} does not make the pictures of this version of the network with these weights "
                f"({levels:.1f} of 255 levels and {flow_px:.1f} pixels apart on average)"
            )

    def _step_for(self, arrays: Sequence[np.ndarray[Any, Any]]) -> Any:
        shapes = tuple(array.shape for array in arrays)
        if shapes not in self._compiled:
            model = self._model.clone()
            model.reshape({name: list(shape) for name, shape in zip(BANK, shapes, strict=True)})
            self._compiled[shapes] = self._core.compile_model(model, "CPU", self._options)
        self._compiled.move_to_end(shapes)
        while len(self._compiled) > KEPT_COMPILED:
            self._compiled.popitem(last=False)
        return self._compiled[shapes]


def _turned(state: MotionState) -> MotionState:
    """The same face looking a little aside."""
    turn = rotation_matrix(np.array([0.0, PROBE_TURN_RAD, 0.0], np.float32))
    return replace(state, camera_from_head=turn @ state.camera_from_head)


def _threads() -> int:
    """One more than PyTorch, whose threads wait for each other: these share their work out anew when one is held up.

    On two cores beside a tracking load of a fifth of one: 26 ms a step with one thread, 16 ms with two.
    """
    return min(torch.get_num_threads() + 1, os.cpu_count() or 1)


def _require_inputs(model: Any, network: SynergyWarpNet, path: Path) -> None:
    found = {parameter.get_friendly_name() for parameter in model.get_parameters()}
    if found != {*DRIVING, *BANK, *live_weights(network)}:
        raise CheckpointError(f"{path.name} was made for another version of the network")


def _fill(model: Any, network: SynergyWarpNet) -> None:
    """Put the network's weights where the graph has inputs for them."""
    from openvino import opset13

    inputs = {parameter.get_friendly_name(): parameter for parameter in model.get_parameters()}
    for name, value in live_weights(network).items():
        parameter = inputs[name]
        constant = opset13.constant(value.detach().float().cpu().contiguous().numpy())
        parameter.output(0).replace(constant.output(0))
        model.remove_parameter(parameter)
    model.validate_nodes_and_infer_types()


def lower_features(model: Any) -> None:
    """Turn the operations between convolutions into bfloat16, in place; everything that leads to a grid stays."""
    from openvino import Type, opset13

    precise = _leading_to_grids(model)
    lower = {
        node.get_friendly_name()
        for node in model.get_ordered_ops()
        if _is_float(node) and node.get_friendly_name() not in precise
    }
    borders = []
    for node in model.get_ordered_ops():
        wanted = node.get_friendly_name() in lower
        for index, source in enumerate(node.input_values()):
            given = source.get_node().get_friendly_name() in lower
            if source.get_element_type() == Type.f32 and wanted != given:
                borders.append((node, index, source, Type.bf16 if wanted else Type.f32))
    converted: dict[tuple[str, int], Any] = {}
    for node, index, source, target in borders:
        key = (source.get_node().get_friendly_name(), source.get_index())
        if key not in converted:
            converted[key] = opset13.convert(source, target).output(0)
        node.input(index).replace_source_output(converted[key])
    model.validate_nodes_and_infer_types()


def _is_float(node: Any) -> bool:
    from openvino import Type

    if node.get_type_name() in ("Parameter", "Constant", "Result", "GridSample", "ShapeOf"):
        return False
    return bool(node.get_output_size()) and bool(node.get_output_element_type(0) == Type.f32)


def _leading_to_grids(model: Any) -> set[str]:
    """Names of the operations between the last convolutions and the grids and results."""
    found: set[str] = set()
    ahead = [node for node in model.get_ops() if node.get_type_name() in ("GridSample", "Result")]
    while ahead:
        node = ahead.pop()
        if node.get_friendly_name() in found or node.get_type_name() in BEFORE_GRIDS:
            continue
        found.add(node.get_friendly_name())
        sources = [value.get_node() for value in node.input_values()]
        ahead += sources[1:] if node.get_type_name() == "GridSample" else sources
    return found


def _bytes(content: bytes) -> np.ndarray[Any, Any]:
    return np.frombuffer(content, np.uint8)

"""Imports torch in about two thirds of its usual time, for programs that only run a network.

Two and a half seconds of Python, during which nothing else of the start gets on (there is one interpreter lock), were
most of the way to the first animated frame. A third of it is modules that no live frame uses: kernels that only work
out shapes for compilers, export, optimisers, distributions, quantisation, data loading.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.native_libraries import load_beside, package_folder

UNUSED_LIVE = (
    "torch._meta_registrations",
    "torch.distributions",
    "torch.export",
    "torch.masked",
    "torch.nn.intrinsic",
    "torch.nn.qat",
    "torch.nn.quantizable",
    "torch.nn.quantized",
    "torch.optim",
    "torch.profiler",
    "torch.quantization",
    "torch.utils.data",
)
"""What `import torch` of release 2.13 imports and never asks for anything. All of it works as ever when it is used."""

COMPILERS = ("torch._dynamo", "torch._export", "torch._inductor")
"""These count on the shapes that `torch._meta_registrations` registers without asking it for anything."""

TRIED_ON = "linux"
"""Where the order of torch's circular imports was tried with these put off; elsewhere torch is imported as it is."""


def import_torch() -> None:
    """Import torch; nothing happens where it is there already. On the thread that will use it."""
    if "torch" in sys.modules:
        return
    from app.deferred_modules import DeferringFinder  # not when the window opens, which this module is needed for

    if sys.platform == TRIED_ON:
        DeferringFinder(UNUSED_LIVE, needed_by=COMPILERS).install()
    load_libraries()
    with _no_garbage_collection():
        import torch  # noqa: F401 - for sys.modules


def load_libraries() -> None:
    """As torch does, in its order: what all share, the algebra that its CUDA part must not find elsewhere, itself."""
    folder = package_folder("torch")
    if folder is None:
        return  # the import says it
    load_beside([folder / "lib" / "libtorch_global_deps.so"], for_all=True)
    algebra = sorted((folder.parent / "nvidia").glob("*/lib/libcublasLt.so.*[0-9]"))
    load_beside([*algebra[:1], folder / "lib" / "libtorch.so"])


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Imports make hundreds of thousands of objects that all stay; looking through them again and again for garbage
    takes an eighth of the time. Afterwards they are set aside for good, so that live frames do not wait for it either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

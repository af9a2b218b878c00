"""Modules that are imported when something in them is first used, instead of when their name is first imported.

The standard library's `importlib.util.LazyLoader` does the same, but its modules load as soon as anybody asks for their
`__file__`, as `inspect` does of every module there is, and in Python 3.11 two threads may load one of them twice.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

METADATA = frozenset(
    ("__class__", "__name__", "__spec__", "__loader__", "__package__", "__path__", "__file__", "__cached__")
)
"""What is known of a module before its code runs; the import system asks for these."""


_loading = threading.RLock()
"""Protects every loader's `_begun`; held while a module's code runs. One for all: modules that use each other, begun by
two threads, would otherwise wait for each other for ever."""


class DeferringFinder(MetaPathFinder):
    """Finds the modules called `names` as usual, but has each one's code wait until its first use.

    The import of a submodule is a use of its package. Modules imported before `install` stay as they are.
    needed_by: before one of these is imported, all that waits is loaded; for modules that count on what others have
        registered.
    """

    def __init__(self, names: Collection[str], needed_by: Collection[str] = ()) -> None:
        self._names, self._needed_by = frozenset(names), frozenset(needed_by)

    def install(self) -> None:
        """Be asked first, for every import of this process from now on."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Part of the import system: None leaves the name to the other finders."""
        if fullname in self._needed_by:
            self.load_all()
        package = sys.modules.get(fullname.rpartition(".")[0])
        if type(package) is _DeferredModule:
            _load(package)
            if fullname in sys.modules:
                return _AlreadyLoaded.spec_of(sys.modules[fullname])
        if fullname not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _DeferringLoader(spec.loader)
        return spec

    def waiting(self) -> list[str]:
        """Names of the imported modules whose code has not run, in alphabetical order."""
        return sorted(name for name in self._names if type(sys.modules.get(name)) is _DeferredModule)

    def load_all(self) -> None:
        """Run the code of every module that waits."""
        for name in self.waiting():
            _load(sys.modules[name])


class _DeferringLoader(Loader):
    """Stands in a module's spec for the real loader until that has run."""

    def __init__(self, real: Loader) -> None:
        self._real = real
        self._begun = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Called by the import system: have the module wait."""
        module.__class__ = _DeferredModule

    def load(self, module: ModuleType) -> None:
        """Run the module's code, once. Other threads wait; the one that runs it sees it grow, as in any import."""
        with _loading:
            if self._begun:
                return
            self._begun = True
            try:
                self._real.exec_module(module)
            except BaseException:
                self._begun = False  # the next use meets the failure again, not half a module
                raise
            module.__class__ = ModuleType
            module.__loader__ = self._real
            if module.__spec__ is not None:
                module.__spec__.loader = self._real


class _AlreadyLoaded(Loader):
    """For a submodule that its package has just imported: imported once more, it would be there twice."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    @classmethod
    def spec_of(cls, module: ModuleType) -> ModuleSpec:
        """What to answer. The module has to bear it meanwhile: else the import system takes the one it bears."""
        module.__spec__ = ModuleSpec(module.__name__, cls(module))
        return module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Its code has run; only its own spec is put back."""
        module.__spec__ = self._spec


class _DeferredModule(ModuleType):
    """A module whose code runs when something in it is asked for."""

    def __getattribute__(self, name: str) -> object:
        if name not in METADATA:
            _load(self)
        return ModuleType.__getattribute__(self, name)  # not super(): by now it may be a plain module


def _load(module: ModuleType) -> None:
    loader = module.__spec__.loader if module.__spec__ is not None else None
    if isinstance(loader, _DeferringLoader):
        loader.load(module)

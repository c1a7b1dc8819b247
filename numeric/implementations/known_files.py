"""Modules that are found by the files they had in another process, where no import path finds them.

Guarantees: what Python finds by itself is found as ever; a package that has no file there, as the
folders of a test suite, is an empty one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType


class KnownFiles(MetaPathFinder):
    """Finds modules by their files, as the last of all finders.

    Parameters
    ----------
    files
        The file of each module.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, if its file is known or it holds one that is."""
        file = self._files.get(name)
        if file is not None:
            folder = [str(Path(file).parent)] if Path(file).stem == "__init__" else None
            return spec_from_file_location(name, file, submodule_search_locations=folder)
        if any(known.startswith(f"{name}.") for known in self._files):
            return ModuleSpec(name, None, is_package=True)
        return None


def use_files(files: Mapping[str, str]) -> None:
    """Let imports find modules by these files from now on."""
    sys.meta_path.append(KnownFiles(files))

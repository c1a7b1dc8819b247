"""The versions of what an audit ran.

Guarantees: the versions of distributions that are installed here; nothing is imported.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

_NAMES = {"sklearn": "scikit-learn"}
_BESIDE = {"keras": ("jax", "torch"), "autograd": ("numpy",), "jax": ("jaxlib",)}


def versions_of(framework: str, implementation: Any) -> dict[str, str]:
    """Return the versions of a framework, and of the package that an implementation is of."""
    home = str(getattr(implementation, "__module__", "") or "").partition(".")[0]
    wanted = ("gradproof", framework, *_BESIDE.get(framework, ()), home)
    found: dict[str, str] = {}
    for name in wanted:
        try:
            found[name] = version(_NAMES.get(name, name))
        except (PackageNotFoundError, ValueError):
            continue  # a program of the user's own
    return found

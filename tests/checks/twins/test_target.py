from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

import pytest

from gradproof.checks.twins import formulas, label, logits
from gradproof.checks.twins.target import LIBRARIES, Target, find_targets, targets_of
from gradproof.symbolic.errors import DeclarationError, UnsupportedError

NEEDS_NO_BACKEND = [name for name in LIBRARIES if name != "keras"]


def needs(library: str) -> None:
    """Leave a test out if what the targets of a library import is not installed."""
    for module in {"optax": ("jax", "optax")}.get(library, (library,)):
        if find_spec(module) is None:
            pytest.skip(f"needs {module}")


@pytest.mark.parametrize("library", NEEDS_NO_BACKEND)
def test_every_target_is_called_by_its_name(library: str) -> None:
    """Names begin with the library, are different, and find their target."""
    needs(library)
    known = targets_of(library)
    names = [t.name for t in known]
    assert known
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{library}:") for name in names)
    for target in known:
        assert [t.name for t in find_targets(target.name)] == [target.name]
        assert callable(target.program)
        assert min(target.sizes) >= 1
    assert [t.name for t in find_targets(library)] == names


def test_what_is_meant_has_a_title() -> None:
    """A loss by its title, a program by its name, nothing by nothing."""

    def another(z: Any, y: int) -> Any:
        return z[y]

    def of(intended: Any) -> str:
        return Target("numpy:x", another, (logits(), label()), intended, "numpy").meaning

    loss = formulas.cross_entropy
    assert of(loss) == (loss.title or loss.name)
    assert of(another) == "another"
    assert of(None) == ""


def test_unknown_names_are_errors_with_the_known_ones() -> None:
    """Of a library, and of a target in it."""
    with pytest.raises(DeclarationError, match="torch, jax, optax, keras, scipy, numpy"):
        targets_of("fortran")
    with pytest.raises(DeclarationError, match="numpy:nothing; take one of numpy:"):
        find_targets("numpy:nothing")


@pytest.mark.parametrize(
    ("library", "missing", "extra"),
    [("torch", "torch", "torch"), ("optax", "jax", "jax"), ("scipy", "scipy", "scipy")],
)
def test_a_library_that_is_missing_is_told_with_the_extra(
    library: str, missing: str, extra: str, monkeypatch: Any
) -> None:
    """The error says what to install."""
    module = f"gradproof.checks.twins.{library}_targets"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    for name in [n for n in sys.modules if n.startswith(f"{missing}.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UnsupportedError, match=rf"pip install 'gradproof\[{extra}\]'"):
        targets_of(library)

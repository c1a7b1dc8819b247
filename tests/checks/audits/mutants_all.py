"""Every wrong implementation, and every odd one that is right, of the installed frameworks.

The modules beside this one import each other by their plain names: put their folder on ``sys.path``
before this one is imported.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from mutants_base import Mutant, Odd
from mutants_floats import FLOATS
from mutants_formulas import FORMULAS
from mutants_hard import HARD
from mutants_hinge import HINGES
from mutants_odd import ODD_CE
from mutants_odd_frameworks import ODD_FRAMEWORKS
from mutants_odd_losses import ODD_LOSSES
from mutants_regions import PLACES
from mutants_state import PROTOCOL


def _of(framework: str, *modules: str) -> tuple[Mutant, ...]:
    """Return the mutants of a framework, which their modules name in capitals; none without it."""
    if find_spec(framework) is None:
        return ()
    found = (getattr(import_module(f"mutants_{name}"), name.upper()) for name in modules)
    return tuple(one for several in found for one in several)


MUTANTS: tuple[Mutant, ...] = (
    *FORMULAS,
    *PLACES,
    *FLOATS,
    *PROTOCOL,
    *HARD,
    *HINGES,
    *_of("torch", "torch", "torch_losses"),
    *_of("jax", "jax"),
    *_of("autograd", "autograd"),
)
"""Wrong implementations: an audit must find each in one of its classes."""

ODD: tuple[Odd, ...] = (*ODD_CE, *ODD_LOSSES, *ODD_FRAMEWORKS)
"""Right ones: an audit may find at most what each says."""

"""The front door: the public names of gradproof, each imported when it is first used.

Guarantees: importing `gradproof` imports none of the packages behind it, so that the command line
and the pytest plugin start without SymPy.
It computes nothing itself; what a name promises is said where it is defined.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import inputs, kernels, losses, stable, strategies
    from .checks.audits.asserting import assert_audit
    from .checks.audits.auditing import audit
    from .checks.audits.result import Audit
    from .checks.claim import Claim
    from .checks.engine import prove
    from .checks.twins.comparing import check_backward, check_forward
    from .checks.twins.rounding import float_error
    from .checks.verdict import Outcome, Verdict
    from .numeric.twins.registry import rule
    from .numeric.twins.smooth_rules import smooth_rule
    from .numeric.twins.twin import exact
    from .symbolic.loss import Loss

    __version__: str

__all__ = [
    "Audit",
    "Claim",
    "Loss",
    "Outcome",
    "Verdict",
    "__version__",
    "assert_audit",
    "audit",
    "check_backward",
    "check_forward",
    "exact",
    "float_error",
    "inputs",
    "kernels",
    "losses",
    "prove",
    "rule",
    "smooth_rule",
    "stable",
    "strategies",
]

_HOMES = {
    "Audit": ".checks.audits.result:Audit",
    "Claim": ".checks.claim:Claim",
    "Loss": ".symbolic.loss:Loss",
    "Outcome": ".checks.verdict:Outcome",
    "Verdict": ".checks.verdict:Verdict",
    "assert_audit": ".checks.audits.asserting:assert_audit",
    "audit": ".checks.audits.auditing:audit",
    "check_backward": ".checks.twins.comparing:check_backward",
    "check_forward": ".checks.twins.comparing:check_forward",
    "exact": ".numeric.twins.twin:exact",
    "float_error": ".checks.twins.rounding:float_error",
    "inputs": ".inputs",
    "kernels": ".kernels",
    "losses": ".losses",
    "prove": ".checks.engine:prove",
    "rule": ".numeric.twins.registry:rule",
    "smooth_rule": ".numeric.twins.smooth_rules:smooth_rule",
    "stable": ".stable",
    "strategies": ".strategies",
}
"""Where each public name is defined: a module, or a module and a name in it."""


def __getattr__(name: str) -> object:
    """Return the public name `name`, importing what it needs (PEP 562)."""
    value: object
    if name == "__version__":
        value = import_module("importlib.metadata").version(__name__)
    elif name in _HOMES:
        home, _, attribute = _HOMES[name].partition(":")
        module = import_module(home, __name__)
        value = getattr(module, attribute) if attribute else module
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    globals()[name] = value  # later uses find it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

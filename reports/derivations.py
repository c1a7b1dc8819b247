"""The derivation of a loss as it stands on a page, worked out once.

Guarantees: the text is that of a derivation each line of which was proved, now or, if a cache is
used, in an earlier run of the same code; a loss that cannot be derived is said to be one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from sympy import IndexedBase, Symbol
from sympy.tensor.indexed import Indexed

from ..checks.cache import Cache
from ..checks.claim import Claim
from ..checks.content import digest_of, formula_digest, loss_digest
from ..symbolic.calculus import LossTerm
from ..symbolic.derivation import derive
from ..symbolic.errors import UnsupportedError
from ..symbolic.loss import Loss
from .markdown import escape, paragraphs

Variable: TypeAlias = IndexedBase | Symbol
"""A family of variables, or a single one."""


def variable_of(claim: Claim) -> Variable | None:
    """Return what the statement differentiates its loss by; the usual where it says nothing."""
    loss = claim.loss
    if loss is None:
        return None
    found: list[Variable] = [
        variable.base if isinstance(variable, Indexed) else variable
        for part in claim.statement
        for term in sorted(part.atoms(LossTerm), key=str)
        if term.value == loss.value
        for variable in term.variables
    ]
    return loss.wrt if loss.wrt in found or not found else found[0]


@cache  # many claims are about one loss, and every line of a derivation is proved
def derivation_text(loss: Loss, variable: Variable) -> str:
    """Return the derivation of the gradient of a loss as Markdown, or why there is none."""
    return _text(lambda: derive(loss, variable).to_markdown())


def derivations_of(store: Cache | None) -> Callable[[Loss, Variable], str]:
    """Return `derivation_text`, taken from a cache where it is known there."""
    if store is None:
        return derivation_text

    def known_or_derived(loss: Loss, variable: Variable) -> str:
        digest = lambda: digest_of(loss_digest(loss), formula_digest(variable))  # noqa: E731
        key = store.key("derivation", digest)
        found = None if key is None else store.read(key)
        if found is not None:
            return found.strip()

        def derived() -> str:
            text = derive(loss, variable).to_markdown()
            if key is not None:
                store.write(key, text)
            return text

        return _text(derived)

    return cache(known_or_derived)


def _text(derived: Callable[[], str]) -> str:
    try:
        return derived().strip()
    except UnsupportedError as error:
        return paragraphs("## Derivation", f"No derivation was written: {escape(str(error))}.")

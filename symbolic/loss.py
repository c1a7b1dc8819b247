"""A loss: a named expression for a symbolic number of classes, with its domain and its source.

Guarantees: gradient and Hessian come from differentiation of the declared value.
What a loss cannot see is the code that implements it; that is the work of an audit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sympy import Expr, IndexedBase, S as _S
from sympy.logic.boolalg import Boolean

from .calculus import LossTerm
from .class_sums import bottom_up, bound_indices, canonical_bound, substitute_family
from .declared import check_declared
from .errors import DeclarationError
from .notebook import loss_latex, loss_markdown
from .vocabulary import SLOT, Softmax, family, i as _i, k as _k, z

outputs = family("q", positive=True)
"""Outputs of a network taken as free variables, in place of the softmax."""


@dataclass(frozen=True)
class Loss:
    """A loss function for any number of classes.

    Parameters
    ----------
    name
        Short name, used in formulas and on the command line.
    value
        The loss as an expression over families, indices and scalars.
    given
        Where the loss is defined, as conditions on its variables.
    title
        What the loss is, in a few words.
    source
        Where it comes from.
    wrt
        The family the gradient is taken by; the logits unless said otherwise.

    Raises
    ------
    DeclarationError
        If the value is not an expression, does not depend on `wrt`, or holds a bound class index
        outside its sum.

    >>> from gradproof.symbolic import S, y, z, log
    >>> Loss("CE", -log(S(y))).gradient()
    LossTerm(CE, -log(Softmax(y, z[_])), z[i])
    """

    name: str
    value: Expr
    given: tuple[Boolean, ...] = ()
    title: str = ""
    source: str = ""
    wrt: IndexedBase = field(default=z)

    def __post_init__(self) -> None:
        value = _S(self.value)
        if not isinstance(value, Expr):
            raise DeclarationError(
                "the value of a loss is a SymPy expression",
                found=f"{type(value).__name__} for {self.name!r}",
                remedy="write it with the functions of gradproof.symbolic",
            )
        check_declared(value)
        object.__setattr__(self, "value", canonical_bound(value))
        object.__setattr__(self, "given", tuple(self.given))
        if self.wrt not in self.value.atoms(IndexedBase):
            raise DeclarationError(
                "a loss depends on the family its gradient is taken by",
                found=f"{self.name!r} without {self.wrt}",
                remedy="use S(...) or z[...] in its value, or name another family with wrt=",
            )

        escaped = bound_indices(self.value) - {SLOT}
        if escaped:
            raise DeclarationError(
                "a running class does not leave its sum",
                found=f"{', '.join(sorted(map(str, escaped)))} in {self.name!r} = {self.value}",
                remedy="SymPy pulls a Piecewise out of a sum inside an integral: "
                "write it with Max, Min, Abs or sign",
            )

    def _sympy_(self) -> Expr:
        """Return `term`, so that a loss may stand in a formula itself: ``Ge(CE, 0)``."""
        return self.term

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows: the formula, where it is defined, the source."""
        return loss_markdown(self)

    def _repr_latex_(self) -> str:
        """Return the formula, for a notebook that becomes a document."""
        return rf"$\displaystyle {loss_latex(self)}$"

    @property
    def term(self) -> Expr:
        """The loss under its name, for use in statements."""
        return LossTerm(self.name, self.value)

    def gradient(self, member: Expr = _i, wrt: IndexedBase | None = None) -> Expr:
        """Return the partial derivative by member `member` of `wrt` (the logits by default).

        The result keeps the loss's name until it is evaluated with ``doit()``.
        """
        return LossTerm(self.name, self.value, (wrt or self.wrt)[member])

    def hessian(self, a: Expr = _i, b: Expr = _k, wrt: IndexedBase | None = None) -> Expr:
        """Return the second partial derivative by members `a` and `b` of `wrt`."""
        base = wrt or self.wrt
        return LossTerm(self.name, self.value, base[a], base[b])

    def substitute(self, base: IndexedBase, value: Callable[[Expr], Expr], name: str) -> Loss:
        """Return the loss called `name` with each member of `base` replaced by ``value(a)``."""
        return replace(self, name=name, value=substitute_family(self.value, base, value))

    def of_outputs(self, name: str | None = None) -> Loss:
        """Return the loss as a function of the outputs `q`, each softmax replaced by ``q[a]``."""

        def free(node: Expr) -> Expr:
            return outputs[node.args[0]] if isinstance(node, Softmax) else node

        return replace(
            self,
            name=name or self.name,
            value=bottom_up(self.value, free),
            wrt=outputs,
        )

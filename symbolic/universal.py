"""Statements about every class: a relation that holds whichever class is put in.

Guarantees: an `Every` is only a formula, equal to every other one with the same meaning letter for
letter; putting a class in (`Every.at`) captures no name and keeps each relation as written.
What it cannot see: whether the relation holds; code that does not know an `Every` among its
assumptions may leave it unused, which is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sympy import And, Dummy, Eq, Expr, Implies, Ne, Or, Symbol
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom, BooleanFunction
from sympy.tensor.indexed import Indexed

from .class_sums import replace_free
from .errors import DeclarationError
from .vocabulary import Softmax, n, places


class Every(BooleanFunction):
    """A formula that holds for each class of its running class.

    Arguments: the formula, the running class and the size it runs over (`n`, or the number of
    bins).
    Made by `every`.
    """

    @classmethod
    def eval(cls, formula: Boolean, running: Symbol, size: Expr) -> Boolean | None:
        """Keep the statement as written; one without a class left is its formula."""
        return formula if isinstance(formula, BooleanAtom) else None

    @property
    def formula(self) -> Boolean:
        """What holds, as a formula in the running class."""
        return self.args[0]

    @property
    def running(self) -> Symbol:
        """The running class."""
        return self.args[1]

    @property
    def size(self) -> Expr:
        """The number of classes run over."""
        return self.args[2]

    @property
    def free_symbols(self) -> set[Basic]:
        """The symbols of the formula without the running class, and those of the size."""
        return (self.formula.free_symbols - {self.running}) | self.size.free_symbols

    def at(self, member: Expr) -> Boolean:
        """Return the formula at one class: an index, a number or the running class of a sum.

        >>> from gradproof.symbolic import Le, m, y, z
        >>> every(lambda j: Le(z[j], z[m])).at(y)
        z[y] <= z[m]
        """
        return _put(self.formula, self.running, member)

    def parts(self) -> list[tuple[Boolean, frozenset[Expr]]]:
        """Return what holds for every class but some: formulas in the running class, with those.

        What shall hold for every other class may be written with an implication or a disjunction.

        >>> from gradproof.symbolic import Implies, Lt, Ne, m, z
        >>> others = every(lambda j: Implies(Ne(j, m), Lt(z[j], z[m])))
        >>> others.parts()
        [(z[_every1] < z[m], frozenset({m}))]
        """
        formulas = self.formula.args if isinstance(self.formula, And) else (self.formula,)
        return [self._part(formula) for formula in formulas]

    def _part(self, formula: Boolean) -> tuple[Boolean, frozenset[Expr]]:
        if isinstance(formula, Implies):
            guards = formula.args[0].args if isinstance(formula.args[0], And) else formula.args[:1]
            others = [self._other(guard, Ne) for guard in guards]
            rest = formula.args[1]
        elif isinstance(formula, Or):
            others = [o for a in formula.args if (o := self._other(a, Eq)) is not None]
            left = [a for a in formula.args if self._other(a, Eq) is None]
            rest = left[0] if len(left) == 1 else None
        else:
            return formula, frozenset()
        if rest is None or None in others:
            return formula, frozenset()
        return rest, frozenset(o for o in others if o is not None)

    def _other(self, guard: Boolean, kind: type[Boolean]) -> Expr | None:
        """Return the class that a guard compares the running class with, if it does no more."""
        if not isinstance(guard, kind) or self.running not in guard.args:
            return None
        other = guard.rhs if guard.lhs == self.running else guard.lhs
        return other if other != self.running else None


def every(formula: Callable[[Symbol], Boolean], *, size: Expr = n) -> Every:
    """Return the statement that ``formula(j)`` holds for every class j from 1 to `size`.

    As an assumption it says more than a relation with a free index, which speaks of that one
    class only; as a statement it says the same.

    Parameters
    ----------
    formula
        A relation, or relations joined by connectives, as a function of the running class.
    size
        The number of classes; `n` unless said otherwise.

    Raises
    ------
    DeclarationError
        If the result is no formula, does not depend on the class, or depends on it through a
        family of another size.

    >>> from gradproof.symbolic import Le, m, to_text, z
    >>> to_text(every(lambda j: Le(z[j], z[m])))
    'z_j ≤ z_m for every j'
    """
    trial = Dummy(integer=True, positive=True)  # one of its own, so that statements nest
    given: Any = formula
    said = given(trial) if callable(given) else given
    if not isinstance(said, (Relational, BooleanFunction)) or trial not in said.free_symbols:
        raise DeclarationError(
            "what holds for every class is a relation that depends on the class",
            found=str(said).replace(str(trial), "j"),
            remedy="write every(lambda j: Le(z[j], z[m])), with the relations of gradproof",
        )
    for place, own in _places(said):
        if place == trial and own != size:
            raise DeclarationError(
                "the running class runs over the members of the families it names",
                found=f"{size} classes, and a family with {own} members",
                remedy="name the size of the family with size=",
            )
    taken = {str(inner.running) for inner in said.atoms(Every)}
    level = next(k for k in range(1, len(taken) + 2) if f"_every{k}" not in taken)
    running = Symbol(f"_every{level}", integer=True, positive=True)
    return Every(_put(said, trial, running), running, size, evaluate=False)


def _places(formula: Boolean) -> list[tuple[Expr, Expr]]:
    named = [pair for member in formula.atoms(Indexed) for pair in places(member)]
    return named + [(soft.args[0], soft.size) for soft in formula.atoms(Softmax)]


@lru_cache(maxsize=4096)
def _put(formula: Boolean, running: Symbol, member: Expr) -> Boolean:
    return replace_in(formula, {running: member})


def replace_in(formula: Any, new: Mapping[Expr, Expr]) -> Any:
    """Replace symbols where they are free in a formula, its relations kept as written."""
    if isinstance(formula, Every):
        return _replace_in_every(formula, new)
    if isinstance(formula, Relational):
        sides = (replace_free(side, new) for side in formula.args)
        return type(formula)(*sides, evaluate=False)
    if isinstance(formula, BooleanFunction):
        return type(formula)(*(replace_in(part, new) for part in formula.args), evaluate=False)
    return formula


def _replace_in_every(formula: Every, new: Mapping[Expr, Expr]) -> Every:
    new = {old: by for old, by in new.items() if old != formula.running}
    running, inside = formula.running, formula.formula
    if any(running in by.free_symbols for by in new.values()):
        fresh = Dummy(integer=True, positive=True)
        running, inside = fresh, replace_in(inside, {running: fresh})
    size = formula.size.xreplace(dict(new))
    return Every(replace_in(inside, new), running, size, evaluate=False)

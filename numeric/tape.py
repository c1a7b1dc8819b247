"""A loss as a list of steps, each on one number or on the numbers of all classes.

Guarantees: the steps are those of the declared loss, read once for any number of classes; what does
not depend on the running class of a sum is one number.
No arithmetic is done here.
Cannot read: integrals, branches such as `Abs` and `Piecewise`, sums that run over two classes at
once: `UnsupportedError`, and whoever asked goes class by class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Expr,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Number,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.numbers import Exp1, Float, Pi
from sympy.tensor.indexed import Indexed

from ..symbolic.calculus import evaluate_terms
from ..symbolic.cases import SIZES
from ..symbolic.class_sums import canonical_bound
from ..symbolic.errors import UnsupportedError
from ..symbolic.vocabulary import SLOT, Softmax, is_bound, places
from .point import is_index


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a tape.

    Attributes
    ----------
    rule
        Its name in `gradproof.numeric.rules.RULES`.
    inputs
        The places of the steps that it takes.
    size
        The number of classes of its numbers, as a symbol or an integer; None if it is one number.
    data
        What else it needs: a family, a symbol, a number, a class.
    depends
        Whether it depends on the family that the gradient is taken by.
    selects
        Whether it is made of Kronecker deltas and numbers alone.
    """

    rule: str
    inputs: tuple[int, ...] = ()
    size: Expr | None = None
    data: Any = None
    depends: bool = False
    selects: bool = False


@dataclass(slots=True)
class Tape:
    """The steps of a loss, each after those that it takes; the last is the loss.

    Attributes
    ----------
    wrt
        The family that the gradient is taken by.
    steps
        The steps.
    """

    wrt: IndexedBase
    steps: list[Step] = field(default_factory=list)
    _known: dict[Any, int] = field(default_factory=dict)

    def add(self, rule: str, inputs: Sequence[int] = (), size: Any = None, data: Any = None) -> int:
        """Return the place of a step, which is made unless the same one is there."""
        key = rule, tuple(inputs), size, data
        if key not in self._known:
            depends = data == self.wrt if rule == "family" else False
            depends = depends or any(self.steps[k].depends for k in inputs)
            selects = rule == "delta" or (
                rule in ("sum", "product", "power")
                and all(self.steps[k].selects or self.steps[k].rule == "number" for k in inputs)
            )
            self._known[key] = len(self.steps)
            self.steps.append(Step(rule, tuple(inputs), size, data, depends, selects))
        return self._known[key]

    def family(self) -> int | None:
        """Return the place of the family that the gradient is taken by; None if it is not used."""
        own = ("family", self.wrt)
        return next((k for k, s in enumerate(self.steps) if (s.rule, s.data) == own), None)


@lru_cache(maxsize=256)
def read_tape(value: Expr, wrt: IndexedBase) -> Tape:
    """Return the steps of a loss.

    Raises
    ------
    UnsupportedError
        If it has a part that is not read.
    """
    tape = Tape(wrt)
    _Reader(tape).read(canonical_bound(evaluate_terms(value)))
    return tape


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads formulas, outside all sums or inside one.

    Attributes
    ----------
    tape
        Where the steps go.
    running
        The running class; None outside.
    size
        The number of classes that it runs over.
    """

    tape: Tape
    running: Symbol | None = None
    size: Expr | None = None

    def read(self, expr: Expr) -> int:
        """Return the place of the step that makes a formula's value."""
        if self.running is not None and self.running not in expr.free_symbols:
            return _Reader(self.tape).read(expr)
        for kind, read in _READERS.items():
            if isinstance(expr, kind):
                return read(self, expr)
        raise _refusal(expr)

    def step(self, rule: str, *inputs: int, data: Any = None) -> int:
        """Add a step whose value is of the kind of what is read."""
        return self.tape.add(rule, inputs, self.size, data)

    def column_of(self, reader: _Reader, expr: Expr, member: Expr) -> int:
        """Return the numbers that `reader` makes of `expr`, or the one of a class."""
        column = reader.read(expr)
        if member == self.running:
            return column
        return self.tape.add("at", (column,), None, _class(member))


def _refusal(expr: Any) -> UnsupportedError:
    return UnsupportedError(
        "a loss whose gradient is taken for all classes at once is made of class sums, powers, "
        "exponentials and logarithms",
        found=f"{type(expr).__name__}: {expr}",
        remedy="ask for each class by itself",
    )


def _class(member: Expr) -> Any:
    if isinstance(member, Integer):
        return int(member)
    if is_index(member) and not is_bound(member):
        return member
    raise _refusal(member)


def _number(reader: _Reader, expr: Expr) -> int:
    known = Rational(expr) if isinstance(expr, Float) else expr
    if not isinstance(known, Rational | Pi | Exp1):
        raise _refusal(expr)
    return reader.tape.add("number", data=known)


def _symbol(reader: _Reader, expr: Symbol) -> int:
    if expr in SIZES:
        return reader.tape.add("size", data=expr)
    if is_bound(expr) or is_index(expr):
        raise _refusal(expr)
    return reader.tape.add("scalar", data=expr)


def _member(reader: _Reader, expr: Indexed) -> int:
    if len(expr.indices) != 1:
        raise _refusal(expr)
    ((member, size),) = places(expr)
    column = reader.tape.add("family", (), size, expr.base)
    if member == reader.running:
        if size != reader.size:
            raise _refusal(expr)
        return column
    return reader.tape.add("at", (column,), None, _class(member))


def _softmax(reader: _Reader, expr: Softmax, rule: str = "softmax") -> int:
    inner = _Reader(reader.tape, SLOT, expr.size)
    shares = inner.step(rule, inner.read(expr.logit))
    if expr.args[0] == reader.running:
        if expr.size != reader.size:
            raise _refusal(expr)
        return shares
    return reader.tape.add("at", (shares,), None, _class(expr.args[0]))


def _sum(reader: _Reader, expr: Sum) -> int:
    if len(expr.limits) != 1 or expr.limits[0][1] != 1:
        raise _refusal(expr)
    running, _, size = expr.limits[0]
    inner = _Reader(reader.tape, running, size)
    # A formula with the class of an outer sum is refused by the reader of its members.
    body = inner.read(expr.function)
    if reader.tape.steps[body].size is None:
        body = inner.step("repeated", body)
    return reader.tape.add("total", (body,))


def _delta(reader: _Reader, expr: KroneckerDelta) -> int:
    ends = [a for a in expr.args[:2] if a != reader.running]
    if len(ends) == 1:
        return reader.step("delta", data=(_class(ends[0]),))
    return reader.tape.add("delta", data=tuple(map(_class, ends)))


def _add(reader: _Reader, expr: Add) -> int:
    pair = _complement(reader, expr)
    if pair is None:
        return reader.step("sum", *map(reader.read, expr.args))
    found, used = pair
    rest = [reader.read(term) for term in expr.args if term not in used]
    return reader.step("sum", found, *rest) if rest else found


def _complement(reader: _Reader, expr: Add) -> tuple[int, tuple[Expr, Expr]] | None:
    """Return what a share and its opposite constant make, without cancellation; None if none."""
    for term in expr.args:
        factor, share = term.as_coeff_Mul()
        if not isinstance(share, Softmax):
            continue
        for other in expr.args:
            constant, selector = other.as_coeff_Mul()
            chooses = isinstance(selector, KroneckerDelta) and share.args[0] in selector.args
            if constant != -factor or not (selector == 1 or chooses):
                continue
            found = _softmax(reader, share, "complement")
            if selector != 1:
                # factor * (S - delta): the share itself, but for the class that is chosen.
                chosen = _delta(reader, selector)
                whole = _softmax(reader, share)
                opposite = reader.step("product", reader.read(Integer(-1)), found)
                found = reader.step("choice", chosen, opposite, whole)
                factor = -factor
            scaled = reader.step("product", reader.read(-factor), found) if factor != -1 else found
            return scaled, (term, other)
    return None


def _mul(reader: _Reader, expr: Mul) -> int:
    return reader.step("product", *map(reader.read, expr.args))


def _pow(reader: _Reader, expr: Pow) -> int:
    if not isinstance(expr.exp, Integer):
        raise _refusal(expr)
    return reader.step("power", reader.read(expr.base), data=int(expr.exp))


def _exp(reader: _Reader, expr: Expr) -> int:
    return reader.step("exponential", reader.read(expr.args[0]))


def _log(reader: _Reader, expr: Expr) -> int:
    if isinstance(expr.args[0], Softmax):
        return _softmax(reader, expr.args[0], "log-softmax")
    return reader.step("logarithm", reader.read(expr.args[0]))


_READERS: dict[Any, Any] = {
    Number: _number,
    Pi: _number,
    Exp1: _number,
    Symbol: _symbol,
    Indexed: _member,
    Softmax: _softmax,
    KroneckerDelta: _delta,
    Sum: _sum,
    Add: _add,
    Mul: _mul,
    exp: _exp,
    log: _log,
    Pow: _pow,
}

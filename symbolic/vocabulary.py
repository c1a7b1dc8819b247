"""The words formulas are written in: classes, indices, families, softmax and class sums.

Guarantees: sums made here bind an index that no user can name, so that differentiation cannot
capture it (SymPy issue 21891); two sums with the same body are the same object.

A *family* is one real number for each class: a SymPy `IndexedBase` whose shape is the number of
classes.
Its sign is carried by SymPy's assumptions; everything else that restricts it (a sum of 1, a strict
order) is an assumption of a claim.
Classes are numbered 1 to n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sympy import Dummy, Expr, IndexedBase, Integer, KroneckerDelta, S as _S, Sum, Symbol, exp
from sympy.core.function import Function
from sympy.tensor.indexed import Indexed

from .errors import DeclarationError
from .kinds import check_declaration

n = Symbol("n", integer=True, positive=True)
"""The number of classes (or of data points), any positive integer."""

bins = Symbol("B", integer=True, positive=True)
"""The number of bins of a binned integral, any positive integer."""


def index(name: str) -> Symbol:
    """Return a class index called `name`, a variable over 1..n.

    Raises
    ------
    DeclarationError
        If `name` begins with an underscore: such names are bound indices.
    """
    if name.startswith("_"):
        raise DeclarationError(
            "an index name does not begin with an underscore",
            found=name,
            remedy="choose a letter such as 'i'",
        )
    return Symbol(name, integer=True, positive=True)


i, j, k, l, m, y = (index(name) for name in "ijklmy")  # noqa: E741 - the field's own letters


class Family(IndexedBase):
    """SymPy's `IndexedBase`, equal to it, that says what to write where all members are asked for.

    SymPy's own goes on for ever: it has a member at each index.
    """

    _mhash: int | None

    def __getitem__(self, indices: Any, **options: Any) -> Expr:
        # Python's loops ask for [0] first; with `__iter__`, SymPy would take a family for an array.
        if indices == 0:
            raise DeclarationError(
                "a family has one member for each class, and classes are numbered from 1",
                found=f"{self}[0], which a loop over {self} asks for first",
                remedy=f"write class_sum(lambda j: {self}[j]) for a sum; for a largest member "
                f"assume every(lambda j: Le({self}[j], {self}[m])) and use {self}[m]",
            )
        return super().__getitem__(indices, **options)

    def __eq__(self, other: object) -> bool:
        if type(other) is IndexedBase:
            theirs: Any = other
            return bool(self._hashable_content() == theirs._hashable_content())
        same: Any = super().__eq__(other)  # may be NotImplemented
        return same

    def __hash__(self) -> int:
        if self._mhash is None:  # where SymPy keeps its own
            self._mhash = hash((IndexedBase.__name__, *self._hashable_content()))
        return self._mhash

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Sort as SymPy's own."""
        return IndexedBase.class_key()


def family(name: str, *, size: Expr = n, **assumptions: bool) -> IndexedBase:
    """Return a family called `name`: one real number for each class.

    Parameters
    ----------
    name
        The printed name.
    size
        The number of members; `n` unless said otherwise.
    assumptions
        ``positive=True``, ``nonnegative=True`` and the like; real is implied.

    Raises
    ------
    DeclarationError
        If the name begins with an underscore, or something else is assumed.
    """
    check_declaration(name, assumptions)
    return Family(name, shape=(size,), **({"real": True} | assumptions))


z = family("z")
"""Logits: any real numbers."""

p = family("p", nonnegative=True)
"""Targets: nonnegative; that they sum to 1 is an assumption where it is meant."""

K = family("K", nonnegative=True)
"""Kernel values K(x - x_j) in one bin: nonnegative."""

x = family("x")
"""Positions of the data points: any real numbers."""


def scalar(name: str, **assumptions: bool) -> Symbol:
    """Return a real number called `name`, such as a temperature; errors as those of `family`."""
    check_declaration(name, assumptions)
    return Symbol(name, **({"real": True} | assumptions))


def bound(level: int) -> Symbol:
    """Return the bound index of nesting level `level` (1 is the innermost sum)."""
    return Symbol(f"_{level}", integer=True, positive=True)


SLOT = Symbol("_", integer=True, positive=True)
"""The place of the running class inside the logits of a `Softmax`."""


def is_bound(symbol: Expr) -> bool:
    """Tell whether `symbol` is a bound index (or the slot of a softmax)."""
    return isinstance(symbol, Symbol) and symbol.name.startswith("_")


def is_class(name: Expr) -> bool:
    """Tell whether `name` can be a class: a positive integer, or a symbol for one, but no size."""
    is_number = isinstance(name, (Symbol, Integer)) and bool(name.is_integer and name.is_positive)
    return is_number and name not in (n, bins)


def places(member: Indexed) -> list[tuple[Expr, Expr]]:
    """Return each index of a member of a family with the size it runs over.

    Raises
    ------
    DeclarationError
        If the family was declared without a size.
    """
    if member.base.shape is None:
        raise DeclarationError(
            "a family has one member for each class",
            found=f"{member.base} without a size",
            remedy="declare it with family()",
        )
    return list(zip(member.indices, member.base.shape, strict=True))


def bound_level(expr: Expr) -> int:
    """Return the highest level of a bound index in `expr`, free or not; 0 if there is none."""
    levels = [int(s.name[1:]) for s in expr.atoms(Symbol) if is_bound(s) and s.name[1:].isdigit()]
    return max(levels, default=0)


def class_sum(term: Callable[[Symbol], Expr], *, but: Iterable[Expr] = (), size: Expr = n) -> Expr:
    """Return the sum of ``term(j)`` over all classes j, leaving out those in `but`.

    >>> class_sum(lambda j: z[j])
    Sum(z[_1], (_1, 1, n))

    Parameters
    ----------
    term
        The term as a function of the running class.
    but
        Classes left out, each written as a factor ``1 - KroneckerDelta``; they must be distinct.
    size
        The number of members summed over; `n` unless said otherwise.

    Raises
    ------
    DeclarationError
        If the term is no function of the class.
    """
    if not callable(term):
        raise DeclarationError(
            "the term of a class sum is a function of the running class",
            found=str(term),
            remedy="write class_sum(lambda j: S(j))",
        )
    trial = Dummy(integer=True, positive=True)  # one of its own for each sum, so that sums nest
    body = _S(term(trial))
    running = bound(bound_level(body) + 1)
    body = body.xreplace({trial: running})
    for left_out in but:
        body *= 1 - KroneckerDelta(running, left_out)
    return Sum(body, (running, 1, size))


class Softmax(Function):
    """The softmax ``S_i = exp(f(i)) / sum_j exp(f(j))`` kept as one symbol.

    The first argument is the class, the second the logits as an expression in `SLOT`.
    Its derivative is the textbook lemma ``S_i (f'(i) - sum_j S_j f'(j))``, used to display
    derivations; proofs expand the definition first (`expand_softmax`) and never use it.
    """

    nargs = 2
    is_real = True
    is_finite = True

    @property
    def logit(self) -> Expr:
        """The logits as an expression in `SLOT`."""
        return self.args[1]

    @property
    def size(self) -> Expr:
        """The number of classes the softmax runs over."""
        return _size_of(self.args[1])

    def at(self, member: Expr) -> Expr:
        """Return the softmax with the same logits at class `member`."""
        return Softmax(member, self.args[1])

    def _eval_derivative(self, variable: Expr) -> Expr:
        def slope(member: Expr) -> Expr:
            return self.logit.xreplace({SLOT: member}).diff(variable)

        mean = class_sum(lambda q: self.at(q) * slope(q), size=self.size)
        return self * (slope(self.args[0]) - mean)

    def definition(self) -> Expr:
        """Return the quotient of exponentials that this softmax stands for."""
        total = class_sum(lambda q: exp(self.logit.xreplace({SLOT: q})), size=self.size)
        return exp(self.logit.xreplace({SLOT: self.args[0]})) / total


def _size_of(logit: Expr) -> Expr:
    sizes = {size for a in logit.atoms(Indexed) for place, size in places(a) if place == SLOT}
    if len(sizes) != 1:
        raise DeclarationError(
            "the logits of a softmax depend on the class through families of one size",
            found=logit,
            remedy="write softmax(i, lambda j: z[j] / T), with a family declared by family()",
        )
    return sizes.pop()


def softmax(member: Expr, logits: IndexedBase | Callable[[Symbol], Expr] = z) -> Expr:
    """Return the softmax of `logits` at class `member`.

    >>> softmax(i)
    Softmax(i, z[_])

    Parameters
    ----------
    member
        The class, an index or a positive integer.
    logits
        A family, or a function of the class such as ``lambda j: z[j] / T``.

    Raises
    ------
    DeclarationError
        If the logits are neither, or are no family of one size.
    """
    if not isinstance(logits, IndexedBase) and not callable(logits):
        raise DeclarationError(
            "the logits of a softmax are a family or a function of the class",
            found=str(logits),
            remedy="write softmax(i, z) or softmax(i, lambda j: z[j] / T); numbers are the values "
            "of a point, such as at={z: (1, 2, 3)}",
        )
    logit = logits[SLOT] if isinstance(logits, IndexedBase) else _S(logits(SLOT))
    _size_of(logit)
    return Softmax(_S(member), logit)


def S(member: Expr) -> Expr:
    """Return ``softmax(member)`` of the logits `z`."""
    return softmax(member)


def sigmoid(argument: Expr) -> Expr:
    """Return the logistic sigmoid ``1 / (1 + exp(-argument))``."""
    return 1 / (1 + exp(-argument))


def delta(a: Expr, b: Expr) -> Expr:
    """Return the Kronecker delta: 1 where the classes `a` and `b` are the same, else 0."""
    return KroneckerDelta(a, b)

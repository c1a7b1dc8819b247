"""Formulas compiled once to closures and evaluated in balls.

Guarantees: the value of a compiled formula encloses the true value; it is non-finite where the
formula has no value, or where the precision does not show that it has one.
Whatever does not depend on a running class is computed once, so single class sums, and whole
gradients, cost O(n).

Convention: a factor made of a Kronecker delta and numbers selects classes; where it is 0 the other
factors are not looked at, so ``(1 - delta(j, y)) * log(1 - S_j)`` is 0 at j = y whatever the
logarithm is.

A kernel of one's own is a SymPy `Function` with a method ``_arb_(self, args: list[arb]) -> arb``
that encloses its value at balls of its arguments.
With ``_analytic_ = True`` in the class the arguments may also be `acb`, `arb_series` and
`acb_series`, so that it may stand inside integrals and be differentiated; its value must then be of
the same kind, and not finite wherever the function is not analytic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any, TypeAlias

from flint import arb, fmpq
from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Integer,
    Integral,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    besseli,
    exp,
    log,
    sign,
)
from sympy.core.numbers import Exp1, Float, Pi
from sympy.tensor.indexed import Indexed

from ..symbolic.calculus import evaluate_terms
from ..symbolic.class_sums import bottom_up, canonical_bound
from ..symbolic.errors import DeclarationError, UnsupportedError
from ..symbolic.vocabulary import Softmax, is_bound
from . import arithmetic, branches
from .elements import Element
from .plan import Plan
from .point import Point, is_index
from .quadrature import compile_integral
from .run import Run
from .shares import compile_share, find_share

Closure: TypeAlias = Callable[[Run], Element]


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled subexpression and what its value depends on."""

    expr: Expr
    compute: Closure
    indices: tuple[Symbol, ...]
    """Class indices that occur free, sorted by name."""
    running: bool
    """Whether the running variable of an integral occurs free."""


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled formula and the symbols and families a point must give it."""

    root: Node
    needs: frozenset[Any]

    def check(self, point: Point, *, but: frozenset[Any] = frozenset()) -> None:
        """Check that `point` gives every symbol of the formula a value.

        Raises
        ------
        DeclarationError
            If a symbol, other than those in `but`, has no value.
        """
        missing = sorted(str(s) for s in self.needs - but if s not in point)
        if missing:
            raise DeclarationError(
                "a point gives a value to every symbol of the formula",
                found=f"no value for {', '.join(missing)} in {point}",
                remedy="add the missing symbols to the point",
            )

    def __call__(self, run: Run) -> Element:
        """Return the value in `run`, at the working precision."""
        return self.root.compute(run)


@lru_cache(maxsize=1024)
def compile_expression(expr: Expr) -> Program:
    """Compile a class-sum expression.

    Raises
    ------
    UnsupportedError
        If the expression has a part that cannot be evaluated with certainty.
    """
    prepared = prepare(expr)
    compiler = Compiler(Plan.of(prepared))
    root = compiler.node(prepared)
    return Program(root, frozenset(compiler.needs))


def prepare(expr: Expr) -> Expr:
    """Return `expr` with loss terms evaluated, softmax defined and bound indices canonical."""

    def define(node: Expr) -> Expr:
        return node.definition() if isinstance(node, Softmax) else node

    return canonical_bound(bottom_up(canonical_bound(evaluate_terms(expr)), define))


@dataclass(slots=True)
class Compiler:
    """Turns a formula into nodes, each distinct subexpression once."""

    plan: Plan
    running: Symbol | None = None
    needs: set[Any] = field(default_factory=set)
    _nodes: dict[Expr, Node] = field(default_factory=dict)

    def node(self, expr: Expr) -> Node:
        """Return the compiled node of `expr`."""
        if expr not in self._nodes:
            indices, moves = self.indices(expr), self.moves(expr)
            compute = self._closure(expr)
            if expr in self.plan.remember:
                compute = _remembered(compute, expr, indices, moves)
            self._nodes[expr] = Node(expr, compute, indices, moves)
        return self._nodes[expr]

    def indices(self, expr: Expr) -> tuple[Symbol, ...]:
        """Return the class indices that occur free in `expr`."""
        return tuple(sorted(filter(is_index, self.plan.symbols(expr)), key=str))

    def moves(self, expr: Expr) -> bool:
        """Tell whether `expr` depends on the running variable of the integral around it."""
        return self.running is not None and self.running in self.plan.symbols(expr)

    def index(self, expr: Expr) -> Callable[[Run], int]:
        """Compile the place of a member, or the size of a sum, to an integer."""
        if isinstance(expr, Integer):
            place = int(expr)
            return lambda _: place
        if is_index(expr):
            self._need(expr)
            return lambda run: run.classes[expr]
        node = self.node(expr)
        return lambda run: arithmetic.to_integer(node.compute(run), expr)

    def inside(self, running: Symbol) -> Compiler:
        """Return a compiler for an integrand with the running variable `running`."""
        return Compiler(self.plan, running, self.needs)

    def _need(self, symbol: Symbol) -> None:
        if not is_bound(symbol):
            self.needs.add(symbol)

    def _closure(self, expr: Expr) -> Closure:
        if isinstance(expr, Symbol):
            return self._symbol(expr)
        if isinstance(expr, Number | Pi | Exp1):
            return _constant(expr)
        if isinstance(expr, Add):
            return self._add(expr)
        for kind, compile_kind in RULES.items():
            if isinstance(expr, kind):
                return compile_kind(self, expr)
        if hasattr(expr, "_arb_"):
            return arithmetic.compile_custom(self, expr)
        if isinstance(expr, Function) and type(expr).__name__ in arithmetic.NAMED:
            return arithmetic.compile_named(self, expr)
        raise UnsupportedError(
            "a formula is made of functions that can be enclosed in balls",
            found=f"{type(expr).__name__}: {expr}",
            remedy="rewrite it, or give its class a method _arb_(self, args) that encloses it",
        )

    def _symbol(self, symbol: Symbol) -> Closure:
        if symbol == self.running:
            return lambda run: run.running
        if is_bound(symbol):
            return lambda run: fmpq(run.classes[symbol])
        self._need(symbol)
        if is_index(symbol):
            return lambda run: fmpq(run.classes[symbol])
        return lambda run: run.scalars[symbol]

    def _add(self, expr: Add) -> Closure:
        share = find_share(expr.args)
        if share is None:
            return arithmetic.compile_add([self.node(a) for a in expr.args])
        rest = [self.node(a) for a in expr.args if a not in share.used]
        close = compile_share(self, share)
        if not rest:
            return close
        others = arithmetic.compile_add(rest)
        return lambda run: close(run) + others(run)


def _remembered(compute: Closure, expr: Expr, indices: tuple[Symbol, ...], moves: bool) -> Closure:
    number = _number_of(expr)

    def remembered(run: Run) -> Element:
        memo = run.running_memo if moves else run.memo
        classes = run.classes
        key = (number, *[classes[s] for s in indices]) if indices else number
        found = memo.get(key)
        if found is None:
            found = memo[key] = compute(run)
        return found

    return remembered


_NUMBERS = count()


@lru_cache(maxsize=2**16)
def _number_of(_expr: Expr) -> int:
    """Return a number of an expression's own: SymPy takes long to hash what it is asked for."""
    return next(_NUMBERS)


def _constant(expr: Expr) -> Closure:
    if isinstance(expr, Pi):
        return lambda _: arb.pi()
    if isinstance(expr, Exp1):
        return lambda _: arb(1).exp()
    if isinstance(expr, Float):
        # A SymPy float is the binary fraction it stores.
        expr = Rational(expr)
    if not isinstance(expr, Rational):
        raise UnsupportedError(
            "a formula is made of finite numbers",
            found=expr,
            remedy="state limits as limits",
        )
    value = fmpq(int(expr.p), int(expr.q))
    return lambda _: value


RULES: dict[type, Callable[[Compiler, Any], Closure]] = {
    Mul: arithmetic.compile_mul,
    Pow: arithmetic.compile_pow,
    exp: arithmetic.compile_exp,
    log: arithmetic.compile_log,
    Indexed: arithmetic.compile_member,
    KroneckerDelta: arithmetic.compile_delta,
    Sum: arithmetic.compile_sum,
    Integral: compile_integral,
    besseli: arithmetic.compile_besseli,
    Abs: branches.compile_abs,
    sign: branches.compile_sign,
    Max: lambda compiler, expr: branches.compile_extremum(compiler, expr, 1),
    Min: lambda compiler, expr: branches.compile_extremum(compiler, expr, -1),
    Piecewise: branches.compile_piecewise,
}

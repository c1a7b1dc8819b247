"""How each arithmetic operation of a formula is compiled, and when it has certainly no value.

Guarantees: an operation is noted as undefined only where the ball of its argument proves it:
a divisor that is exactly 0, a logarithm of something that is 0 or negative, a fractional power of
something negative.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from flint import arb, fmpq
from sympy import Expr, Integer, KroneckerDelta, Mul, Pow, Sum
from sympy.tensor.indexed import Indexed

from ..symbolic.errors import DeclarationError, UnsupportedError
from ..symbolic.kernel_functions import WrappedGaussian
from . import elements
from .elements import ONE, ZERO, Element
from .run import Run

NAMED = frozenset(elements.ENTIRE)
"""SymPy names of the functions of one argument that `elements` knows."""

Closure = Callable[[Run], Element]


def compile_add(nodes: list[Any]) -> Closure:
    """Compile a sum of several terms."""
    first: Closure = nodes[0].compute
    others = [n.compute for n in nodes[1:]]
    if not others:
        return first

    def compute(run: Run) -> Element:
        total = first(run)
        for term in others:
            total = total + term(run)
        return elements.shorten(total)

    return compute


def compile_mul(compiler: Any, expr: Mul) -> Closure:
    """Compile a product; factors that select classes come first and may end it."""
    selectors = [compiler.node(a).compute for a in expr.args if _selects(a)]
    factors = [compiler.node(a).compute for a in expr.args if not _selects(a)]

    def product(run: Run) -> Element:
        total = factors[0](run)
        for factor in factors[1:]:
            total = elements.multiply(total, factor(run))
        return elements.shorten(total)

    if not selectors:
        return product

    def selected(run: Run) -> Element:
        weight = ONE
        for selector in selectors:
            weight = weight * selector(run)
            if weight == ZERO:
                return ZERO
        return elements.multiply(weight, product(run)) if factors else weight

    return selected


def _selects(expr: Expr) -> bool:
    return (
        expr.has(KroneckerDelta)
        and not expr.has(Indexed)
        and all(
            isinstance(a, KroneckerDelta | Integer) or a.is_Mul or a.is_Add or a.is_Pow
            for a in _outside_deltas(expr)
        )
    )


def _outside_deltas(expr: Expr) -> list[Expr]:
    if isinstance(expr, KroneckerDelta):
        return [expr]
    return [expr, *(b for a in expr.args for b in _outside_deltas(a))]


def compile_pow(compiler: Any, expr: Pow) -> Closure:
    """Compile a power with any exponent; a base below 0 needs an integer exponent."""
    base, exponent = compiler.node(expr.base), compiler.node(expr.exp)
    if isinstance(expr.exp, Integer):
        return _integer_power(base, int(expr.exp))

    def compute(run: Run) -> Element:
        value, power = base.compute(run), exponent.compute(run)
        if isinstance(power, fmpq) and power.q == 1 and abs(power.p) < 2**20:
            return _integer_power(base, int(power.p))(run)
        result = elements.real_power(value, power, run.analytic)
        if not elements.is_finite(result) and _is_real(value):
            _judge_power(run, base, value, power)
        return result

    return compute


def _integer_power(base: Any, exponent: int) -> Closure:
    inner = base.compute

    def compute(run: Run) -> Element:
        value = inner(run)
        result = elements.integer_power(value, exponent)
        if exponent < 0 and _is_real(value) and elements.sign(value) == 0:
            run.note_undefined("division by 0", base.expr, base.indices)
        return result

    return compute


def _judge_power(run: Run, base: Any, value: Element, power: Element) -> None:
    below = elements.sign(value)
    if below == 0 and elements.is_series(value):
        # A root has no derivative at 0; a norm has its kink there.
        run.note_tie(base.expr, base.indices)
    elif below == -1:
        run.note_undefined("fractional power of a negative number", base.expr, base.indices)
    elif below == 0 and elements.sign(power) == -1:
        run.note_undefined("division by 0", base.expr, base.indices)


def _is_real(value: Element) -> bool:
    return isinstance(elements.constant(value), elements.REAL)


def compile_exp(compiler: Any, expr: Expr) -> Closure:
    """Compile an exponential."""
    inner = compiler.node(expr.args[0]).compute
    return lambda run: elements.exp(inner(run))


def compile_log(compiler: Any, expr: Expr) -> Closure:
    """Compile a natural logarithm."""
    node = compiler.node(expr.args[0])
    inner = node.compute

    def compute(run: Run) -> Element:
        value = inner(run)
        result = elements.log(value, run.analytic)
        if _is_real(value) and not elements.is_finite(result):
            _judge_log(run, node, elements.sign(value))
        return result

    return compute


def _judge_log(run: Run, node: Any, below: int | None) -> None:
    if below == 0:
        run.note_undefined("logarithm of 0", node.expr, node.indices)
    elif below == -1:
        run.note_undefined("logarithm of a negative number", node.expr, node.indices)


def compile_named(compiler: Any, expr: Expr) -> Closure:
    """Compile one of the functions of one argument that `elements` knows by name."""
    name, node = type(expr).__name__, compiler.node(expr.args[0])

    def compute(run: Run) -> Element:
        value = node.compute(run)
        result = elements.apply_named(name, value)
        if name == "acos" and _is_real(value) and elements.sign(abs(_real(value)) - 1) == 1:
            run.note_undefined("arc cosine outside [-1, 1]", node.expr, node.indices)
        return result

    return compute


def _real(value: Element) -> Element:
    return elements.constant(value)


def compile_besseli(compiler: Any, expr: Expr) -> Closure:
    """Compile a modified Bessel function of the first kind of integer order."""
    order, inner = expr.args[0], compiler.node(expr.args[1]).compute
    if not isinstance(order, Integer):
        raise UnsupportedError(
            "a Bessel function has an explicit integer order",
            found=expr,
            remedy="write besseli(0, kappa), besseli(1, kappa), ...",
        )
    return lambda run: elements.bessel_i(int(order), inner(run))


def compile_custom(compiler: Any, expr: Expr) -> Closure:
    """Compile a function that encloses itself by its method ``_arb_``."""
    nodes = [compiler.node(a).compute for a in expr.args]
    analytic = isinstance(expr, WrappedGaussian) or getattr(expr, "_analytic_", False)

    def compute(run: Run) -> Element:
        values = [n(run) for n in nodes]
        if not analytic and not all(isinstance(v, elements.REAL) for v in values):
            raise UnsupportedError(
                "a function enclosed by _arb_ at real balls alone depends neither on the running "
                "variable of an integral nor on a variable of differentiation",
                found=expr,
                remedy="enclose it at complex balls and Taylor series too, and set _analytic_ = "
                "True in its class if it is analytic wherever its value is finite",
            )
        return expr._arb_([arb(v) if isinstance(v, fmpq) else v for v in values])

    return compute


def compile_member(compiler: Any, expr: Indexed) -> Closure:
    """Compile a member of a family."""
    if len(expr.indices) != 1:
        raise UnsupportedError(
            "a family has one index",
            found=expr,
            remedy="use one family for each row",
        )
    base, place = expr.base, compiler.index(expr.indices[0])
    compiler.needs.add(base)

    def compute(run: Run) -> Element:
        members, at = run.families[base], place(run)
        if not 1 <= at <= len(members):
            raise DeclarationError(
                f"the members of {base} are numbered 1..{len(members)}",
                found=f"{expr} at {at}",
                remedy="choose a class in that range",
            )
        return members[at - 1]

    return compute


def compile_delta(compiler: Any, expr: KroneckerDelta) -> Closure:
    """Compile a Kronecker delta of two classes."""
    left, right = (compiler.index(a) for a in expr.args[:2])
    return lambda run: ONE if left(run) == right(run) else ZERO


def compile_sum(compiler: Any, expr: Sum) -> Closure:
    """Compile a class sum; the empty sum is 0, and directly nested sums are one SymPy object."""
    body = compiler.node(expr.function).compute
    runnings = [limit[0] for limit in expr.limits]
    sizes = [compiler.index(limit[2]) for limit in expr.limits]

    def compute(run: Run) -> Element:
        total = ZERO
        for places in product(*(range(1, size(run) + 1) for size in sizes)):
            run.classes.update(zip(runnings, places, strict=True))
            total = elements.shorten(total + body(run))
        return total

    return compute


def to_integer(value: Element, expr: Expr) -> int:
    """Return the integer that an exact value is.

    Raises
    ------
    DeclarationError
        If it is not an exact integer.
    """
    if isinstance(value, fmpq) and value.q == 1:
        return int(value.p)
    raise DeclarationError(
        "classes and sizes are integers",
        found=f"{expr} = {value}",
        remedy="use an index symbol, an integer or a size",
    )

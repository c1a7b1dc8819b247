"""One further parameter: questions in two symbols that come down to questions in one.

Guarantees: the question follows from all of its parts together.
A formula affine in the parameter keeps a sign between two values if it does at both, and so does
one that is concave in it (convex, for what shall not be positive); a formula in s^q alone, apart
from factors in q, is one in u = s^q.
What it cannot see: any other dependence on a parameter.
"""

from __future__ import annotations

from sympy import Dummy, Expr, Interval, Mul, S, Symbol, diff, expand, expand_log, factor, log

from .univariate_changes import conditions

Part = tuple[Expr, Symbol, Interval, str]

OPPOSITE = {">=0": "<=0", ">0": "<0", "<=0": ">=0", "<0": ">0"}


def split(
    expr: Expr,
    variable: Symbol,
    domain: Interval,
    relation: str,
    parameters: dict[Symbol, Interval],
) -> list[Part] | None:
    """Return questions in one symbol that together prove the question, None if none are known."""
    expr = S(expr)
    if not isinstance(domain, Interval):
        return None
    if not parameters:
        return [(expr, variable, domain, relation)]
    if len(parameters) > 1:
        return None
    ((parameter, values),) = parameters.items()
    if not isinstance(values, Interval):
        return None
    ways = (_affine, _bent, _by_power)
    found = (way(expr, variable, domain, relation, parameter, values) for way in ways)
    return next((parts for parts in found if parts is not None), None)


def _affine(
    expr: Expr,
    variable: Symbol,
    domain: Interval,
    relation: str,
    parameter: Symbol,
    values: Interval,
) -> list[Part] | None:
    slope = diff(expr, parameter)
    if expand(slope).has(parameter):
        return None
    slope = expand(slope)
    constant = expand(expr - parameter * slope)
    if constant.has(parameter):
        return None
    weak = relation[0] + "=0"
    parts: list[Part] = []
    ends = [end for end in (values.start, values.end) if end.is_finite]
    if not ends:
        return None
    for asked, wanted in conditions(expr):
        if asked.has(parameter):
            return None
        parts.append((asked, variable, domain, wanted))
    parts += [(expr.subs(parameter, end), variable, domain, relation) for end in ends]
    if values.end.is_infinite:
        parts.append((slope, variable, domain, weak))
    if values.start.is_infinite:
        parts.append((slope, variable, domain, OPPOSITE[weak]))
    return parts


def _bent(
    expr: Expr,
    variable: Symbol,
    domain: Interval,
    relation: str,
    parameter: Symbol,
    values: Interval,
) -> list[Part] | None:
    """Look at both ends of the parameter, for a formula that is concave (or convex) in it."""
    positive = domain.start > 0 or (domain.start == 0 and domain.left_open)
    if not (positive and values.start.is_finite and values.end.is_finite):
        return None
    rest, inner = factor(expr).as_independent(variable, as_Add=False)
    sign = _sign_at_end(rest, parameter, values)
    turned = relation if sign > 0 else OPPOSITE[relation]
    way = -1 if turned[0] == ">" else 1
    second = expand(diff(inner, parameter, 2))
    if not all(_is_square_times_power(term, variable, way) for term in second.as_ordered_terms()):
        return None
    parts: list[Part] = [(rest, parameter, values, ">0" if sign > 0 else "<0")]
    for asked, wanted in conditions(expr):
        if asked.has(parameter) and asked.has(variable):
            return None
        moves = parameter if asked.has(parameter) else variable
        parts.append((asked, moves, values if moves == parameter else domain, wanted))
    ends = (values.start, values.end)
    return parts + [(inner.subs(parameter, end), variable, domain, turned) for end in ends]


def _is_square_times_power(term: Expr, variable: Symbol, sign: int) -> bool:
    """Tell whether a term is a number of a sign times log(s)^2 and powers of s."""
    number, rest = term.as_coeff_Mul()
    factors = [factor.as_base_exp() for factor in Mul.make_args(rest)]
    plain = all(
        (base == variable and not power.has(variable))
        or (base == log(variable) and power.is_even)
        or base == 1
        for base, power in factors
    )
    return plain and bool(sign * number > 0)


def _by_power(
    expr: Expr,
    variable: Symbol,
    domain: Interval,
    relation: str,
    parameter: Symbol,
    values: Interval,
) -> list[Part] | None:
    positive = values.start > 0 or (values.start == 0 and values.left_open)
    if not positive or not {domain.start, domain.end} <= {S.Zero, S.One, S.Infinity}:
        return None
    base, power = Dummy("u", positive=True), Dummy("q", positive=True)
    names = {variable: base ** (1 / power), parameter: power}
    changed = factor(expand_log(expr.subs(names, simultaneous=True)))
    rest, alone = changed.as_independent(base, as_Add=False)
    if alone.has(power) or rest.has(base):
        return None
    plain = Symbol(f"{variable}^{parameter}")
    parts: list[Part] = []
    for asked, wanted in conditions(expr):
        if not asked.has(parameter):
            parts.append((asked, variable, domain, wanted))
        elif not asked.has(variable):
            parts.append((asked, parameter, values, wanted))
        else:
            inner = expand_log(asked.subs(names, simultaneous=True))
            if inner.has(power):
                return None
            parts.append((inner.subs(base, plain), plain, domain, wanted))
    question = Mul(alone).subs(base, plain)
    rest = rest.subs(power, parameter)
    sign = _sign_at_end(rest, parameter, values)
    turned = relation if sign > 0 else OPPOSITE[relation]
    return [
        *parts,
        (rest, parameter, values, ">0" if sign > 0 else "<0"),
        (question, plain, domain, turned),
    ]


def _sign_at_end(rest: Expr, parameter: Symbol, values: Interval) -> int:
    """Guess the sign that is then to be proved: that at one point."""
    point = values.start + 1 if values.end.is_infinite else (values.start + values.end) / 2
    return -1 if rest.subs(parameter, point).is_negative else 1

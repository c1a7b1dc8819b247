"""Rules for signs with logarithms and exponentials beyond those of the logits.

Guarantees: each rule replaces a sign question by others from which it follows.

increasing
    ``sum c_k log a_k >= 0`` with rational c_k is ``prod a_k^(c_k) >= 1``.
comparison of logarithms
    ``c a >= d b`` for positive products a, b is ``log (c a) >= log (d b)``.
Jensen
    ``sum_j a_j log t_j <= A log(sum_j a_j t_j / A)`` for a_j >= 0 with sum A > 0 and t_j > 0, since
    the logarithm is concave; strictly where two t_j with positive a_j differ.
term by term
    a sum over classes is nonnegative if each of its terms is.
tangents
    ``1 - 1/t <= log t <= t - 1`` for t > 0, and log increases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sympy import Expr, Mul, Ne, Sum, Symbol, exp, log
from sympy.tensor.indexed import Indexed

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import index
from .data import Part
from .posing import Fact
from .signs_in_cases import Scene, atoms_of, by_polynomial, prove_value
from .splitting import Splitting

_TANGENT_PAIRS = 12


def concerns(scene: Scene, value: Fraction) -> bool:
    """Tell whether the rules here may help."""
    return any(_is_carrier(scene, a) or isinstance(a, exp) for a in atoms_of(value))


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Return certificates for a sign, by the first rule that leads to them."""
    for rule in (_increasing, _comparison, _tangents, _jensen, _term_by_term):
        found = rule(scene, value, strict=strict)
        if found is not None:
            return found
    return None


def _is_carrier(scene: Scene, atom: Expr) -> bool:
    """Tell whether an atom is a logarithm, a logit, or a sum whose terms hold one."""
    if isinstance(atom, log):
        return True
    if isinstance(atom, Sum):
        return any(isinstance(f, log) or _is_exponent(scene, f) for f in _factors_of(atom.function))
    return _is_exponent(scene, atom)


def _factors_of(term: Expr) -> tuple[Expr, ...]:
    return Mul.make_args(term)


def _is_exponent(scene: Scene, atom: Expr) -> bool:
    """Tell whether an atom is a member of a family whose exponentials occur, such as a logit."""
    if not isinstance(atom, Indexed):
        return False
    return any(isinstance(a, exp) and a.has(atom.base) for a in scene.normaliser.field.atoms)


# -- increasing ------------------------------------------------------------------------------------


def _increasing(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Take the exponential of a linear combination of logarithms and logits."""
    field = value.field
    if not value.den.is_constant() and scene.normaliser.sign(value.den) != ">0":
        return None
    scale = 1
    for exponents, coefficient in field.terms(value.num):
        numbers = [a for a, e in enumerate(exponents) if e]
        if len(numbers) > 1 or sum(exponents) > 1:
            return None
        if numbers and isinstance(field.atoms[numbers[0]], Sum):
            return None
        scale = scale * int(coefficient.q) // _gcd(scale, int(coefficient.q))
    if not any(isinstance(a, log) or _is_exponent(scene, a) for a in atoms_of(value)):
        return None
    whole = field.whole(value.num) * field.constant(scale)
    raised = scene.of(exp(whole.expr()))
    shown = f"{to_text(raised.expr())} >= 1"
    inner = scene.after(f"exp increases, so that this says {shown}")
    return prove_value(inner, raised - field.constant(1), strict=strict)


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


# -- comparison ------------------------------------------------------------------------------------


def _comparison(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Compare the logarithms of two positive products of which one is subtracted."""
    field, normaliser = value.field, scene.normaliser
    terms = field.terms(value.num)
    if len(terms) != 2 or normaliser.sign(value.den) != ">0":
        return None
    (one, a), (other, b) = terms
    if (a > 0) == (b > 0):
        return None
    if a < 0:
        one, a, other, b = other, b, one, a
    big = field.whole(field.from_terms({one: a}))
    small = field.whole(field.from_terms({other: -b}))
    powers = [x for x in atoms_of(big / small) if isinstance(x, exp)]
    if not any(x.has(log) or len(x.atoms(Indexed)) != 1 for x in powers):
        return None
    if any(normaliser.sign_of_fraction(side) != ">0" for side in (big, small)):
        return None
    gap = scene.of(log((big / small).expr()))
    step = f"log increases, so that the sign is that of {to_text(gap.expr())}"
    return prove_value(scene.after(step), gap, strict=strict)


# -- Jensen ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Weighted:
    """``factor * sum_j weight_j log(prod u_k^rate_k)``, a part of a value."""

    weight: Expr
    factor: Fraction
    inside: Expr
    size: Expr
    running: Symbol


def _jensen(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Bound a sum of logarithms by the logarithm of the mean of what is inside."""
    if scene.normaliser.sign(value.den) != ">0":
        return None
    for group in _groups(scene, value):
        members = scene.case.classes.get(group.size, ())
        for left_out in (*_up_to(members, 1), *([members] if len(members) > 1 else [])):
            if scene.case.smallest.get(group.size, 1) <= len(left_out):
                continue
            found = _with_mean(scene, value, group, tuple(left_out), strict=strict)
            if found is not None:
                return found
    return None


def _up_to(members: tuple[Expr, ...], most: int) -> Iterator[tuple[Expr, ...]]:
    for count in range(most + 1):
        yield from combinations(members, count)


def _groups(scene: Scene, value: Fraction) -> Iterator[_Weighted]:
    """Yield the parts of a value that are sums of weighted logarithms, by weight."""
    field, normaliser = value.field, scene.normaliser
    found: dict[tuple[Expr, Expr], list[tuple[Fraction, Expr]]] = {}
    for number in field.used(value.num):
        if number not in normaliser.sums or not _is_carrier(scene, field.atoms[number]):
            continue
        parts = field.by_power(value.num, number)
        if set(parts) - {0, 1}:
            continue
        term, running, size = normaliser.sums[number]
        term = term.xreplace({running: _RUNNING})
        logs = [f for f in _factors_of(term) if isinstance(f, log) or _is_exponent(scene, f)]
        if len(logs) != 1:
            continue
        weight = term / logs[0]
        inside = logs[0].args[0] if isinstance(logs[0], log) else exp(logs[0])
        coefficient = field.make(parts[1], value.den)
        found.setdefault((weight, size), []).append((coefficient, inside))
    for (weight, size), parts in found.items():
        first = parts[0][0]
        rates = [c / first for c, _ in parts]
        if not all(r.is_constant() for r in rates):
            continue
        inside = Mul(*(u ** r.rational() for r, (_, u) in zip(rates, parts, strict=True)))
        yield _Weighted(weight, first, inside, size, _RUNNING)


_RUNNING = Symbol("_900", integer=True, positive=True)


def _with_mean(
    scene: Scene, value: Fraction, group: _Weighted, left_out: tuple[Expr, ...], *, strict: bool
) -> list[Part] | None:
    normaliser = scene.normaliser
    rising = normaliser.sign_of_fraction(group.factor)
    if rising not in (">0", "<0", ">=0", "<=0"):
        return None
    inside = 1 / group.inside if rising in (">0", ">=0") else group.inside
    factor = -group.factor if rising in (">0", ">=0") else group.factor
    if normaliser.sign_of_fraction(normaliser.of(group.weight)) not in (">0", ">=0"):
        return None
    total, mean, plain = (
        _sum_without(group, body, left_out)
        for body in (group.weight, group.weight * inside, group.weight * log(group.inside))
    )
    if normaliser.sign_of_fraction(scene.of(total)) != ">0":
        return None
    bound = factor * scene.of(total * log(mean / total))
    better = strict and _two_differ(scene, group, left_out)
    left = value - group.factor * scene.of(plain) + bound
    step = (
        f"Jensen: the sum over j of {to_text(group.weight.xreplace({_RUNNING: index('j')}))} "
        f"log {to_text(inside.xreplace({_RUNNING: index('j')}))} is at most the total weight times "
        "the logarithm of the mean"
        + (f", j other than {', '.join(map(str, left_out))}" if left_out else "")
        + (", and below it, since two terms differ" if better else "")
    )
    if left.is_zero() and not strict or left.is_zero() and better:
        return by_polynomial(scene.after(step), left, strict=False)
    return prove_value(scene.after(step), left, strict=strict and not better)


def _sum_without(group: _Weighted, body: Expr, left_out: tuple[Expr, ...]) -> Expr:
    total = Sum(body, (group.running, 1, group.size))
    for member in left_out:
        total = total - body.xreplace({group.running: member})
    return total


def _two_differ(scene: Scene, group: _Weighted, left_out: tuple[Expr, ...]) -> bool:
    """Tell whether two named classes in the sum are known to have different terms."""
    normaliser = scene.normaliser
    if normaliser.sign_of_fraction(normaliser.of(group.weight)) != ">0":
        return False
    if not any(isinstance(fact, Ne) for fact in scene.facts):
        return False
    inside = [
        scene.of(group.inside.xreplace({group.running: member}))
        for member in scene.case.classes.get(group.size, ())
        if member not in left_out
    ]
    return any(normaliser.is_nonzero(a - b) for a, b in combinations(inside, 2))


# -- term by term ----------------------------------------------------------------------------------


def _term_by_term(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Show that each term of the sums over the remaining classes is nonnegative, and the rest."""
    splitting = Splitting(scene.case, scene.normaliser)
    split = splitting.split(value)
    if scene.normaliser.sign(split.den) != ">0":
        return None
    for rests in _choices(splitting, split):
        found = _in_terms(scene, splitting, split, rests, strict=strict)
        if found is not None:
            return found
    return None


def _choices(splitting: Splitting, split: Fraction) -> Iterator[list[int]]:
    """Yield the sums to be looked at term by term: those of unknown sign, with others or alone."""
    field = split.field
    rests = [a for a in field.used(split.num) if field.atoms[a] in splitting.rests]
    term = {a: splitting.rests[field.atoms[a]][0] for a in rests}
    odd = [a for a in rests if splitting.sign_of_rest(field.atoms[a]) == "real"]
    quotients = [a for a in rests if any(f.is_Pow and f.exp.is_negative for f in _factors_of(term[a]))]
    count = [a for a in rests if term[a] == 1]
    seen: list[set[int]] = [set()]
    for chosen in (odd, odd + count, odd + quotients, odd + quotients + count, rests):
        if set(chosen) not in seen and len({splitting.rests[field.atoms[a]][2] for a in chosen}) == 1:
            seen.append(set(chosen))
            yield sorted(set(chosen))


def _in_terms(
    scene: Scene, splitting: Splitting, split: Fraction, rests: list[int], *, strict: bool
) -> list[Part] | None:
    field = split.field
    parts = _linear_parts(field, split.num, rests)
    if parts is None:
        return None
    size = splitting.rests[field.atoms[rests[0]]][2]
    free, coefficients = parts
    member = _new_class(scene, size)
    whole = {d: _whole(splitting, d, scene) for d in splitting.rests}
    terms = []
    left = field.make(free, split.den).expr().xreplace(whole)
    for a, coefficient in coefficients.items():
        term, running, _ = splitting.rests[field.atoms[a]]
        factor = field.make(coefficient, split.den).expr().xreplace(whole)
        terms.append(factor * term.xreplace({running: member}))
        if term == 1:  # the unknown counts the classes beyond those that must exist
            left -= factor * splitting.surplus(size)
    outside = prove_value(scene.after("the part outside the sums"), scene.of(left), strict=strict)
    if outside is None:
        return None
    return _each_term(scene, sum(terms), member, size, outside)


def _each_term(
    scene: Scene, term: Expr, member: Symbol, size: Expr, outside: list[Part]
) -> list[Part] | None:
    from .signs_in_cases import prove_sign

    others = [Ne(member, c, evaluate=False) for c in scene.case.classes.get(size, ())]
    apart = [
        Ne(a, b, evaluate=False) for a, b in combinations(scene.case.classes.get(size, ()), 2)
    ]
    given = [scene.case.apply(f) for f in scene.given]
    found = prove_sign(term, [*given, *apart, *others], strict=False, work=scene.work)
    if found is None:
        return None
    step = f"term by term over the remaining classes {member}"
    return [*outside, *({**p, "steps": [*scene.steps, step, *p["steps"]]} for p in found)]


def _new_class(scene: Scene, size: Expr) -> Symbol:
    taken = {str(s) for f in scene.given for s in f.free_symbols} | {
        str(c) for c in scene.case.classes.get(size, ())
    }
    return next(index(letter) for letter in "jrstuabcde" if letter not in taken)


def _linear_parts(field: Any, poly: Any, numbers: list[int]) -> Any:
    """Return the part without the atoms, and the coefficient of each; None if not linear."""
    free: dict[Any, Any] = {}
    found: dict[int, dict[Any, Any]] = {}
    for exponents, coefficient in field.terms(poly):
        own = [a for a in numbers if exponents[a]]
        if not own:
            free[exponents] = coefficient
        elif len(own) == 1 and exponents[own[0]] == 1:
            rest = tuple(0 if a == own[0] else e for a, e in enumerate(exponents))
            found.setdefault(own[0], {})[rest] = coefficient
        else:
            return None
    return field.from_terms(free), {a: field.from_terms(d) for a, d in found.items()}


def _whole(splitting: Splitting, rest: Expr, scene: Scene) -> Expr:
    """Return a sum over the remaining classes as an expression again."""
    term, running, size = splitting.rests[rest]
    named = scene.case.classes.get(size, ())
    if term == 1:
        return size - len(named) - splitting.surplus(size)
    fresh = Symbol("_901", integer=True, positive=True)
    total: Expr = Sum(term.xreplace({running: fresh}), (fresh, 1, size))
    for member in named:
        total = total - term.xreplace({running: member})
    return total


# -- tangents --------------------------------------------------------------------------------------


def _tangents(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Add what tangents say of the logarithms and unusual exponentials to the polynomial question."""
    extra = [*_log_facts(scene, value), *_exp_facts(scene, value)]
    if not extra:
        return None
    inner = scene.after("with tangents of logarithms and exponentials")
    return by_polynomial(inner, value, strict=strict, extra=extra)


def _log_facts(scene: Scene, value: Fraction) -> Iterator[Fact]:
    """Yield facts on the differences of logarithms: their sign and both tangents."""
    field, normaliser = value.field, scene.normaliser
    splitting = Splitting(scene.case, normaliser)
    one = field.constant(1)
    logs: list[tuple[Fraction, Fraction]] = [(field.constant(0), one)]
    for atom in atoms_of(splitting.split(value)):
        if isinstance(atom, log):
            logs.append((field.atom(atom), scene.of(atom.args[0])))
        elif _is_exponent(scene, atom):
            logs.append((field.atom(atom), scene.of(exp(atom))))
    for (a, x), (b, y) in list(combinations(logs, 2))[:_TANGENT_PAIRS]:
        yield from _pair(splitting, b - a, y / x)
        yield from _pair(splitting, a - b, x / y)


def _pair(splitting: Splitting, difference: Fraction, ratio: Fraction) -> Iterator[Fact]:
    """Yield ``difference <= ratio - 1`` for ``difference = log ratio``, and its sign if known."""
    normaliser = splitting.normaliser
    if normaliser.sign_of_fraction(ratio) != ">0":
        return
    field = difference.field
    above = splitting.split(ratio - field.constant(1) - difference)
    if not above.is_zero():
        text = f"{to_text(difference.expr())} <= {to_text(ratio.expr())} - 1"
        yield Fact(above.num * above.den, ">=0", text, "tangent of the logarithm")
    gap = ratio - field.constant(1)
    known = normaliser.sign_of_fraction(gap)
    if known in (">0", ">=0") and not difference.is_zero():
        split = splitting.split(difference)
        text = f"{to_text(difference.expr())} {known}"
        yield Fact(split.num * split.den, str(known), text, "logarithm increases")


def _exp_facts(scene: Scene, value: Fraction) -> Iterator[Fact]:
    """Yield ``exp(e) >= 1 + e`` and the comparison of exp(e) with 1, for exponents with a sign."""
    field, normaliser = value.field, scene.normaliser
    splitting = Splitting(scene.case, normaliser)
    for atom in atoms_of(splitting.split(value)):
        if not isinstance(atom, exp):
            continue
        exponent, power = normaliser.of(atom.args[0]), field.atom(atom)
        below = splitting.split(power - field.constant(1) - exponent)
        text = f"{to_text(atom)} >= 1 + {to_text(atom.args[0])}"
        yield Fact(below.num * below.den, ">=0", text, "tangent of the exponential")
        known = normaliser.sign_of_fraction(exponent)
        if known in (">0", ">=0", "<0", "<=0"):
            gap = splitting.split(power - field.constant(1))
            gap = gap if known[0] == ">" else -gap
            relation = ">0" if known in (">0", "<0") else ">=0"
            text = f"{to_text(atom)} {known[0]}{'=' if '=' in known else ''} 1"
            yield Fact(gap.num * gap.den, relation, text, "exponential increases")



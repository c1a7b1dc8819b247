"""Rules for signs with logarithms and exponentials beyond those of the logits.

Guarantees: each rule replaces a sign question by others from which it follows.

increasing
    ``sum c_k log a_k >= 0`` with rational c_k is ``prod a_k^(c_k) >= 1``.
comparison of logarithms
    ``c a >= d b`` for positive products a, b is ``log (c a) >= log (d b)``.

Those with more to say have modules of their own: `tangents`, `term_by_term`, `jensen`,
`weierstrass`, `log_sums`.
"""

from __future__ import annotations

from functools import partial

from sympy import exp, log
from sympy.tensor.indexed import Indexed

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from . import jensen, log_sums, tangents, term_by_term, weierstrass
from .carriers import exponential_of, is_carrier
from .data import Part
from .scene import Scene, atoms_of
from .signs_in_cases import prove_value


def concerns(scene: Scene, value: Fraction) -> bool:
    """Tell whether the rules here may help."""
    return any(is_carrier(scene.normaliser, a) or isinstance(a, exp) for a in atoms_of(value))


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Return certificates for a sign, by the first rule that leads to them."""
    for rule in _RULES:
        found = scene.work.on_half(partial(rule, scene, value, strict=strict))
        if found is not None:
            return found
    return None


def _increasing(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Take the exponential of a linear combination of logarithms and logits."""
    raised = exponential_of(scene.normaliser, value)
    if raised is None:
        return None
    inner = scene.after(f"exp increases, so that this says {to_text(raised.expr())} >= 1")
    return prove_value(inner, raised - value.field.constant(1), strict=strict)


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
    if not any(map(_is_no_unknown, powers)):
        return None
    if any(normaliser.sign_of_fraction(side) != ">0" for side in (big, small)):
        return None
    gap = scene.of(log((big / small).expr()))
    step = f"log increases, so that the sign is that of {to_text(gap.expr())}"
    return prove_value(scene.after(step), gap, strict=strict)


def _is_no_unknown(power: exp) -> bool:
    """Tell whether an exponential is more than one of a multiple of a logit."""
    members = power.atoms(Indexed)
    return power.has(log) or len(members) != 1 or not (power.args[0] / members.pop()).is_Rational


_RULES = (
    _increasing,
    _comparison,
    tangents.prove,
    term_by_term.prove,
    jensen.prove,
    weierstrass.prove,
    log_sums.prove,
)

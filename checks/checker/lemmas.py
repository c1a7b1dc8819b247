"""Lemmas on class sums whose instances can be checked from what the sums are sums of.

A sum is described by the powers of base factors that are multiplied in each of its terms, and by
what it runs over. Two sums over the same classes multiply term by term by adding powers:

- Cauchy-Schwarz: (sum a)(sum b) - (sum c)^2 >= 0 where a, b >= 0 and a b = c^2 for every class.
- product of sums: (sum a)(sum b) - sum ab >= 0 where a, b >= 0, since every product of terms of
  two different classes is >= 0. (Its other name, square of a sum, is that of the case a = b.)
- Popoviciu: (sum f)^2 (sum g^2) - 2 ((sum f)(sum f g^2) - (sum f g)^2) >= 0 where f >= 0: the
  bracket is (sum f)^2 times the variance of g under the weights f, which is at most a quarter of
  the square of the range of g, and (g_j - g_k)^2 <= 2 (g_j^2 + g_k^2) <= 2 sum g^2.

All hold for any number of classes, none included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .polynomials import (
    Poly,
    add,
    get,
    multiply,
    need,
    plain,
    read_number,
    read_poly,
    show,
    unit,
)

SIGNS = (">0", ">=0", "real")
LEMMAS = ("Cauchy-Schwarz", "product of sums", "square of a sum", "Popoviciu")


@dataclass(frozen=True)
class ClassSum:
    """A sum over classes of a product of powers: what it runs over, and the product.

    `nonnegative` and `positive` tell whether every term is surely so. `value` is the polynomial
    that the sum is, where it is no variable by itself: the number of classes may be N + 2.
    """

    over: str
    powers: dict[str, Any]
    nonnegative: bool
    positive: bool
    value: Poly | None = None

    def __str__(self) -> str:
        powers = {name: "" if p == 1 else f"^{p}" for name, p in self.powers.items()}
        shown = (f"{name}{f'^({p[1:]})' if '/' in p else p}" for name, p in powers.items())
        text = " ".join(shown) or "1"
        return plain(f"the sum over {self.over} of {text}")


def read_sums(part: Any, names: Sequence[str]) -> dict[str, ClassSum]:
    """Return the sums that variables of a part stand for, by the variable's name."""
    factors, moments = part.get("factors", {}), part.get("moments", {})
    need(type(factors) is dict, "'factors' is an object", factors)
    need(type(moments) is dict, "'moments' is an object", moments)
    for name, sign in factors.items():
        need(sign in SIGNS, f"the sign of a factor is one of {SIGNS}", (name, sign))
    return {name: _read_sum(entry, factors, names) for name, entry in moments.items()}


def _read_sum(entry: Any, factors: dict[str, str], names: Sequence[str]) -> ClassSum:
    powers: dict[str, Any] = {}
    for name, data in get(entry, "powers", dict).items():
        need(name in factors, "the sign of a factor is given", name)
        power, sign = read_number(str(data) if type(data) is int else data), factors[name]
        whole = power >= 0 and power.denominator == 1
        defined = sign == ">0" or (sign == ">=0" and power >= 0) or whole
        need(defined, "a factor has powers that are defined at its sign", (name, sign, str(power)))
        if power:
            powers[name] = power
    nonnegative = all(factors[f] != "real" or p % 2 == 0 for f, p in powers.items())
    positive = all(factors[f] == ">0" for f in powers)
    value = read_poly(entry["polynomial"], names) if "polynomial" in entry else None
    return ClassSum(get(entry, "over", str), powers, nonnegative, positive, value)


def check_instance(
    hypothesis: Any, poly: Poly, names: Sequence[str], sums: dict[str, ClassSum]
) -> None:
    """Check that a hypothesis is an instance of the lemma it names."""
    of, relation = get(hypothesis, "of", dict), hypothesis["relation"]
    need(relation == ">=0", "the lemma says >=0", relation)
    if hypothesis["lemma"] == "Popoviciu":
        _check_popoviciu(of, poly, names, sums)
        return
    cauchy = hypothesis["lemma"] == "Cauchy-Schwarz"
    used: list[Any]
    if cauchy:
        used = [of.get("first"), of.get("second"), of.get("mixed")]
    else:
        used = [*get(of, "factors", list), of.get("product")]
    need(len(used) == 3, "the lemma is about three sums", used)
    for name in used:
        need(type(name) is str and name in sums, "a lemma is about sums that are described", name)
    a, b, c = (sums[name] for name in used)
    need(a.over == b.over == c.over, "the sums run over the same", (a.over, b.over, c.over))
    need(a.nonnegative and b.nonnegative, "the terms multiplied are >= 0", f"{a}, {b}")
    factor = 2 if cauchy else 1
    total = {f: p for f in a.powers | b.powers if (p := a.powers.get(f, 0) + b.powers.get(f, 0))}
    need(total == {f: factor * p for f, p in c.powers.items()}, "powers add up", f"{a}, {b}, {c}")
    x, y, z = (_value(name, names, sums) for name in used)
    instance = add(multiply(x, y), multiply(z, z) if cauchy else z, -1)
    need(poly == instance, f"the lemma says {show(instance, names)} >= 0", show(poly, names))


def _value(name: str, names: Sequence[str], sums: dict[str, ClassSum]) -> Poly:
    """Return the polynomial that a sum is."""
    value = sums[name].value
    if value is None:
        need(name in names, "a sum is a variable or has a polynomial", name)
        return unit(names, name)
    return value


def _check_popoviciu(of: Any, poly: Poly, names: Sequence[str], sums: dict[str, ClassSum]) -> None:
    """Check an instance: sums of f ("weight"), f g ("first"), f g^2 ("second"), g^2 ("squares")."""
    used = [get(of, key, str) for key in ("weight", "first", "second", "squares")]
    for name in used:
        need(name in sums, "a lemma is about sums that are described", name)
    f, first, second, squares = (sums[name] for name in used)
    need(
        len({s.over for s in (f, first, second, squares)}) == 1, "the sums run over the same", used
    )
    need(f.nonnegative, "the weights are >= 0", str(f))
    g = {name: power / Fraction(2) for name, power in squares.powers.items()}
    need(all(power.denominator == 1 for power in g.values()), "g has whole powers", str(squares))
    need(first.powers == _plus(f.powers, g), "the powers of f g add up", str(first))
    need(
        second.powers == _plus(f.powers, squares.powers), "the powers of f g^2 add up", str(second)
    )
    w, a, b, q = (_value(name, names, sums) for name in used)
    inner = add(multiply(w, b), multiply(a, a), -1)
    instance = add(multiply(multiply(w, w), q), inner, -2)
    need(poly == instance, f"the lemma says {show(instance, names)} >= 0", show(poly, names))


def _plus(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    total = {name: a.get(name, 0) + b.get(name, 0) for name in a | b}
    return {name: power for name, power in total.items() if power}

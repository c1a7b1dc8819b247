"""Lemmas on class sums whose instances can be checked from what the sums are sums of.

A sum is described by the powers of base factors that are multiplied in each of its terms, and by
what it runs over. Two sums over the same classes multiply term by term by adding powers:

- Cauchy-Schwarz: (sum a)(sum b) - (sum c)^2 >= 0 where a, b >= 0 and a b = c^2 for every class.
- product of sums: (sum a)(sum b) - sum ab >= 0 where a, b >= 0, since every product of terms of
  two different classes is >= 0. (Its other name, square of a sum, is that of the case a = b.)

Both hold for any number of classes, none included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .polynomials import Poly, add, get, multiply, need, plain, read_number, show, unit

SIGNS = (">0", ">=0", "real")
LEMMAS = ("Cauchy-Schwarz", "product of sums", "square of a sum")


@dataclass(frozen=True)
class ClassSum:
    """A sum over classes of a product of powers: what it runs over, and the product.

    `nonnegative` and `positive` tell whether every term is surely so.
    """

    over: str
    powers: dict[str, Any]
    nonnegative: bool
    positive: bool

    def __str__(self) -> str:
        powers = {name: "" if p == 1 else f"^{p}" for name, p in self.powers.items()}
        shown = (f"{name}{f'^({p[1:]})' if '/' in p else p}" for name, p in powers.items())
        text = " ".join(shown) or "1"
        return plain(f"the sum over {self.over} of {text}")


def read_sums(part: Any) -> dict[str, ClassSum]:
    """Return the sums that variables of a part stand for, by the variable's name."""
    factors, moments = part.get("factors", {}), part.get("moments", {})
    need(type(factors) is dict, "'factors' is an object", factors)
    need(type(moments) is dict, "'moments' is an object", moments)
    for name, sign in factors.items():
        need(sign in SIGNS, f"the sign of a factor is one of {SIGNS}", (name, sign))
    return {name: _read_sum(entry, factors) for name, entry in moments.items()}


def _read_sum(entry: Any, factors: dict[str, str]) -> ClassSum:
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
    return ClassSum(get(entry, "over", str), powers, nonnegative, positive)


def check_instance(
    hypothesis: Any, poly: Poly, names: Sequence[str], sums: dict[str, ClassSum]
) -> None:
    """Check that a hypothesis is an instance of the lemma it names."""
    of, relation = get(hypothesis, "of", dict), hypothesis["relation"]
    need(relation == ">=0", "the lemma says >=0", relation)
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
    x, y, z = (unit(names, name) for name in used)
    instance = add(multiply(x, y), multiply(z, z) if cauchy else z, -1)
    need(poly == instance, f"the lemma says {show(instance, names)} >= 0", show(poly, names))

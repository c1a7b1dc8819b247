"""The steps by which a sign question is reduced to another, as sentences.

Guarantees: a step that is not known here is shown as it is written in the certificate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from re import Match
from typing import TypeAlias

from .lemmas import LEMMAS
from .markdown import code, escape

_Sentence: TypeAlias = Callable[[Match[str]], str]


def sentence(step: str) -> str:
    """Return a step as a sentence in Markdown.

    >>> print(sentence("where z_i ≥ 0"))
    Suppose that `z_i ≥ 0`.
    """
    for pattern, said in _SENTENCES:
        found = re.fullmatch(pattern, step)
        if found:
            return said(found)
    return f"{escape(step[:1].upper() + step[1:])}."


def lemmas_of(steps: Sequence[str]) -> Iterator[str]:
    """Yield the lemmas that steps use."""
    for step in steps:
        yield from (name for name in LEMMAS if step.startswith(f"{name}:"))


def summary(step: str) -> str:
    """Return a step in a few words without Markdown."""
    return step if len(step) <= 60 else f"{step[:57].rstrip()}…"


def _plainly(text: str) -> _Sentence:
    return lambda _: text


def _with_code(text: str) -> _Sentence:
    return lambda found: text.format(*(code(group) for group in found.groups()))


def _weierstrass(found: Match[str]) -> str:
    factor, left_out = found.groups()
    classes = f" over the classes j other than {left_out}" if left_out else " over the classes j"
    return (
        f"Weierstrass's product inequality: the sum of the logarithms of {code(factor)}{classes} "
        f"is at least the logarithm of 1 plus the sum of {code(f'{factor} − 1')}, which is put in "
        "its place."
    )


def _jensen(found: Match[str]) -> str:
    weights, inside, left_out, better = found.groups()
    classes = f" over the classes j other than {left_out}" if left_out else " over the classes j"
    equal = "\nIt is even less, since two of the terms differ." if better else ""
    mean = "mean" if weights == "1" else f"mean with the weights {code(weights)}"
    return (
        f"Jensen's inequality: the {mean} of the logarithms of {code(inside)}{classes} is at most "
        f"the logarithm of their mean, which is put in its place.{equal}"
    )


_SENTENCES: tuple[tuple[str, _Sentence], ...] = (
    (r"the statement has a value: (.*)", _with_code("The statement needs {} to have a value.")),
    (
        r"each factor by itself",
        _plainly("It is a product; this is the sign of one of its factors."),
    ),
    (
        r"for (.*) >= 0 the squares of both sides are compared",
        _with_code(
            "The side with the roots, {}, is not negative, so that it is enough to compare the "
            "squares of both sides."
        ),
    ),
    (
        r"both sides are nonnegative, so that their squares are compared",
        _plainly("Both sides are not negative, so that it is enough to compare their squares."),
    ),
    (r"where (.*)", _with_code("Suppose that {}.")),
    (r"(.*) never holds", _with_code("That {} is impossible here: its contrary is shown.")),
    (
        r"exp increases, so that this says (.*)",
        _with_code("Both sides are taken to the exponential, which increases: this says {}."),
    ),
    (
        r"log increases, so that the sign is that of (.*)",
        _with_code("The logarithms of two positive products are compared: the sign is that of {}."),
    ),
    (
        (
            r"Jensen: with the weights (.*?) the mean of log\((.*)\) is at most the logarithm of "
            r"the mean(?:, j other than (.*?))?(, and below it, since two terms differ)?"
        ),
        _jensen,
    ),
    (
        (
            r"Weierstrass: the product of all (.*) is at least 1 plus the sum of .* − 1"
            r"(?:, j other than (.*))?"
        ),
        _weierstrass,
    ),
    (
        r"both sides are positive, so that their logarithms are compared",
        _plainly("Both sides are positive, so that it is enough to compare their logarithms."),
    ),
    (
        r"(.*) is replaced by its bound (.*)",
        _with_code("The sum of powers {} is replaced by the bound {}, which makes this smaller."),
    ),
    (
        (
            r"each (.*) is at least (.*), so that the sum of (.*) is at least that with .* in its "
            r"place"
        ),
        _with_code(
            "Each {} is at least {}, which is put in its place in the sum of {}: that makes the "
            "sum smaller."
        ),
    ),
    (r"for this, (.*) ≥ 0", _with_code("For that, {} ≥ 0 is shown here.")),
    (r"what is left", _plainly("This is what is then left to show.")),
    (
        r"with tangents of logarithms and exponentials",
        _plainly(
            "Logarithms and exponentials become unknowns; what tangents say of them is added."
        ),
    ),
    (
        r"with tangents of log-sum-exp",
        _plainly("Logarithms of sums become unknowns; what convexity says of them is added."),
    ),
    (
        r"the part outside the sums",
        _plainly("The sums over classes are looked at term by term; this is the part outside."),
    ),
    (
        r"term by term over (the remaining|all) classes (\w+)",
        lambda f: f"This is one term of the sums, for any of {f[1]} classes {code(f[2])}.",
    ),
    (
        r"term by term over all classes (\w+), where (.*)",
        _with_code(
            "A sum that is assumed to be positive has a positive term, one at a class {} with {}; "
            "there a term of the sum in question is positive, as is shown here."
        ),
    ),
    (
        r"shift the logits so that (.*) = 1, and put (s_*) = (.*)",
        lambda f: (
            f"Adding one number to all logits changes nothing here, so that {code(f[1])} may be "
            f"put to 1; what is left depends on {f[2]} = {code(f[3])} alone."
        ),
    ),
    (r"a statement about (\w+)", _with_code("What is left depends on {} alone.")),
    (
        r"a statement about (\w+), for every real number from (\d+) on",
        _with_code("What is left depends on {} alone, and holds for every real number from {} on."),
    ),
)
"""Each known step with what it says to a reader."""

"""What certified gradients cost, in exponentials of balls: one for each class is the floor.

Run it with ``python benchmarks/certified_gradients.py``.
Beside `gradproof.numeric.backprop` stand the same gradients as loops over python-flint's balls,
written by hand, and over mpmath's floats, which certify nothing.
Logits are balls before the clock starts, for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import mpmath
from flint import arb, ctx, fmpq
from harness import command, of_machine, ratio, table, together

from gradproof import Loss, losses
from gradproof.numeric.backprop import Backprop, Values
from gradproof.numeric.tape import read_tape
from gradproof.numeric.vectors import Vector
from gradproof.symbolic import K, n, y, z

SIZE, SHORT_SIZE = 10**5, 200
DIGITS = (50, 200)
MPMATH_CLASSES = 1000

LOSSES: dict[str, Loss] = {
    "softmax cross-entropy": losses.softmax_cross_entropy,
    "multi-class BCE": losses.multiclass_bce_one_hot,
    "kernel density, kernel values given": losses.kde_cross_entropy,
    "quadratic": losses.quadratic,
}

Numbers = Sequence[Any]


def shares(logits: Numbers, exp: Callable[[Any], Any]) -> list[Any]:
    """Return the softmax, in whatever arithmetic the logits have."""
    powers = [exp(v) for v in logits]
    factor = 1 / sum(powers)
    return [power * factor for power in powers]


def ce(logits: Numbers, label: int, _: Numbers, exp: Callable[[Any], Any]) -> list[Any]:
    """Return the gradient of softmax cross-entropy, as one would write it."""
    found = shares(logits, exp)
    found[label] = found[label] - 1
    return found


def alt(logits: Numbers, label: int, _: Numbers, exp: Callable[[Any], Any]) -> list[Any]:
    """Return the gradient of the multi-class BCE, as one would write it."""
    own = shares(logits, exp)
    odds = [share / (1 - share) for share in own]
    odds[label] = -1 + 0 * odds[label]
    total = sum(odds)
    return [odd - share * total for odd, share in zip(odds, own, strict=True)]


def kde(logits: Numbers, _: int, kernel: Numbers, exp: Callable[[Any], Any]) -> list[Any]:
    """Return the gradient of cross-entropy with a kernel density, as one would write it."""
    own = shares(logits, exp)
    weighted = [share * value for share, value in zip(own, kernel, strict=True)]
    factor = 1 / sum(weighted)
    return [share - part * factor for share, part in zip(own, weighted, strict=True)]


def quad(logits: Numbers, label: int, _: Numbers, exp: Callable[[Any], Any]) -> list[Any]:
    """Return the gradient of the quadratic loss, as one would write it."""
    own = shares(logits, exp)
    rest = [*own[:label], own[label] - 1, *own[label + 1 :]]
    mean = sum(share * off for share, off in zip(own, rest, strict=True))
    return [share * (off - mean) for share, off in zip(own, rest, strict=True)]


BY_HAND = dict(zip(LOSSES, (ce, alt, kde, quad), strict=True))


def kernel_values(size: int) -> list[arb]:
    """Return a Gaussian kernel at points of a uniform grid."""
    return [(-((fmpq(2, 7) - fmpq(k, size)) ** 2) * 200 * arb(1)).exp() for k in range(size)]


def swept(loss: Loss, logits: list[arb], kernel: list[arb], label: int) -> Any:
    """Return the gradient by the chain rule in columns."""
    size = len(logits)
    families = {z: Vector(size, balls=logits)}
    if K in loss.value.atoms(type(K)):
        families[K] = Vector(size, balls=kernel)
    values = Values(families, {}, {y: label + 1}, {n: size})
    return Backprop(read_tape(loss.value, loss.wrt), values).gradient


def rows_of(digits: int, size: int, times: int) -> list[list[str]]:
    """Return a row for each loss at a number of digits."""
    random = Random(0)
    floats = [random.gauss(0, 3) for _ in range(size)]
    ctx.dps = mpmath.mp.dps = digits
    logits, kernel, label = [arb(v) for v in floats], kernel_values(size), size // 3
    few = min(size, MPMATH_CLASSES)
    numbers = [mpmath.mpf(v) for v in floats[:few]]
    weights = [mpmath.mpf(float(v)) for v in kernel[:few]]
    found = []
    for name, loss in LOSSES.items():
        hand = BY_HAND[name]
        floor, ours, listed, loop, few_floor, slow = together(
            [
                lambda: [v.exp() for v in logits],
                lambda loss=loss: swept(loss, logits, kernel, label),
                lambda loss=loss: list(swept(loss, logits, kernel, label)),
                lambda hand=hand: hand(logits, label, kernel, arb.exp),
                lambda: [v.exp() for v in logits[:few]],
                lambda hand=hand: hand(numbers, few // 3, weights, mpmath.exp),
            ],
            times,
        )
        cells = [ratio(ours, floor), ratio(listed, floor), ratio(loop, floor)]
        found.append([name, str(digits), *cells, ratio(slow, few_floor)])
    return found


def report(short: bool) -> str:
    """Return the table."""
    size, times = (SHORT_SIZE, 1) if short else (SIZE, 7)
    rows = [row for digits in DIGITS for row in rows_of(digits, size, times)]
    header = ["Gradient of", "Digits", "gradproof", "as a list", "python-flint loop", "mpmath"]
    return "\n\n".join(
        [
            f"Gradients of {size} classes, in units of {size} exponentials of balls (`arb.exp`).",
            table(header, rows),
            f"mpmath with {min(size, MPMATH_CLASSES)} classes; it bounds no error.",
            of_machine("python-flint", "mpmath"),
        ]
    )


if __name__ == "__main__":
    command(report, __doc__)

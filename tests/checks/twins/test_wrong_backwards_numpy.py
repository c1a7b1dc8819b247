"""Gradients written by hand in NumPy that are wrong on purpose, and odd ones that are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gradproof.checks.twins import Input, TwinOutcome, check_backward, label, logits, numbers

np = pytest.importorskip("numpy")

Program = Callable[..., Any]
OF_CLASSES = (logits(), label())


def hot(z: Any, y: int) -> Any:
    """Return a 1 at the label and zeros."""
    return np.eye(len(z))[y]


def softmax(z: Any) -> Any:
    """Return shares, with the usual shift."""
    powers = np.exp(z - np.max(z))
    return powers / np.sum(powers)


def ce(z: Any, y: int) -> Any:
    """Return the cross entropy."""
    top = np.max(z)
    return np.log(np.sum(np.exp(z - top))) + top - z[y]


def of_ce(upstream: Any, z: Any, y: int) -> Any:
    """Return its gradient."""
    return upstream * (softmax(z) - hot(z, y))


def instead(condition: Program, wrong: Program) -> Program:
    """Return the gradient of the cross entropy with something else where a condition holds."""

    def gradient(upstream: Any, z: Any, y: int) -> Any:
        right = of_ce(upstream, z, y)
        return np.where(condition(z, y), wrong(right), right)

    return gradient


def written_over(upstream: Any, z: Any, y: int) -> Any:
    """Return a gradient in which the label's entry is set to -1 instead of lowered by it."""
    found = softmax(z)
    found[y] = -1.0
    return upstream * found


def added_once(upstream: Any, z: Any, places: Any) -> Any:
    """Return the gradient of chosen entries, where one that is chosen twice counts once."""
    found = np.zeros(len(z))
    found[places] += 1.0
    return upstream * found


def one_row(upstream: Any, x: Any, _bias: Any) -> Any:
    """Return the gradient by a bias as the first row of what had to be summed."""
    return (2 * upstream * x)[0]


def all_but_last(upstream: Any, z: Any, y: int) -> Any:
    """Return a gradient whose last entry is never written."""
    found = np.zeros(len(z))
    found[:-1] = of_ce(upstream, z, y)[:-1]
    return found


WRONG_CE: dict[str, Program] = {
    "factor 1 + 1e-7": lambda g, z, y: of_ce(g, z, y) * (1 + 1e-7),
    "offset 1e-9": lambda g, z, y: of_ce(g, z, y) + 1e-9,
    "clipped": lambda g, z, y: g * (np.clip(softmax(z), 1e-7, 1 - 1e-7) - hot(z, y)),
    "clipped logits": lambda g, z, y: of_ce(g, np.clip(z, -100, 100), y),
    "next label": lambda g, z, y: of_ce(g, z, (y + 1) % len(z)),
    "label from the end": lambda g, z, y: of_ce(g, z, -y - 1),
    "no upstream": lambda g, z, y: of_ce(1.0, z, y) + 0 * g,
    "upstream twice": lambda g, z, y: g * of_ce(g, z, y),
    "sign": lambda g, z, y: -of_ce(g, z, y),
    "no shift": lambda g, z, y: g * (np.exp(z) / np.sum(np.exp(z - np.max(z))) - hot(z, y)),
    "label written over": written_over,
    "last entry left out": all_but_last,
    "beyond 37.5": instead(lambda z, _: np.abs(z) > 37.5, lambda g: g + 0.125),
    "at 0": instead(lambda z, _: z == 0, lambda g: g + 1),
    "window of a gap": instead(
        lambda z, y: np.any((z[y] - z >= 3.0) & (z[y] - z < 3.25)), lambda g: 0 * g
    ),
    "ties at the maximum": instead(
        lambda z, _: (z == np.max(z)) & (np.sum(z == np.max(z)) > 1), lambda g: g / 2
    ),
    "only n = 5": lambda g, z, y: of_ce(g, z, y) * (2 if len(z) == 5 else 1),
}

Case = tuple[Program, Program, Sequence[Input], dict[str, Any]]

WRONG: dict[str, Case] = {
    "repeated places": (
        lambda z: np.sum(z[np.array([0, 0, 1])] * 1.0),
        lambda g, z: added_once(g, z, np.array([0, 0, 1])),
        [numbers(3)],
        {"sizes": (1,)},
    ),
    "one row of a bias": (
        lambda x, b: np.sum((x + b) ** 2),
        lambda g, x, b: one_row(g, x + b, b),
        [numbers(3, "n"), numbers("n", name="b")],
        {"argnums": 1},
    ),
    "abs with 2 at 0": (
        lambda x: np.sum(np.abs(x)),
        lambda g, x: g * (np.sign(x) + 2 * (x == 0)),
        [numbers("n")],
        {},
    ),
    "constant of single precision": (
        lambda x: np.sum(0.1 * x),
        lambda g, x: g * np.full(x.shape, np.float64(np.float32(0.1))),
        [numbers("n")],
        {},
    ),
    "mean instead of sum": (
        lambda x: np.sum(x * x),
        lambda g, x: 2 * g * x / x.size,
        [numbers(3)],
        {"sizes": (1,)},
    ),
    **{name: (ce, gradient, OF_CLASSES, {}) for name, gradient in WRONG_CE.items()},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_gradient_is_found(name: str) -> None:
    """A gradient that is wrong on purpose differs, at an exact point that is shown."""
    program, gradient, inputs, options = WRONG[name]
    found = check_backward(program, inputs, gradient=gradient, framework="numpy", **options)
    assert found.outcome is TwinOutcome.DIFFERENT
    assert found.point is not None


def lowered(upstream: Any, z: Any, y: int) -> Any:
    """Return the gradient by a change in place."""
    found = softmax(z)
    found[y] -= 1.0
    found *= upstream
    return found


def in_a_loop(upstream: Any, z: Any, y: int) -> Any:
    """Return the gradient entry by entry, with 1 - S_y as the sum of the others."""
    shares = softmax(z)
    found = np.empty_like(z)
    for k in range(len(z)):
        others = sum(shares[j] for j in range(len(z)) if j != k)
        found[k] = -upstream * others if k == y else upstream * shares[k]
    return found


RIGHT: dict[str, Program] = {
    "in place": lowered,
    "loop": in_a_loop,
    "outer product": lambda g, z, y: (
        -g * ((np.diag(softmax(z)) - np.outer(softmax(z), softmax(z))) @ hot(z, y)) / softmax(z)[y]
    ),
    "shift by the mean": lambda g, z, y: (
        g * (np.exp(z - np.mean(z)) / np.sum(np.exp(z - np.mean(z))) - hot(z, y))
    ),
    "sorted and back": lambda g, z, y: of_ce(
        g, np.sort(z)[np.argsort(np.argsort(z, kind="stable"), kind="stable")], y
    ),
    "pairwise": lambda g, z, y: g * (1 / np.sum(np.exp(z[None, :] - z[:, None]), 1) - hot(z, y)),
    "expm1": lambda g, z, y: g * (softmax(z) - hot(z, y) + np.expm1(z) - np.exp(z) + 1),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_gradient_is_not_accused(name: str) -> None:
    """A gradient that looks odd but is right agrees."""
    found = check_backward(ce, OF_CLASSES, gradient=RIGHT[name], framework="numpy")
    assert found.outcome is TwinOutcome.AGREES, str(found)

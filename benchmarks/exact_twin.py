"""What an exact twin costs: softmax cross-entropy against the same evaluation written by hand.

Run it with ``python benchmarks/exact_twin.py``; frameworks that are not installed are left out.
Each figure is a ratio of two times in this run, the best of several.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from random import Random
from time import perf_counter
from typing import Any

import numpy as np
from flint import arb, fmpq

from gradproof.checks.twins import label, logits
from gradproof.checks.twins.judging import judge_backward
from gradproof.checks.twins.points import regime_points
from gradproof.numeric.elements import working_precision
from gradproof.numeric.twins import Twin, exact
from gradproof.numeric.twins.evaluation import directional

BITS = 128
SIZE = 1000


def by_hand(z: Sequence[float], speeds: Sequence[int], label: int) -> tuple[arb, arb]:
    """Return value and directional derivative of cross-entropy in balls."""
    weights = [arb(v).exp() for v in z]
    total = sum(weights, arb(0))
    moved = sum((w * s for w, s in zip(weights, speeds, strict=True)), arb(0))
    return total.log() - arb(z[label]), moved / total - speeds[label]


def best(run: Callable[[], Any], times: int = 7) -> float:
    """Return the least time of several runs, in seconds."""
    found = []
    for _ in range(times):
        start = perf_counter()
        run()
        found.append(perf_counter() - start)
    return min(found)


def by_numpy(z: Any, y: int) -> Any:
    """Return cross-entropy with the largest logit subtracted."""
    shifted = z - np.max(z)
    return np.log(np.sum(np.exp(shifted))) - shifted[y]


def numpy_gradient(upstream: Any, z: Any, y: int) -> Any:
    """Return the gradient of `by_numpy`."""
    g = np.exp(z - np.max(z))
    g = g / np.sum(g)
    g[y] -= 1
    return upstream * g


def programs() -> dict[str, Callable[..., Any]]:
    """Return the cross-entropy of each framework that is installed."""
    found: dict[str, Callable[..., Any]] = {"numpy": by_numpy}
    try:
        import torch

        found["torch"] = lambda z, y: torch.nn.functional.cross_entropy(z[None], torch.tensor([y]))
    except ModuleNotFoundError:
        pass
    try:
        import jax

        found["jax"] = lambda z, y: -jax.nn.log_softmax(z)[y]
    except ModuleNotFoundError:
        pass
    return found


def main() -> None:
    """Print the table."""
    random = Random(0)
    z = [random.gauss(0, 3) for _ in range(SIZE)]
    speeds = [random.randrange(-3, 4) or 1 for _ in range(SIZE)]
    with working_precision(BITS):
        floor = best(lambda: by_hand(z, speeds, 7))
    print(f"Softmax cross-entropy at n = {SIZE}, {BITS} bits, value and a directional derivative,")
    print(f"against the same in balls by hand; {platform.machine()}, Python {_python()}.\n")
    print("| program | times the hand-written | gradient check of all regimes at n = 10, seconds |")
    print("| --- | --- | --- |")
    direction = [[fmpq(s) for s in speeds]]
    for name, program in programs().items():
        twin = exact(program, framework=name)
        arguments = twin.arguments(z, 7)
        executable = twin.trace(arguments)

        def run(executable: Any = executable, inputs: Any = arguments[:1]) -> Any:
            return directional(executable, inputs, direction, [fmpq(1)], BITS)

        run()  # the first run records the program
        ratio = best(run) / floor
        gradient = numpy_gradient if name == "numpy" else None
        seconds = best(_gradient_check(exact(program, framework=name, gradient=gradient)))
        print(f"| {name} {_version(name)} | {ratio:.1f} | {seconds:.3f} |")


def _gradient_check(twin: Twin) -> Callable[[], Any]:
    """Return the check of all regimes with ten classes, for programs that are traced once."""
    points = [p for _, p in regime_points((logits(), label()), (10,), Random(0))]
    backward = twin.backward(0)

    def check() -> Any:
        return [judge_backward(twin, backward, p, (0,), 30, "float64") for p in points]

    check()
    return check


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _python() -> str:
    return platform.python_version()


if __name__ == "__main__":
    main()

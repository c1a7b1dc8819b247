"""What gradient checkers say about implementations that are wrong on purpose.

Run it with ``python benchmarks/audit_mutants.py``, or with ``--short`` for a quarter of them;
``--right`` asks about the odd ones that are right instead. Frameworks that are not installed are
left out. The implementations are those of ``tests/checks/audits/mutants_all.py``.

Each checker is asked as its documentation shows, at one random point: five logits of a standard
normal distribution in float64, label 1, the same for all. Targets are a softmax of five more
normal numbers, kernel values five uniform ones; a batch has four rows.

- ``torch.autograd.gradcheck`` with its defaults: of losses in PyTorch, and of gradients in NumPy as
  the backward of a function whose forward is the true loss.
- ``jax.test_util.check_grads``, order 1, reverse mode, with 64 bits: of losses in JAX.
- ``scipy.optimize.check_grad`` with its default step: of gradients in NumPy, beside the true loss.
  It judges nothing itself; below 1e-6 max(1, |g|), g the gradient's 2-norm, counts as a pass.
- ``autograd.test_util.check_grads``, order 1, reverse mode: of losses for HIPS autograd, and of
  gradients in NumPy as the rule of a function that is the true loss.
- ``gradproof.audit`` with its defaults. It has caught a mutant if it finds something of a class
  that names the mistake.

A checker that ends in an error has caught the mutant. A dash says that it is not asked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from gradproof import audit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "checks" / "audits"))

from mutants_all import MUTANTS, ODD
from mutants_base import Case, Mutant, Odd
from mutants_gradients import VALUES
from mutants_hinge import loss_called

SIZE, ROWS, LABEL = 5, 4, 1
ACCEPTED = 1e-6
"""How far SciPy's checker may find a gradient off, relative to max(1, its norm)."""

Asked = Callable[[Case, Any, Any], bool]


def point_of(case: Case) -> tuple[Any, Any]:
    """Return the logits and the target at which the checkers are asked."""
    random = np.random.default_rng(0)
    if case.batched:
        return random.standard_normal((ROWS, SIZE)), np.array([LABEL, 0, 4, 2])
    z = random.standard_normal(SIZE)
    powers = np.exp(random.standard_normal(SIZE))
    targets = {
        "index": LABEL,
        "one-hot": np.eye(SIZE)[LABEL],
        "soft": powers / np.sum(powers),
        "kernel": random.random(SIZE),
    }
    return z, targets[case.target]


def copied(target: Any) -> Any:
    """Return a target that may be changed."""
    return target if isinstance(target, int) else np.copy(target)


def true_loss(case: Case, z: Any, target: Any) -> Any:
    """Return the loss that a case means to be."""
    value = VALUES[case.loss, case.target]
    if not case.batched:
        return value(z, target)
    total = sum(value(row, int(label)) for row, label in zip(z, target, strict=True))
    return total / len(z) if case.options["reduction"] == "mean" else total


def by_torch(case: Case, z: Any, target: Any) -> bool:
    """Tell whether ``torch.autograd.gradcheck`` passes."""
    import torch

    made = case.make()

    class Wrapped(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, logits: Any) -> Any:
            ctx.save_for_backward(logits)
            return torch.as_tensor(true_loss(case, logits.numpy(), target), dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, *upstream: Any) -> Any:
            (logits,) = ctx.saved_tensors
            found = np.ascontiguousarray(made(logits.numpy().copy(), copied(target)))
            return upstream[0] * torch.from_numpy(found)

    def loss(logits: Any) -> Any:
        return made(logits, target if isinstance(target, int) else torch.from_numpy(copied(target)))

    function = loss if case.framework == "torch" else Wrapped.apply
    torch.manual_seed(0)
    return bool(torch.autograd.gradcheck(function, (torch.tensor(z, requires_grad=True),)))


def by_jax(case: Case, z: Any, target: Any) -> bool:
    """Tell whether ``jax.test_util.check_grads`` passes."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    made = case.make()
    given = target if isinstance(target, int) else jax.numpy.asarray(target)
    check_grads(lambda v: made(v, given), (jax.numpy.asarray(z),), order=1, modes=("rev",))
    return True


def by_scipy(case: Case, z: Any, target: Any) -> bool:
    """Tell whether what ``scipy.optimize.check_grad`` returns is small enough."""
    from scipy.optimize import check_grad

    made = case.make()

    def loss(x: Any) -> float:
        return float(true_loss(case, x.reshape(z.shape), target))

    def gradient(x: Any) -> Any:
        return made(x.reshape(z.shape).copy(), copied(target)).ravel()

    found = check_grad(loss, gradient, z.ravel())
    return bool(found < ACCEPTED * max(1.0, np.linalg.norm(gradient(z.ravel()))))


def by_hips(case: Case, z: Any, target: Any) -> bool:
    """Tell whether ``autograd.test_util.check_grads`` passes."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    made = case.make()
    if case.framework == "autograd":
        check_grads(lambda v: made(v, target), modes=["rev"], order=1)(z)
        return True
    wrapped = primitive(lambda v: float(true_loss(case, v, target)))
    defvjp(wrapped, lambda _, v: lambda g: g * made(np.array(v), copied(target)))
    check_grads(wrapped, modes=["rev"], order=1)(z)
    return True


PEERS: dict[str, tuple[str, tuple[str, ...], Asked]] = {
    "torch gradcheck": ("torch", ("numpy", "torch"), by_torch),
    "JAX check_grads": ("jax", ("jax",), by_jax),
    "SciPy check_grad": ("scipy", ("numpy",), by_scipy),
    "HIPS check_grads": ("autograd", ("numpy", "autograd"), by_hips),
}
"""The name of each checker, the module it needs, and the frameworks of which it can be asked."""


def objects(module: str, ask: Asked, case: Case) -> bool | None:
    """Return whether a checker objects to an implementation; None where it is not installed."""
    if find_spec(module) is None:
        return None
    np.random.seed(0)  # the checkers of JAX and HIPS autograd draw directions
    try:
        with redirect_stdout(StringIO()), np.errstate(all="ignore"):
            return not ask(case, *map(copied, point_of(case)))
    except Exception:
        return True  # a checker says by an error that something is wrong


@dataclass(frozen=True)
class Row:
    """What all checkers say of one implementation.

    Attributes
    ----------
    case
        The implementation.
    peers
        Whether each peer objects; None where it is not asked.
    classes
        The classes of what the audit finds.
    objected
        Whether one of them names the mistake; for an implementation that is right, whether one of
        them is an accusation.
    seconds
        How long the audit took.
    """

    case: Case
    peers: tuple[bool | None, ...]
    classes: tuple[str, ...]
    objected: bool
    seconds: float

    def __str__(self) -> str:
        said = [*self.peers, self.objected]
        cells = ["-" if one is None else "yes" if one else "no" for one in said]
        classes = ", ".join(self.classes) or "none"
        return f"| {self.case.id} | {' | '.join(cells)} | {classes} | {self.seconds:.1f} |"


def row_of(case: Case) -> Row:
    """Ask all checkers about an implementation."""
    peers = tuple(
        objects(module, ask, case) if case.framework in asked else None
        for module, asked, ask in PEERS.values()
    )
    start = perf_counter()
    found = audit(
        case.make(),
        loss_called(case.loss),
        target=case.target,
        returns=case.returns,
        framework=case.framework,
        **case.options,
    )
    kinds = {f.kind for f in found.findings}
    expected = case.kinds if isinstance(case, Mutant) else kinds - _allowed(case)
    classes = tuple(sorted(kind.text for kind in kinds))
    return Row(case, peers, classes, bool(kinds & expected), perf_counter() - start)


def _allowed(case: Case) -> frozenset[Any]:
    return case.may if isinstance(case, Odd) else frozenset()


def summary(rows: Sequence[Row]) -> str:
    """Return the row of counts, each out of those of which a checker was asked."""
    columns = [*zip(*(r.peers for r in rows), strict=True), tuple(r.objected for r in rows)]
    counts = []
    for column in columns:
        asked = [one for one in column if one is not None]
        counts.append(f"{sum(asked)} of {len(asked)}" if asked else "-")
    seconds = sum(r.seconds for r in rows)
    return f"| all {len(rows)} | {' | '.join(counts)} | | {seconds:.1f} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="every fourth implementation only")
    parser.add_argument("--right", action="store_true", help="the odd ones that are right instead")
    chosen = parser.parse_args(arguments)
    cases: Sequence[Case] = ODD if chosen.right else MUTANTS
    asked = "objects to it" if chosen.right else "catches it"
    print(f"| implementation | {' | '.join(PEERS)} | gradproof {asked} | classes found | seconds |")
    print(f"| --- | {' | '.join(['---'] * len(PEERS))} | --- | --- | --- |")
    rows = []
    for case in cases[:: 4 if chosen.short else 1]:
        rows.append(row_of(case))
        print(rows[-1], flush=True)
    print(summary(rows))


if __name__ == "__main__":
    main()

"""What a proof for every number of classes costs, against SymPy for one number after the other.

Run it with ``python benchmarks/proof_for_all_n.py``; ``--figure FILE`` draws the curve as SVG.
SymPy is given the loss with its classes written out, differentiates it by every logit, and
simplifies the difference from the claimed gradient to 0; gradproof derives and proves the same
claim for symbolic n. Both start in a fresh process, after their imports.
tensorgrad (PyPI), which simplifies derivatives of tensors of any size and proves nothing, is asked
for the derivative of softmax cross-entropy where it is installed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import sympy as sp
from harness import command, of_machine, ratio, table

from gradproof.checks import mutants, replay

SIZES, SHORT_SIZES = (2, 4, 8, 16, 32, 64), (2,)
LIMIT = 60
"""Seconds after which SymPy is stopped, and not asked about more classes."""

LOSSES = ("CE", "ALT", "KDE", "QUAD")


def claims() -> dict[str, Any]:
    """Return the claimed gradient of each loss, for any number of classes."""
    from gradproof import losses
    from gradproof.symbolic import Eq, K, S, class_sum, delta, i, y

    odds = class_sum(lambda j: S(j) / (1 - S(j)), but=[y])
    density = class_sum(lambda j: S(j) * K[j])
    mean = class_sum(lambda j: S(j) * (S(j) - delta(j, y)))
    own = (1 - delta(i, y)) * S(i) / (1 - S(i))
    return {
        "CE": Eq(losses.softmax_cross_entropy.gradient(i), S(i) - delta(i, y)),
        "ALT": Eq(
            losses.multiclass_bce_one_hot.gradient(i), S(i) - delta(i, y) + own - S(i) * odds
        ),
        "KDE": Eq(losses.kde_cross_entropy.gradient(i), S(i) - S(i) * K[i] / density),
        "QUAD": Eq(losses.quadratic.gradient(i), S(i) * (S(i) - delta(i, y) - mean)),
    }


def written_out(name: str, size: int) -> list[sp.Expr]:
    """Return the differences that have to be 0, one for each class, with label 1."""
    z = sp.symbols(f"z1:{size + 1}", real=True)
    kernel = sp.symbols(f"K1:{size + 1}", positive=True)
    total = sp.Add(*map(sp.exp, z))
    shares = [sp.exp(v) / total for v in z]
    one_hot = [sp.Integer(k == 0) for k in range(size)]
    if name == "CE":
        loss = -sp.log(shares[0])
        claimed = [s - t for s, t in zip(shares, one_hot, strict=True)]
    elif name == "ALT":
        loss = -sp.log(shares[0]) - sp.Add(*(sp.log(1 - s) for s in shares[1:]))
        odds = [0, *(s / (1 - s) for s in shares[1:])]
        claimed = [
            s - t + o - s * sp.Add(*odds) for s, t, o in zip(shares, one_hot, odds, strict=True)
        ]
    elif name == "KDE":
        density = sp.Add(*(s * k for s, k in zip(shares, kernel, strict=True)))
        loss = -sp.log(density)
        claimed = [s - s * k / density for s, k in zip(shares, kernel, strict=True)]
    else:
        rest = [s - t for s, t in zip(shares, one_hot, strict=True)]
        loss = sp.Add(*(r**2 for r in rest)) / 2
        mean = sp.Add(*(s * r for s, r in zip(shares, rest, strict=True)))
        claimed = [s * (r - mean) for s, r in zip(shares, rest, strict=True)]
    return [sp.diff(loss, v) - c for v, c in zip(z, claimed, strict=True)]


def by_gradproof(name: str) -> list[float]:
    """Prove the claim; return the seconds of its replay and of its wrong twins."""
    from gradproof import Outcome, prove
    from gradproof.symbolic import K, class_sum, n

    given = [n >= 2, *([class_sum(lambda j: K[j]) > 0] if name == "KDE" else [])]
    verdict = prove(claims()[name], given=given)
    assert verdict.outcome is Outcome.PROVED, verdict
    controls = (replay.METHOD, mutants.METHOD)
    return [sum(e.seconds for e in verdict.evidence if e.method in controls)]


def by_sympy(name: str, size: int) -> list[float]:
    """Simplify every difference to 0."""
    assert all(sp.simplify(difference) == 0 for difference in written_out(name, size))
    return []


def by_tensorgrad() -> list[float]:
    """Ask tensorgrad for the derivative of softmax cross-entropy."""
    import tensorgrad.functions as functions
    from tensorgrad import Derivative, Variable

    classes = sp.symbols("i")
    logits, targets = Variable("z", classes), Variable("p", classes)
    loss = functions.cross_entropy(logits, targets, ["i"])
    assert str(Derivative(loss, logits).full_simplify())
    return []


CHILDREN: dict[str, tuple[Callable[..., list[float]], str]] = {
    "gradproof": (by_gradproof, "gradproof.checks.engine"),
    "sympy": (by_sympy, "sympy"),
    "tensorgrad": (by_tensorgrad, "tensorgrad"),
}


def child(arguments: Sequence[str]) -> None:
    """Do the work of a fresh process, and print its seconds."""
    kind, *rest = arguments
    work, imports = CHILDREN[kind]
    import_module(imports)
    start = perf_counter()
    parts = work(*(int(a) if a.isdigit() else a for a in rest))
    print(perf_counter() - start, *parts)


def seconds(limit: float, *arguments: str) -> list[float] | None:
    """Return how long a fresh process takes, whole and in part; None if longer than the limit."""
    order = [sys.executable, __file__, "--child", *arguments]
    try:
        done = subprocess.run(order, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
    return list(map(float, done.stdout.split()))


Found = dict[str, tuple[list[float], dict[int, float]]]


def measured(short: bool) -> Found:
    """Return for each loss what gradproof needs, and SymPy for each number of classes."""
    sizes = SHORT_SIZES if short else SIZES
    found: Found = {}
    for name in LOSSES:
        times = [seconds(LIMIT, "gradproof", name) for _ in range(1 if short else 5)]
        ours = min(t for t in times if t is not None)
        theirs: dict[int, float] = {}
        for size in sizes:
            took = seconds(LIMIT, "sympy", name, str(size))
            if took is None:
                break
            theirs[size] = took[0]
        found[name] = ours, theirs
    return found


def draw(found: Found, file: Path) -> None:
    """Draw the seconds against the number of classes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    marks = dict(zip(LOSSES, "os^D", strict=True))
    for name, (ours, theirs) in found.items():
        (line,) = axes.plot(
            [*theirs], [*theirs.values()], marks[name] + "-", label=f"{name}, SymPy"
        )
        axes.axhline(ours[0], color=line.get_color(), linestyle="--", linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel="classes", ylabel="seconds")
    axes.set_xticks(SIZES, [str(size) for size in SIZES])
    axes.minorticks_off()
    axes.set_title("Dashed: a whole verdict of gradproof, for every n", fontsize="medium")
    axes.legend()
    figure.savefig(file, metadata={"Date": None})


def report(short: bool, figure: Path | None) -> str:
    """Return the table."""
    found = measured(short)
    if figure is not None:
        draw(found, figure)
    sizes = SHORT_SIZES if short else SIZES
    rows = []
    for name, ((whole, controls), theirs) in found.items():
        proof = whole - controls
        cells = [ratio(theirs[s], proof) if s in theirs else f"over {LIMIT} s" for s in sizes]
        rows.append([name, f"{proof:.2f} s", ratio(whole, proof), *cells])
    header = ["Gradient of", "Proof for all n", "Verdict", *(f"SymPy, n = {s}" for s in sizes)]
    about = (
        "Seconds of a derivation with its proof for every n; in multiples of that the whole "
        "verdict, with the replay and the wrong twins, and SymPy for one n."
    )
    parts = [about, table(header, rows)]
    if find_spec("tensorgrad") and find_spec("torch"):  # which it needs
        took = seconds(LIMIT, "tensorgrad")
        assert took is not None
        parts.append(
            f"tensorgrad takes {ratio(took[0], found['CE'][0][0])} times as long as that verdict "
            "for the derivative of softmax cross-entropy, which it does not prove."
        )
    return "\n\n".join([*parts, of_machine("sympy", "tensorgrad")])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    else:
        command(report, __doc__, draws=True)

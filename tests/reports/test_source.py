"""Laws of formulas as Python source."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from sympy import E, Float, Function, Piecewise, Rational, Symbol, sign
from sympy.core.basic import Basic

from gradproof.reports.source import PythonSource
from gradproof.symbolic import (
    Abs,
    And,
    Eq,
    Equivalent,
    Ge,
    Gt,
    Implies,
    K,
    Le,
    Loss,
    Lt,
    Max,
    Min,
    Ne,
    Not,
    Or,
    S,
    UnsupportedError,
    class_sum,
    delta,
    exp,
    family,
    i,
    index,
    j,
    k,
    log,
    losses,
    n,
    outputs,
    p,
    pi,
    scalar,
    softmax,
    sqrt,
    y,
    z,
)

_size = index("B")
_own_p = family("p", positive=True)
_weights = family("w", size=_size)
_temperature = scalar("T", positive=True)
_own = Loss("OWN", -log(softmax(y, lambda a: z[a] / _temperature)))

FORMULAS = {
    **{name: Eq(loss.gradient(), loss.value) for name, loss in losses.LOSSES.items()},
    "loss": Eq(losses.quadratic.term, 0),
    "hessian": Eq(losses.quadratic.hessian(i, k), S(i) * delta(i, k)),
    "own loss": Ge(_own.gradient(), -1 / _temperature),
    "own loss by a scalar": Ge(_own.term.diff(_temperature), 0),
    "library by another family": Le(losses.kde_cross_entropy.gradient(i, wrt=K), 0),
    "two of one name": Eq(p[i], _own_p[i]),
    "keyword": Gt(scalar("lambda", nonnegative=True), scalar("prove")),
    "fractions": Le(Abs(z[i] - Rational("0.462")), Rational(1, 2000)),
    "powers": Eq(sqrt(z[i]) + 1 / sqrt(z[j]), z[1] ** Rational(-2, 3) + exp(1) * pi * E**2),
    "nested sums": Eq(class_sum(lambda a: class_sum(lambda b: z[a] * z[b] * z[j])), n),
    "sum without classes": Eq(class_sum(lambda a: outputs[a], but=(i, y)), 1),
    "other size": Eq(class_sum(lambda a: _weights[a], size=_size), 1),
    "connectives": Implies(And(Ne(i, y), Not(Lt(z[i], 0))), Or(Gt(S(i), 0), Eq(i, 1))),
    "equivalence": Equivalent(Lt(z[i], z[j]), Lt(S(i), S(j))),
    "functions": Eq(Max(z[i], 0) + Min(z[j], 1), sign(z[i]) * log(z[j])),
    "branches": Eq(Piecewise((z[i], Gt(z[i], 0)), (0, True)), 0),
}
_REFUSED = {"kde_integral_cross_entropy", "kde_binned_cross_entropy"}


def read_back(formula: Basic, folder: Path) -> Basic:
    """Run the source of a formula as a file of its own and return what it makes."""
    spelled = PythonSource([formula])
    text = spelled.doprint(formula)
    lines = [f"from {module} import {name}" for module, name in sorted(spelled.imports)]
    file = folder / "formula.py"
    file.write_text("\n".join([*lines, *spelled.declarations, f"found = {text}"]), encoding="utf-8")
    found: Basic = runpy.run_path(str(file))["found"]
    return found


@pytest.mark.parametrize("name", sorted(FORMULAS.keys() - _REFUSED))
def test_the_source_of_a_formula_gives_it_back(name: str, tmp_path: Path) -> None:
    """Running the source of a formula makes the same formula."""
    assert read_back(FORMULAS[name], tmp_path) == FORMULAS[name]


@pytest.mark.parametrize(
    "formula",
    [
        *(FORMULAS[name] for name in sorted(_REFUSED)),  # a kernel of unknown shape has no words
        Eq(Function("f")(z[i]), 0),
        Eq(Symbol("u", real=True, nonzero=True), 1),
        Eq(z[i], Float("0.1")),
    ],
    ids=str,
)
def test_what_has_no_words_is_refused(formula: Basic) -> None:
    """A formula that the public words cannot spell is an error, never printed in part."""
    with pytest.raises(UnsupportedError, match="written with the public words"):
        PythonSource([formula]).doprint(formula)


def test_a_library_loss_goes_by_its_name() -> None:
    """A loss of the library is called by its name, not written out."""
    formula = Eq(losses.quadratic.gradient(i), 0)
    assert PythonSource([formula]).doprint(formula) == "Eq(losses.quadratic.gradient(i), 0)"

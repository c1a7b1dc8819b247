"""Polynomial questions: true ones that are certified, and false twins that never are.

Each certificate is read by the separate checker.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from flint import fmpq

from gradproof.checks.checker import check
from gradproof.checks.inequality.certify import certify
from gradproof.checks.inequality.question import (
    Hypothesis,
    Node,
    Poly,
    Question,
    Unknown,
    context_of,
    poly_data,
)
from gradproof.checks.inequality.work import Work
from gradproof.symbolic.errors import UnsupportedError

NEAR = fmpq(99, 100)


def question(goal: Poly, sign: str = ">0", *, strict: bool = False, known: Any = ()) -> Question:
    """Return the question about a polynomial in unknowns of one sign."""
    unknowns = tuple(Unknown(name, sign, name) for name in goal.context().names())
    return Question(unknowns, goal, strict, tuple(known))


def accepted(asked: Question, proof: Node) -> bool:
    """Tell whether the checker accepts a proof."""
    part = {
        "case": "the only case",
        "steps": [],
        "variables": {u.name: u.sign for u in asked.unknowns},
        "meanings": {u.name: u.meaning for u in asked.unknowns},
        "factors": {},
        "bases": {},
        "moments": {},
        "hypotheses": [
            {
                "polynomial": poly_data(h.poly),
                "relation": h.relation,
                "lemma": h.lemma,
                "of": dict(h.of),
                "text": h.text,
            }
            for h in asked.hypotheses
        ],
        "goal": {"polynomial": poly_data(asked.goal), "relation": asked.relation},
        "proof": proof,
    }
    head = {"format": "gradproof certificate", "version": 1, "statement": "", "assumptions": []}
    report = check({**head, "scope": "all n", "parts": [part]})
    assert report.accepted, report.error
    return True


def variables(names: str) -> list[Poly]:
    """Return unknowns called by single letters."""
    return list(context_of(names).gens())


def cauchy(size: int, share: Any = 1) -> Poly:
    """Return sum a^2 sum b^2 share - (sum a b)^2."""
    gens = variables("abcdefgh"[: 2 * size])
    a, b = gens[:size], gens[size:]
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return sum(x * x for x in a) * sum(y * y for y in b) * share - dot * dot


def motzkin(share: Any = 1, power: int = 0) -> Poly:
    """Return Motzkin's polynomial, which is no sum of squares, times (x^2 + y^2 + z^2)^power."""
    x, y, z = variables("xyz")
    plain = z**6 + x**4 * y**2 + x**2 * y**4 - 3 * share * x**2 * y**2 * z**2
    return plain * (x * x + y * y + z * z) ** power


def norm_bound(size: int, share: Any = 1) -> Poly:
    """Return what says 2 ||g1|| <= ||g2|| for the gradients of quadratic and cross entropy.

    In w = exp z, the first class being that of the label: S = w / T, g2 = S - e, and
    g1_i = S_i (g2_i - sum_j S_j g2_j), all times T^3.
    """
    w = variables("abcdef"[:size])
    total = sum(w)
    residual = [w[0] - total, *w[1:]]
    mean = sum(x * r for x, r in zip(w, residual, strict=True))
    first = sum((x * (r * total - mean)) ** 2 for x, r in zip(w, residual, strict=True))
    return share * total**4 * sum(r * r for r in residual) - 4 * first


def am_gm(share: Any = 1) -> Poly:
    """Return a^3 + b^3 + c^3 - 3 a b c."""
    a, b, c = variables("abc")
    return a**3 + b**3 + c**3 - 3 * share * a * b * c


def schur(share: Any = 1) -> Poly:
    """Return Schur's polynomial of degree 3, its last term counted less."""
    a, b, c = variables("abc")
    return a * (a - b) * (a - c) + b * (b - a) * (b - c) + share * c * (c - a) * (c - b)


def squares(share: Any = 1) -> Poly:
    """Return what says that squares outweigh mixed products."""
    a, b, c = variables("abc")
    return a * a + b * b + c * c - share * (a * b + b * c + c * a)


def power_mean(size: int, share: Any = 1) -> Poly:
    """Return n sum a^2 share - (sum a)^2."""
    a = variables("abcdef"[:size])
    return size * share * sum(x * x for x in a) - sum(a) ** 2


def muirhead() -> Poly:
    """Return a^5 + b^5 - a^4 b - a b^4."""
    a, b = variables("ab")
    return a**5 + b**5 - a**4 * b - a * b**4


def pairs(size: int, share: Any = 1) -> Poly:
    """Return the sum of the squared differences of all pairs, the first counted less."""
    a = variables("abcdef"[:size])
    found = [(x - y) ** 2 for x, y in combinations(a, 2)]
    return sum(found[1:], found[0] * 1) - (1 - share) * a[0] ** 2


TRUE = {
    "AM-GM": (am_gm(), ">0"),
    "Schur": (schur(), ">=0"),
    "squares": (squares(), ">=0"),
    "Cauchy-2": (cauchy(2), ">=0"),
    "Motzkin": (motzkin(), ">0"),
    "Muirhead": (muirhead(), ">=0"),
    "pairs": (pairs(4), ">=0"),
    **{f"power-mean-{k}": (power_mean(k), ">0") for k in (2, 3, 4, 5)},
    **{f"norm-{k}": (norm_bound(k), ">0") for k in (2, 3, 4, 5, 6)},
}

TWINS = {
    "AM-GM": (am_gm(1 / NEAR), ">0"),
    "Schur": (schur(NEAR), ">=0"),
    "squares": (squares(1 / NEAR), ">=0"),
    "Cauchy-2": (cauchy(2, NEAR), ">=0"),
    "Cauchy-3": (cauchy(3, NEAR), ">0"),
    "Motzkin": (motzkin(1 / NEAR), ">0"),
    "Motzkin times a square": (motzkin(1 / NEAR, 1), ">0"),
    "power-mean": (power_mean(4, NEAR), ">0"),
    "norm": (norm_bound(3, NEAR), ">0"),
    "pairs": (pairs(3, NEAR), ">=0"),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_inequalities_are_certified(name: str) -> None:
    """Classical inequalities in nonnegative numbers have certificates that the checker accepts."""
    goal, sign = TRUE[name]
    asked = question(goal, sign)
    node = certify(asked)
    assert node is not None
    assert accepted(asked, node)


@pytest.mark.parametrize("name", TRUE)
def test_no_strict_twin_is_certified(name: str) -> None:
    """The same inequalities hold with equality somewhere, so that none is certified as strict."""
    goal, sign = TRUE[name]
    if name.startswith("norm"):  # equality only where all but one class vanish
        sign = ">=0"
    assert certify(question(goal, sign, strict=True)) is None


@pytest.mark.parametrize("name", TWINS)
def test_false_twins_are_not_certified(name: str) -> None:
    """With a constant off by one in a hundred each inequality fails; no certificate is found."""
    goal, sign = TWINS[name]
    assert certify(question(goal, sign)) is None


@pytest.mark.parametrize("name", ["AM-GM", "squares", "power-mean", "norm"])
def test_the_methods_refuse_without_the_look_at_values(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random values only save work: no method certifies a false twin when they are not asked."""
    monkeypatch.setattr("gradproof.checks.inequality.certify._fails_somewhere", lambda _: False)
    goal, sign = TWINS[name]
    assert certify(question(goal, sign)) is None


def test_signs_of_the_unknowns_matter() -> None:
    """AM-GM holds for numbers that are not negative, and not for all real ones."""
    assert certify(question(am_gm(), "real")) is None
    assert certify(question(squares(), "real")) is not None


def test_hypotheses_are_used() -> None:
    """On the simplex a b <= 1/4; without the sum being 1 nothing bounds it."""
    a, b = variables("ab")
    simplex = Hypothesis(a + b - 1, "==0", "assumption", "a + b = 1")
    asked = question(1 - 4 * a * b, ">=0", known=[simplex])
    node = certify(asked)
    assert node is not None
    assert accepted(asked, node)
    assert certify(question(1 - 4 * a * b, ">=0")) is None


def test_the_zero_polynomial() -> None:
    """Zero is nonnegative and not positive."""
    (a,) = variables("a")
    assert certify(question(0 * a)) is not None
    assert certify(question(0 * a, strict=True)) is None


def test_completed_squares() -> None:
    """4A(Ax^2 + Bx + C) = (2Ax + B)^2 + 4AC - B^2, with a coefficient that is an unknown."""
    context = context_of(["x", "a"])
    x, a = context.gens()
    unknowns = (Unknown("x", "real", "x"), Unknown("a", ">0", "a"))
    asked = Question(unknowns, a * x * x + 3 * a * x + 3 * a, True)
    node = certify(asked)
    assert node is not None
    assert accepted(asked, node)
    assert certify(Question(unknowns, a * x * x + 4 * a * x + 4 * a, True)) is None


def test_names_of_differences_are_fresh() -> None:
    """Unknowns that are called t1 and t2 already keep apart from the differences in their order."""
    context = context_of(["t1", "t2", "t3"])
    a, b, c = context.gens()
    asked = question(a**3 + b**3 + c**3 - 3 * a * b * c)
    node = certify(asked)
    assert node is not None
    assert accepted(asked, node)


def test_the_work_is_bounded() -> None:
    """A question is given up after a bounded number of steps."""
    with pytest.raises(UnsupportedError, match="bounded number of steps"):
        certify(Question(question(schur()).unknowns, schur(), False, work=Work(1)))

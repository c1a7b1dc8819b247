"""Laws of the digest of a claim: it tells apart whatever the engine tells apart."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sympy import (
    Abs,
    And,
    Dummy,
    Expr,
    Float,
    Function,
    IndexedBase,
    Integer,
    Or,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    Wild,
    exp,
    log,
    oo,
    pi,
)

from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.checks.content import (
    UnreadableContentError,
    claim_digest,
    digest_of,
    formula_digest,
    loss_digest,
)
from gradproof.symbolic import (
    Eq,
    Ge,
    Gt,
    Le,
    Loss,
    Lt,
    Ne,
    S,
    class_sum,
    delta,
    exists,
    family,
    i,
    index,
    k,
    limit,
    n,
    p,
    scalar,
    softmax,
    y,
    z,
)
from gradproof.symbolic.calculus import LossTerm
from gradproof.symbolic.kernel_functions import KernelShape, WrappedGaussian
from gradproof.symbolic.vocabulary import bins, bound

T = scalar("T", positive=True)
t = scalar("t")

DIFFERENT: list[Expr] = [
    # symbols: name, assumptions, kind
    *(scalar("c", **a) for a in ({}, {"positive": True}, {"nonnegative": True}, {"nonzero": True})),
    *(Symbol("c", **a) for a in ({}, {"integer": True}, {"negative": True}, {"complex": True})),
    index("c"),
    scalar("d"),
    # families: name, assumptions, size, shape
    *(family("c", **a)[i] for a in ({}, {"positive": True}, {"nonnegative": True})),
    *(family("c", size=size)[i] for size in (bins, Integer(3), Integer(4), n + 1)),
    IndexedBase("c", shape=(n, n), real=True)[i, k],
    IndexedBase("c", shape=(n, bins), real=True)[i, k],
    IndexedBase("c")[i],
    IndexedBase("c", real=True)[i],
    family("c")[k],
    family("c")[1],
    # numbers
    *(Integer(a) for a in (-2, -1, 0, 1, 2, 10**30)),
    *(Rational(a, 10) for a in (1, 3, 5, -5)),
    *(Float(a) for a in (1, "0.5", "0.1")),
    Float("0.1", 30),
    pi,
    oo,
    -oo,
    # operations
    t + 1,
    t * 2,
    t**2,
    2**t,
    exp(t),
    log(t),
    Abs(t),
    t + T,
    t * T,
    t - T,
    # class sums: bounds, bodies, classes left out
    class_sum(lambda j: z[j]),
    class_sum(lambda j: z[j] ** 2),
    class_sum(lambda j: p[j]),
    class_sum(lambda j: z[j], but=[i]),
    class_sum(lambda j: z[j], but=[k]),
    class_sum(lambda j: z[j], size=bins),
    Sum(z[bound(1)], (bound(1), 1, n - 1)),
    Sum(z[bound(1)], (bound(1), 2, n)),
    Sum(z[bound(1)], (bound(1), 1, 3)),
    Sum(z[bound(2)], (bound(1), 1, n)),
    class_sum(lambda j: class_sum(lambda m: z[j] * z[m])),
    class_sum(lambda j: class_sum(lambda _: z[j] * z[j])),
    # softmax, deltas, kernels, loss names
    S(i),
    S(k),
    S(1),
    softmax(i, lambda j: z[j] / T),
    softmax(i, lambda j: 2 * z[j]),
    softmax(i, p),
    delta(i, k),
    delta(i, y),
    KernelShape(0, t),
    KernelShape(1, t),
    WrappedGaussian(0, t, T),
    WrappedGaussian(2, t, T),
    LossTerm("A", S(i)),
    LossTerm("B", S(i)),
    LossTerm("A", S(k)),
    LossTerm("A", S(i), z[i]),
    LossTerm("A", S(i), z[k]),
    Piecewise((t, t > 0), (0, True)),
    Piecewise((t, t >= 0), (0, True)),
    *(limit(exp(z[y]) / T, v, a, s) for v in (T, z[y]) for a, s in ((0, "+"), (0, "-"), (oo, "+"))),
]

FORMULAS: list[Any] = [
    *(relation(S(i), t) for relation in (Eq, Ne, Le, Lt, Ge, Gt)),
    Le(t, S(i)),
    And(Le(S(i), t), Le(S(k), t)),
    Or(Le(S(i), t), Le(S(k), t)),
    ~And(Le(S(i), t), Le(S(k), t)),
    Gt(S(i), 0) >> Gt(S(k), 0),
    Gt(S(k), 0) >> Gt(S(i), 0),
    exists(t, Gt(S(i), t)),
    exists(z, Gt(S(i), t)),
    exists((z, t), Gt(S(i), t)),
]

CLAIMS = [
    *(Claim("c", formula) for formula in FORMULAS),
    *(Claim("c", Eq(left, right)) for left, right in combinations([S(k), p[i], T], 2)),
    Claim("c", Le(S(i), t), given=Gt(t, 0)),
    Claim("c", Le(S(i), t), given=Ge(t, 0)),
    Claim("c", Le(S(i), t), given=[Gt(t, 0), Ge(n, 2)]),
    Claim("c", [Le(S(i), t), Ge(n, 2)], given=Gt(t, 0)),
    *(
        Claim("c", Le(S(i), t), at={z: (0, a), i: b, t: c})
        for a, b, c in ((0, 1, 0), (1, 1, 0), (0, 2, 0), (0, 1, "1/2"), (0, 1, 0.1), (0, 1, "0.1"))
    ),
]


def test_expressions_that_differ_have_different_digests() -> None:
    """No two expressions that differ in one thing share a digest, whatever they print as."""
    assert len(set(DIFFERENT)) == len(DIFFERENT)
    assert len({formula_digest(e) for e in DIFFERENT}) == len(DIFFERENT)


def test_claims_that_differ_have_different_digests() -> None:
    """Relations, connectives, assumptions and points: each change is another digest."""
    assert len({claim_digest(c) for c in CLAIMS}) == len(CLAIMS)


@given(st.data())
def test_a_digest_is_that_of_the_content(data: st.DataObject) -> None:
    """Formulas put together from the same parts share a digest exactly if they are equal."""
    parts = st.sampled_from(DIFFERENT)
    first, second = (
        relation(a, b)
        for relation, a, b in data.draw(
            st.tuples(*[st.tuples(st.sampled_from([Eq, Le, Lt, Ne]), parts, parts)] * 2)
        )
    )
    same = type(first) is type(second) and first.args == second.args
    assert (formula_digest(first) == formula_digest(second)) == same


def test_what_the_engine_does_not_read_does_not_count() -> None:
    """Id, title, source, expectation and note are no part of the digest."""
    plain = Claim("a", Ge(S(i), 0))
    told = Claim("b", Ge(S(i), 0), title="T", source="s", expected="REFUTED", note="n")
    assert claim_digest(plain) == claim_digest(told)


class Own(Function):  # type: ignore[misc]
    """A function of a user's own: what it means is in its code."""


class Symbol2(Symbol):  # type: ignore[misc]
    """A class that hides what it is behind a base class."""


@pytest.mark.parametrize(
    "expr",
    [
        Own(t),
        exp(Own(t)),
        Function("f")(t),
        Dummy("t", real=True),
        Wild("t"),
        Symbol2("t"),
        IndexedBase("c", shape=(n,), offset=2)[i],
        IndexedBase("c", shape=(n,), strides=(2,))[i],
    ],
    ids=str,
)
def test_what_cannot_be_read_whole_has_no_digest(expr: Expr) -> None:
    """A node whose meaning is not in its arguments and assumptions is refused, not guessed."""
    with pytest.raises(UnreadableContentError):
        formula_digest(Ge(expr, 0))


def test_a_disguise_is_refused() -> None:
    """A class that only calls itself one of SymPy's is not taken for it."""
    fake = type("exp", (Function,), {"__module__": exp.__module__, "__qualname__": "exp"})
    with pytest.raises(UnreadableContentError):
        formula_digest(fake(t))


def test_lists_of_parts_are_told_apart() -> None:
    """Where one part ends and the next begins is part of the digest."""
    lists: list[tuple[object, ...]] = [("ab",), ("a", "b"), ("a, b",), (("a", "b"),), ("1",), (1,)]
    assert len({digest_of(*parts) for parts in lists}) == len(lists)


def test_a_loss_is_told_by_all_it_says() -> None:
    """Two losses that differ in anything have different digests."""
    kinds = [
        Loss("A", S(i)),
        Loss("B", S(i)),
        Loss("A", S(k)),
        Loss("A", S(i), given=(Ge(n, 2),)),
        Loss("A", S(i), title="T"),
        Loss("A", S(i), source="T"),
        Loss("A", S(i) + p[i], wrt=p),
        Loss("A", S(i) + p[i]),
    ]
    assert len({loss_digest(loss) for loss in kinds}) == len(kinds)


DIGESTS = """
from gradproof.checks.catalogue import catalogue
from gradproof.checks.content import claim_digest
print(*(claim_digest(claim) for claim in catalogue()))
"""


def test_every_process_finds_the_same_digests() -> None:
    """The claims of the catalogue all have a digest, the same with any seed of Python's hashes."""
    here = [claim_digest(claim) for claim in catalogue()]
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", DIGESTS],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.split() == here

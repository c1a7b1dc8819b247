"""What a formula may hold: exact numbers and members of families; and what SymPy is told."""

from __future__ import annotations

import pickle

import pytest
from sympy import Derivative, IndexedBase, Symbol

from gradproof import Claim, prove
from gradproof.symbolic import (
    Abs,
    DeclarationError,
    Eq,
    Ge,
    Gt,
    Le,
    Loss,
    Max,
    S,
    class_sum,
    delta,
    exists,
    family,
    i,
    k,
    limit,
    log,
    losses,
    n,
    oo,
    scalar,
    softmax,
    y,
    z,
)

CE = losses.softmax_cross_entropy


def test_floats_are_refused() -> None:
    """A float is a binary number that nobody wrote; the remedy names the rational."""
    with pytest.raises(DeclarationError, match=r"write Rational\(1, 3\)"):
        Claim("third", Gt(S(i), 1 / 3))
    with pytest.raises(DeclarationError, match=r"write Rational\(1, 2\)"):
        Claim("half", Gt(S(i), 0), given=Le(z[i], 0.5))
    with pytest.raises(DeclarationError, match="write -2"):
        Loss("L", 2.0 * CE.value)


def test_a_family_by_itself_is_refused() -> None:
    """It has no value; only an existence statement may choose it whole."""
    with pytest.raises(DeclarationError, match="members of a family"):
        Claim("largest", Le(Max(z), 1))
    with pytest.raises(DeclarationError, match="members of a family"):
        Loss("L", log(z) + z[i])
    assert Claim("some", exists(z, Gt(S(y), 0))).statement


@pytest.mark.parametrize("use", [list, sum, lambda f: Max(*f)], ids=["list", "sum", "Max"])
def test_a_loop_over_a_family_ends_at_once(use: object) -> None:
    """SymPy's own goes on for ever."""
    with pytest.raises(DeclarationError, match="class_sum"):
        use(z)  # type: ignore[operator]


def test_families_are_those_of_sympy() -> None:
    """Equal, with one hash, in all processes, and with the members that SymPy makes."""
    plain = IndexedBase("z", shape=(n,), real=True)
    assert z == plain
    assert plain == z
    assert hash(z[i]) == hash(plain[i])
    assert z[i] == plain[i]
    assert pickle.loads(pickle.dumps(z)) == z
    assert z.func(*z.args) == z
    assert str(z[i]) == "z[i]"


def test_a_loss_stands_for_its_term() -> None:
    """Where an expression is meant, a loss is its term."""
    assert Ge(CE, 0) == Ge(CE.term, 0)
    assert limit(CE, z[y], oo) == limit(CE.term, z[y], oo)


def test_what_is_no_function_of_the_class_is_refused() -> None:
    """Sums and softmax say what to write."""
    with pytest.raises(DeclarationError, match="class_sum"):
        class_sum(S(i))  # type: ignore[arg-type]
    with pytest.raises(DeclarationError, match="family or a function"):
        softmax(i, [1, 2, 3])  # type: ignore[arg-type]


def test_derivatives_of_sympy_are_taken() -> None:
    """They count as derivatives of a nameless loss, of any order, also at their kinks."""
    value = -log(S(y))
    assert prove(Eq(Derivative(value, z[i]), S(i) - delta(i, y))).outcome.name == "PROVED"
    second = Eq(Derivative(value, z[i], z[k]), S(i) * (delta(i, k) - S(k)))
    assert prove(second).outcome.name == "PROVED"
    wrong = Eq(Derivative(value, z[i]), S(i) + delta(i, y))
    assert prove(wrong).outcome.name == "REFUTED"
    kinked = Eq(Derivative(Abs(z[i]), z[i]) ** 2, 1)
    assert prove(kinked).outcome.name != "PROVED"
    assert not any(f.has(Derivative) for f in Claim("d", kinked).statement)


@pytest.mark.parametrize(
    "assumptions", [{"odd": True}, {"prime": True}, {"irrational": True}, {"real": False}]
)
def test_only_kinds_of_real_numbers_are_declared(assumptions: dict[str, bool]) -> None:
    """No method looks at more than signs, so that nothing else may be assumed."""
    for declare in (scalar, family):
        with pytest.raises(DeclarationError) as error:
            declare("k", **assumptions)
        assert "a number is declared to be real, positive, nonnegative" in str(error.value)
        assert str(error.value).endswith("state what else is assumed as an assumption, given=...")
    with pytest.raises(DeclarationError, match="of which nothing else is assumed"):
        Claim("k", Ge(Symbol("k", **assumptions) ** 2, 0))


def test_a_symbol_of_sympy_may_be_plainly_real() -> None:
    """What is declared by SymPy itself serves, if it is a kind of real number."""
    assert prove(Ge(Symbol("k", positive=True), 0)).outcome.name == "PROVED"
    with pytest.raises(DeclarationError, match="a symbol of a formula is a real number"):
        Claim("k", Ge(Symbol("k") ** 2, 0))


def test_names_of_running_classes_are_taken() -> None:
    """A name that begins with an underscore could be captured by a sum or an integral."""
    for declare in (scalar, family):
        with pytest.raises(DeclarationError, match="names that begin with an underscore"):
            declare("_t1")


def test_names_of_members_are_taken() -> None:
    """A name with brackets could be that of a member of a family."""
    for declare in (scalar, family):
        with pytest.raises(DeclarationError, match=r"names with brackets .*'x\[1\]'; choose"):
            declare("x[1]")


def test_an_instance_holds_no_limit() -> None:
    """A limit or an existence statement is not about one point; the remedy is named."""
    for statement in (Eq(limit(CE.term, z[y], oo), 0), exists(y, Ge(CE.term, 0))):
        with pytest.raises(DeclarationError, match="leave at= out"):
            Claim("at", statement, at={n: 2, z: (0, 1), y: 1})

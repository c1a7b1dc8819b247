"""Why training with the quadratic loss stands still where it is most wrong.

The need: a network with a softmax and the quadratic loss, 1/2 sum_j (S_j - delta_jy)^2, sometimes
learns nothing from samples that it gets badly wrong, while cross-entropy learns from them fastest.
This settles that it is the loss, not the network: as the logit z_k of a wrong class grows, the
quadratic loss goes to 1, the worst value it has, and its gradient to 0.

    python examples/quadratic_plateau.py

Every limit is proved for all numbers of classes; every digit of the table is certified.
"""

from sympy import Expr

from gradproof import Loss, losses, prove
from gradproof.numeric import Point, enclose
from gradproof.symbolic import Eq, Le, Lt, Ne, S, class_sum, i, k, limit, n, oo, sqrt, to_text, y, z

CE, QUAD = losses.softmax_cross_entropy, losses.quadratic


def norm(loss: Loss) -> Expr:
    """Return the length of the gradient of a loss by the logits."""
    return sqrt(class_sum(lambda j: loss.gradient(j) ** 2))


LIMITS = {
    "The quadratic loss goes to its worst value": Eq(limit(QUAD.term, z[k], oo), 1),
    "Every component of its gradient vanishes": Eq(limit(QUAD.gradient(i), z[k], oo), 0),
    "That of the label does so like -2 S_y": Eq(limit(QUAD.gradient(y) / S(y), z[k], oo), -2),
    "Cross-entropy still pushes the label up": Eq(limit(CE.gradient(y), z[k], oo), -1),
    "It pushes the winner down": Eq(limit(CE.gradient(k), z[k], oo), 1),
    "Its whole gradient keeps its length": Eq(limit(norm(CE), z[k], oo), sqrt(2)),
}
"""What happens as a wrong class k wins."""

EVERYWHERE = {
    "The quadratic loss has no worse value than 1": Le(QUAD.term, 1),
    "Its gradient is at most half as long": Le(norm(QUAD), norm(CE) / 2),
    "It is always shorter than that": Lt(norm(QUAD), norm(CE) / 2),
}
"""What is said of all logits, for two classes and more; the last is false, so half is attained."""


def show(words: str, statement: object, given: object = ()) -> None:
    """Print a statement with its verdict."""
    verdict = prove(statement, given=given)
    print(f"{words}:\n    {to_text(statement)}\n    {verdict.outcome.name}, {verdict.scope}")
    if verdict.counterexample is not None:
        print(f"    fails at {verdict.counterexample}")


def show_lengths() -> None:
    """Print the length of both gradients, for three classes of which a wrong one leads."""
    print("\nThree classes, a wrong one leading:")
    print(f"{'lead':<6}{'1 - QUAD':<18}{'|grad QUAD|':<18}|grad CE|")
    for lead in (0, 1, 2, 5, 10, 20, 50, 100, 1000):
        point = Point({n: 3, y: 1, z: (0, lead, 0)})
        left, quad, ce = (enclose(e, point).text(8) for e in (1 - QUAD.term, norm(QUAD), norm(CE)))
        print(f"{lead:<6}{left:<18}{quad:<18}{ce}")


if __name__ == "__main__":
    for words, statement in LIMITS.items():
        show(words, statement, given=Ne(k, y))
    for words, statement in EVERYWHERE.items():
        show(words, statement, given=n >= 2)
    show_lengths()

"""Where a loss has kinks: what vanishes there.

Guarantees: away from the zeros of these expressions every branch of the loss stays the same, as a
function of the variables that it is differentiated by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from sympy import Abs, Expr, Heaviside, Max, Min, Piecewise, Sum, sign
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from .class_sums import bound_indices, expand_softmax

KINKED = (Abs, Heaviside, Max, Min, Piecewise, sign)
"""What has branches."""


def kink_edges(value: Expr, variables: Iterable[Expr]) -> Iterator[Expr]:
    """Yield what vanishes where branches of a loss meet and a variable moves what selects them.

    Of what each class of a sum has for itself, only that of a variable's class moves; where more
    does, bound indices in an edge stand for every class.
    """
    edges = list(_edges(expand_softmax(value)))
    found = (_as_it_moves(edge, v) for v in dict.fromkeys(variables) for edge in edges)
    yield from dict.fromkeys(edge for edge in found if edge is not None)


def _edges(value: Expr) -> Iterator[Expr]:
    for node in sorted(value.atoms(*KINKED), key=str):
        if isinstance(node, Piecewise):
            tests = {r for _, condition in node.args for r in condition.atoms(Relational)}
            yield from (r.lhs - r.rhs for r in sorted(tests, key=str))
        elif isinstance(node, (Max, Min)):
            yield from (a - b for a, b in combinations(node.args, 2))
        else:
            yield node.args[0]


def _as_it_moves(edge: Expr, variable: Expr) -> Expr | None:
    """Return an edge where it depends on a variable, None if it never does."""
    if not isinstance(variable, Indexed):
        return edge if variable in edge.free_symbols else None
    own = [a for a in edge.atoms(Indexed) if a.base == variable.base]
    if not own:
        return None
    running = {a.indices[0] for a in own if len(a.indices) == 1}
    single = len(running) == 1 and not edge.has(Sum) and len(variable.indices) == 1
    place = running.pop() if single else None
    if place in bound_indices(edge):
        return edge.xreplace({place: variable.indices[0]})
    return edge

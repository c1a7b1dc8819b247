"""The places of an expression at which one thing can be changed, and what a change is.

Guarantees: places come in a fixed order, those nearest the top first; an expression rebuilt with
something else at one place is the same everywhere else.
What it cannot see: the inside of a named loss, of an integral or of a case distinction; these are
left alone, so that a twin still speaks of the loss by its name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from sympy import Add, Expr, Integral, KroneckerDelta, Piecewise, Pow, Sum, exp
from sympy.tensor.indexed import Indexed

from ..symbolic.calculus import LossTerm
from ..symbolic.limits import LimitTerm
from ..symbolic.vocabulary import Softmax

Names = Mapping[Expr, Expr]
"""The named classes of a statement, each with the size it runs over."""


class Kind(Enum):
    """What a change changes, in words; the order is the one in which kinds take turns."""

    SIGN = "sign"
    ASSUMPTION = "weakened assumption"
    CLASS = "class index"
    CONSTANT = "constant"
    STRICT = "strictness"
    DIRECTION = "direction"
    TERM = "dropped term"
    RANGE = "range of a sum"
    LIMIT = "path of a limit"
    CONNECTIVE = "connective"
    FACTOR = "factor"
    OFFSET = "offset"
    EXPONENT = "exponent"
    ARGUMENT = "argument"
    DELTA = "dropped delta"
    FUNCTION = "function"
    OFF_BY_ONE = "number of classes off by one"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; its words and its result are made only when asked for.

    Attributes
    ----------
    kind
        What is changed.
    words
        Returns the change in words.
    result
        Returns the changed expression.
    """

    kind: Kind
    words: Callable[[], str]
    result: Callable[[], Expr]


@dataclass(frozen=True, slots=True)
class Site:
    """A place in an expression, and the expression with something else put there."""

    node: Expr
    put: Callable[[Expr], Expr]
    depth: int = 0

    def child(self, position: int) -> Site:
        """Return the place of an argument of the node."""
        node, put = self.node, self.put

        def put_child(new: Expr) -> Expr:
            return put(node.func(*node.args[:position], new, *node.args[position + 1 :]))

        return Site(node.args[position], put_child, self.depth + 1)

    def change(self, kind: Kind, words: Callable[[], str], new: Callable[[], Expr]) -> Change:
        """Return the change that puts `new` here."""
        return Change(kind, words, lambda: self.put(new()))


_CLOSED = (LossTerm, Integral, Piecewise, Indexed, KroneckerDelta)


def sites(expr: Expr) -> Iterator[Site]:
    """Yield the places of an expression, nearest the top first."""
    queue = deque([Site(expr, lambda new: new)])
    while queue:
        site = queue.popleft()
        yield site
        queue.extend(site.child(position) for position in _children(site.node))


def _children(node: Expr) -> list[int]:
    if isinstance(node, _CLOSED) or is_left_out(node):
        return []
    if isinstance(node, (Sum, LimitTerm)):
        return [0]
    if isinstance(node, Softmax):
        return [] if isinstance(node.logit, Indexed) else [1]
    if isinstance(node, Pow) and not isinstance(node, exp):
        return [0] if node.exp.is_Number else [0, 1]
    return list(range(len(node.args)))


def is_left_out(node: Expr) -> bool:
    """Tell whether a node is ``1 - delta``, the mark of a class left out."""
    return isinstance(node, Add) and len(node.args) == 2 and isinstance(1 - node, KroneckerDelta)

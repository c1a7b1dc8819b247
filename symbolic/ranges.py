"""The range of every class index: over which size it runs.

Guarantees: one index has one size, a sum runs over the classes of the families in it, and classes
are compared only within one size; anything else is an error, never a guess.
An index that occurs only in Kronecker deltas runs over the classes 1 to n.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Eq, Expr, Integer, KroneckerDelta, Ne, Sum, Symbol
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from .errors import DeclarationError
from .universal import Every
from .vocabulary import SLOT, Softmax, bins, is_bound, is_class, n, places

SIZES = (n, bins)


def index_sizes(exprs: Iterable[Basic]) -> dict[Expr, Expr]:
    """Return the size each named class (symbol or number) runs over, in a fixed order.

    Raises
    ------
    DeclarationError
        If one index is used for families or sums of different sizes.
    """
    ranges = _Ranges()
    for expr in exprs:
        ranges.free |= expr.free_symbols - {SLOT}
        ranges.visit(expr, {})
    ranges.settle()
    named = {a: s for a, s in ranges.sizes.items() if a in ranges.free or isinstance(a, Integer)}
    return dict(sorted(named.items(), key=lambda item: str(item[0])))


def named_classes(atoms: Iterable[Expr]) -> dict[Expr, set[Expr]]:
    """Return the classes named in `atoms` by size."""
    result: dict[Expr, set[Expr]] = {}
    for atom in atoms:
        for member in atom.atoms(Indexed):
            for name, size in places(member):
                if isinstance(name, (Symbol, Integer)) and not is_bound(name):
                    result.setdefault(size, set()).add(name)
    return result


class _Ranges:
    """The sizes found so far, and the comparisons of classes whose sizes are still open."""

    def __init__(self) -> None:
        self.free: set[Expr] = set()
        self.sizes: dict[Expr, Expr] = {}
        self._pairs: dict[tuple[Expr, Expr], bool] = {}
        self._sums = 0

    def visit(self, node: Basic, running: Mapping[Expr, Expr]) -> None:
        """Note the classes in `node`; `running` gives the bound indices names of their own."""
        if isinstance(node, Indexed):
            for name, size in places(node):
                self._note(running.get(name, name), size)
            return
        if isinstance(node, Softmax):
            self._note(running.get(node.args[0], node.args[0]), node.size)
            running = {**running, SLOT: self._run(node.size)}
        elif isinstance(node, Sum):
            running = {**running, **{name: self._run(last) for name, _, last in node.limits}}
        elif isinstance(node, Every):
            running = {**running, node.running: self._run(node.size)}
        elif isinstance(node, (KroneckerDelta, Eq, Ne)) and all(is_class(a) for a in node.args):
            first, second = (running.get(a, a) for a in node.args)
            always = isinstance(node, KroneckerDelta)
            self._pairs[first, second] = always or self._pairs.get((first, second), False)
        for arg in node.args:
            self.visit(arg, running)

    def _run(self, size: Expr) -> Symbol:
        """Return a name for one running class; a sum up to a plain number leaves its size open."""
        self._sums += 1
        name = Symbol(f"_{self._sums}~", integer=True, positive=True)
        if size in SIZES:
            self._note(name, size)
        return name

    def _note(self, name: Expr, size: Expr) -> None:
        known = self.sizes.get(name, size) if isinstance(name, Symbol) else size
        if known != size:
            shown = "a running class" if "~" in str(name) else name
            raise DeclarationError(
                "an index runs over one range",
                found=f"{shown} over {known} and over {size}",
                remedy="use two indices, and sums over the size of the families in them",
            )
        self.sizes[name] = size

    def settle(self) -> None:
        """Give compared classes one size: that of either, else `n` if a delta compares them."""
        left = sorted(self._pairs, key=str)
        while left:
            ready = [pair for pair in left if any(self._size(a) for a in pair)]
            ready = ready or [pair for pair in left if self._pairs[pair]][:1]
            if not ready:
                return
            for pair in ready:
                size = next((s for s in map(self._size, pair) if s), n)
                for name in pair:
                    self._note(name, size)
            left = [pair for pair in left if pair not in ready]

    def _size(self, name: Expr) -> Expr | None:
        return self.sizes.get(name) if isinstance(name, Symbol) else None

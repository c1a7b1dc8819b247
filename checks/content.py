"""What a claim says, as a digest: two claims with one digest are the same to the engine.

Guarantees: formulas of one digest are equal node by node, with their types, the assumptions of
their symbols and the sizes of their families; nothing is left to printing, which hides them.
A formula with a node that this module cannot read whole has no digest: functions that a user's file
defines (their meaning is code), dummies, wild symbols, undefined functions.
The digest is the same in every process of one version of gradproof and of SymPy; what the classes
of these two mean is no part of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from hashlib import sha256

from sympy import Basic, Expr, Float, IndexedBase, Rational, Symbol
from sympy.core.singleton import Singleton
from sympy.core.symbol import Str
from sympy.tensor.indexed import Indexed

from ..numeric.point import Point
from ..symbolic.loss import Loss
from ..symbolic.vocabulary import Family
from .claim import Claim


class UnreadableContentError(Exception):
    """A formula has a node whose meaning is not in its type, its arguments and its assumptions."""


def digest_of(*parts: object) -> str:
    """Return the SHA-256 of texts, numbers and None, told apart from every other such list."""
    return sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def claim_digest(claim: Claim) -> str:
    """Return the digest of what the engine reads of a claim: statement, assumptions and point.

    Raises
    ------
    UnreadableContentError
        If a formula cannot be read whole.

    >>> from gradproof.symbolic import Ge, Gt, S, i
    >>> weak, strict = Claim("sign", Ge(S(i), 0)), Claim("sign", Gt(S(i), 0))
    >>> claim_digest(weak) == claim_digest(strict)
    False
    >>> claim_digest(weak) == claim_digest(Claim("another", Ge(S(i), 0), expected="REFUTED"))
    True
    """
    reader = _Reader()
    point = None if claim.at is None else _point_digest(claim.at, reader)
    return digest_of(reader.all(claim.statement), reader.all(claim.given), point)


def loss_digest(loss: Loss) -> str:
    """Return the digest of everything a loss says, its name and title included.

    Raises
    ------
    UnreadableContentError
        If a formula cannot be read whole.
    """
    reader = _Reader()
    formulas = (reader.one(loss.value), reader.all(loss.given), reader.one(loss.wrt))
    return digest_of(loss.name, loss.title, loss.source, *formulas)


def formula_digest(formula: Basic) -> str:
    """Return the digest of one formula, symbol or family.

    Raises
    ------
    UnreadableContentError
        If it cannot be read whole.
    """
    return _Reader().one(formula)


def _point_digest(point: Point, reader: _Reader) -> str:
    return digest_of(*((reader.one(key), str(value)) for key, value in point.items()))


class _Reader:
    """Reads formulas from the leaves up; what occurs many times is read once."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Basic, str]] = {}  # a node is held: its id must stay its own

    def all(self, formulas: Iterable[object]) -> tuple[str, ...]:
        return tuple(self.one(formula) for formula in formulas)

    def one(self, node: object) -> str:
        if not isinstance(node, Basic):
            raise UnreadableContentError(f"{node!r}, which is not of SymPy")
        if id(node) not in self.known:
            digest = digest_of(_kind(type(node)), *_own(node), *self.all(node.args))
            self.known[id(node)] = (node, digest)
        return self.known[id(node)][1]


def _kind(kind: type) -> str:
    """Return the full name of a class of SymPy or gradproof, which tells it from all others."""
    module = str(kind.__module__)
    found = getattr(sys.modules.get(module), kind.__qualname__, None)
    if module.partition(".")[0] not in ("sympy", "gradproof") or found is not kind:
        raise UnreadableContentError(f"the class {kind.__qualname__}")
    return f"{module}:{kind.__qualname__}"


def _own(node: Basic) -> tuple[object, ...]:
    """Return what a node says beside its type and its arguments."""
    if isinstance(node, Rational):
        return (int(node.p), int(node.q))
    if isinstance(node, Float):
        return (tuple(map(int, node._mpf_)), int(node._prec))
    if type(node) is Symbol:
        return (node.name, _assumptions(node))
    if type(node) is Str:
        return (node.name,)
    if type(node) is Indexed or (type(node) in (IndexedBase, Family) and _is_plain(node)):
        return (_assumptions(node),)
    if isinstance(type(node), Singleton):
        return ()
    if node.args and type(node)._hashable_content in _BY_ARGUMENTS:
        return ()
    raise UnreadableContentError(f"{node}, of {type(node).__name__}")


_BY_ARGUMENTS = (Basic._hashable_content, Expr._hashable_content)
"""How a class tells SymPy that two of its objects with equal arguments are equal."""


def _is_plain(base: IndexedBase) -> bool:
    return bool(base.offset == 0 and base.strides is None)


def _assumptions(node: Basic) -> tuple[tuple[str, bool], ...]:
    return tuple(sorted((name, bool(value)) for name, value in node.assumptions0.items()))

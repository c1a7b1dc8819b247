"""An exact point: rational values for the symbols and families of a formula.

Guarantees: every value is a `Fraction` (sizes and indices are integers), lengths agree with the
declared sizes, labels lie within their range, and no value contradicts the sign its symbol was
declared with.
Floats are taken as the exact binary fractions they are; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from sympy import Expr, IndexedBase, Integer, Rational, Symbol

from ..symbolic.errors import DeclarationError
from ..symbolic.vocabulary import bins, is_bound, n
from .floats import to_fraction
from .point_text import parsed, spelled

Key: TypeAlias = Symbol | IndexedBase
Value: TypeAlias = int | Fraction | tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, init=False)
class Point:
    """An exact assignment of values to symbols and families.

    Parameters
    ----------
    values
        Maps sizes, class indices and scalars (SymPy symbols) to one number each, and families
        (`IndexedBase`) to a sequence of numbers, the first being class 1.
        Numbers are integers, fractions, SymPy rationals, finite floats (taken exactly), or strings
        such as ``"1/3"`` and ``"0.1"`` (taken as the decimal they spell).
        A size may be left out when a family fixes it.

    Raises
    ------
    DeclarationError
        If a length differs from its size, an index lies outside 1..size, a number is not finite or
        contradicts the sign its symbol was declared with, or a size is below 1.

    >>> from gradproof.symbolic import n, y, z
    >>> print(Point({z: (0, 3, 0), y: 1}))
    n = 3, y = 1, z = (0, 3, 0)
    """

    _items: tuple[tuple[Key, Value], ...]

    def __init__(self, values: Mapping[Key, Any] | Iterable[tuple[Key, Any]]) -> None:
        given = dict(values.items() if isinstance(values, Mapping) else values)
        found: dict[Key, Value] = {}
        for key, value in given.items():
            found[key] = _read(key, value)
        sizes = _sizes(found)
        for key in [k for k in found if isinstance(k, IndexedBase)]:
            _check_length(key, found, sizes)
        found |= sizes
        _check_indices(found, sizes)
        ordered = tuple(sorted(found.items(), key=lambda item: _rank(item[0], sizes)))
        object.__setattr__(self, "_items", ordered)

    def __getitem__(self, key: Key) -> Any:
        for own, value in self._items:
            if own == key:
                return value
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(own == key for own, _ in self._items)

    def __iter__(self) -> Iterator[Key]:
        return (key for key, _ in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: Key, default: Any = None) -> Any:
        """Return the value of `key`, or `default` where the point has none."""
        return next((value for own, value in self._items if own == key), default)

    def items(self) -> tuple[tuple[Key, Value], ...]:
        """Return the assignments: sizes first (n before others), families, indices, scalars."""
        return self._items

    def replace(self, changes: Mapping[Key, Any]) -> Point:
        """Return the point with `changes` made.

        A size that follows from a changed family follows it, unless `changes` names the size.
        """
        kept = {k: v for k, v in self._items if k not in changes}
        for key in changes:
            size = _declared_size(key) if isinstance(key, IndexedBase) else None
            if isinstance(size, Symbol):
                kept.pop(size, None)
        return Point(kept | dict(changes))

    def __str__(self) -> str:
        order = sorted(self._items, key=lambda item: isinstance(item[0], IndexedBase))
        return ", ".join(f"{key} = {spelled(value, short=True)}" for key, value in order)

    def __repr__(self) -> str:
        return f"Point({self})"

    def to_json(self) -> dict[str, str]:
        """Return each symbol's name with its exact value as a string."""
        return {str(key): spelled(value) for key, value in self._items}

    def source(self) -> str:
        """Return the point as a Python literal equal to `to_json()`."""
        inner = ", ".join(f'"{name}": "{value}"' for name, value in self.to_json().items())
        return "{" + inner + "}"

    @classmethod
    def from_json(cls, values: Mapping[str, str], symbols: Iterable[Key]) -> Point:
        """Rebuild a point from `to_json()` and the symbols it is about.

        Raises
        ------
        DeclarationError
            If a name is not the name of one of `symbols`.
        """
        by_name = {str(symbol): symbol for symbol in (n, bins, *symbols)}
        unknown = sorted(set(values) - set(by_name))
        if unknown:
            raise DeclarationError(
                "every name in a stored point is a symbol of the formula",
                found=", ".join(unknown),
                remedy="pass the symbols and families the point was made for",
            )
        return cls({by_name[name]: parsed(text) for name, text in values.items()})


def exact(value: Any, name: object) -> Fraction:
    """Return `value` as a fraction.

    Raises
    ------
    DeclarationError
        If `value` is not a finite number; `name` says whose value it is.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        if isinstance(value, str | int | Fraction):
            return Fraction(value)
        if isinstance(value, Rational):
            return Fraction(int(value.p), int(value.q))
        return to_fraction(value)
    except (TypeError, ValueError, ZeroDivisionError, DeclarationError):
        raise DeclarationError(
            "the values of a point are finite rational numbers",
            found=f"{name} = {value!r}",
            remedy="write an integer, a Fraction, a finite float or a string such as '1/3'",
        ) from None


def _read(key: Key, value: Any) -> Value:
    if isinstance(key, IndexedBase):
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise DeclarationError(
                "the value of a family is a sequence of numbers, one for each class",
                found=f"{key} = {value!r}",
                remedy=f"write {key}: (v1, v2, ...)",
            )
        members = tuple(exact(v, key) for v in value)
        for place, member in enumerate(members, start=1):
            _check_domain(key, member, f"[{place}]")
        return members
    if not isinstance(key, Symbol) or is_bound(key):
        raise DeclarationError(
            "a point gives values to symbols and families",
            found=f"{type(key).__name__} {key}",
            remedy="use the symbols of the formula, such as n, y and z, as keys",
        )
    number = exact(value, key)
    if key not in (n, bins) and not is_index(key):
        _check_domain(key, number)
        return number
    if number.denominator != 1 or number < 1:
        raise DeclarationError(
            f"{key} is a positive integer",
            found=f"{key} = {number}",
            remedy="classes are numbered from 1, and there is at least one",
        )
    return int(number)


_RESTRICTIONS: dict[str, Callable[[Fraction], bool]] = {
    "positive": lambda value: value > 0,
    "nonnegative": lambda value: value >= 0,
    "negative": lambda value: value < 0,
    "nonpositive": lambda value: value <= 0,
    "nonzero": lambda value: value != 0,
    "integer": lambda value: value.denominator == 1,
}


@lru_cache(maxsize=4096)
def _restrictions(key: Key) -> tuple[str, ...]:
    """Return what `key`, or each member of it, was declared to be."""
    symbol = key[1] if isinstance(key, IndexedBase) else key
    return tuple(name for name in _RESTRICTIONS if getattr(symbol, f"is_{name}"))


def _check_domain(key: Key, value: Fraction, place: str = "") -> None:
    for name in _restrictions(key):
        if not _RESTRICTIONS[name](value):
            raise DeclarationError(
                f"{key} was declared {name}",
                found=f"{key}{place} = {value}",
                remedy="choose a value in its domain, or declare the symbol with a wider one",
            )


def is_index(symbol: Expr) -> bool:
    """Tell whether `symbol` is a class index (or a size): a positive integer symbol."""
    return isinstance(symbol, Symbol) and bool(symbol.is_integer and symbol.is_positive)


def _declared_size(base: IndexedBase) -> Expr | None:
    shape = base.shape
    return None if shape is None else shape[0]


def _sizes(found: Mapping[Key, Value]) -> dict[Key, Value]:
    sizes: dict[Key, Value] = {k: v for k, v in found.items() if k in (n, bins)}
    for key, value in found.items():
        size = _declared_size(key) if isinstance(key, IndexedBase) else None
        if isinstance(size, Symbol) and isinstance(value, tuple):
            sizes.setdefault(size, found.get(size, len(value)))
    return sizes


def _check_length(
    base: IndexedBase, found: Mapping[Key, Value], sizes: Mapping[Key, Value]
) -> None:
    members = found[base]
    assert isinstance(members, tuple)
    size = _declared_size(base)
    wanted = sizes.get(size)  # no need to ask SymPy for the size itself
    if size is not None and wanted is None:
        wanted = size.subs(dict(sizes))
    if not members:
        raise DeclarationError(
            f"{base} has at least one member",
            found="none",
            remedy="there is at least one class",
        )
    if isinstance(wanted, int | Integer) and wanted != len(members):
        raise DeclarationError(
            f"{base} has {size} members" + (f" with {_spell_sizes(sizes)}" if sizes else ""),
            found=f"{len(members)} values",
            remedy="give one value for each class",
        )


def _spell_sizes(sizes: Mapping[Key, Value]) -> str:
    return ", ".join(f"{k} = {v}" for k, v in sizes.items())


def _check_indices(found: Mapping[Key, Value], sizes: Mapping[Key, Value]) -> None:
    if not sizes:
        return
    largest = max(int(v) for v in sizes.values() if isinstance(v, int))
    for key, value in found.items():
        if key not in sizes and is_index(key) and isinstance(value, int) and value > largest:
            raise DeclarationError(
                f"the class {key} lies within 1..{largest}",
                found=f"{key} = {value} with {_spell_sizes(sizes)}",
                remedy="classes are numbered from 1",
            )


def _rank(key: Key, sizes: Mapping[Key, Value]) -> tuple[int, str]:
    if key == n:
        return (0, "")
    if key in sizes:
        return (1, str(key))
    if isinstance(key, IndexedBase):
        return (2, str(key))
    return (3 if is_index(key) else 4, str(key))

"""Signs of functions of one variable for a reader: the ladder of derivatives as a table.

Guarantees: rungs, zeros, signs and ends are those of the certificate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .markdown import bullets, code, paragraphs, table

LEGEND = (
    "Signs of functions of one variable are shown by a ladder of derivatives.\n"
    "Where its derivative has no zero, a function is monotone, so that its signs at both ends tell "
    "whether it has a zero between; the same holds after division by another function.\n"
    "Each row of a table rests on rows below it; functions and derivatives are shown up to their "
    "sign and up to factors without zeros.\n"
    "A place such as `0+` is just above 0, one such as `1-` just below 1."
)
"""What a reader has to know of ladders."""

_RULES = {
    "zeros of a polynomial, isolated exactly": "a polynomial, its zeros isolated exactly",
    "zero where its argument shows it": "it has the zeros of a row below",
    "constant": "constant",
}
"""Reasons other than a derivative."""

_LONG = 160
_MARKS = {1: "positive", -1: "negative", 0: "zero"}


def ladder_text(certificate: Mapping[str, Any]) -> str:
    """Return the proof that a function of one variable keeps a sign, as Markdown."""
    if "parts" not in certificate:
        return _function(certificate)
    return paragraphs(
        f"To show is {_code(certificate['statement'])}.",
        "The parameter is taken out, which leaves functions of one variable.",
        *map(_function, certificate["parts"]),
    )


def _function(one: Mapping[str, Any]) -> str:
    return paragraphs(
        f"To show is {_code(one['statement'])}.",
        _reading(one),
        _ladder(one.get("ladder", ())),
        _signs(one),
    )


def _reading(one: Mapping[str, Any]) -> str:
    lines = []
    name, _, change = one.get("variable", "").partition(" = ")
    if change not in ("", name):
        lines.append(f"The variable is changed, which keeps signs: {code(one['variable'])}.")
    if one.get("over", "1") != "1":
        lines.append(f"The expression is {_code(one['function'])} divided by {_code(one['over'])}.")
    elif lines:
        lines.append(f"The function is then {_code(one['function'])}.")
    return "\n".join(lines)


def _ladder(rungs: Sequence[Mapping[str, Any]]) -> str:
    if not rungs:
        return ""
    divided = any(not _is_number(rung.get("divided by", "1")) for rung in rungs)
    slope = "Derivative of the quotient, or reason" if divided else "Derivative, or reason"
    header = ("Function", *(["Divided by"] if divided else []), slope, "Signs", "Zeros")
    return table(header, [_row(rung, divided=divided) for rung in rungs])


def _row(rung: Mapping[str, Any], *, divided: bool) -> tuple[str, ...]:
    derivative = rung.get("derivative up to factors without zeros", "")
    by = rung.get("divided by", "")
    return (
        _code(rung["function"]),
        *(["" if _is_number(by) else _code(by)] if divided else []),
        _code(derivative) if derivative else _RULES.get(rung["rule"], rung["rule"]),
        _marks(rung.get("signs")) if "signs" in rung else _MARKS.get(rung.get("sign", 2), ""),
        ", ".join(map(_zero, rung["zeros"])) or "none",
    )


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace("/", "").isdigit() or not text


def _marks(signs: Mapping[str, Any] | None) -> str:
    found = []
    for place, sign in (signs or {}).items():
        value = sign["sign"] if isinstance(sign, Mapping) else sign
        found.append(f"{_MARKS[value]} at {_place(place)}")
    return ", ".join(found)


def _place(text: str) -> str:
    return {"oo": "∞", "-oo": "-∞"}.get(text, code(text))


def _zero(zero: Mapping[str, str]) -> str:
    if zero["from"] == zero["to"]:
        return code(zero["from"])
    return f"one in {code('[' + zero['from'] + ', ' + zero['to'] + ']')}"


def _signs(one: Mapping[str, Any]) -> str:
    lines = [f"At {code(s['at'])} its value is {code(s['ball'])}." for s in one.get("signs", ())]
    lines += [f"At the end {code(e['at'])} it is {code(e['value'])}." for e in one.get("ends", ())]
    if "signs" not in one:
        return paragraphs("The function is 0 everywhere.", bullets(lines))
    zeros = ", ".join(map(_zero, one["zeros"]))
    if zeros:
        begin = f"Its zeros inside are {zeros}; a certified value between decides each sign:"
    else:
        begin = "It has no zero inside, so that one certified value decides the sign:"
    return paragraphs(begin, bullets(lines))


def _code(text: str) -> str:
    return code(text if len(text) <= _LONG else f"{text[:_LONG].rstrip()} …")

"""The plain text of an audit: for the command line, for `str`, and for failing tests.

Guarantees: the worst finding comes first; each has its exact point and the program that shows it;
no line is longer than the width, but for those that are to be copied and words that are longer.
With ``timing=False`` two runs of one audit give one text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from .finding import Finding
from .result import Audit
from .words import (
    MEANING,
    certification,
    dtype_text,
    groups,
    headline,
    joined,
    kinks_text,
    opinions_of,
    point_text,
    run_text,
    score_text,
    sentence,
    stages_text,
    twin_texts,
)

WIDTH = 80
"""Columns that text is filled to, unless others are asked for."""

_STEP = 4


def audit_text(audit: Audit, width: int = WIDTH, *, timing: bool = True) -> str:
    """Return an audit as plain text.

    Parameters
    ----------
    audit
        What was found.
    width
        Columns to fill; the reproducers are left as they are.
    timing
        Whether the time it took is told, which changes from run to run.
    """
    lines = _filled(headline(audit), 0, width)
    for number, group in enumerate(groups(audit.findings), start=1):
        lines += ["", *_group_lines(number, group, width)]
    lines += ["", *_filled(MEANING, 0, width)] if audit.findings else []
    for dtype in audit.dtypes:
        lines += _filled(f"{dtype}: {dtype_text(audit, dtype)}", 0, width)
    notes = [*twin_texts(audit), kinks_text(audit), *map(sentence, audit.remarks)]
    for text in filter(None, [*notes, run_text(audit, timing=timing)]):
        lines += _filled(text, 0, width)
    return "\n".join(lines)


def _group_lines(number: int, group: Sequence[Finding], width: int) -> Iterator[str]:
    """Yield the lines of findings of one class and place."""
    first = group[0]
    title = _filled(f"{first.kind.text}, {first.where}: {first.kind.value}", _STEP, width)
    yield f"{number}. ".ljust(_STEP) + title[0].lstrip()
    yield from title[1:]
    for dtypes, fact, more in _facts(group):
        yield from _filled(f"{joined(dtypes)}{fact}", _STEP, width)
        for text in more:
            yield from _filled(text, 2 * _STEP, width)
    for text in filter(None, (certification(group), "; ".join(opinions_of(group)))):
        yield from _filled(text, _STEP, width)
    if first.reproducer:
        yield " " * _STEP + (f"Reproduce in {first.dtype}:" if len(group) > 1 else "Reproduce:")
        for line in first.reproducer.strip("\n").splitlines():
            yield (" " * 2 * _STEP + line).rstrip()


def _facts(group: Sequence[Finding]) -> list[tuple[list[str], str, tuple[str, ...]]]:
    """Return what was found, with the dtypes of which the very same is said."""
    said: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in group:
        onset = f", from {one.onset} on" if one.onset else ""
        is_said = one.onset and one.regime == one.margin_name
        regime = f" ({one.regime})" if one.regime and not is_said else ""
        score = "" if one.score != one.score else f", score {score_text(one.score)}"
        fact = f"{regime}{onset}: expected {one.expected}, found {one.found}{score}"
        place = f"at {point_text(one.point)}" if one.point else ""
        note = sentence(one.note) if one.note else ""
        more = tuple(filter(None, (place, stages_text(one), note)))
        said.setdefault((fact, more), []).append(one.dtype)
    return [(dtypes, fact, more) for (fact, more), dtypes in said.items()]


def _filled(text: str, indent: int, width: int) -> list[str]:
    """Return text in lines of at most so many columns, all indented; words stay whole."""
    margin = " " * indent
    return wrap(
        " ".join(text.split()),
        width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )

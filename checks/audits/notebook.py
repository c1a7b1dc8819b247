"""What a notebook shows of an audit: its outcome, a row for each finding, the programs folded.

Guarantees: the text is Markdown of the forms that reports use; it follows from the audit alone, the
time it took left out, and needs no part of Jupyter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...symbolic.markdown import bullets, code, escape, fence, folded, paragraphs, table
from .finding import Finding
from .result import Audit
from .words import (
    certification,
    dtype_text,
    groups,
    kinks_text,
    point_text,
    run_text,
    sentence,
    twin_texts,
    verdict,
)

_HEADER = ("Finding", "Where", "Dtype", "From", "Expected", "Found", "At")


def audit_markdown(audit: Audit) -> str:
    """Return what a notebook shows of an audit."""
    found = groups(audit.findings)
    rows = [_row(one) for group in found for one in group]
    return paragraphs(
        f"{code(audit.implementation)} as {escape(audit.loss)}: **{escape(verdict(audit))}**",
        table(_HEADER, rows) if rows else "",
        bullets(escape(text) for text in dict.fromkeys(_meanings(found))),
        *(_reproducer(group) for group in found),
        bullets(escape(text) for text in _facts(audit)),
    )


def _row(one: Finding) -> tuple[str, ...]:
    place = code(point_text(one.point)) if one.point else ""
    told = map(escape, (one.kind.text, one.where, one.dtype, one.onset))
    return (*told, code(one.expected), code(one.found), place)


def _meanings(found: Sequence[tuple[Finding, ...]]) -> Iterator[str]:
    """Yield what each class of findings means, and who certifies it."""
    for group in found:
        kind = group[0].kind
        yield sentence(f"{kind.text}: {kind.value}. {certification(group)}".strip())


def _reproducer(group: Sequence[Finding]) -> str:
    first = group[0]
    if not first.reproducer:
        return ""
    title = f"Reproduce in {first.dtype}: {first.kind.text}, {first.where}"
    return folded(title, fence(first.reproducer.strip("\n"), "python"))


def _facts(audit: Audit) -> Iterator[str]:
    """Yield the scores, what the exact twin said and what was left out."""
    for dtype in audit.dtypes:
        yield f"{dtype}: {dtype_text(audit, dtype)}"
    yield from twin_texts(audit)
    yield from filter(None, [kinks_text(audit), *map(sentence, audit.remarks)])
    yield run_text(audit, timing=False)

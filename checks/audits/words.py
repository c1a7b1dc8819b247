"""Words for audits: what the table, the report and the command say alike.

Guarantees: the texts depend on the values of the audit alone; numbers that are cut short say so by
``...``, but for scores, which are rounded to three digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from .finding import Finding, Kind
from .point import AuditPoint
from .result import Audit, Worst

MEANING = (
    "A score says how many times worse a number is than the rounding of the inputs alone makes it."
)
"""What a score is, in one sentence."""

_SHOWN = 100
"""Characters of a point that are shown whole."""

_ENDS = 4
"""Numbers at each end that are shown of a longer one."""

_RUN = 4
"""Equal numbers in a row that are counted instead of shown."""

OBSERVED = (Kind.DTYPE, Kind.PROTOCOL)
"""Classes that are seen directly, so that no exact twin is asked."""


def groups(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Return the findings with those of one class and place in several dtypes side by side.

    A group holds each dtype once; the order is that of the first finding of each group.
    """
    made: list[list[Finding]] = []
    for one in findings:
        for group in made:
            alike = (one.kind, one.where, one.margin_name)
            first = (group[0].kind, group[0].where, group[0].margin_name)
            if first == alike and all(one.dtype != other.dtype for other in group):
                group.append(one)
                break
        else:
            made.append([one])
    return [tuple(group) for group in made]


def verdict(audit: Audit) -> str:
    """Return the outcome in a few words: ``passes``, how many findings, or what is unjudged."""
    number = len(audit.findings)
    if number:
        return f"{number} finding{'s' if number > 1 else ''}"
    return f"nothing was judged in {joined(audit.unjudged)}" if audit.unjudged else "passes"


def tally(audits: Iterable[Audit]) -> str:
    """Return how many audits passed and how many did not, with those that judged nothing apart."""
    made = list(audits)
    found = sum(bool(audit.findings) for audit in made)
    passed = sum(audit.passed for audit in made)
    unjudged = len(made) - found - passed
    left = f", {unjudged} with nothing judged in some dtype" if unjudged else ""
    return f"{passed} without a finding, {found} with some{left}"


def headline(audit: Audit) -> str:
    """Return what was audited as what, and the outcome."""
    return f"{audit.implementation} as {audit.loss}: {verdict(audit)}"


def score_text(score: float) -> str:
    """Return a score as it is printed.

    >>> score_text(8388608.0), score_text(2.0), score_text(float("inf"))
    ('8.39e+06', '2', 'infinite')
    """
    return "infinite" if math.isinf(score) else f"{score:.3g}"


def point_text(point: AuditPoint) -> str:
    """Return a point; of a long one, equal numbers in a row are counted, the middle left out."""
    text = str(point)
    if len(text) <= _SHOWN:
        return text
    logits, _, target = text.removesuffix(")").partition("), ")
    cut = f"{_shortened(logits)}), "
    return f"{cut}{_shortened(target)})" if "(" in target else f"{cut}{target}"


def _shortened(text: str) -> str:
    """Return a shorter list for one such as ``z = (1, 2, 2``, which may lack its last bracket.

    >>> _shortened("z = (1" + 99 * ", 2")
    'z = (1, 99 times 2'
    """
    name, bracket, numbers = text.partition("(")
    runs = [(number, len([*run])) for number, run in groupby(numbers.split(", "))]
    told = [
        part
        for number, count in runs
        for part in ([number] * count if count < _RUN else [f"{count} times {number}"])
    ]
    left = len(told) - 2 * _ENDS
    if left > 1:
        told[_ENDS:-_ENDS] = [f"... {left} more ..."]
    return f"{name}{bracket}{', '.join(told)}"


def stages_text(finding: Finding) -> str:
    """Return how a finding grows with the margin; empty if that is not known."""
    first, rest = finding.stages[:1], finding.stages[1:]
    told = [f"{s.what} from {finding.margin_name} {s.margin:.4g} on" for s in first]
    return "; ".join([*told, *map(str, rest)])


def certification(group: Sequence[Finding]) -> str:
    """Return whether the exact twin certifies the class of findings that are side by side.

    Empty for a class that is observed directly and needs no twin.
    """
    certified = [one.dtype for one in group if one.certified]
    if len(certified) == len(group):
        return "Certified by the exact twin."
    if certified:
        return f"Certified by the exact twin in {joined(certified)} only."
    if group[0].kind in OBSERVED:
        return ""
    return "Not certified by an exact twin."


def opinions_of(group: Sequence[Finding]) -> list[str]:
    """Return what other checkers say of findings side by side, once for each that says the same."""
    said: dict[tuple[str, bool | None], str] = {}
    for one in group:
        for opinion in one.opinions:
            said.setdefault((opinion.checker, opinion.passes), str(opinion))
    return list(said.values())


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def worst_of(audit: Audit, dtype: str) -> Worst | None:
    """Return the regime with the largest score in a dtype; None if nothing was judged in it."""
    found = [one for one in audit.worst if one.dtype == dtype and one.points]
    return max(found, key=lambda one: one.score, default=None)


def dtype_text(audit: Audit, dtype: str) -> str:
    """Return the worst score in a dtype against the threshold, over how many points, and where."""
    rows = [one for one in audit.worst if one.dtype == dtype]
    worst = worst_of(audit, dtype)
    undefined = sum(one.undefined for one in rows)
    left = f"; no gradient of the loss at {counted(undefined, 'point')}" if undefined else ""
    if worst is None:
        return f"nothing was judged{left}"
    limit = audit.thresholds.get(dtype)
    allowed = "" if limit is None else f", limit {limit:.4g}"
    total = counted(sum(one.points for one in rows), "point")
    return f"worst score {score_text(worst.score)} ({worst.regime}){allowed}, {total}{left}"


def counted(number: int, thing: str) -> str:
    """Return a number of things.

    >>> counted(1, "point"), counted(2, "point")
    ('1 point', '2 points')
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"


def kinks_text(audit: Audit) -> str:
    """Return at how many points branches meet and the subgradient is valid; empty for none."""
    if not audit.kinks:
        return ""
    return f"Branches of the loss meet at {counted(audit.kinks, 'point')}; each gradient is valid."


def run_text(audit: Audit, *, timing: bool) -> str:
    """Return versions, seed and number of calls; `timing` adds the seconds they took."""
    parts = [f"{name} {version}" for name, version in audit.versions.items()]
    parts += [f"seed {audit.seed}", counted(audit.calls, "call")]
    return ", ".join([*parts, *([f"{audit.seconds:.1f} s"] if timing else [])])


def sentence(text: str) -> str:
    """Return text as a sentence: with a capital, and a full stop unless it ends in another mark.

    >>> sentence("it is 2"), sentence("torch.add differs")
    ('It is 2.', 'torch.add differs.')
    """
    first, _, _ = text.partition(" ")
    is_name = not first.replace("'", "").isalpha()
    begun = text if is_name else f"{text[:1].upper()}{text[1:]}"
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."


def twin_texts(audit: Audit) -> list[str]:
    """Return what the exact twin said, or why there is none, as sentences."""
    if audit.has_twin:
        return [sentence(f"Exact twin: {text}") for text in audit.twin]
    return [sentence(text) for text in audit.twin]


def findings_text(audit: Audit) -> str:
    """Return the findings in a line: class, place, dtypes and where they start."""
    return "; ".join(map(group_text, groups(audit.findings)))


def group_text(group: Sequence[Finding]) -> str:
    """Return findings of one class and place in a few words."""
    places = [
        f"{one.dtype}{f' from {one.onset} on' if one.onset else ''}" for one in group if one.dtype
    ]
    where = f" ({', '.join(places)})" if places else ""
    return f"{group[0].kind.text}, {group[0].where}{where}"


def properties(audit: Audit, *, passes: bool) -> dict[str, str]:
    """Return what a machine-readable report says of an audit: texts by name, none of them empty.

    Parameters
    ----------
    audit
        What was found.
    passes
        Whether that is accepted.
    """
    scores = [f"{d} {score_text(audit.worst_score(d))}" for d in audit.dtypes]
    facts = {
        "audit": headline(audit),
        "passes": "yes" if passes else "no",
        "findings": findings_text(audit),
        "scores": ", ".join(scores),
    }
    return {name: text for name, text in facts.items() if text}

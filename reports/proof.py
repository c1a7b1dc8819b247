"""The proof of an inequality for a reader: steps, unknowns, polynomials, lemmas and their use.

Guarantees: every step of the certificate is shown or said to be left out; every polynomial, every
hypothesis used and every product is that of the certificate; nothing is added to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from .ladders import LEGEND, ladder_text
from .lemmas import FACTS, lemma_of, lemmas_text, letters_of
from .markdown import bullets, code, display, escape, folded, formula, paragraphs, table
from .polynomials import LONGEST, equation, relation_latex, unknown_latex
from .reasons import Reasons, hypotheses_in, relation_of
from .reductions import lemmas_of, sentence, summary

Part = Mapping[str, Any]

OPEN = 4
"""Steps of a proof that are shown open; where there are more, each is folded."""

MOST = 40
"""Steps that are shown at all."""

_ONLY = "the only case"
_LONG = 300
"""Characters of a text that is shown whole in a table."""

_SUM = r"sum over (\w+) of (.*?)(?:, \w+ without ([^()]*))?"
"""A sum over classes, as certificates tell what an unknown stands for."""

_SIGNS = {">0": "positive", ">=0": "not negative", "real": "any real number"}


def proof_text(certificate: Mapping[str, Any]) -> str:
    """Return the proof that a certificate holds, as Markdown."""
    parts = certificate["parts"]
    steps = [_step(parts, number) for number in range(len(parts))]
    shown = steps if len(steps) <= OPEN else _folded(parts, steps)
    return paragraphs(_overview(len(steps)), *shown)


def lemmas_used(certificate: Mapping[str, Any]) -> set[str]:
    """Return the names of the lemmas on which a certificate rests."""
    found: set[str] = set()
    for part in certificate["parts"]:
        found |= set(lemmas_of(part["steps"]))
        hypotheses = part.get("hypotheses", [])
        found |= {lemma_of(hypotheses[k]["lemma"]) for k in _used(part)}
    return found - {""}


def lemma_section(names: Iterable[str]) -> str:
    """Return the section on lemmas, empty if there are none."""
    text = lemmas_text(set(names))
    return paragraphs("### Lemmas", text) if text else ""


def method_text(certificates: Sequence[Mapping[str, Any]]) -> str:
    """Explain what the unknowns and tables of proofs are, as far as they have any."""
    several = [part for one in certificates for part in one["parts"]]
    ladders = [part for part in several if part.get("rule") == "one variable"]
    parts = [part for part in several if part.get("rule") is None]
    return paragraphs(_on_unknowns(parts), LEGEND if ladders else "")


def _on_unknowns(parts: Sequence[Part]) -> str:
    lines = []
    meanings = [text for part in parts for text in part["meanings"].values()]
    sums = [found for found in (re.fullmatch(_SUM, text) for text in meanings) if found]
    if any(found[3] for found in sums):
        lines.append(
            "Each sum over classes is split: the terms of the classes that are named stand by "
            "themselves, and the sum over all other classes becomes one unknown, however many they "
            "are."
        )
    elif sums:
        lines.append("Each sum over classes becomes one unknown, however many classes there are.")
    if sums:
        lines.append(
            "What is shown for all values of the unknowns holds for every number of classes."
        )
    if any(part["variables"] for part in parts):
        lines.append(
            "A quotient has the sign of the product of its numerator and its denominator, which "
            "leaves a polynomial in the unknowns."
        )
    return "\n".join(lines)


def _overview(count: int) -> str:
    return f"The proof has {count} steps." if count > 1 else ""


def _folded(parts: Sequence[Part], steps: Sequence[str]) -> list[str]:
    shown = [folded(_title(parts, k, plain=True), step) for k, step in enumerate(steps[:MOST])]
    left = len(steps) - MOST
    more = f"The other {left} steps are in the certificate." if left > 0 else ""
    return [*shown, more]


def _title(parts: Sequence[Part], number: int, *, plain: bool = False) -> str:
    case = parts[number]["case"]
    known = case != _ONLY
    step = f"Step {number + 1} of {len(parts)}" if len(parts) > 1 else ""
    if plain:
        last = summary(parts[number]["steps"][-1]) if parts[number]["steps"] else ""
        return ", ".join(text for text in (step, f"case {case}" if known else "", last) if text)
    if not step:
        return f"**The case {code(case)}.**" if known else ""
    return f"**{step}, in the case {code(case)}.**" if known else f"**{step}.**"


def _step(parts: Sequence[Part], number: int) -> str:
    part = parts[number]
    reductions = bullets(_reductions(parts, number))
    title = _title(parts, number) if len(parts) <= OPEN else ""
    if part.get("rule") == "one variable":
        return paragraphs(title, reductions, ladder_text(part["proof"]))
    return paragraphs(title, reductions, _unknowns(parts, number), _question(part))


def _reductions(parts: Sequence[Part], number: int) -> Iterator[str]:
    """Yield the reductions as sentences; those shared with the step before are not told again."""
    steps = parts[number]["steps"]
    before = parts[number - 1]["steps"] if number else []
    pairs = zip(steps, before, strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    if sum(map(len, steps[:shared])) > _LONG // 3:
        several = f"The first {shared} reductions are those" if shared > 1 else "The first is that"
        yield f"{several} of step {number}."
        steps = steps[shared:]
    for step in steps:
        yield sentence(step).replace("\n", "\n  ")


# -- the polynomial question -----------------------------------------------------------------------


def _unknowns(parts: Sequence[Part], number: int) -> str:
    part = parts[number]
    if not part["variables"]:
        return ""
    for before, other in enumerate(parts[:number]):
        if other.get("variables") == part["variables"] and other["meanings"] == part["meanings"]:
            return f"The unknowns are those of step {before + 1}."
    rows = [
        (formula(unknown_latex(name)), _meaning(part["meanings"].get(name, "")), _SIGNS[sign])
        for name, sign in part["variables"].items()
    ]
    empty = any(
        part["variables"].get(name) == ">=0" and "without" in part["meanings"].get(name, "")
        for name in part["moments"]
    )
    return paragraphs(
        table(("Unknown", "Stands for", "Sign"), rows),
        "A sum over the other classes may be empty, and is then 0." if empty else "",
    )


def _term(meaning: str) -> str:
    """Return the term of a sum; what counts classes sums ones."""
    found = re.fullmatch(_SUM, meaning)
    return found[2] if found else "1"


def _meaning(text: str) -> str:
    """Return what an unknown stands for, with the formula in it as such."""
    found = re.fullmatch(_SUM, text)
    if found:
        running, term, without = found.groups()
        over = f"classes {running} other than {without}" if without else f"all classes {running}"
        return f"the sum of {_shortened(term)} over {'the ' if without else ''}{over}"
    return _shortened(text) if text else "no expression of its own"


def _shortened(text: str) -> str:
    return code(text if len(text) <= _LONG else f"{text[:_LONG].rstrip()} …")


def _question(part: Part) -> str:
    names = list(part["variables"])
    goal, relation = part["goal"]["polynomial"], part["goal"]["relation"]
    if not goal:
        return "Both sides are then equal, so that nothing is left to show."
    used = _used(part)
    several = set(hypotheses_in(part["proof"]))
    beyond = sorted(k for k in several if k >= len(part["hypotheses"]))
    labels = {k: f"H_{{{place}}}" for place, k in enumerate((*used, *beyond), start=1)}
    reasons = Reasons(part["variables"], labels, len(part["hypotheses"]))
    said = formula(relation_of("P", relation))
    count = len(goal)
    long = f"It has {count} terms; the certificate holds all of them." if count > LONGEST else ""
    return paragraphs(
        f"To show is {said} for",
        display(equation("P", goal, names)),
        long,
        _hypotheses(part, used, labels),
        reasons.of(part["proof"], "P", relation) or "The certificate tells why.",
    )


def _used(part: Part) -> list[int]:
    """Return the numbers of the hypotheses used, all of them where solvers decided."""
    if part.get("rule") == "one variable":
        return []
    known = range(len(part["hypotheses"]))
    if _asks_solvers(part["proof"]):
        return list(known)
    used = set(hypotheses_in(part["proof"]))
    return [k for k in known if k in used]


def _asks_solvers(node: Any) -> bool:
    if isinstance(node, Mapping):
        return node.get("rule") == "smt" or any(map(_asks_solvers, node.values()))
    return isinstance(node, (list, tuple)) and any(map(_asks_solvers, node))


def _hypotheses(part: Part, used: Sequence[int], labels: Mapping[int, str]) -> str:
    if not used:
        return ""
    names = list(part["variables"])
    rows = []
    for k in used:
        one = part["hypotheses"][k]
        shown = "a long polynomial, in the certificate"
        if len(one["polynomial"]) <= LONGEST // 2:
            shown = formula(relation_latex(one["polynomial"], one["relation"], names))
        rows.append((formula(labels[k]), shown, _reason(one, part["meanings"])))
    return paragraphs(
        "These relations are used; the letter of each is its left side minus its right side:",
        table(("Name", "Relation", "Reason"), rows),
    )


def _reason(hypothesis: Mapping[str, Any], meanings: Mapping[str, str]) -> str:
    name, text = hypothesis["lemma"], hypothesis["text"]
    lemma = lemma_of(name)
    if lemma and hypothesis["of"]:
        letters = letters_of(lemma, hypothesis["of"])
        said = (f"{letter} = {code(_term(meanings.get(name, '')))}" for letter, name in letters)
        return f"{escape(lemma)} with {', '.join(said)}"
    why = escape(FACTS.get(name, name))
    return f"{why}: {_shortened(text)}" if text else why

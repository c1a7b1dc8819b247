"""Derivations as pages: plain text for a terminal, Markdown, LaTeX.

Guarantees: every line of the derivation is printed, with the rule that made it and its note; the
page is the same in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from textwrap import wrap

from sympy import Expr, KroneckerDelta
from sympy.core.basic import Basic

from .calculus import LossTerm
from .engine import Step
from .letters import names_in
from .loss import Loss
from .operators import Sigmoid
from .printing import to_latex, to_text
from .relations import Eq
from .vocabulary import S, Softmax, i, j, z

_INDENT = "  "
_SIGNS = "+\N{MINUS SIGN}"
_FIXED_SPACE = "\N{NO-BREAK SPACE}"

_LEAST = 12
"""The least number of characters before a line break."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line: the left side where it changes, the right side, the rule."""

    left: str
    right: str
    rule: str


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and the chains of equations below it."""

    heading: str
    chains: tuple[tuple[_Line, ...], ...]
    notes: tuple[str, ...]


def _sections(
    lemmas: Sequence[Sequence[Step]], steps: Sequence[Step], spell: Callable[..., str]
) -> Iterator[_Section]:
    for number, lemma in enumerate(lemmas, start=1):
        name = f"Lemma {number}" if len(lemmas) > 1 else "Lemma"
        yield _section(f"{name}: the derivative of softmax", lemma, spell)
    yield _section("Derivation", steps, spell)
    start = next(step for step in reversed(steps) if isinstance(step.left, LossTerm))
    yield _section("Result", [Step(start.left, steps[-1].right, "")], spell)


def _section(heading: str, steps: Sequence[Step], spell: Callable[..., str]) -> _Section:
    avoid = frozenset().union(*(names_in(side) for s in steps for side in (s.left, s.right)))
    chains: list[list[_Line]] = []
    previous: Expr | None = None
    for step in steps:
        if step.left != previous:
            chains.append([])
        left = spell(step.left, avoid=avoid) if step.left != previous else ""
        chains[-1].append(_Line(left, spell(step.right, avoid=avoid), step.rule))
        previous = step.right
    notes = tuple(f"The step '{step.rule}' {step.note}" for step in steps if step.note)
    return _Section(heading, tuple(tuple(chain) for chain in chains), notes)


def _legend(steps: Sequence[Step], spell: Callable[..., str], math: str) -> str:
    """Return what the letters mean, as a sentence; `math` is put around a formula."""
    sides = [side for step in steps for side in (step.left, step.right)]

    def formula(statement: Basic) -> str:
        return math.format(spell(statement)).replace(" ", _FIXED_SPACE)

    meanings = ["sums without limits run over the classes 1 to n"]
    if any(side.has(Softmax) for side in sides):
        meanings.append(formula(Eq(S(i), S(i).definition())))
    if any(side.has(Sigmoid) for side in sides):
        meanings.append(formula(Eq(Sigmoid(z[i]), Sigmoid(z[i]).definition())))
    if any(side.has(KroneckerDelta) for side in sides):
        same = formula(Eq(i, j))
        meanings.append(f"{formula(KroneckerDelta(i, j))} is 1 if {same}, and 0 otherwise")
    return f"Here {'; '.join(meanings)}."


def text_page(
    loss: Loss, lemmas: Sequence[Sequence[Step]], steps: Sequence[Step], width: int
) -> str:
    """Return a derivation as plain text, `width` characters wide where formulas allow."""

    def prose(text: str) -> str:
        return "\n".join(wrap(text, width)).replace(_FIXED_SPACE, " ")

    blocks = [_title(loss), *([f"Source: {loss.source}"] if loss.source else [])]
    blocks.append(_legend((*steps, *chain(*lemmas)), to_text, "{}"))
    blocks = [prose(block) for block in blocks]
    for section in _sections(lemmas, steps, to_text):
        chains = [_text_chain(lines, width) for lines in section.chains]
        blocks += [section.heading, *chains, *map(prose, section.notes)]
    return "\n\n".join(blocks) + "\n"


def _title(loss: Loss) -> str:
    return f"{loss.name}: {loss.title}" if loss.title else loss.name


def _text_chain(lines: Sequence[_Line], width: int) -> str:
    margin = len(lines[0].left)
    room = width - len(_INDENT) - margin - len(" = ")
    rows = [(line, _broken(line.right, room)) for line in lines]
    rule_width = max(len(line.rule) for line in lines)
    longest = max(len(part) for _, parts in rows for part in parts)
    column = min(longest + 4, room - rule_width)
    printed = []
    for line, parts in rows:
        for number, part in enumerate(parts):
            sign = " = " if number == 0 else "   "
            head = _INDENT + (line.left if number == 0 else "").ljust(margin) + sign
            last = number == len(parts) - 1
            if last and len(part) + 2 + len(line.rule) <= room:
                part = part.ljust(max(column, len(part) + 2)) + line.rule
            printed.append(head + part)
            if last and line.rule and not part.endswith(line.rule):
                printed.append(" " * (width - len(line.rule)) + line.rule)
    return "\n".join(line.rstrip() for line in printed)


def _broken(formula: str, room: int) -> list[str]:
    """Break a formula that is wider than `room`, outside as many brackets as possible."""
    if len(formula) <= room:
        return [formula]
    depth, places = 0, []
    for place, character in enumerate(formula):
        depth += (character in "([{") - (character in ")]}")
        between = formula[place - 1] == " " and (character in _SIGNS or formula[place - 2] == ";")
        before = formula[place - 1] == " " and character in "/Σ∂∫"
        if _LEAST < place <= room and (between or before):
            places.append((depth, not between, -place))
    if not places:
        return [formula]
    place = -min(places)[-1]
    return [formula[:place].rstrip(), *_broken("    " + formula[place:], room)]


def markdown_page(loss: Loss, lemmas: Sequence[Sequence[Step]], steps: Sequence[Step]) -> str:
    """Return a derivation as Markdown with formulas that GitHub renders."""
    blocks = [f"## {_title(loss)}", *([f"Source: {loss.source}."] if loss.source else [])]
    legend = _legend((*steps, *chain(*lemmas)), to_latex, "$`{}`$")
    blocks.append(legend.replace(_FIXED_SPACE, " "))
    for section in _sections(lemmas, steps, to_latex):
        chains = [f"```math\n{_aligned(lines, 'aligned')}\n```" for lines in section.chains]
        blocks += [f"### {section.heading}", *chains, *section.notes]
    return "\n\n".join(blocks) + "\n"


def latex_page(loss: Loss, lemmas: Sequence[Sequence[Step]], steps: Sequence[Step]) -> str:
    """Return a derivation as LaTeX that needs the package amsmath."""
    blocks = [rf"\section*{{{_escaped(_title(loss))}}}"]
    blocks += [_escaped(f"Source: {loss.source}.")] if loss.source else []
    legend = _legend((*steps, *chain(*lemmas)), to_latex, "${}$")
    blocks.append(legend.replace(_FIXED_SPACE, " "))
    for section in _sections(lemmas, steps, to_latex):
        chains = [_aligned(lines, "align*") for lines in section.chains]
        blocks += [rf"\subsection*{{{section.heading}}}", *chains]
        blocks += [_escaped(note) for note in section.notes]
    return "\n\n".join(blocks) + "\n"


def _aligned(lines: Sequence[_Line], environment: str) -> str:
    rows = [
        f"{line.left} &= {line.right}"
        + (f" && \\text{{{_escaped(line.rule)}}}" if line.rule else "")
        for line in lines
    ]
    body = " \\\\\n".join(row.strip() for row in rows)
    return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")

"""Derivations as pages: plain text for a terminal, Markdown, LaTeX.

Guarantees: every line of the derivation is printed, with the rule that made it and its note; the
page is the same in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from sympy import Expr

from .engine import Step
from .letters import names_in
from .loss import Loss
from .printing import to_latex, to_text

_INDENT = "  "


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
    lemmas: Sequence[Sequence[Step]],
    steps: Sequence[Step],
    spell: Callable[..., str],
) -> Iterator[_Section]:
    for number, lemma in enumerate(lemmas, start=1):
        heading = "Lemma: the derivative of softmax"
        yield _section(heading if len(lemmas) == 1 else f"Lemma {number}{heading[5:]}", lemma, spell)
    yield _section("Derivation", steps, spell)


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
    notes = tuple(f"{step.rule}: {step.note}." for step in steps if step.note)
    return _Section(heading, tuple(tuple(chain) for chain in chains), notes)


def text_page(
    loss: Loss, lemmas: Sequence[Sequence[Step]], steps: Sequence[Step], width: int
) -> str:
    """Return a derivation as plain text, `width` characters wide where formulas allow."""
    blocks = [_title(loss)]
    for section in _sections(lemmas, steps, to_text):
        chains = [_text_chain(chain, width) for chain in section.chains]
        notes = [
            "\n".join(wrap(note, width, initial_indent=_INDENT, subsequent_indent=_INDENT))
            for note in section.notes
        ]
        blocks += [section.heading, *chains, *notes]
    return "\n\n".join(blocks) + "\n"


def _title(loss: Loss) -> str:
    return f"{loss.name}: {loss.title}" if loss.title else loss.name


def _text_chain(chain: Sequence[_Line], width: int) -> str:
    margin = len(chain[0].left)
    room = width - len(_INDENT) - margin - len(" = ")
    rows = [(line, _broken(line.right, room)) for line in chain]
    rule_width = max(len(line.rule) for line in chain)
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
            if last and not part.endswith(line.rule):
                printed.append(" " * (width - len(line.rule)) + line.rule)
    return "\n".join(printed)


def _broken(formula: str, room: int) -> list[str]:
    """Break a formula before a plus or minus outside brackets where it is wider than `room`."""
    if len(formula) <= room:
        return [formula]
    depth, breaks = 0, []
    for place, character in enumerate(formula):
        depth += (character in "([{") - (character in ")]}")
        if character in "+−" and place and depth == 0 and formula[place - 1] == " ":
            breaks.append(place)
    fitting = [place for place in breaks if place <= room]
    if not breaks:
        return [formula]
    place = fitting[-1] if fitting else breaks[0]
    return [formula[:place].rstrip(), *_broken("  " + formula[place:], room)]


def markdown_page(loss: Loss, lemmas: Sequence[Sequence[Step]], steps: Sequence[Step]) -> str:
    """Return a derivation as Markdown with formulas that GitHub renders."""
    blocks = [f"## {_title(loss)}"]
    for section in _sections(lemmas, steps, to_latex):
        chains = [f"```math\n{_aligned(chain, 'aligned')}\n```" for chain in section.chains]
        blocks += [f"### {section.heading}", *chains, *map(_sentence, section.notes)]
    return "\n\n".join(blocks) + "\n"


def latex_page(loss: Loss, lemmas: Sequence[Sequence[Step]], steps: Sequence[Step]) -> str:
    """Return a derivation as LaTeX that needs the package amsmath."""
    blocks = [rf"\section*{{{_escaped(_title(loss))}}}"]
    for section in _sections(lemmas, steps, to_latex):
        chains = [_aligned(chain, "align*") for chain in section.chains]
        blocks += [rf"\subsection*{{{section.heading}}}", *chains]
        blocks += [_escaped(_sentence(note)) for note in section.notes]
    return "\n\n".join(blocks) + "\n"


def _aligned(chain: Sequence[_Line], environment: str) -> str:
    rows = [f"{line.left} &= {line.right} && \\text{{{line.rule}}}" for line in chain]
    body = " \\\\\n".join(row.strip() for row in rows)
    return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"


def _sentence(note: str) -> str:
    return note[0].upper() + note[1:]


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")

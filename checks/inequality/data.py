"""Parts of a certificate as JSON data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Dummy, Expr

from ...symbolic.printing import to_text
from ...symbolic.vocabulary import SLOT, index
from .posing import Posed
from .question import Node, poly_data

Part = dict[str, Any]
"""One case of a proof."""


def part_data(label: str, steps: Iterable[str], posed: Posed, node: Node) -> Part:
    """Return one case of a proof as data."""
    question = posed.question
    names: dict[Any, str] = {}
    for unknown in question.unknowns:
        for base in unknown.powers:
            names.setdefault(base, f"f{len(names) + 1}")
    moments: dict[str, Any] = {
        u.name: {"over": u.group, "powers": {names[b]: str(e) for b, e in u.powers.items()}}
        for u in question.unknowns
        if u.group
    }
    for moment in posed.described:
        for base in moment.powers:
            names.setdefault(base, f"f{len(names) + 1}")
        moments[moment.name] = {
            "over": moment.over,
            "powers": {names[b]: str(e) for b, e in moment.powers.items()},
            "polynomial": poly_data(moment.poly),
        }
    return {
        "case": label,
        "steps": list(steps),
        "variables": {u.name: u.sign for u in question.unknowns},
        "meanings": {u.name: u.meaning for u in question.unknowns},
        "factors": {name: _sign(posed, base) for base, name in names.items()},
        "bases": {name: to_text(base.xreplace({SLOT: index("j")})) for base, name in names.items()},
        "moments": moments,
        "hypotheses": [
            {
                "polynomial": poly_data(h.poly),
                "relation": h.relation,
                "lemma": h.lemma,
                "of": dict(h.of),
                "text": h.text,
            }
            for h in question.hypotheses
        ],
        "goal": {"polynomial": poly_data(question.goal), "relation": question.relation},
        "proof": node,
    }


def _sign(posed: Posed, base: Expr) -> str:
    """Return the sign of a base factor for every class.

    Facts about every class are known of the running classes of the sums, not of a fresh one.
    """
    splitting = posed.splitting
    running = {running for _term, running, _size in splitting.rests.values()}
    members = [Dummy(integer=True, positive=True), *running]
    known = {splitting.sign_of_term(base.xreplace({SLOT: member})) for member in members}
    if ">0" in known:
        return ">0"
    return ">=0" if known & {">=0", "==0"} else "real"

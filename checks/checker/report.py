"""From a file to a report: what was checked, what had to be trusted, why it was rejected.

Guarantees: `check` answers for any data whatever, and accepts only what every rule allowed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .lemmas import LEMMAS, SIGNS, ClassSum, check_instance, read_sums
from .polynomials import Poly, Rejected, TooLarge, get, need, plain, read_poly, show, within
from .rules import RULES, Problem, check_names, prove

FORMAT = "gradproof certificate"
VERSION = 1

_SPACED = {">0": "> 0", ">=0": ">= 0", "==0": "== 0", "real": "real"}


@dataclass(frozen=True)
class Report:
    """The outcome of a check.

    Attributes
    ----------
    accepted
        Whether the certificate proves its goals, given what is trusted.
    checked
        What was checked, a sentence for each part.
    trusted
        What the certificate does not prove and a reader has to believe.
    error
        Why it was rejected: the place, what must hold there, and what was found.
    too_large
        Whether it was rejected for its size alone.
    """

    accepted: bool
    checked: tuple[str, ...]
    trusted: tuple[str, ...]
    error: str = ""
    too_large: bool = False

    @property
    def lines(self) -> list[str]:
        """The report as text."""
        kinds = (("checked", self.checked), ("trusted", self.trusted), ("rejected", [self.error]))
        return [f"{kind}: {line}" for kind, lines in kinds for line in lines if line]


def check(certificate: Mapping[str, Any]) -> Report:
    """Check a certificate given as data; whatever is wrong with it, the report says so."""
    checked: list[str] = []
    trusted: list[str] = []
    try:
        _check(certificate, checked, trusted)
    except Rejected as error:
        too_large = isinstance(error, TooLarge)
        return Report(False, tuple(checked), tuple(trusted), str(error), too_large)
    return Report(True, tuple(checked), tuple(trusted))


def _check(certificate: Mapping[str, Any], checked: list[str], trusted: list[str]) -> None:
    try:
        data = json.loads(json.dumps(certificate, allow_nan=False))  # as a file would have it
    except (RecursionError, TypeError, ValueError) as error:
        raise Rejected(f"a certificate is JSON data; found {plain(str(error))}") from None
    name, version = get(data, "format", str), get(data, "version", int)
    need(name == FORMAT and version == VERSION, f"it is a {FORMAT} {VERSION}", (name, version))
    stated = [get(data, "statement", str), *get(data, "assumptions", list), data.get("scope")]
    trusted.append(f"the parts make up the statement: {'; '.join(map(plain, stated))}")
    parts = get(data, "parts", list)
    need(bool(parts), "there is at least one part", parts)
    for number, part in enumerate(parts, 1):
        where = f"part {number} ({plain(get(part, 'case', str))})"
        done, believed = within(where, _check_part, part)
        checked.append(f"{where}: {done}")
        trusted += [f"{where}: {line}" for line in believed]


def _check_part(part: Any) -> tuple[str, list[str]]:
    """Return what was checked in a part, and what was trusted."""
    if part.get("rule") == "one variable":
        said = plain(get(part, "statement", str))
        return "nothing", [f"a fact of one variable, by a ladder of derivatives: {said}"]
    signs = get(part, "variables", dict)
    names = tuple(signs)
    check_names(names)
    for name, sign in signs.items():
        need(sign in SIGNS, f"the sign of a variable is one of {SIGNS}", (name, sign))
    sums = read_sums(part, names)
    _check_signs(signs, sums)
    trusted = _meanings(part, signs, sums)
    facts: list[tuple[Poly, str]] = []
    lemmas: list[str] = []
    for number, hypothesis in enumerate(get(part, "hypotheses", list)):
        poly = within(f"hypothesis {number}", _read_fact, hypothesis, names)
        lemma, relation = get(hypothesis, "lemma", str), hypothesis["relation"]
        facts.append((poly, relation))
        if lemma in LEMMAS:
            place = f"hypothesis {number}, {lemma}"
            within(place, check_instance, hypothesis, poly, names, sums)
            lemmas.append(lemma)
        else:
            reason = f"by {plain(lemma)}, not checked: {plain(repr(hypothesis.get('text')))}"
            shown = f"{show(poly, names)} {_SPACED[relation]}"
            trusted.append(f"hypothesis {number}, {shown}, {reason}")
    goal = get(part, "goal", dict)
    relation = get(goal, "relation", str)
    need(relation in (">=0", ">0"), "the relation of a goal is >=0 or >0", relation)
    poly = read_poly(get(goal, "polynomial", list), names)
    used: list[str] = []
    problem = Problem(names, tuple(signs.values()), tuple(facts), poly, relation == ">0")
    prove(get(part, "proof", dict), problem, used)
    trusted += [line for line in used if line not in RULES]
    proved = f"{show(poly, names)} {_SPACED[relation]} ({len(poly)} monomials)"
    steps = _counted(rule for rule in RULES for one in used if one == rule)
    return f"{proved}, rules: {steps}; lemma instances: {_counted(lemmas) or 'none'}", trusted


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in Counter(words).items())


def _read_fact(hypothesis: Any, names: tuple[str, ...]) -> Poly:
    poly, relation = get(hypothesis, "polynomial", list), get(hypothesis, "relation", str)
    need(relation in (">=0", ">0", "==0"), "a relation is >=0, >0 or ==0", relation)
    return read_poly(poly, names)


def _check_signs(signs: dict[str, str], sums: dict[str, ClassSum]) -> None:
    for name, one in sums.items():
        if one.value is not None:
            need(name not in signs, "what is a polynomial is no variable", name)
            continue
        need(name in signs, "what stands for a sum is a variable", name)
        if signs[name] == ">=0":
            need(one.nonnegative, f"{name} >= 0 is a sum of terms >= 0", str(one))
        if signs[name] == ">0":
            need(one.positive, f"{name} > 0 is a sum of terms > 0", str(one))


def _meanings(part: Any, signs: dict[str, str], sums: dict[str, ClassSum]) -> list[str]:
    meanings = get(part, "meanings", dict)
    lines: list[str] = []
    for name, sign in signs.items():
        some = ", over at least one" if name in sums and sign == ">0" else ""
        means = (
            f"{sums[name]}{some}"
            if name in sums
            else plain(meanings.get(name, "what it is not told"))
        )
        comma = "," if sign == "real" else ""
        lines.append(f"{name}{comma} {_SPACED[sign]}{comma} stands for {means}")
    for name, one in sums.items():
        if one.value is not None:
            lines.append(f"{plain(name)}, which is {show(one.value, list(signs))}, is {one}")
    factors = part.get("factors", {}).items()
    kinds = {sign: "is real" if sign == "real" else shown for sign, shown in _SPACED.items()}
    return lines + [f"in sums, {plain(name)} {kinds[sign]}" for name, sign in factors]


def read(file: Path) -> Any:
    """Return the JSON data of a file; an object must not have two entries of one name.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not such data; the text tells why.
    """
    try:
        return json.loads(
            file.read_text(encoding="utf-8"), object_pairs_hook=_object, parse_constant=_constant
        )
    except RecursionError:
        raise ValueError("data that is nested too deep") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in pairs:
        if name in data:
            raise ValueError(f"an object with two entries of one name: {plain(repr(name))}")
        data[name] = value
    return data


def _constant(name: str) -> Any:
    raise ValueError(f"{name}, which is no JSON")


def stored_in(data: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield the certificates in data: the claim's id, its verdict and the certificate.

    The data is one certificate (then id and verdict are empty), or what `prove --json` wrote; there
    a claim that is proved without a certificate of this format is given with None.
    """
    if type(data) is dict and data.get("format") == FORMAT:
        yield "", "", data
    claims = data.get("claims") if type(data) is dict else None
    for claim in claims if type(claims) is list else []:
        if type(claim) is not dict:
            continue
        evidence = claim.get("evidence")
        listed = evidence if type(evidence) is list else []
        pieces = [e.get("certificate") for e in listed if type(e) is dict]
        own = [one for one in pieces if type(one) is dict and one.get("format") == FORMAT]
        name, verdict = plain(claim.get("id", "")), plain(claim.get("verdict", ""))
        for one in own:
            yield name, verdict, one
        if not own and verdict == "PROVED":
            yield name, verdict, None

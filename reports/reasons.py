"""Why a polynomial has its sign, in words: the rules of certificates as sentences and formulas.

Guarantees: what is shown is read from the certificate, term by term; what is left out for its
length is said to be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .markdown import display, folded, formula, paragraphs
from .polynomials import (
    Names,
    Poly,
    equation,
    lines,
    poly_latex,
    powers_of,
    product,
    unknown_latex,
)

Node = Mapping[str, Any]

MOST_TERMS = 12
"""Terms of a sum of products that are all shown; of longer ones half as many."""

MOST_FOLDED = 80
"""Terms of a longer sum that still are on the page, folded."""

_INLINE = 60
"""Characters of a formula that still stands within a sentence."""

_RELATIONS = {">=0": r"\ge 0", ">0": "> 0", "<=0": r"\le 0", "<0": "< 0"}


def relation_of(letter: str, relation: str) -> str:
    """Return LaTeX that says which sign a letter has."""
    return f"{letter} {_RELATIONS[relation]}"


def hypotheses_in(node: Node | None) -> Iterator[int]:
    """Yield the numbers of the hypotheses that a proof uses."""
    if node is None:
        return
    for term in node.get("terms", ()):
        yield from map(int, term.get("hypotheses", {}))
    if "hypothesis" in node:
        yield int(node["hypothesis"])
    for inner in _children(node):
        yield from hypotheses_in(inner)


def _children(node: Node) -> Iterator[Node | None]:
    yield from (inner["proof"] for key in ("factors", "cases") for inner in node.get(key, ()))
    yield from (node[key] for key in ("nonnegative", "negative", "proof") if key in node)


@dataclass(frozen=True)
class Reasons:
    """Puts proofs into words.

    Attributes
    ----------
    signs
        The sign of each unknown by its name, in the order in which unknowns are shown.
    labels
        What each hypothesis is called, in LaTeX, by its number.
    count
        How many hypotheses there are before further cases add theirs.
    is_rewritten
        Whether other unknowns were put into what a letter stands for.
    """

    signs: Mapping[str, str]
    labels: Mapping[int, str]
    count: int
    is_rewritten: bool = False

    @property
    def names(self) -> Names:
        """The unknowns in their order."""
        return tuple(self.signs)

    def of(self, node: Node, letter: str, relation: str) -> str:
        """Return the reason why a polynomial, called by a letter, has a sign."""
        rules = {
            "combination": self._combination,
            "factors": self._factors,
            "order": self._order,
            "difference": self._difference,
            "cases": self._cases,
            "smt": _by_solvers,
        }
        rule = rules.get(node["rule"])
        return "" if rule is None else rule(node, letter, relation)

    # -- sums of products --------------------------------------------------------------------------

    def _combination(self, node: Node, letter: str, relation: str) -> str:
        terms, times = node["terms"], _times(node["multiplier"], letter, self.names)
        said = formula(relation_of(letter, relation))
        if not terms:
            return f"Nothing is left to show: {formula(f'{letter} = 0')}."
        positive = self._positive(terms) if relation in (">0", "<0") else ""
        if _is_plain(terms):
            return self._by_coefficients(node, letter, relation, positive)
        shown = [self._term(term, signed=k > 0) for k, term in enumerate(terms)]
        factor = "" if times == letter else f", and the factor of {formula(letter)} is positive"
        end = f"{positive}{factor}, so that {said}."
        text = f"{times} = {' '.join(shown)}"
        if len(text) <= _INLINE:
            return f"Here {formula(text)}; no term is negative{end}"
        return paragraphs(_sum(times, shown), f"No term is negative{end}")

    def _by_coefficients(self, node: Node, letter: str, relation: str, positive: str) -> str:
        times, said = (
            _times(node["multiplier"], letter, self.names),
            formula(relation_of(letter, relation)),
        )
        real = any(self.signs.get(v) == "real" for t in node["terms"] for v in t["variables"])
        even = ", and unknowns of either sign have even powers" if real else ", nor is an unknown"
        what = formula(times)
        if times != letter:
            return (
                f"Multiplied out, {what} has no negative coefficient{even}{positive}; the factor "
                f"of {formula(letter)} is positive, so that {said}."
            )
        what = f"what {what} becomes" if self.is_rewritten else what
        return f"No coefficient of {what} is negative{even}{positive}, so that {said}."

    def _term(self, term: Node, *, signed: bool) -> str:
        factors = powers_of(term.get("variables", {}), self.names)
        used = sorted((int(k), int(e)) for k, e in term.get("hypotheses", {}).items())
        factors += [(self.labels[k], e) for k, e in used]
        square = term.get("square")
        if square is not None:
            factors.append((f"({poly_latex(square, self.names)})", 2))
        return product(term["coefficient"], factors, signed=signed)

    def _positive(self, terms: Sequence[Node]) -> str:
        """Return which term shows that the sum is not 0, if it needs a word."""
        for term in terms:
            plain = term.get("square") is None and not term.get("hypotheses")
            own = term.get("variables", {})
            if plain and all(self.signs.get(v) == ">0" for v in own):
                return f", and {formula(self._term(term, signed=False))} is positive"
        return ""

    # -- factors -----------------------------------------------------------------------------------

    def _factors(self, node: Node, letter: str, relation: str) -> str:
        several = node["factors"]
        inner = [_numbered(letter, k) for k in range(1, len(several) + 1)]
        pairs = [(name, int(f["power"])) for name, f in zip(inner, several, strict=True)]
        whole = f"{letter} = {product(node['constant'], pairs)}"
        said = formula(relation_of(letter, relation))
        return paragraphs(
            f"{formula(letter)} is a product, {formula(whole)}; its factors, one by one:",
            *(self._factor(f, name) for f, name in zip(several, inner, strict=True)),
            f"The signs multiply to {said}.",
        )

    def _factor(self, factor: Node, name: str) -> str:
        what = equation(name, factor["polynomial"], self.names)
        short = "\n" not in what and len(what) <= _INLINE
        shown = f"{formula(what)}." if short else display(what)
        if factor["proof"] is None:
            power = formula(f"{name}^{{{factor['power']}}}")
            why = f"An even power is never negative: {power}."
        else:
            negative = factor["sign"].startswith("<")
            turned = str(factor["sign"]).replace("<", ">")
            why = self.of(factor["proof"], f"-{name}" if negative else name, turned)
        return f"{shown}\n{why}" if short and "\n" not in why else paragraphs(shown, why)

    # -- orders and cases --------------------------------------------------------------------------

    def _order(self, node: Node, letter: str, relation: str) -> str:
        several = node["cases"]
        shown = formula(", ".join(map(unknown_latex, node["variables"])))
        said = formula(relation_of(letter, relation))
        first = several[0]
        change = formula(", ".join(_differences(first)))
        begin = (
            f"The unknowns {shown} are put in order.\n"
            "Each is then the next smaller one plus a nonnegative difference, such as "
            f"{change} where {formula(_chain(first))}."
        )
        if node.get("symmetric"):
            groups = "; ".join(formula(", ".join(map(unknown_latex, g))) for g in node["symmetric"])
            begin += f"\nExchanging {groups} changes nothing, so that one order of these is enough."
        if all(_is_by_coefficients(c["proof"]) for c in several):
            orders = "this order" if len(several) == 1 else f"each of the {len(several)} orders"
            return (
                f"{begin}\nIn {orders} no coefficient of what {formula(letter)} becomes is "
                f"negative, so that {said}."
            )
        return paragraphs(begin, *(self._in_order(c, letter, relation) for c in several))

    def _in_order(self, case: Node, letter: str, relation: str) -> str:
        inside = {k: v for k, v in self.signs.items() if k not in case["order"]}
        inside |= dict.fromkeys(case["names"], ">=0")
        inner = Reasons(inside, self.labels, self.count, True)
        return f"Where {formula(_chain(case))}:\n{inner.of(case['proof'], letter, relation)}"

    def _difference(self, node: Node, letter: str, relation: str) -> str:
        larger, smaller, name = (unknown_latex(node[k]) for k in ("larger", "smaller", "name"))
        known = self.labels[int(node["hypothesis"])]
        inside = {k: v for k, v in self.signs.items() if k != node["larger"]}
        inner = Reasons({**inside, node["name"]: ">=0"}, self.labels, self.count, True)
        return paragraphs(
            f"By {formula(known)} the difference {formula(f'{name} = {larger} - {smaller}')} is "
            f"not negative; {formula(f'{smaller} + {name}')} is put for {formula(larger)}.",
            inner.of(node["proof"], letter, relation),
        )

    def _cases(self, node: Node, letter: str, relation: str) -> str:
        name = "Q" if letter.lstrip("-").startswith("P") else "Q'"
        label = self.labels.get(self.count, "")
        called = f"{label} = " if label else ""
        inner = Reasons(self.signs, self.labels, self.count + 1, self.is_rewritten)
        return paragraphs(
            "There are two cases, by the sign of",
            display(equation(name, node["on"], self.names)),
            f"Where {formula(relation_of(f'{called}{name}', '>=0'))}:",
            inner.of(node["nonnegative"], letter, relation),
            f"Where {formula(relation_of(f'{called}-{name}', '>0'))}:",
            inner.of(node["negative"], letter, relation),
        )


def _sum(times: str, terms: Sequence[str]) -> str:
    """Return a sum of products, with most of a long one folded or left to the certificate."""
    count, few = len(terms), MOST_TERMS // 2
    if count <= MOST_TERMS:
        return paragraphs("It is a sum of products:", display(lines(times, terms)))
    whole = display(lines(times, terms))
    return paragraphs(
        f"It is a sum of {count} products, which begins:",
        display(lines(times, [*terms[:few], r"+ \cdots"])),
        folded(f"All {count} products", whole) if count <= MOST_FOLDED else "",
    )


def _numbered(letter: str, number: int) -> str:
    """Return the name of a factor: of P, P_1; of -P_1, P_11."""
    stem, _, rest = letter.lstrip("-").partition("_")
    return f"{stem}_{{{rest.strip('{}')}{number}}}"


def _times(multiplier: Poly, letter: str, names: Names) -> str:
    """Return a multiplier times a letter."""
    if len(multiplier) == 1 and not multiplier[0][1]:
        negative = letter.startswith("-")
        factor = Fraction(multiplier[0][0]) * (-1 if negative else 1)
        return product(str(factor), [(letter.lstrip("-"), 1)])
    text = poly_latex(multiplier, names)
    shown = f"({text})" if len(multiplier) > 1 else text
    return rf"{shown} \cdot " + (f"({letter})" if letter.startswith("-") else letter)


def _is_plain(terms: Sequence[Node]) -> bool:
    return not any(t.get("square") is not None or t.get("hypotheses") for t in terms)


def _is_by_coefficients(node: Node) -> bool:
    return node["rule"] == "combination" and _is_plain(node["terms"])


def _differences(case: Node) -> list[str]:
    """Return what the unknowns of an order are in the differences, the largest first."""
    names = [unknown_latex(name) for name in case["names"]]
    order = [unknown_latex(name) for name in case["order"]]
    return [f"{x} = {' + '.join(names[k:])}" for k, x in enumerate(order)]


def _chain(case: Node) -> str:
    return r" \ge ".join(map(unknown_latex, case["order"]))


def _by_solvers(node: Node, letter: str, relation: str) -> str:
    versions = node.get("versions", {})
    named = [f"{name} {versions.get(name, '')}".strip() for name in sorted(node["answers"])]
    return (
        f"Two solvers, {' and '.join(named)}, both answer that no values of the unknowns make "
        f"{formula(relation_of(letter, relation))} false.\n"
        "The question they were asked is in the certificate, in SMT-LIB2."
    )

"""Laws of which figures a report has, and where they are shown."""

from __future__ import annotations

import pickle
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Counterexample, Outcome, Verdict
from gradproof.numeric import Point
from gradproof.reports import check_replaceable, write_report
from gradproof.reports.figures.assignment import ROWS, catalogue_figures
from gradproof.reports.figures.choice import figures_of
from gradproof.reports.figures.figure import Figure
from gradproof.reports.figures.pages import figures_list, figures_section
from gradproof.reports.figures.refutation import MOST
from gradproof.reports.markdown import MARKER
from gradproof.symbolic import Eq, S, losses, y, z
from gradproof.symbolic.errors import DeclarationError, ReportError
from gradproof.symbolic.printing import to_text

OWN = {claim.id: claim for claim in catalogue()}
OPEN = Verdict(Outcome.UNDECIDED, "all n", "", ())


def drawn() -> list[Figure]:
    """Return the figures of the whole catalogue."""
    return catalogue_figures(OWN.values())


def like(claim: Claim, **changes: object) -> Claim:
    """Return a claim made anew with the parts of another, some of them changed."""
    names = ("title", "given", "source", "expected", "at", "note", "loss")
    parts = {name: getattr(claim, name) for name in names}
    statement = changes.pop("statement", claim.statement)
    return Claim(claim.id, statement, **(parts | changes))


def test_every_row_names_claims_of_the_catalogue() -> None:
    """A figure illustrates claims that exist, no claim twice by one figure."""
    for row in ROWS:
        assert row.claims
        assert set(row.claims) <= set(OWN)
        assert len(set(row.claims)) == len(row.claims)


def test_figures_of_the_catalogue_have_names_of_their_own() -> None:
    """All are drawn, with different names that no refuted claim can have, and every part told."""
    figures = drawn()
    assert len(figures) == len(ROWS)
    assert len({figure.name.casefold() for figure in figures}) == len(ROWS)
    assert not [figure.name for figure in figures if figure.name.startswith("refuted-")]
    for figure in figures:
        assert figure.file == f"figures/{figure.name}.svg"
        root = ET.fromstring(figure.svg)
        title, description = list(root)[:2]
        assert (title.text, description.text) == (figure.title, figure.alternative)
        assert any(character.isdigit() for character in figure.alternative)
        assert {len(row) for row in figure.table} == {len(figure.table[0])}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.claims[0])
def test_a_figure_is_the_same_twice(row: object) -> None:
    """Drawn twice, a figure is the same to the letter in every part."""
    draw: Callable[[], Figure] = row.draw  # type: ignore[attr-defined]
    assert draw() == draw()


def test_only_the_claims_of_the_report_are_named() -> None:
    """A figure is drawn for each claim it illustrates, and names those that are there."""
    (one,) = catalogue_figures([OWN["kde-scale-loss"], OWN["softmax-sum"]])
    assert one.claims == ("kde-scale-loss",)
    assert catalogue_figures([OWN["softmax-sum"]]) == []


def test_a_claim_from_another_process_is_the_catalogues() -> None:
    """A claim that was sent to a process and back keeps its figure."""
    again = pickle.loads(pickle.dumps(OWN["quad-plateau"]))
    assert [figure.name for figure in catalogue_figures([again])] == ["quadratic-plateau"]


@pytest.mark.parametrize(
    "changes",
    [
        {"statement": Eq(losses.quadratic.gradient(y), S(y))},
        {"given": ()},
        {"source": "a user"},
        {"title": "Another title"},
        {"expected": "REFUTED"},
        {"note": "another"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_claim_of_a_user_with_the_same_id_has_none(changes: dict[str, object]) -> None:
    """What differs from the catalogue's claim in anything but its place is not the catalogue's."""
    own = OWN["kde-far-position"]
    assert catalogue_figures([like(own)])
    assert not catalogue_figures([like(own, **changes)])


SHOWN = Figure(
    "some",
    "Some *lines*",
    "How. To read.",
    "At 1 it is 2.",
    "<svg/>",
    (("x", "y|z"), ("1", "2")),
    ("a", "b"),
)


def test_the_section_of_a_page() -> None:
    """Picture, caption, words and values stand in this order; nothing without figures."""
    assert figures_section([]) == ""
    assert figures_section([SHOWN]) == (
        "## Figure\n\n![Some \\*lines\\*](figures/some.svg)\n\n"
        "**Some \\*lines\\*.**\nHow.\nTo read.\n\nIn words:\nAt 1 it is 2.\n\n"
        "<details>\n<summary>Values of the figure</summary>\n\n"
        "| x | y\\|z |\n| --- | --- |\n| 1 | 2 |\n\n</details>"
    )
    bare = figures_section([SHOWN, replace(SHOWN, table=())])
    assert bare.startswith("## Figures\n")
    assert bare.count("<details>") == 1


def test_the_list_of_the_index() -> None:
    """Each figure is listed with links to its claims; a full list of refutations says so."""
    assert figures_list([]) == ""
    line = "- [Some \\*lines\\*](figures/some.svg): [a](a.md), [b](b.md)"
    assert figures_list([SHOWN]) == f"## Figures\n\n{line}"
    many = [replace(SHOWN, name=f"refuted-{k}") for k in range(MOST)]
    assert figures_list(many).endswith(f"\n\nFigures of refuted claims end after the first {MOST}.")
    assert "end after" not in figures_list(many[1:])


@pytest.mark.parametrize("part", ["name", "title", "caption", "alternative", "svg"])
def test_a_figure_without_words_is_an_error(part: str) -> None:
    """No part of what a figure tells may be empty."""
    with pytest.raises(DeclarationError, match=f"found no {part} of the figure"):
        replace(SHOWN, **{part: " "})


def refuted(name: str) -> tuple[Claim, Verdict]:
    """Return a refuted claim that is nobody's."""
    claim = Claim(name, Eq(losses.softmax_cross_entropy.term, S(y)))
    where = Counterexample(Point({z: (0, 1), y: 1}), to_text(claim.statement[0]), ())
    return claim, Verdict(Outcome.REFUTED, "one exact point, n = 2", "search", (), where)


def test_a_report_shows_its_figures(tmp_path: Path) -> None:
    """The file of a figure lies beside the pages that show it; other pages show none."""
    results = [(OWN["kde-scale-loss"], OPEN), (OWN["softmax-sum"], OPEN), refuted("mine")]
    write_report(results, tmp_path)
    files = {path.name for path in (tmp_path / "figures").iterdir()}
    assert files == {"kernel-scale.svg", "refuted-mine.svg"}
    pages = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.md")}
    assert "](figures/kernel-scale.svg)\n" in pages["kde-scale-loss"]
    assert "](figures/refuted-mine.svg)\n" in pages["mine"]
    assert "## Figure" not in pages["softmax-sum"]
    assert "## Figures\n\n- [A factor of the kernel" in pages["index"]
    write_report(results[1:2], tmp_path)
    assert not (tmp_path / "figures").exists()


def test_a_claim_that_a_figure_illustrates_has_no_second_one() -> None:
    """A refuted claim of the catalogue with a figure has that one alone."""
    claim, (_, verdict) = OWN["kde-scale-multiplies"], refuted("mine")
    where = replace(verdict.counterexample, failing=to_text(claim.statement[0]))
    figures = figures_of([(claim, replace(verdict, counterexample=where))])
    assert [figure.name for figure in figures] == ["kernel-scale"]


def test_refutations_end_at_some_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first refuted claims have figures, up to the limit."""
    monkeypatch.setattr("gradproof.reports.figures.choice.MOST", 2)
    figures = figures_of([refuted(name) for name in "abc"])
    assert [figure.claims for figure in figures] == [("a",), ("b",)]


@pytest.mark.parametrize("name", ["figures/mine.svg", "figures/note.txt", "figures/deep/a.svg"])
def test_files_of_others_among_figures_are_left_alone(name: str, tmp_path: Path) -> None:
    """A folder of figures with anything that gradproof did not draw is refused, by name."""
    write_report([refuted("mine")], tmp_path)
    check_replaceable(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("<?xml?>\n<svg/>\n", encoding="utf-8")
    found = "/".join(name.split("/")[:2])
    with pytest.raises(ReportError, match=f"found {found} in"):
        write_report([refuted("other")], tmp_path)
    assert (tmp_path / "figures" / "refuted-mine.svg").exists()


def test_the_marker_tells_a_figure(tmp_path: Path) -> None:
    """A picture with the marker in its second line is of a report; a link to one is not."""
    (tmp_path / "figures").mkdir()
    own = tmp_path / "figures" / "own.svg"
    own.write_text(f"<?xml?>\n{MARKER}\n<svg/>\n", encoding="utf-8")
    check_replaceable(tmp_path)
    (tmp_path / "figures" / "link.svg").symlink_to(own)
    with pytest.raises(ReportError, match=r"found figures/link\.svg in"):
        check_replaceable(tmp_path)

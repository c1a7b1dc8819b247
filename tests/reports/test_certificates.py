"""Laws of certificates as files of a report."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradproof.checks.checker import check, read, stored_in
from gradproof.checks.claim import Claim
from gradproof.checks.engine import Settings, decide_claim
from gradproof.checks.verdict import Verdict
from gradproof.replaying import replay
from gradproof.reports import write_report
from gradproof.reports.certificates import certificate_text, is_certificate
from gradproof.symbolic import Ge, ReportError, S, i

HERE = Path(__file__).parent
Results = tuple[tuple[Claim, Verdict], ...]


@pytest.fixture(scope="module")
def proved() -> Results:
    """Return the results of ``proved.py``."""
    return tuple(runpy.run_path(str(HERE / "proved.py"))["RESULTS"].values())


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every certificate of a report."""
    return {path.stem: path.read_bytes() for path in (folder / "certificates").iterdir()}


def test_the_files_hold_the_certificates_and_are_accepted(proved: Results, tmp_path: Path) -> None:
    """Each file holds all certificates of its claim, and the checker accepts every one."""
    write_report(proved, tmp_path)
    found = files(tmp_path)
    assert {"alt-equalises", "ce-convex", "ce-nonnegative", "ce-range-attained"} < set(found)
    assert "ce-unbounded" not in found
    for claim, verdict in proved:
        own = [e.certificate for e in verdict.evidence if (e.certificate or {}).get("format")]
        if own:
            data = read(tmp_path / "certificates" / f"{claim.id}.json")
            stored = list(stored_in(data))
            assert [one for _, _, one in stored] == own
            assert all(check(one).accepted for _, _, one in stored)
            assert stored[0][:2] == (claim.id, verdict.outcome.name)


def test_a_page_links_its_certificate_and_no_other_does(proved: Results, tmp_path: Path) -> None:
    """A page names a file of certificates if and only if that file is written."""
    write_report(proved, tmp_path)
    for claim, _ in proved:
        page = (tmp_path / f"{claim.id}.md").read_text(encoding="utf-8")
        link = f"(certificates/{claim.id}.json)"
        assert (link in page) == (tmp_path / "certificates" / f"{claim.id}.json").exists()


def test_a_fresh_proof_is_replayed_from_the_report(tmp_path: Path) -> None:
    """The line on the page works: what the engine proves now, the replay accepts from its file."""
    claim = Claim("positive", Ge(S(i), 0))
    write_report([(claim, decide_claim(claim, Settings()))], tmp_path)
    result = CliRunner().invoke(replay, [str(tmp_path / "certificates" / "positive.json")])
    assert "1 certificate: 1 accepted" in result.output


def test_the_text_is_sorted_and_has_no_times(proved: Results) -> None:
    """Keys are sorted at every depth, and nothing tells how long a proof took."""
    text = certificate_text(*proved[0])
    data = json.loads(text)
    assert json.dumps(data) == json.dumps(data, sort_keys=True)
    assert "seconds" not in text
    assert all(len(line) < 2000 for line in text.splitlines())


def test_an_earlier_report_with_certificates_is_replaced(proved: Results, tmp_path: Path) -> None:
    """Certificates of claims that are gone go too, and the same report has the same bytes."""
    write_report(proved, tmp_path)
    before = files(tmp_path)
    write_report(proved, tmp_path)
    assert files(tmp_path) == before
    write_report([r for r in proved if r[0].id == "ce-unbounded"], tmp_path)
    assert not (tmp_path / "certificates").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("certificates/mine.json", '{"format": "gradproof certificate"}'),
        ("certificates/mine.json", "["),
        ("certificates/notes.txt", "mine"),
    ],
)
def test_files_among_certificates_are_left_alone(
    name: str, text: str, proved: Results, tmp_path: Path
) -> None:
    """What a report did not write is refused by name, also beside certificates."""
    write_report(proved, tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    before = files(tmp_path)
    with pytest.raises(ReportError, match=name):
        write_report(proved, tmp_path)
    assert files(tmp_path) == before


def test_a_link_is_no_certificate(proved: Results, tmp_path: Path) -> None:
    """A link to a certificate of a report is not taken for one."""
    write_report(proved, tmp_path / "report")
    file = next((tmp_path / "report" / "certificates").iterdir())
    assert is_certificate(file)
    (tmp_path / "link.json").symlink_to(file)
    assert not is_certificate(tmp_path / "link.json")

"""Laws of writing a report: all of it or nothing, and never another's files."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Outcome, Verdict
from gradproof.reports import (
    check_replaceable,
    render_index,
    render_page,
    write_report,
    writer,
)
from gradproof.reports.workshop import clear, swap, workshop
from gradproof.reports.writer import MARKER, report_files
from gradproof.symbolic import Eq, ReportError, S, class_sum

Results = tuple[tuple[Claim, Verdict], ...]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder, hidden ones too."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def named(name: str) -> tuple[Claim, Verdict]:
    """Return a result whose claim has this id."""
    return Claim(name, Eq(class_sum(S), 1)), Verdict(Outcome.UNDECIDED, "all n", "", ())


def test_a_report_is_an_index_and_a_page_a_claim(results: Results, tmp_path: Path) -> None:
    """The folder, made with its parents, holds the index and one page for each claim."""
    folder = tmp_path / "a" / "b"
    assert write_report(results, folder, title="Mine") == folder / "index.md"
    expected = {f"{claim.id}.md": render_page(claim, verdict) for claim, verdict in results}
    expected["index.md"] = render_index(results, "Mine")
    assert contents(folder) == {name: text.encode() for name, text in expected.items()}
    assert [path.name for path in folder.parent.iterdir()] == ["b"]


@pytest.mark.parametrize("place", range(6))
def test_a_changed_claim_changes_its_page_and_the_index_alone(place: int, results: Results) -> None:
    """Nothing on a page depends on the other claims of the report."""
    claim, verdict = results[place]
    changed = list(results)
    other = Claim(claim.id, Eq(class_sum(S), 2), title="Something else", source=claim.source)
    changed[place] = other, verdict
    before, after = report_files(results), report_files(changed)
    assert before.keys() == after.keys()
    differ = {name for name in before if before[name] != after[name]}
    assert differ == {"index.md", f"{claim.id}.md"}


def test_every_file_carries_the_marker(results: Results, tmp_path: Path) -> None:
    """Each file of a report begins with the line by which it is known again."""
    write_report(results, tmp_path)
    assert all(text.startswith(MARKER.encode() + b"\n") for text in contents(tmp_path).values())


def test_an_earlier_report_is_replaced_as_a_whole(results: Results, tmp_path: Path) -> None:
    """Pages of claims that are gone go too; writing the same again changes no byte."""
    write_report(results, tmp_path)
    write_report(results[:2], tmp_path)
    assert set(contents(tmp_path)) == {"index.md", "ce-sum.md", "ce-symmetric.md"}
    before = contents(tmp_path)
    write_report(results[:2], tmp_path)
    assert contents(tmp_path) == before


def test_a_link_to_a_folder_stays_a_link(results: Results, tmp_path: Path) -> None:
    """A report written through a link goes to the folder that the link names."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_report(results, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "index.md").is_file()


@pytest.mark.parametrize("name", ["notes.txt", "mine.md", "more/page.md"])
def test_files_of_others_are_left_alone(name: str, results: Results, tmp_path: Path) -> None:
    """A folder that holds anything but pages is refused, by name, and not touched."""
    write_report(results, tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("# My notes\n", encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(ReportError) as caught:
        write_report(results[:1], tmp_path)
    assert str(caught.value) == (
        "a folder that is replaced by a report holds nothing but an earlier report; "
        f"found {Path(name).parts[0]} in {tmp_path}; choose an empty folder, or move the file away"
    )
    assert contents(tmp_path) == before
    with pytest.raises(ReportError):
        check_replaceable(tmp_path)


def test_a_replaceable_folder_is_known_beforehand(results: Results, tmp_path: Path) -> None:
    """A folder that is absent, empty or an earlier report may be replaced."""
    check_replaceable(tmp_path / "absent")
    check_replaceable(tmp_path)
    write_report(results[:1], tmp_path)
    check_replaceable(tmp_path)


def test_a_file_is_no_folder(results: Results, tmp_path: Path) -> None:
    """A report is not written over a file."""
    file = tmp_path / "report"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        write_report(results, file)
    assert str(caught.value) == (
        f"a report is written to a folder; found the file {file}; "
        "choose another name for the report"
    )
    assert contents(tmp_path) == {"report": b"mine"}


def test_a_folder_that_cannot_be_made_is_an_error(results: Results, tmp_path: Path) -> None:
    """Where a parent is a file, the error says so and nothing is left behind."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    folder = tmp_path / "file" / "report"
    with pytest.raises(ReportError) as caught:
        write_report(results, folder)
    assert caught.value.invariant == "the folder of a report can be written"
    assert str(folder) in caught.value.found
    assert contents(tmp_path) == {"file": b"mine"}


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (("one", "one"), "one.md for claim 'one' and for claim 'one'"),
        (("one", "One"), "One.md for claim 'one' and for claim 'One'"),
        (("Index",), "Index.md for the index and for claim 'Index'"),
    ],
)
def test_pages_have_names_of_their_own(ids: tuple[str, ...], found: str, tmp_path: Path) -> None:
    """Two ids that one file would hold, on any file system, are an error; nothing is written."""
    with pytest.raises(ReportError) as caught:
        write_report([named(name) for name in ids], tmp_path / "report")
    assert str(caught.value) == (
        f"the pages of a report have different names; found {found}; give one claim another id"
    )
    assert not contents(tmp_path)


class Trouble:
    """Makes one call of a method of `Path` fail."""

    def __init__(
        self, patch: pytest.MonkeyPatch, method: str, call: int, error: BaseException
    ) -> None:
        self.calls, original = 0, getattr(Path, method)

        def failing(path: Path, *args: object, **options: object) -> object:
            self.calls += 1
            if self.calls == call:
                raise error
            return original(path, *args, **options)

        patch.setattr(Path, method, failing)


STEPS = [("mkdir", 2), ("write_text", 1), ("write_text", 3), ("rename", 1)]
TROUBLES = [
    *((True, *step) for step in [*STEPS, ("rename", 2)]),  # the old report, then the new one
    *((False, *step) for step in STEPS),
]


@pytest.mark.parametrize(("earlier", "method", "call"), TROUBLES)
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")], ids=repr
)
def test_trouble_in_the_middle_changes_nothing(
    earlier: bool,
    method: str,
    call: int,
    error: BaseException,
    results: Results,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After an interrupt or an error at any step the old report is there as it was, and only it."""
    monkeypatch.setattr(writer, "swap", lambda *_: False)
    folder = tmp_path / "report"
    if earlier:
        write_report(results[:1], folder)
    before = contents(tmp_path)
    with monkeypatch.context() as patch:
        trouble = Trouble(patch, method, call, error)
        expected = ReportError if isinstance(error, OSError) else KeyboardInterrupt
        with pytest.raises(expected) as caught:
            write_report(results, folder)
    assert trouble.calls >= call
    assert contents(tmp_path) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    if isinstance(caught.value, ReportError):
        assert caught.value.found == f"{folder}: No space left on device"


def test_an_old_report_that_cannot_be_put_back_is_kept(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If even undoing fails, the old report stays on disk beside its place, and is put back."""
    monkeypatch.setattr(writer, "swap", lambda *_: False)
    folder = tmp_path / "report"
    write_report(results[:1], folder)
    original = Path.rename

    def once(path: Path, target: Path) -> Path:
        if target.name != "old":
            raise OSError(errno.EIO, "Input/output error")
        return original(path, target)

    before = {Path(name).name: text for name, text in contents(folder).items()}
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", once)
        with pytest.raises(ReportError):
            write_report(results, folder)
    (kept,) = tmp_path.glob(".report-*/old")
    assert contents(kept) == before
    clear(folder)
    assert {Path(name).name: text for name, text in contents(tmp_path).items()} == before


def test_what_a_killed_run_left_is_removed(results: Results, tmp_path: Path) -> None:
    """The next report removes the workshop of a dead process, and leaves that of a live one."""
    folder = tmp_path / "report"
    left = tmp_path / ".report-gradproof-dead"
    (left / "new").mkdir(parents=True)
    (left / "new" / "index.md").write_text("half", encoding="utf-8")
    with workshop(folder) as alive:
        write_report(results[:1], folder)
        assert not left.exists()
        assert alive.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs an exchange in one step")
def test_two_folders_are_exchanged(tmp_path: Path) -> None:
    """An exchange is whole: both contents change places, or nothing happens where one is absent."""
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    done = swap(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / ("b" if done else "a")).exists()
    assert not swap(tmp_path / "a", tmp_path / "none")
    assert (tmp_path / "a").exists()

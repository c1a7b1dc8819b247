"""Laws of writing a report of one file: whole or not at all, never over another's file."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from gradproof.reports.html import check_html, html_text, write_html
from gradproof.symbolic.errors import ReportError

Files: TypeAlias = Mapping[str, str]


def test_a_report_is_written_and_replaced(files: Files, tmp_path: Path) -> None:
    """The file is made with its folders, an earlier report is replaced, nothing else is left."""
    file = tmp_path / "a" / "report.html"
    write_html(files, file)
    assert file.read_bytes() == html_text(files).encode()
    write_html({"index.md": "# Other\n"}, file)
    assert "<h1>Other</h1>" in file.read_text(encoding="utf-8")
    assert [path.name for path in file.parent.iterdir()] == ["report.html"]


@pytest.mark.parametrize("content", ["", "<!doctype html>\n<p>mine\n", "mine"])
def test_the_file_of_another_is_left_alone(content: str, files: Files, tmp_path: Path) -> None:
    """A file that gradproof did not write is refused, by name, and not touched."""
    file = tmp_path / "mine.html"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        write_html(files, file)
    assert str(caught.value) == (
        f"a file that is replaced by a report is an earlier report; found another file at {file}; "
        "choose another name, or move the file away"
    )
    assert file.read_text(encoding="utf-8") == content


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A report of one file is not written over a folder."""
    with pytest.raises(ReportError) as caught:
        check_html(tmp_path)
    assert str(caught.value) == (
        f"a report of one file is written to a file; found the folder {tmp_path}; "
        "choose a name such as report.html"
    )


def test_trouble_leaves_the_earlier_report(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error in the middle the earlier report is there as it was, and only it."""
    file = tmp_path / "report.html"
    write_html({"index.md": "# Old\n"}, file)
    before = file.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(ReportError) as caught:
            write_html(files, file)
    assert caught.value.found == f"{file}: No space left on device"
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_link_to_a_report_stays_a_link(files: Files, tmp_path: Path) -> None:
    """A report written through a link goes to the file that the link names."""
    write_html({"index.md": "# Old\n"}, tmp_path / "real.html")
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    write_html(files, tmp_path / "link.html")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_bytes() == html_text(files).encode()

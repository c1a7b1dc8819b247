"""The machinery that runs what pages show: a page that is wrong fails, in every way it can be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from show_again import renewed
from shown import blocks_of, objections
from shown_runs import differences, masked, runs

sys.path.remove(str(Path(__file__).parent))

RIGHT = """
# A page

In `six.py`:

<!-- file: six.py -->
```python
SIX = 6
```

```python
from six import SIX

print(SIX)
```

```text
6
```

```console
$ cat six.py
SIX = 6
$ grep seven six.py
$ echo $?
1
```

<!-- status: 1 -->
```bash
grep seven six.py
```
"""


def test_a_right_page_passes(tmp_path: Path) -> None:
    """What is shown is what comes out: no objection, no difference."""
    assert objections(RIGHT) == []
    assert differences(RIGHT, tmp_path) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("```text\n6\n", "```text\n7\n"),
        ("```text\n6\n```\n", ""),
        ("\nSIX = 6\n$ grep", "\nSIX = 7\n$ grep"),
        ("\nSIX = 6\n$ grep", "\n$ grep"),
        ("echo $?\n1", "echo $?\n0"),
        ("status: 1", "status: 2"),
        ("<!-- status: 1 -->\n", ""),
        ("print(SIX)", "print(SIX); raise SystemExit(1)"),
    ],
)
def test_a_wrong_output_fails(tmp_path: Path, right: str, wrong: str) -> None:
    """One thing changed in what is shown, or in what is run, is a difference."""
    page = RIGHT.replace(right, wrong)
    assert page != RIGHT
    assert len(differences(page, tmp_path)) == 1


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("```text\n6", "```text\n6\n```\n\n```text\n6", "line 21: this text is the output of no"),
        ("```console", "```sh", "line 21: a block of the kind 'sh' is neither run nor compared"),
        ("```console", "```", "line 21: a block of the kind '' is neither run nor compared"),
        ("```console\n", "```console\nSIX\n", "line 21: a console block begins with a command"),
        ("status: 1", "state: 1", "line 30: no note is called state"),
        ("status: 1", "digits: masked", "line 30: only the digits of audits are masked"),
        ("status: 1", "digits: some", "line 30: digits are masked or compared"),
        ("file: six.py", "file: ../six.py", "line 7: ../six.py is outside the folder of the page"),
        ("In `six.py`", "Above", "line 7: the text above does not name six.py"),
        ("file: six.py", "file: nine.py", "line 7: nothing runs nine.py"),
        ("# A page", "    six", "line 2: code without a fence"),
    ],
)
def test_a_block_that_is_left_out_is_told(right: str, wrong: str, told: str) -> None:
    """What would be neither run nor compared is an objection that names the line."""
    page = RIGHT.replace(right, wrong)
    assert page != RIGHT
    assert any(text.startswith(told) for text in objections(page)), objections(page)


def test_outputs_are_written_anew(tmp_path: Path) -> None:
    """A page with wrong outputs becomes one with those that come out, and nothing else changes."""
    wrong = RIGHT.replace("\n6\n", "\n7\n").replace("\nSIX = 6\n$", "\nSIX\nIS = 6\n$")
    assert wrong != RIGHT
    assert renewed(wrong, list(runs(wrong, tmp_path))) == RIGHT
    assert renewed(RIGHT, list(runs(RIGHT, tmp_path))) == RIGHT


def test_only_what_is_installed_runs(tmp_path: Path) -> None:
    """A block with a need runs where that need is asked for, and there alone; files are written."""
    page = RIGHT.replace("\n```console", "\n<!-- needs: torch -->\n```console").replace(
        "1\n```", "2\n```"
    )
    assert differences(page, tmp_path) == []
    (told,) = differences(page, tmp_path, "torch")
    assert told.startswith("line 22: echo $?")


def test_commands_of_a_workflow_are_those_of_the_page() -> None:
    """A step of continuous integration that the page does not run is an objection."""
    workflow = (
        "As `a.yml`:\n<!-- file: a.yml -->\n```yaml\n- run: pip install x\n- run: cat six.py\n```\n"
    )
    assert objections(RIGHT + workflow) == []
    (told,) = objections(RIGHT + workflow.replace("cat six.py", "cat seven.py"))
    assert told.endswith("the page runs no 'cat seven.py'")


def test_fences_are_read_as_markdown_does() -> None:
    """A longer fence holds shorter ones, an indented one loses its indent, an open one ends last.

    That is what CommonMark says.
    """
    page = "````text\n```\n````\n\n- a\n\n  ```text\n  six\n  ```\n\n~~~text\nopen\n"
    assert [block.text for block in blocks_of(page)] == ["```\n", "six\n", "open\n"]


def test_masked_digits_leave_words() -> None:
    """Only numbers and the places of line ends are left out of the comparison of audits."""
    assert masked("from margin 7.384\n on 1e-9") == masked("from margin 8 on\n2.5e-10")
    assert masked("passes 1") != masked("fails 1")

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradproof.checks.claims_file import load_all, load_claims, load_loss
from gradproof.symbolic.errors import ClaimsFileError

HEAD = "from gradproof import Claim, Loss\nfrom gradproof.symbolic import *\n"
"""The first two lines of every claims file below."""

HOLDS = "Eq(class_sum(lambda j: S(j)), 1)"


def written(folder: Path, body: str, name: str = "claims_a.py") -> Path:
    """Write a claims file that begins with `HEAD`."""
    file = folder / name
    file.write_text(HEAD + body, encoding="utf-8")
    return file


def error_of(file: Path) -> str:
    """Return the text of the error that loading `file` ends in, without its folder."""
    with pytest.raises(ClaimsFileError) as caught:
        load_claims(file)
    return str(caught.value).replace(f"{file.parent}/", "")


def test_claims_come_in_order_of_definition_each_once(tmp_path: Path) -> None:
    """Names, lists and tuples of a module are collected in order, a claim with two names once."""
    body = (
        f"b = Claim('b', {HOLDS})\n"
        f"more = [Claim('d', {HOLDS}), (Claim('c', {HOLDS}), b)]\n"
        f"again = b\n"
        f"def later(): return Claim('never', {HOLDS})\n"
        f"a = Claim('a', {HOLDS})\n"
    )
    claims = load_claims(written(tmp_path, body))
    assert [claim.id for claim in claims] == ["b", "d", "c", "a"]
    assert claims[0].where == f"{tmp_path}/claims_a.py:3"


def test_a_folder_stands_for_the_claims_files_below_it(tmp_path: Path) -> None:
    """All ``claims_*.py`` of a folder and its folders are read, in order of their paths."""
    (tmp_path / "deep").mkdir()
    written(tmp_path, f"z = Claim('last', {HOLDS})", "claims_z.py")
    written(tmp_path / "deep", f"a = Claim('first', {HOLDS})")
    written(tmp_path, "this is no Python", "other.py")
    assert [claim.id for claim in load_claims(tmp_path)] == ["last", "first"]


def test_a_file_named_twice_is_run_once(tmp_path: Path) -> None:
    """A file given by itself and by its folder gives its claims once, in the order of the paths."""
    second = written(tmp_path, f"b = Claim('b', {HOLDS})", "claims_b.py")
    first = written(tmp_path, f"a = Claim('a', {HOLDS})")
    found = load_all([second, tmp_path, first])
    assert [(file, claim.id) for file, claim in found] == [(second, "b"), (first, "a")]


def test_neighbours_can_be_imported_and_are_forgotten(tmp_path: Path) -> None:
    """A file imports what lies beside it; two folders do not share modules of one name."""
    for number, name in enumerate(("one", "two")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "beside.py").write_text(f"NAME = '{name}'", encoding="utf-8")
        written(folder, f"from beside import NAME\na = Claim(NAME, {HOLDS})", f"claims_{number}.py")
    path, modules = list(sys.path), set(sys.modules)
    assert [claim.id for claim in load_claims(tmp_path)] == ["one", "two"]
    assert sys.path == path
    assert set(sys.modules) == modules


def test_a_file_runs_in_a_namespace_of_its_own(tmp_path: Path) -> None:
    """A claims file is not run as a program, and can define dataclasses."""
    body = (
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "@dataclass(kw_only=True)\nclass Case:\n    name: 'str'\n    kind: 'ClassVar[int]' = 1\n"
        "if __name__ == '__main__': raise SystemExit\n"
        f"a = Claim(Case(name='a').name, {HOLDS})\n"
    )
    assert [claim.id for claim in load_claims(written(tmp_path, body))] == ["a"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "x = (1,\n",
            "claims_a.py:3: the file is Python; found '(' was never closed; correct the line",
        ),
        (
            "def f():\n    return 1 / 0\n\nf()\n",
            (
                "claims_a.py:4: the file runs to its end; "
                "found ZeroDivisionError: division by zero; "
                "correct the line"
            ),
        ),
        (
            "\nraise ValueError('two\\nlines')",
            (
                "claims_a.py:4: the file runs to its end; found ValueError: two lines; "
                "correct the line"
            ),
        ),
        (
            "import sys\nsys.exit(3)",
            "claims_a.py:4: the file runs to its end; found SystemExit: 3; correct the line",
        ),
        (
            "import nowhere",
            (
                "claims_a.py:3: the file runs to its end; "
                "found ModuleNotFoundError: No module named 'nowhere'; correct the line"
            ),
        ),
        (
            "",
            (
                "claims_a.py: a claims file has a claim; found none; "
                "write one at module level: claim = Claim(id, statement)"
            ),
        ),
        (
            f"a = Claim('one', {HOLDS})\nb = Claim('one', {HOLDS})",
            (
                "claims_a.py:4: every claim has an id of its own; "
                "found 'one' here and at claims_a.py:3; rename one of the two"
            ),
        ),
        (
            f"a = Claim('one', {HOLDS})\na = Claim('two', {HOLDS})",
            (
                "claims_a.py:3: every claim is kept under a module-level name of its own, or in a "
                "list; found 'one', which nothing keeps; assign it to a name that is not used again"
            ),
        ),
        (
            f"a = Claim('one', {HOLDS})\n\nClaim(id='two', statement={HOLDS})",
            (
                "claims_a.py:5: every claim is kept under a module-level name of its own, or in a "
                "list; found 'two', which nothing keeps; assign it to a name that is not used again"
            ),
        ),
        (
            "a = Claim('one', S(i) - S(i)**2)",
            (
                "claims_a.py:3: the statement of claim 'one' is a formula; "
                "found -Softmax(i, z[_])**2 + Softmax(i, z[_]), an expression; "
                "write a relation such as Eq(left, right)"
            ),
        ),
        (
            "zero = Kernel('zero', 0)",
            (
                "claims_a.py:3: a kernel is not zero everywhere; found 'zero' = 0; "
                "give a profile with a positive part"
            ),
        ),
        (
            "\na = Claim('one', Ge(S(y), 0), at={n: 0, y: 1})",
            "claims_a.py:4: n is a positive integer; found n = 0; ",
        ),
    ],
    ids=[
        *("syntax", "exception", "lines", "exit", "import", "empty", "twice", "name", "bare"),
        *("statement", "kernel", "point"),
    ],
)
def test_each_mistake_is_one_line_with_file_line_and_remedy(
    tmp_path: Path, body: str, text: str
) -> None:
    """A mistake in a claims file is one line: where, what must hold, what was found, the remedy."""
    message = error_of(written(tmp_path, body))
    assert message.startswith(text)
    assert "\n" not in message
    assert len(message.split("; ")) >= 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is an error that names it."""
    text = "none.py: the file can be read; found No such file or directory; correct the path"
    assert error_of(tmp_path / "none.py") == text


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """A folder without claims files does not pass for one whose claims hold."""
    folder = tmp_path / "empty"
    folder.mkdir()
    assert error_of(folder) == (
        "empty: a folder of claims has files of claims; found none; "
        "name the files of claims claims_*.py, or give their paths"
    )


def test_an_id_is_unique_over_several_files(tmp_path: Path) -> None:
    """Two files that use one id are an error that names both lines."""
    written(tmp_path, f"a = Claim('one', {HOLDS})")
    written(tmp_path, f"\na = Claim('one', {HOLDS})", "claims_b.py")
    with pytest.raises(ClaimsFileError) as caught:
        load_claims(tmp_path)
    assert str(caught.value).replace(f"{tmp_path}/", "") == (
        "claims_b.py:4: every claim has an id of its own; "
        "found 'one' here and at claims_a.py:3; rename one of the two"
    )


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    """A binary file is refused in one line."""
    file = tmp_path / "claims_a.py"
    file.write_bytes(b"\xff\xfe\x00\x01")
    assert error_of(file).startswith("claims_a.py")


def test_a_loss_of_a_file_is_found_by_either_name(tmp_path: Path) -> None:
    """``FILE.py:NAME`` takes the name in the file, or the one the loss was given."""
    file = written(tmp_path, "mine = Loss('MY', -log(S(y)))\n")
    assert load_loss(f"{file}:mine") is not None
    assert load_loss(f"{file}:MY").name == "MY"


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("claims_a.py:mein", "found no loss 'mein'; take one of mine"),
        ("claims_a.py", "found no :NAME after the file; take one of mine"),
        ("claims_b.py:mine", "the file can be read; found No such file or directory"),
    ],
)
def test_a_missing_loss_is_an_error(tmp_path: Path, target: str, text: str) -> None:
    """A loss that a file does not define is an error that names those it does."""
    written(tmp_path, "mine = Loss('MY', -log(S(y)))\n")
    with pytest.raises(ClaimsFileError, match=text):
        load_loss(f"{tmp_path}/{target}")

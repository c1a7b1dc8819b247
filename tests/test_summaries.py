"""The option --summary of the command line: a table appended to a file, as for GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradproof import cli

CLAIMS = """
from gradproof import Claim
from gradproof.symbolic import Eq, S, class_sum

total = class_sum(lambda j: S(j))
holds = Claim("sum", Eq(total, 1))
wrong = Claim("wrong-sum", Eq(total, 2))
"""

PROGRAM = """
import numpy as np

def gradient(z, y):
    g = np.exp(z - np.max(z))
    g /= np.sum(g)
    return g
"""

OF_CLAIMS = """\
### Claims

| Verdict | Claims | Not as expected |
| --- | --- | --- |
| PROVED | 1 | 0 |
| REFUTED | 1 | 1 |
| **Total** | **2** | **1** |

| Claim | Verdict | Expected | Why | Again with |
| --- | --- | --- | --- | --- |
| `wrong-sum` | REFUTED, one exact point, n = 1 | PROVED | `n = 1, z = (0,)`: left side = 1, \
right side = 2 | `gradproof prove claims_a.py -k wrong-sum` |

"""

OF_AUDITS = """\
### Audits

| Outcome | Audits |
| --- | --- |
| fails | 1 |
| **Total** | **1** |

| Audit | What was found | Worst scores |
| --- | --- | --- |
| program.py:gradient as softmax cross-entropy with a label: 1 finding | formula, g\\[0\\] \
(float64) | float64 """


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds claims and a program."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims_a.py").write_text(CLAIMS, encoding="utf-8")
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


def test_claims_are_appended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each run appends its table behind what is there, and says where."""
    for _ in range(2):
        assert cli.run(["prove", "claims_a.py", "--summary", "step.md"]) == 1
        assert capsys.readouterr().out.endswith("not as expected\nsummary: step.md\n")
    assert (folder / "step.md").read_text(encoding="utf-8") == 2 * OF_CLAIMS


def test_audits_are_appended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Audits append theirs behind that of claims."""
    (folder / "step.md").write_text(OF_CLAIMS, encoding="utf-8")
    words = ["audit", "program.py:gradient", "--quick", "--dtype", "float64"]
    assert cli.run([*words, "--summary", "step.md"]) == 1
    assert capsys.readouterr().out.endswith("\nsummary: step.md\n")
    text = (folder / "step.md").read_text(encoding="utf-8")
    assert text.startswith(OF_CLAIMS + OF_AUDITS)


@pytest.mark.parametrize("words", [("prove", "claims_a.py"), ("audit", "program.py:gradient")])
def test_a_folder_is_refused_before_the_work(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A summary that cannot be appended costs no work and ends in one line."""
    assert cli.run([*words, "--summary", "."]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    told = "the summary can be appended to .; found a folder; choose another file"
    assert printed.err == f"error: {told}\n"

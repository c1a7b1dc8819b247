"""What it costs to start: the command line, and a pytest session that uses nothing of gradproof.

Run it with ``python benchmarks/start_up.py``.
Every command is started in turn with a bare Python, many times; the least time of each counts.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import command, of_machine, ratio, table, together

TEST = "def test_nothing():\n    pass\n"


def started(*arguments: str) -> None:
    """Start a fresh Python and wait for its end."""
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)


def report(short: bool) -> str:
    """Return the table."""
    script = str(Path(sys.executable).with_name("gradproof"))
    with TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text(TEST, encoding="utf-8")
        session = ["-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        seconds = together(
            [
                lambda: started("-c", "pass"),
                lambda: started(script, "--version"),
                lambda: started(script, "--help"),
                lambda: started(*session),
                lambda: started(*session, "-p", "no:gradproof"),
            ],
            2 if short else 20,
        )
    bare, version, usage, with_plugin, without = seconds

    def row(what: str, took: float, beside: float, of: str) -> list[str]:
        return [what, f"{1000 * (took - beside):.0f} ms", f"{ratio(took, beside)} times {of}"]

    rows = [
        row("`gradproof --version`", version, bare, "a bare Python"),
        row("`gradproof --help`", usage, bare, "a bare Python"),
        row("a pytest session with the plugin", with_plugin, without, "the same without it"),
    ]
    header = ["What is started", "more than its peer", "of its peer"]
    return "\n\n".join(
        [
            f"A bare `python -c pass` takes {1000 * bare:.0f} ms here.",
            table(header, rows),
            of_machine("pytest"),
        ]
    )


if __name__ == "__main__":
    command(report, __doc__)

"""What the catalogue costs: cold, from the cache, by method, and with its report.

Run it with ``python benchmarks/catalogue.py``.
Every run is a fresh process; the seconds of a method are those that its evidence records.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from harness import command, of_machine, ratio, table, together

SHORT_CLAIMS = "ce-gradient or alt-binary or quad-sign"
LARGEST = 13
"""How many methods are shown."""


def run(folder: Path, *options: str) -> float:
    """Return the seconds of a fresh `gradproof prove` with its cache in a folder."""
    program = Path(sys.executable).with_name("gradproof")
    start = perf_counter()
    subprocess.run(
        [program, "prove", *options],
        capture_output=True,
        check=True,
        env={**os.environ, "GRADPROOF_CACHE": str(folder / "cache")},
    )
    return perf_counter() - start


def imports() -> dict[str, float]:
    """Return what it takes to import SymPy, and all that decides claims beside it."""

    def started(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    codes = ("pass", "import sympy", "import sympy, gradproof.checks.engine")
    bare, sympy, both = together([partial(started, code) for code in codes])
    return {"import of SymPy": sympy - bare, "import of gradproof's own": both - sympy}


def by_method(file: Path) -> Counter[str]:
    """Return the seconds of each method, over all claims."""
    found: Counter[str] = Counter()
    for claim in json.loads(file.read_text(encoding="utf-8"))["claims"]:
        for evidence in claim["evidence"]:
            found[evidence["method"]] += evidence["seconds"]
    return found


def report(short: bool) -> str:
    """Return the tables."""
    chosen = ["-k", SHORT_CLAIMS] if short else []
    with TemporaryDirectory() as name:
        folder = Path(name)
        one = run(folder, "--no-cache", "--jobs", "1", "--json", str(folder / "one.json"), *chosen)
        cold = run(folder, *chosen)
        cached = run(folder, *chosen)
        pages = run(folder, "--report", str(folder / "report"), *chosen)
        html = run(folder, "--html", str(folder / "report.html"), *chosen)
        methods = by_method(folder / "one.json") + Counter(imports())
    runs = {
        "cold, one process": one,
        "cold, a process for each core": cold,
        "from the cache": cached,
        "from the cache, with pages and figures": pages,
        "from the cache, with one file of HTML": html,
    }
    timed = [[what, f"{took:.1f} s", ratio(took, one)] for what, took in runs.items()]
    spent = sum(methods.values())
    shares = [
        [method, f"{seconds:.1f} s", f"{100 * seconds / one:.0f} %"]
        for method, seconds in methods.most_common(LARGEST)
    ]
    rest = one - spent
    shares.append(
        [
            "all else",
            f"{rest:.1f} s",
            f"{100 * rest / one:.0f} %",
        ]
    )
    return "\n\n".join(
        [
            table(["Run", "Seconds", "of the first"], timed),
            "By method, in one process:",
            table(["Method", "Seconds", "Share"], shares),
            of_machine("sympy", "python-flint", "matplotlib"),
        ]
    )


if __name__ == "__main__":
    command(report, __doc__)

r"""Markdown as GitHub renders it: escapes, formulas, tables, folded parts; the same for a notebook.

Guarantees: text passed through `escape` shows as written; a formula stands in a ``math`` fence or
in ``$`...`$``, the two forms in which Markdown leaves underscores, asterisks and backslashes alone.
Jupyter knows neither; `for_notebook` writes them as it does, in dollars, and leaves code alone.
What it cannot see is whether the LaTeX inside a formula is valid.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(
    r"[\\`*\[\]$~|]"
    r"|<(?=[A-Za-z/!?])"  # begins a tag or a comment
    r"|&(?=#?\w+;)"  # begins an entity
    r"|(?<![^\W_])_|_(?![^\W_])"  # can begin or end emphasis: not between letters or digits
    r"|^[#>+=-]|^\d+(?P<list>[.)])|#$"  # can begin a block, or end a heading
)


def escape(text: str) -> str:
    r"""Return `text` on one line, so that Markdown shows it as it is.

    >>> print(escape("x_i * [K]"))
    x_i \* \[K\]
    """
    return _SPECIAL.sub(_escaped, " ".join(text.split()))


def _escaped(found: re.Match[str]) -> str:
    mark = found["list"] or found[0]  # the number of a list cannot be escaped, its mark can
    return found[0].replace(mark, f"\\{mark}")


def sentences(text: str) -> str:
    """Return the escaped `text` with one sentence a line."""
    return re.sub(r"(?<=[a-z0-9)'\"][.!?]) (?=[A-Z])", "\n", escape(text))


def code(text: str) -> str:
    """Return `text` as a code span, also fit for a table.

    >>> print(code("a`b"))
    `` a`b ``
    """
    text = " ".join(text.split()).replace("|", r"\|")
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (1 + max(len(run) for run in re.findall("`+", text)))
    return f"{fence} {text} {fence}"


def formula(latex: str) -> str:
    r"""Return LaTeX as a formula within a line, also fit for a table.

    >>> print(formula(r"S_{i} < 1"))
    $`S_{i} < 1`$
    """
    return "$`" + latex.replace("|", r"\vert ") + "`$"


def display(latex: str) -> str:
    """Return LaTeX as a formula of its own."""
    return fence(latex, "math")


def fence(text: str, language: str) -> str:
    """Return `text` as a fenced block."""
    return f"```{language}\n{text}\n```"


def bullets(lines: Iterable[str]) -> str:
    """Return a list with one line for each item."""
    return "\n".join(f"- {line}" for line in lines)


def listed(items: Iterable[str]) -> str:
    """Return items as a list within a sentence.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def folded(summary: str, body: str) -> str:
    """Return `body` folded behind a line of plain text."""
    shown = html.escape(summary, quote=False)
    return f"<details>\n<summary>{shown}</summary>\n\n{body}\n\n</details>"


def paragraphs(*parts: str) -> str:
    """Join the parts that say something, with an empty line between two."""
    return "\n\n".join(part for part in parts if part)


_MATH = re.compile(
    r"\\."  # an escaped mark begins nothing
    r"|^(?P<fence>`{3,})(?P<language>\w*)\n(?P<block>.*?)\n(?P=fence)$"
    r"|\$`(?P<formula>[^`]+)`\$"
    r"|(?P<code>(?P<ticks>`+).+?(?P=ticks)(?!`))",
    re.DOTALL | re.MULTILINE,
)


def for_notebook(text: str) -> str:
    r"""Return Markdown of these forms with its formulas as Jupyter renders them.

    >>> print(for_notebook("$`S_i`$, and code: ``$`S_i`$``"))
    $S_i$, and code: ``$`S_i`$``
    """
    return _MATH.sub(_in_dollars, text)


def _in_dollars(found: re.Match[str]) -> str:
    if found["language"] == "math":
        return f"$$\n{found['block']}\n$$"
    return f"${found['formula'].strip()}$" if found["formula"] else found[0]

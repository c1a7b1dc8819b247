r"""The Markdown of pages as tokens: tables, folded parts, and formulas as ``$`...`$``.

Guarantees: of raw HTML only folded parts are kept, comments are left out, and all else is shown as
text, so that no page can bring a script or a reference to the network into a report.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

FORMULA = "formula"
"""The type of the token of a formula within a line."""

_FORMULA = re.compile(r"\$`([^`]+)`\$")
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_FOLD = re.compile(r"(?:</?details>|<summary>[^<]*</summary>|\s)*")


def parsed(text: str) -> list[Token]:
    """Return the tokens of a page."""
    return [token for token in map(_harmless, _parser().parse(text)) if token is not None]


def rendered(tokens: Sequence[Token]) -> str:
    """Return tokens as HTML."""
    found = _parser()
    return str(found.renderer.render(tokens, found.options, {}))


def plain_text(tokens: Sequence[Token] | None) -> str:
    """Return the text of a line without marks of any kind."""
    return "".join(_plain(token) for token in tokens or ())


def _plain(token: Token) -> str:
    if token.type == "softbreak":
        return " "
    return token.content if token.type in ("text", "text_special", "code_inline", FORMULA) else ""


def every_line(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens that hold lines of text."""
    return (token for token in tokens if token.type == "inline")


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    found = MarkdownIt("commonmark", {"html": True}).enable("table")
    found.inline.ruler.before("backticks", FORMULA, _formula)
    return found


def _formula(state: Any, silent: bool) -> bool:
    """Take a formula at the place of the parser, as GitHub does."""
    match = _FORMULA.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push(FORMULA, "math", 0).content = match[1]
    state.pos = match.end()
    return True


def _harmless(token: Token) -> Token | None:
    """Return a token whose raw HTML is that of folded parts, or None for a comment."""
    if token.type == "inline" and token.children:
        token.children = [c for c in map(_harmless, token.children) if c is not None]
    if token.type not in ("html_block", "html_inline"):
        return token
    content = _COMMENT.sub("", token.content)
    if not content.strip():
        return None
    token.content = content if _FOLD.fullmatch(content) else html.escape(content)
    return token

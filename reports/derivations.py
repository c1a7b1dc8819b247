"""The derivation of a loss as it stands on a page, worked out once.

Guarantees: the text is that of a derivation each line of which was proved, now or, if a cache is
used, in an earlier run of the same code; a loss that cannot be derived is said to be one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ..checks.cache import Cache
from ..checks.content import loss_digest
from ..symbolic.derivation import derive
from ..symbolic.errors import UnsupportedError
from ..symbolic.loss import Loss
from .markdown import escape, paragraphs


@cache  # many claims are about one loss, and every line of a derivation is proved
def derivation_text(loss: Loss) -> str:
    """Return the derivation of a loss as Markdown, or why there is none."""
    return _text(lambda: derive(loss).to_markdown())


def derivations_of(store: Cache | None) -> Callable[[Loss], str]:
    """Return `derivation_text`, taken from a cache where it is known there."""
    if store is None:
        return derivation_text

    def known_or_derived(loss: Loss) -> str:
        key = store.key("derivation", lambda: loss_digest(loss))
        found = None if key is None else store.read(key)
        if found is not None:
            return found.strip()

        def derived() -> str:
            text = derive(loss).to_markdown()
            if key is not None:
                store.write(key, text)
            return text

        return _text(derived)

    return cache(known_or_derived)


def _text(derived: Callable[[], str]) -> str:
    try:
        return derived().strip()
    except UnsupportedError as error:
        return paragraphs("## Derivation", f"No derivation was written: {escape(str(error))}.")

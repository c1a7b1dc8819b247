"""Audits in a test suite: an assertion that fails with the table of what was found.

Guarantees: what is accepted by `allow` is loss of accuracy that the exact twin certifies to be
that; a wrong formula, another loss, a wrong subgradient and a breach of protocol always fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from ...symbolic.errors import DeclarationError
from ...symbolic.loss import Loss
from .commanding import audit_command
from .finding import Finding, Kind
from .result import Audit
from .table import audit_text
from .words import OBSERVED, counted, joined

ARITHMETIC = (Kind.ROUNDING, Kind.OVERFLOW, Kind.DOMAIN, Kind.DTYPE)
"""The classes of findings that a test may accept: the mathematics is right, the floats are not."""


def assert_audit(
    implementation: Callable[..., Any],
    loss: Loss | str,
    *,
    allow: Iterable[str | Kind] = (),
    **options: Any,
) -> Audit:
    """Audit an implementation, and fail unless nothing is found; return the audit.

    Parameters
    ----------
    implementation, loss
        As for `gradproof.audit`.
    allow
        Classes of findings to accept: ``"rounding"``, ``"overflow"``, ``"domain"``, ``"dtype"``.
        A finding of the first three is accepted only if the exact twin certifies its class.
    options
        As for `gradproof.audit`.

    Raises
    ------
    AssertionError
        If something is found that is not accepted; the text is the table of the audit, with the
        command that makes it again if there is one.
    DeclarationError
        If `allow` names what no test may accept, or the audit cannot be made as described.
    """
    __tracebackhide__ = True
    found, text = judged(implementation, loss, allow=allow, **options)
    if text:
        raise AssertionError(text)
    return found


def judged(
    implementation: Callable[..., Any],
    loss: Loss | str,
    *,
    allow: Iterable[str | Kind] = (),
    **options: Any,
) -> tuple[Audit, str]:
    """Return the audit that `assert_audit` makes, and why it fails; empty if it does not.

    Raises
    ------
    DeclarationError
        As `assert_audit`.
    """
    from .auditing import audit

    accepted = accepted_kinds(allow)
    found = audit(implementation, loss, **options)
    return found, failure_text(found, accepted, audit_command(implementation, loss, options))


def accepted_kinds(allow: Iterable[str | Kind]) -> frozenset[Kind]:
    """Return the classes of findings that `allow` names.

    Raises
    ------
    DeclarationError
        If one is unknown, or none that a test may accept.
    """
    return frozenset(_kind(one) for one in ([allow] if isinstance(allow, str) else allow))


def _kind(name: str | Kind) -> Kind:
    by_text = {kind.text: kind for kind in Kind}
    kind = name if isinstance(name, Kind) else by_text.get(name)
    if kind in ARITHMETIC:
        return kind
    known = [one.text for one in ARITHMETIC]
    if kind is not None:
        raise DeclarationError(
            "a test accepts findings of arithmetic alone",
            found=f"allow={kind.text!r}: {kind.value}",
            remedy=f"correct the implementation or the loss; to be accepted are {', '.join(known)}",
        )
    close = get_close_matches(str(name), known) or known
    raise DeclarationError(
        "what a test accepts is a class of findings",
        found=f"allow={name!r}",
        remedy=f"take {' or '.join(close)}",
    )


def failure_text(audit: Audit, accepted: frozenset[Kind], command: str = "") -> str:
    """Return why an audit fails a test; empty if it does not.

    Parameters
    ----------
    audit
        What was found.
    accepted
        The classes of findings to accept.
    command
        The command that makes the audit again, if there is one.
    """
    left = [one for one in audit.findings if not _is_accepted(one, accepted)]
    if not left:
        return _unjudged_text(audit) if audit.unjudged else ""
    lines = [audit_text(replace(audit, findings=tuple(left)))]
    uncertified = [one for one in left if one.kind in accepted]
    if len(left) < len(audit.findings):
        lines.append(f"{counted(len(audit.findings) - len(left), 'finding')} accepted by allow")
    if uncertified:
        lines.append(
            f"{counted(len(uncertified), 'finding')} not accepted by allow: "
            "no exact twin certifies that it is one of arithmetic"
        )
    return "\n".join([*lines, *([f"again with: {command}"] if command else [])])


def _unjudged_text(audit: Audit) -> str:
    return (
        f"{audit_text(audit)}\nNothing was judged in {joined(audit.unjudged)}, so that nothing "
        "passes; choose sizes at which the loss has a gradient."
    )


def _is_accepted(one: Finding, accepted: frozenset[Kind]) -> bool:
    return one.kind in accepted and (one.certified or one.kind in OBSERVED)

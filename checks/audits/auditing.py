"""Audits one implementation: the loss it means, its gradient, its arithmetic, its behaviour.

Guarantees: nothing is judged by a tolerance; formula and loss by the exact twin where there is one,
arithmetic by the score against the certified gradient, with the threshold of the dtype.
No option turns a wrong formula into a pass.
Cannot see: what happens at no point that was tried; a pass is no proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from ...numeric.implementations.call import Reduction, Returns
from ...symbolic.loss import Loss
from .options import Progress, read_options
from .result import Audit
from .running import AuditRun


def audit(
    implementation: Callable[..., Any],
    loss: Loss | str,
    *,
    target: str | None = None,
    returns: Returns | None = None,
    takes: str = "logits",
    framework: str | None = None,
    dtypes: Sequence[str] | str | None = None,
    reduction: Reduction | None = None,
    gradient: Callable[..., Any] | None = None,
    values: Mapping[Any, Any] | None = None,
    sizes: Sequence[int] | None = None,
    seed: int = 0,
    quick: bool = False,
    isolate: bool = False,
    time_limit: float | None = 10.0,
    name: str | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit an implementation of a loss.

    Parameters
    ----------
    implementation
        A callable of logits, of shape (n,), and a target that returns the gradient by the logits,
        or the loss, which its framework differentiates.
    loss
        The loss it means to be, or its name.
    target
        How it takes its target: ``"index"``, ``"one-hot"``, ``"soft"`` or ``"kernel"``; what the
        loss has if not given.
    returns
        ``"gradient"`` or ``"loss"``; what the shape of its first result says if not given.
    takes
        ``"logits"``, or ``"probabilities"`` by which the gradient then is.
    framework
        ``"numpy"``, ``"torch"``, ``"jax"``, ``"keras"`` or ``"autograd"``; what its code names if
        not given.
    dtypes
        Of ``float16``, ``bfloat16``, ``float32`` and ``float64``; the latter two if not given.
    reduction
        ``"sum"`` or ``"mean"`` if it takes batches, of shape (B, n), too.
    gradient
        A function of the same arguments that returns the gradient, beside a loss in NumPy.
    values
        Values of symbols of the loss other than logits and target.
    sizes
        Numbers of classes to keep to, for an implementation of these alone.
    seed
        Of the points.
    quick
        Whether to look at few points, in less than a second.
    isolate
        Whether to run it in a child process, so that a crash is a finding.
    time_limit
        Seconds that one call may take; None for no limit.
    name
        What to call it.
    progress
        Told what is being done.

    Raises
    ------
    DeclarationError
        If an option has no meaning, or the callable is no implementation of this kind.
    UnsupportedError
        If its framework is not installed, or the loss cannot be evaluated.

    Examples
    --------
    >>> import numpy as np
    >>> from gradproof import losses
    >>> def gradient(z, y):
    ...     e = np.exp(z - np.max(z))
    ...     g = e / np.sum(e)
    ...     g[y] += 1  # a sign error
    ...     return g
    >>> found = audit(gradient, losses.softmax_cross_entropy, quick=True)
    >>> found.findings[0].kind.text
    'formula'
    """
    start = perf_counter()
    options = read_options(
        implementation,
        loss,
        target=target,
        returns=returns,
        takes=takes,
        framework=framework,
        dtypes=dtypes,
        reduction=reduction,
        gradient=gradient,
        values=values,
        sizes=sizes,
        seed=seed,
        quick=quick,
        isolate=isolate,
        time_limit=time_limit,
        name=name,
        progress=progress,
    )
    return AuditRun.of(options).audit(start)

"""The runner of an audited implementation, guarded or in a child process.

Guarantees: what cannot be called at all is one error before anything else is done.
"""

from __future__ import annotations

from importlib import import_module

from ...numeric.implementations.compiled import CompiledRunner
from ...numeric.implementations.contact import first_contact
from ...numeric.implementations.guarding import guarded
from ...numeric.implementations.isolation import isolated
from ...numeric.implementations.making import make_runner
from ...numeric.implementations.runner import Runner
from .options import Options
from .point import AuditPoint


def runner_of(options: Options, sample: AuditPoint) -> Runner:
    """Return what runs the implementation, after a first call.

    Raises
    ------
    DeclarationError
        If the first call shows that it is no implementation of this kind.
    UnsupportedError
        If its framework is not installed.
    """
    common = {
        "framework": options.framework,
        "form": options.form,
        "returns": options.returns,
        "reduction": options.reduction,
        "gradient": options.gradient,
    }
    runner: Runner
    if options.isolate:
        limit = options.time_limit
        runner = isolated(options.implementation, time_limit=limit, **common)  # type: ignore[arg-type]
    else:
        plain = make_runner(options.implementation, **common)  # type: ignore[arg-type]
        runner = guarded(plain, time_limit=options.time_limit)
    first_contact(runner, sample.call(options.form, options.dtypes[0]))
    return runner


def fast_runner_of(options: Options, runner: Runner) -> CompiledRunner | None:
    """Return what runs many shapes fast, where running them one operation at a time is slow."""
    uses_jax = runner.framework == "jax" or (runner.framework == "keras" and _keras_on_jax())
    if not uses_jax or runner.manner is None or options.gradient is not None:
        return None
    return CompiledRunner(options.implementation, runner)


def _keras_on_jax() -> bool:
    return str(import_module("keras").backend.backend()) == "jax"

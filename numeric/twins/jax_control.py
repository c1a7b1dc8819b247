"""Rules of JAX's control flow, and of what makes a program no function of its inputs.

Guarantees: which branch is taken and how often a loop runs is decided for certain.
Calls run the function that is called; of a function with a custom derivative, the function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from typing import Any

import numpy as np

from ...symbolic.errors import UnsupportedError
from .arrays import Array
from .jax_interpreter import CALLS, Plan
from .registry import impure, rule
from .run import current_run

LAST_ROUND = 100_000
"""The rounds after which a loop is taken for one that never ends without rounding."""


def _call(*operands: Array, **params: Any) -> list[Array]:
    inner = next(p for p in params.values() if isinstance(p, Plan))
    return inner(*operands)


rule("jax", *CALLS)(_call)


@rule("jax", "cond")
def _cond(
    which: Array, *operands: Array, branches: tuple[Callable[..., list[Array]], ...], **_: Any
) -> list[Array]:
    return branches[min(max(int(which), 0), len(branches) - 1)](*operands)


def _chosen(going: Array, after: Array, before: Array) -> Array:
    return np.where(going.reshape(going.shape + (1,) * (after.ndim - going.ndim)), after, before)


@rule("jax", "while")
def _while(
    *operands: Array,
    cond_jaxpr: Callable[..., list[Array]],
    body_jaxpr: Callable[..., list[Array]],
    cond_nconsts: int,
    body_nconsts: int,
    **_: Any,
) -> list[Array]:
    place = current_run().place
    start = cond_nconsts + body_nconsts
    for_test, for_body = operands[:cond_nconsts], operands[cond_nconsts:start]
    carried = list(operands[start:])
    for _round in range(LAST_ROUND):
        going = cond_jaxpr(*for_test, *carried)[0]
        if not going.any():
            return carried
        after = body_jaxpr(*for_body, *carried)
        # Under vmap each row has its own end; one that has ended stays as it is.
        carried = after if going.all() else list(map(_chosen, repeat(going), after, carried))
    raise UnsupportedError(
        f"a loop ends within {LAST_ROUND} rounds in exact arithmetic too",
        found=f"a while loop at {place()} that does not",
        remedy="bound the number of its rounds: rounding may be what ends it",
    )


@rule("jax", "scan")
def _scan(
    *operands: Array,
    jaxpr: Callable[..., list[Array]],
    length: int,
    num_consts: int,
    num_carry: int,
    reverse: bool,
    **_: Any,
) -> list[Array]:
    start = num_consts + num_carry
    fixed, sources = operands[:num_consts], operands[start:]
    carried = list(operands[num_consts:start])
    rows: list[list[Array]] = []
    for k in range(length - 1, -1, -1) if reverse else range(length):
        results = jaxpr(*fixed, *carried, *(np.asarray(x[k, ...]) for x in sources))
        carried = results[:num_carry]
        rows.append(results[num_carry:])
    if reverse:
        rows.reverse()
    return carried + [np.stack(column) for column in zip(*rows, strict=True)]


_RANDOM = (
    "iota_2x32_shape",
    "philox2x32",
    "philox4x32",
    "random_bits",
    "random_clone",
    "random_fold_in",
    "random_gamma",
    "random_seed",
    "random_split",
    "random_unwrap",
    "random_wrap",
    "rng_bit_generator",
    "rng_uniform",
    "threefry2x32",
    "threefry4x32",
)


def _refusal(reason: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise impure(reason, current_run().place())

    return refuse


for _name in _RANDOM:
    rule("jax", _name)(_refusal(f"random numbers ({_name})"))

for _name in ("pure_callback", "io_callback", "ffi_call"):
    rule("jax", _name)(_refusal(f"code outside of JAX ({_name})"))


@rule("jax", "platform_index")
def _platform(*, platforms: tuple[tuple[str, ...] | None, ...], **_: Any) -> Array:
    # The program that is run is the one for a CPU, or else the default, which has no names.
    cpu = [k for k, names in enumerate(platforms) if names is not None and "cpu" in names]
    default = [k for k, names in enumerate(platforms) if names is None]
    return np.asarray((cpu + default)[0], np.int32)


@rule("jax", "debug_callback", "debug_print")
def _ignore(*_: Any, **__: Any) -> list[Array]:
    return []

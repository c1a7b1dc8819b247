"""Finite-difference checkers, each asked of a gradient in NumPy as its documentation shows.

Guarantees: every checker sees the same loss, the same gradient and the same logits in float64, and
its defaults; a checker that ends in an error has objected.

- ``scipy.optimize.check_grad``, which leaves the judgement to the user: up to 1e-5 max(1, |g|)
  passes here, g the gradient's 2-norm.
- ``torch.autograd.gradcheck``, of a function with this forward and this backward.
- ``jax.test_util.check_grads``, order 1, reverse mode, with 64 bits, likewise.
- ``autograd.test_util.check_grads``, order 1, reverse mode, likewise.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO
from typing import Any

import numpy as np
from checker_cases import Case

ACCEPTED = 1e-5
"""How far SciPy's checker may find a gradient off, relative to max(1, its norm)."""


def by_scipy(case: Case, z: Any, y: int) -> bool:
    """Tell whether what ``scipy.optimize.check_grad`` returns is small enough."""
    from scipy.optimize import check_grad

    gradient = case.gradient(z.copy(), y)
    off = check_grad(lambda v: case.loss(v, y), lambda v: case.gradient(v, y), z)
    return bool(off <= ACCEPTED * max(1.0, np.linalg.norm(gradient)))


def by_torch(case: Case, z: Any, y: int) -> bool:
    """Tell whether ``torch.autograd.gradcheck`` passes."""
    import torch

    class Wrapped(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, logits: Any) -> Any:
            ctx.save_for_backward(logits)
            return torch.as_tensor(case.loss(logits.detach().numpy(), y), dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, *upstream: Any) -> Any:
            (logits,) = ctx.saved_tensors
            return upstream[0] * torch.from_numpy(case.gradient(logits.detach().numpy().copy(), y))

    torch.manual_seed(0)
    return bool(torch.autograd.gradcheck(Wrapped.apply, (torch.tensor(z, requires_grad=True),)))


def by_jax(case: Case, z: Any, y: int) -> bool:
    """Tell whether ``jax.test_util.check_grads`` passes."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    number = jax.ShapeDtypeStruct((), np.float64)
    vector = jax.ShapeDtypeStruct(z.shape, np.float64)

    def called(code: Callable[[Any, int], Any]) -> Callable[[Any], Any]:
        return lambda v: np.asarray(code(np.array(v), y), np.float64)

    @jax.custom_vjp
    def loss(v: Any) -> Any:
        return jax.pure_callback(called(case.loss), number, v)

    def backward(v: Any, upstream: Any) -> tuple[Any]:
        return (upstream * jax.pure_callback(called(case.gradient), vector, v),)

    loss.defvjp(lambda v: (loss(v), v), backward)
    check_grads(loss, (jax.numpy.asarray(z),), order=1, modes=("rev",))
    return True


def by_hips(case: Case, z: Any, y: int) -> bool:
    """Tell whether ``autograd.test_util.check_grads`` passes."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    wrapped = primitive(lambda v: float(case.loss(np.array(v), y)))
    defvjp(wrapped, lambda _, v: lambda g: g * case.gradient(np.array(v), y))
    check_grads(wrapped, modes=["rev"], order=1)(z)
    return True


CHECKERS: dict[str, tuple[str, Callable[[Case, Any, int], bool]]] = {
    "SciPy": ("scipy", by_scipy),
    "PyTorch": ("torch", by_torch),
    "JAX": ("jax", by_jax),
    "autograd": ("autograd", by_hips),
}
"""The module that the checker of each project needs, and how it is asked whether it passes."""


def passes(checker: str, case: Case, z: Any, y: int) -> bool | None:
    """Return whether a checker passes a gradient at logits; None where it is not installed."""
    module, ask = CHECKERS[checker]
    if find_spec(module) is None:
        return None
    np.random.seed(0)  # those of JAX and HIPS autograd draw directions
    try:
        with redirect_stdout(StringIO()), np.errstate(all="ignore"):
            return ask(case, np.array(z, dtype=np.float64), y)
    except Exception:
        return False  # a checker says by an error that something is wrong

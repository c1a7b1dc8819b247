"""Custom rules in JAX that are wrong on purpose, and odd ones that are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gradproof.checks.twins import Input, TwinOutcome, check_backward, label, logits, numbers

jax = pytest.importorskip("jax")
jnp = jax.numpy

Program = Callable[..., Any]
OF_CLASSES = (logits(), label())


def ce(z: Any, y: Any) -> Any:
    """Return the cross entropy."""
    return jax.nn.logsumexp(z) - z[y]


def of_ce(upstream: Any, z: Any, y: Any) -> Any:
    """Return its gradient."""
    return upstream * (jax.nn.softmax(z) - jax.nn.one_hot(y, len(z)))


def made(value: Program, gradient: Program) -> Program:
    """Return a program of one array and fixed arguments with a backward of its own."""

    def program(z: Any, *fixed: Any) -> Any:
        @jax.custom_vjp
        def custom(x: Any) -> Any:
            return value(x, *fixed)

        custom.defvjp(
            lambda x: (value(x, *fixed), x),
            lambda x, upstream: (gradient(upstream, x, *fixed),),
        )
        return custom(z)

    return program


def instead(condition: Program, wrong: Program) -> Program:
    """Return the gradient of the cross entropy with something else where a condition holds."""

    def gradient(upstream: Any, z: Any, y: Any) -> Any:
        right = of_ce(upstream, z, y)
        return jnp.where(condition(z, y), wrong(right), right)

    return gradient


def by_cond(upstream: Any, z: Any, y: Any) -> Any:
    """Return a gradient that a branch inside the program cuts for large logits."""
    return jax.lax.cond(
        jnp.max(jnp.abs(z)) > 88.5,
        lambda x: jnp.zeros_like(x),
        lambda x: of_ce(upstream, x, y),
        z,
    )


def by_linear_rule(z: Any, y: int) -> Any:
    """Return a cross entropy whose forward-mode rule forgets the label."""

    @jax.custom_jvp
    def custom(x: Any) -> Any:
        return ce(x, y)

    @custom.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        (x,), (t,) = primals, tangents
        return ce(x, y), jnp.dot(jax.nn.softmax(x), t)

    return custom(z)


Case = tuple[Program, Sequence[Input], dict[str, Any]]

WRONG_CE: dict[str, Program] = {
    "factor 1 + 1e-7": lambda g, z, y: of_ce(g, z, y) * (1 + 1e-7),
    "clipped": lambda g, z, y: (
        g * (jnp.clip(jax.nn.softmax(z), 1e-7, 1 - 1e-7) - jax.nn.one_hot(y, len(z)))
    ),
    "label counted from 1": lambda g, z, y: of_ce(g, z, y - 1),
    "no upstream": lambda g, z, y: of_ce(jnp.ones_like(g), z, y),
    "sign": lambda g, z, y: -of_ce(g, z, y),
    "beyond 37.5": instead(lambda z, _: jnp.abs(z) > 37.5, lambda g: g + 0.125),
    "ties below the maximum": instead(
        lambda z, _: (jnp.sum(z[:, None] == z[None, :], 1) > 1) & (z < jnp.max(z)),
        lambda g: g / 2,
    ),
    "cut by a branch": by_cond,
    "only n = 1": lambda g, z, y: of_ce(g, z, y) + (len(z) == 1),
}

WRONG: dict[str, Case] = {
    "stopped factor of focal": (
        lambda z, y: (
            -((1 - jax.lax.stop_gradient(jax.nn.softmax(z)[y])) ** 2) * jax.nn.log_softmax(z)[y]
        ),
        OF_CLASSES,
        {},
    ),
    "rule without the label": (by_linear_rule, OF_CLASSES, {}),
    "softmax by its diagonal": (
        made(jax.nn.softmax, lambda g, z: g * jax.nn.softmax(z) * (1 - jax.nn.softmax(z))),
        [logits()],
        {},
    ),
    "abs with 2 at 0": (
        made(
            lambda x: jnp.sum(jnp.abs(x)), lambda g, x: g * (jnp.sign(x) + jnp.where(x == 0, 2, 0))
        ),
        [numbers("n")],
        {},
    ),
    **{name: (made(ce, gradient), OF_CLASSES, {}) for name, gradient in WRONG_CE.items()},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_found(name: str) -> None:
    """A custom rule that is wrong on purpose differs, at an exact point that is shown."""
    program, inputs, options = WRONG[name]
    found = check_backward(program, inputs, **options)
    assert found.outcome is TwinOutcome.DIFFERENT
    assert found.point is not None


RIGHT: dict[str, Case] = {
    "shift by the mean": (
        made(
            ce,
            lambda g, z, y: (
                g * (jnp.exp(z - z.mean()) / jnp.exp(z - z.mean()).sum() - jnp.eye(len(z))[y])
            ),
        ),
        OF_CLASSES,
        {},
    ),
    "recomputed": (made(ce, lambda g, z, y: g * jax.grad(ce)(z, y)), OF_CLASSES, {}),
    "checkpoint": (
        lambda z, y: jax.checkpoint(lambda x: ce(x, y))(z),
        OF_CLASSES,
        {},
    ),
    "stopped maximum": (
        lambda z, y: (
            jnp.log(jnp.sum(jnp.exp(z - jax.lax.stop_gradient(z.max()))))
            + jax.lax.stop_gradient(z.max())
            - z[y]
        ),
        OF_CLASSES,
        {},
    ),
    "double where": (
        lambda x: jnp.sum(jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), 0.0)),
        [numbers("n")],
        {},
    ),
    "maximum with shared ties": (lambda x: jnp.max(x), [numbers("n")], {}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_rule_is_not_accused(name: str) -> None:
    """A rule that looks odd but is right agrees."""
    program, inputs, options = RIGHT[name]
    found = check_backward(program, inputs, **options)
    assert found.outcome is TwinOutcome.AGREES, str(found)

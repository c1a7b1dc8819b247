"""Exact twins of JAX's own functions against plain runs, and against JAX's own gradients."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from gradproof.numeric.twins import evaluation
from gradproof.numeric.twins.adaptor import find_adaptor
from gradproof.numeric.twins.arguments import FloatArgument, argument
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.extended import exact
from gradproof.numeric.twins.run import Run

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
import jax.scipy.special as sp  # noqa: E402
from jax import lax, nn  # noqa: E402

BITS = 192

Z = np.array([0.5, -1.25, 2.0, 0.375])
P = np.array([0.125, 0.25, 0.5, 0.0625])
Q = np.array([1.5, 2.25, 0.5, 3.0])
W = np.array([1.25, 0.75, -0.75, 2.125])
M = np.array([[1.5, -0.25, 0.75], [2.0, -1.0, 0.125]])


def twin_of(program: Callable[..., Any], arguments: list[Any], loose: bool = False) -> list[Any]:
    """Return the outputs of an exact run."""
    executable = find_adaptor("jax").trace(program, arguments)
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    return evaluation.outputs(executable, inputs, BITS, Run(loose))


def is_near(value: Any, expected: float) -> bool:
    """Tell whether an exact number is the float up to its rounding."""
    if isinstance(value, float):
        return repr(value) == repr(float(expected))
    return bool(abs(float(arb(value).mid()) - expected) <= 1e-12 * max(1.0, abs(expected)))


def is_narrow(value: Any) -> bool:
    """Tell whether an exact number is known to many digits."""
    with ctx.workprec(BITS):
        return isinstance(value, float) or bool(arb(value).rad() <= 1e-25 * (1 + abs(arb(value))))


def overlap(first: Any, second: Any) -> bool:
    """Tell whether two enclosures have a number in common."""
    with ctx.workprec(2 * BITS):
        if isinstance(first, float) or isinstance(second, float):
            return repr(first) == repr(second)
        return bool(arb(first).overlaps(arb(second)))


def values_agree(program: Callable[..., Any], *values: Any) -> None:
    """Check the twin against a plain run."""
    arguments = [argument(v) for v in values]
    plain = find_adaptor("jax").floats(program, arguments)
    for ours, theirs in zip(twin_of(program, arguments), plain, strict=True):
        assert ours.shape == theirs.shape
        for number, expected in zip(ours.ravel(), theirs.ravel(), strict=True):
            value = number.value if isinstance(number, Dual) else exact(number)
            assert is_near(value, float(expected)), (value, expected)


def gradients_agree(program: Callable[..., Any], *values: Any) -> None:
    """Check the derivative of the twin against the twin of JAX's gradient."""
    arguments = [argument(v) for v in values]
    inputs = [a for a in arguments if isinstance(a, FloatArgument)]
    varied = [k for k, a in enumerate(arguments) if isinstance(a, FloatArgument)]
    adaptor = find_adaptor("jax")
    (output,) = twin_of(program, arguments)
    weights = [Fraction(2 * (k % 3) - 3, 2) for k in range(output.size)]
    elements = [fmpq(w.numerator, w.denominator) for w in weights]
    executable = adaptor.trace(program, arguments)
    upstream = FloatArgument(tuple(weights), output.shape, "float64")
    behind = adaptor.gradient(program, varied)
    # The derivative rules of JAX hold rounded constants, such as 2 / sqrt(pi) for erf.
    for loose in (False, True):
        ours = evaluation.gradient(executable, inputs, range(len(inputs)), elements, BITS, loose)
        arrays = twin_of(behind, [upstream, *arguments], loose)
        theirs = [number.value for array in arrays for number in array.ravel()]
        assert loose or all(is_narrow(own.below) for own in ours)
        if all(overlap(own.below, other) for own, other in zip(ours, theirs, strict=True)):
            return
    pytest.fail(f"{[str(own.below) for own in ours]} against {list(map(str, theirs))}")


def each(module: Any, names: str, *values: Any) -> dict[str, tuple[Any, ...]]:
    """Return rows of a table: functions of a module with the same arguments."""
    home = module.__name__.rpartition(".")[2]
    return {f"{home}.{name}": (getattr(module, name), *values) for name in names.split()}


SMOOTH: dict[str, tuple[Any, ...]] = {
    **each(
        nn,
        "celu elu gelu glu hard_sigmoid hard_swish hard_tanh leaky_relu log_sigmoid log_softmax",
        Z,
    ),
    **each(
        nn,
        "logsumexp relu relu6 selu sigmoid silu soft_sign softmax softplus squareplus standardize",
        Z,
    ),
    "nn.gelu exact": (lambda x: nn.gelu(x, approximate=False), Z),
    "nn.one_hot": (lambda x, y: nn.one_hot(y, 4) * x, Z, np.array([1, 3])),
    "nn.softmax where": (lambda x: nn.softmax(x, where=jnp.array([1, 0, 1, 1], bool)), Z),
    "nn.logsumexp b": (lambda x: nn.logsumexp(x, b=jnp.array([1.0, 2.0, 0.5, 1.0])), Z),
    **each(sp, "erf erfc expit log_ndtr ndtr", Z),
    **each(sp, "entr logit ndtri", P),
    **each(sp, "digamma gammaln", Q),
    **each(sp, "betaln kl_div rel_entr xlog1py xlogy", P, Q),
    **each(jnp, "abs arcsinh arctan cbrt cosh cumprod cumsum diag diff exp exp2 expm1 flip max", Z),
    **each(jnp, "mean median min nan_to_num prod ptp reciprocal sin sinh sort square std sum", Z),
    **each(jnp, "tan tanh trunc var", Z),
    **each(jnp, "arccos arcsin arctanh log log10 log1p log2 sqrt", P),
    **each(jnp, "add arctan2 divide dot float_power fmod hypot inner logaddexp logaddexp2", Q, W),
    **each(jnp, "maximum minimum mod multiply outer power remainder subtract", Q, W),
    "where": (lambda x: jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1.0)), x), Z),
    "clip": (lambda x: jnp.clip(x, -1, 1), Z),
    "rsqrt": (lax.rsqrt, Q),
    "x ** 3 + x ** -2": (lambda x: x**3 + x**-2, Z),
    "2 ** x": (lambda x: 2.0**x, Z),
    "x ** integers": (lambda x: x ** jnp.array([1, 2, 3, 0]), Z),
    "norm": (jnp.linalg.norm, M),
    "norm 3": (lambda x: jnp.linalg.norm(x, 3, axis=1), M),
    "matmul": (lambda x: x @ x.T, M),
    "einsum batch": (
        lambda x: jnp.einsum("bij,bjk->bik", x.reshape(2, 3, 1), x.reshape(2, 1, 3)),
        M,
    ),
    "tensordot": (lambda x: jnp.tensordot(x, x, ((0, 1), (0, 1))), M),
    "dot of a preferred type": (
        lambda x: lax.dot_general(x, x, (((1,), (1,)), ((), ())), preferred_element_type="float64"),
        M,
    ),
    "cumlogsumexp": (lax.cumlogsumexp, Z),
    "cummax": (lax.cummax, Z),
    "cummin backwards": (lambda x: lax.cummin(x, reverse=True), Z),
    "top_k": (lambda x: lax.top_k(x, 2)[0], M),
    "reduce": (lambda x: lax.reduce(x, jnp.array(0.0), lambda a, b: a + b + a * b, (1,)), M),
    "scan in parallel": (lambda x: lax.associative_scan(jnp.multiply, x), Z),
    "a gradient": (jax.grad(lambda v: nn.logsumexp(v) * v[0]), Z),
    "a checkpoint": (jax.checkpoint(lambda v: jnp.sin(v) * v), Z),
    "vmap of a mean": (jax.vmap(lambda v: v - lax.pmean(v, "b"), axis_name="b"), Z),
    "convolution": (
        lambda x, k: lax.conv_general_dilated(x[None], k.reshape(2, 2, 1), (1,), "SAME"),
        M,
        Z,
    ),
    "convolution of groups": (
        lambda x, k: lax.conv_general_dilated(
            x[None], k.reshape(2, 1, 2), (1,), "VALID", feature_group_count=2
        ),
        M,
        Z,
    ),
    "max pool": (lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 2), (1, 1), "SAME"), M),
    "mean pool": (lambda x: lax.reduce_window(x, 0.0, lax.add, (2, 2), (1, 1), "VALID"), M),
}

S = np.array([[4, 1, 0.5, 0.25], [1, 3, 0.75, -0.5], [0.5, 0.75, 5, 1], [0.25, -0.5, 1, 2.5]])
R = S[[1, 0, 2, 3]].copy()

LINEAR: dict[str, tuple[Any, ...]] = {
    "cholesky": (jnp.linalg.cholesky, S),
    "solve": (jnp.linalg.solve, R, Z),
    "inv": (lambda a: jnp.linalg.inv(jnp.stack([a, 2 * a])), R),
    "slogdet": (lambda a: jnp.linalg.slogdet(a)[1], R),
    "a triangle": (lambda a, b: jax.scipy.linalg.solve_triangular(a, b, lower=True), R, Z),
    "a transposed triangle": (lambda a, b: jax.scipy.linalg.solve_triangular(a, b, trans=1), R, S),
    "a normal density": (jax.scipy.stats.multivariate_normal.logpdf, Z, P, S),
}

MOVES: dict[str, tuple[Any, ...]] = {
    "take": (lambda x: jnp.take(x, jnp.array([3, 0, -1])), Z),
    "take outside": (lambda x: jnp.take(x, jnp.array([3, 9]), mode="clip"), Z),
    "take along": (lambda x, i: jnp.take_along_axis(x, i, 1), M, np.array([[1], [2]])),
    "rows of columns": (lambda x, i: jnp.take(x, i, axis=1), M, np.array([[1, 0], [2, 2]])),
    "a label in each row": (lambda x, i: x[jnp.arange(2), i], M, np.array([1, 2])),
    "a label in each row, vmap": (
        lambda x, i: jax.vmap(lambda r, k: r[k])(x, i),
        M,
        np.array([1, 2]),
    ),
    "windows, vmap": (
        lambda x, i: jax.vmap(lambda r, k: lax.dynamic_slice(r, (k,), (2,)))(x, i),
        M,
        np.array([0, 2]),
    ),
    "updates, vmap": (
        lambda x, i: jax.vmap(lambda r, k: lax.dynamic_update_slice(r, r[:2] * 2, (k,)))(x, i),
        M,
        np.array([0, 2]),
    ),
    "mask": (lambda x: x[np.array([True, False, True, True])], Z),
    "set": (lambda x: x.at[jnp.array([0, 2])].set(x[1] * 2), Z),
    "set a block": (lambda x: x.at[1, :2].set(0.0), M),
    "add twice, and outside": (lambda x: x.at[jnp.array([0, 0, 9])].add(x[:3]), Z),
    "multiply": (lambda x: x.at[jnp.array([1, 3])].multiply(x[0], unique_indices=True), Z),
    "max": (lambda x: x.at[jnp.array([1, 0])].max(x[3]), Z),
    "min": (lambda x: x.at[jnp.array([1, 0])].min(x[3]), Z),
    "get with a filling": (lambda x: x.at[jnp.array([1, 7])].get(mode="fill", fill_value=0.5), Z),
    "sums of segments": (lambda x: jax.ops.segment_sum(x, jnp.array([0, 1, 0, 2]), 3), Z),
    "maxima of segments": (lambda x: jax.ops.segment_max(x, jnp.array([0, 1, 0, 1]), 2), Z),
    "delete": (lambda x, y: jnp.delete(x, y), Z, 2),
    "insert": (lambda x: jnp.insert(x, 1, x[0]), Z),
    "roll": (lambda x: jnp.roll(x, (1, 2), (0, 1)), M),
    "pad": (lambda x: jnp.pad(x, (1, 2), mode="reflect"), Z),
    "pad inside and cut": (lambda x: lax.pad(x, x[0, 0], ((-1, 2, 1), (1, -1, 2))), M),
    "concatenate": (lambda x: jnp.concatenate([x, x * 2]), Z),
    "stack": (lambda x: jnp.stack([x, x * 2], 1), Z),
    "unstack": (lambda x: jnp.unstack(x)[1], M),
    "split": (lambda x: jnp.split(x, [1], axis=1)[1], M),
    "tile": (lambda x: jnp.tile(x, (2, 2)), M),
    "repeat": (lambda x: jnp.repeat(x, 2, axis=1), M),
    "tril": (jnp.tril, M),
    "triu": (lambda x: jnp.triu(x, 1), M),
    "trace": (jnp.trace, M),
    "transpose": (lambda x: jnp.swapaxes(x, 0, 1), M),
    "rot90": (jnp.rot90, M),
    "select": (lambda x: lax.select_n(jnp.array([0, 1, 2, 0]), x, x * 2, x * 3), Z),
    "choose": (lambda x: jnp.choose(jnp.array([0, 1, 1, 0]), [x, x * 2], mode="clip"), Z),
    "two keys": (lambda x: lax.sort((jnp.array([1, 0, 1, 0]), x, 2 * x), num_keys=2)[2], Z),
}

TESTS: dict[str, tuple[Any, ...]] = {
    **each(jnp, "all any argmax argmin argsort ceil count_nonzero floor isfinite isinf isnan", Z),
    **each(jnp, "rint round sign", Z),
    **each(sp, "erfinv", P),  # its derivative in JAX holds a constant that is not the nearest float
    "argmax of rows": (lambda x: jnp.argmax(x, axis=1), M),
    "argsort, descending": (lambda x: jnp.argsort(x, descending=True), Z),
    "places of top_k": (lambda x: lax.top_k(x, 3)[1], Z),
    "searchsorted": (lambda x: jnp.searchsorted(jnp.sort(x), 0.4), Z),
    "digitize": (lambda x: jnp.digitize(x, jnp.array([-1.0, 0.0, 1.0])), Z),
    "lexsort": (lambda x: jnp.lexsort((x, jnp.array([1, 0, 1, 0]))), Z),
    "a filling of nan": (lambda x: jnp.take(x, jnp.array([1, 9])), Z),
    "minus infinity": (lambda x: jnp.where(x > 0, jnp.log(jnp.abs(x)), -jnp.inf), Z),
    "to integers": (lambda x: (3 * x).astype(int), Z),
    "to booleans": (lambda x: x.astype(bool), Z),
    "integer division": (
        lambda x: x * (jnp.array([-7, 7, -8, 5]) // jnp.array([2, -2, 3, -3])),
        Z,
    ),
    "integer remainder": (
        lambda x: x * lax.rem(jnp.array([-7, 7, -8, 5]), jnp.array([2, -2, 3, 3])),
        Z,
    ),
    "shifts": (lambda x: x * ((jnp.array([5, 6, 7, -8]) >> 1) + (jnp.array([5, 6, 7, 8]) << 2)), Z),
    "bits": (lambda x: x * ((jnp.array([5, 6, 7, -8]) & 3 | 8) ^ ~jnp.array([1, 2, 3, 4])), Z),
    "integer powers": (lambda x: x * jnp.array([2, 3, 4, 5]) ** 3, Z),
    "a window of products": (
        lambda x: lax.reduce_window(x, 1.0, lax.mul, (2, 2), (1, 1), "VALID"),
        M,
    ),
    "second derivatives": (jax.hessian(lambda v: jnp.sum(v**3) * v[0]), Z),
    "a Jacobian": (jax.jacfwd(nn.softmax), Z),
}

BOTH = SMOOTH | LINEAR | MOVES


@pytest.mark.parametrize("name", BOTH | TESTS)
def test_the_twin_agrees_with_a_plain_run(name: str) -> None:
    """The exact value of a program is that of its float64 run, up to rounding."""
    values_agree(*(BOTH | TESTS)[name])


@pytest.mark.parametrize("name", BOTH)
def test_derivative_of_the_twin_is_the_twin_of_the_gradient(name: str) -> None:
    """Away from kinks, the exact derivative of a program and JAX's gradient of it, run exactly,
    are the same number.
    """
    gradients_agree(*BOTH[name])


LOGITS = np.array([[0.5, -1.25, 2.0], [0.25, 1.5, -0.75]])
PARTS = np.array([[0.25, 0.25, 0.5], [0.125, 0.75, 0.125]])
SIGNS = np.array([1, -1, 1, -1])
BITS_OF = np.array([1, 0, 1, 0])
LABELS = np.array([1, 0])
SERIES = np.arange(40.0).reshape(2, 5, 4) % 7 / 4
NO_PADDING = np.zeros((2, 5), int)
SHORTER = np.array([[0, 0], [0, 1]])

OPTAX: dict[str, tuple[Any, ...]] = {
    "softmax_cross_entropy": (LOGITS, PARTS),
    "softmax_cross_entropy_with_integer_labels": (LOGITS, LABELS),
    "safe_softmax_cross_entropy": (LOGITS, PARTS),
    "sigmoid_binary_cross_entropy": (Z, BITS_OF),
    "sigmoid_focal_loss": (Z, BITS_OF),
    "poly_loss_cross_entropy": (LOGITS, PARTS),
    "hinge_loss": (Z, SIGNS),
    "perceptron_loss": (Z, SIGNS),
    "multiclass_hinge_loss": (LOGITS, LABELS),
    "multiclass_perceptron_loss": (LOGITS, LABELS),
    "multiclass_sparsemax_loss": (LOGITS, LABELS),
    "sparsemax_loss": (Z, BITS_OF),
    "kl_divergence": (LOGITS, PARTS),
    "kl_divergence_with_log_targets": (LOGITS, -PARTS),
    "generalized_kl_divergence": (LOGITS, PARTS),
    "cosine_similarity": (LOGITS, PARTS),
    "cosine_distance": (LOGITS, PARTS),
    "huber_loss": (Z, P),
    "squared_error": (Z, P),
    "l2_loss": (Z, P),
    "log_cosh": (Z, P),
    "triplet_margin_loss": (LOGITS, PARTS, LOGITS[::-1].copy()),
    "ntxent": (np.vstack([LOGITS, PARTS]), np.array([0, 0, 1, 1])),
    "ranking_softmax_loss": (LOGITS, PARTS),
    "dice_loss": (Z, P),
    "binary_dice_loss": (Z, P),
    "multiclass_generalized_dice_loss": (LOGITS, PARTS),
    "ctc_loss": (SERIES, NO_PADDING, np.array([[1, 2], [3, 0]]), SHORTER),
}


@pytest.mark.parametrize("name", OPTAX)
def test_losses_of_optax(name: str) -> None:
    """Each loss of Optax has an exact twin, whose derivative is that of Optax."""
    optax = pytest.importorskip("optax")
    loss = getattr(optax.losses, name)
    values_agree(loss, *OPTAX[name])
    gradients_agree(loss, *OPTAX[name])


def test_losses_of_optax_with_options() -> None:
    """Options, masks and functions handed to a loss of Optax reach its twin."""
    losses = pytest.importorskip("optax").losses
    for program, *values in (
        (lambda y: losses.smooth_labels(y, 0.125), PARTS),
        (lambda z, y: losses.sigmoid_focal_loss(z, y, alpha=0.25, gamma=1.5), Z, BITS_OF),
        (lambda z, y: losses.make_fenchel_young_loss(nn.logsumexp)(z, y), Z, P),
        (
            lambda z, y: losses.ranking_softmax_loss(z, y, where=jnp.array([[1, 1, 0]] * 2, bool)),
            LOGITS,
            PARTS,
        ),
    ):
        values_agree(program, *values)
        gradients_agree(program, *values)

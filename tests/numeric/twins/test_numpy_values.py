from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from gradproof.numeric.elements import working_precision
from gradproof.numeric.twins import evaluation
from gradproof.numeric.twins.arguments import FloatArgument, argument
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.numpy_adaptor import NumpyAdaptor
from gradproof.numeric.twins.numpy_messages import approximate

ADAPTOR = NumpyAdaptor()

SMOOTH: dict[str, Callable[[Any], Any]] = {
    "exp": lambda z: np.exp(z),
    "expm1": lambda z: np.expm1(z),
    "exp2": lambda z: np.exp2(z),
    "log": lambda z: np.log(z),
    "log1p": lambda z: np.log1p(z),
    "log2": lambda z: np.log2(z),
    "log10": lambda z: np.log10(z),
    "sqrt": lambda z: np.sqrt(z),
    "cbrt": lambda z: np.cbrt(z),
    "square": lambda z: np.square(z),
    "reciprocal": lambda z: np.reciprocal(z),
    "power": lambda z: np.power(z, 2.5) + z**3 + 2.0**z + z**z,
    "float_power": lambda z: np.float_power(z, 3),
    "logaddexp": lambda z: np.logaddexp(z, 0.5) + np.logaddexp2(z, z[0]),
    "hypot": lambda z: np.hypot(z, 1.5),
    "trigonometry": lambda z: np.sin(z) + np.cos(z) * np.tan(z / 4) + np.arctan2(z, 1.5 - z),
    "inverses": lambda z: np.arcsin(z / 4) + np.arccos(z / 8) + np.arctan(z) + np.arcsinh(z),
    "hyperbolic": lambda z: np.sinh(z) - np.cosh(z) + np.tanh(z) + np.arctanh(z / 4),
    "arccosh": lambda z: np.arccosh(z + 2),
    "steps": lambda z: np.floor(z) * z + np.ceil(z) + np.rint(z) + np.round(z) + np.trunc(z),
    "decimals": lambda z: np.round(z + 0.001, 2) + (z + 0.015625).round(1) * z,
    "signs": lambda z: np.sign(z - 1) * np.abs(z - 1.1) + np.fabs(-z) + np.copysign(z, -z),
    "extremes": lambda z: (
        np.maximum(z, 1.1) + np.minimum(z, z[::-1]) + np.fmax(z, 1) - np.fmin(z, 1)
    ),
    "clip": lambda z: np.clip(z, 0.7, 1.9) + z.clip(1.0) + np.clip(z, None, 1.2),
    "heaviside": lambda z: np.heaviside(z - 1.1, 0.5) * z,
    "tests": lambda z: z[np.isfinite(z) & ~np.isnan(z) & ~np.isinf(z)],
    "nan_to_num": lambda z: np.nan_to_num(np.where(z > 1, z, np.nan), nan=0.25),
    "select": lambda z: np.select([z > 2, z > 1], [z * z, z], default=0.5),
    "remainders": lambda z: z % 0.75 + z // 0.75 + np.fmod(-z, 0.75) + np.mod(-z, 0.75),
    "angles": lambda z: np.deg2rad(z) + np.degrees(z) + np.sinc(z),
    "sum": lambda z: np.sum(z * z) + z.sum(axis=0, keepdims=True),
    "moments": lambda z: z.mean() + np.var(z, ddof=1) + z.std() + np.average(z, weights=z + 1),
    "prod": lambda z: np.prod(z) + z.prod(),
    "max": lambda z: np.max(z) + np.amax(z[1:]) - z.min() + np.ptp(z),
    "cumulations": lambda z: np.cumsum(z) + np.cumprod(z) + np.add.accumulate(z),
    "median": lambda z: np.median(z) + np.median(z[1:]),
    "nansum": lambda z: np.nansum(np.where(z > 1, z, np.nan)),
    "places": lambda z: z[np.argmax(z)] - z[z.argmin()] + np.count_nonzero(z > 1),
    "norms": lambda z: np.linalg.norm(z) + np.linalg.norm(z, 1) + np.linalg.norm(z, np.inf),
    "more norms": lambda z: (
        np.linalg.norm(z, 3) + np.linalg.norm(z.reshape(2, 2)) + np.linalg.norm(z, 0)
    ),
    "row norms": lambda z: np.linalg.norm(z.reshape(2, 2), axis=1, keepdims=True) / z.reshape(2, 2),
    "dot": lambda z: z.dot(z) + np.dot(z, np.arange(4)) + np.vdot(z, z) + np.inner(z, z) + z @ z,
    "outer": lambda z: np.outer(z, z) + np.multiply.outer(z, z) + np.kron(z, z).reshape(4, 4),
    "matmul": lambda z: z.reshape(2, 2) @ z.reshape(2, 2).T @ np.ones((2, 3)),
    "einsum": lambda z: (
        np.einsum("ij,jk->ik", z.reshape(2, 2), z.reshape(2, 2)) + np.einsum("i,i", z, z)
    ),
    "einsum more": lambda z: np.einsum(
        "ii,...j->j...", z.reshape(2, 2), z.reshape(2, 2), optimize=True
    ),
    "einsum three": lambda z: np.einsum(
        "bi,ij,bj->b", z.reshape(2, 2), z.reshape(2, 2), z.reshape(2, 2)
    ),
    "tensordot": lambda z: np.tensordot(z.reshape(2, 2), z.reshape(2, 2), axes=([0], [1])),
    "trace": lambda z: (
        np.trace(z.reshape(2, 2)) + np.diag(z) @ z + np.diagonal(z.reshape(2, 2)).sum()
    ),
    "triangles": lambda z: np.triu(z.reshape(2, 2)) + 2 * np.tril(z.reshape(2, 2), -1),
    "joins": lambda z: np.concatenate([z, [0.5, 2], np.arange(2)]) * np.hstack([z, z]),
    "stacks": lambda z: (
        np.stack([z, z * z], axis=1) + np.column_stack((z, z)) + np.vstack([z, z]).T
    ),
    "splits": lambda z: np.split(z, 2)[0] * np.split(z, [2])[1],
    "moves": lambda z: (
        np.moveaxis(z.reshape(1, 2, 2), 0, 2) + np.swapaxes(z.reshape(2, 2, 1), 0, 1)
    ),
    "shapes": lambda z: np.squeeze(z[None]) + np.expand_dims(z, 0) + np.broadcast_to(z, (2, 4)),
    "at least": lambda z: np.atleast_2d(z) + np.atleast_1d(z) + np.tile(z, (2, 1)),
    "repeats": lambda z: np.repeat(z, 2) + np.roll(np.repeat(z, 2), 1) + np.flip(z.repeat(2)),
    "takes": lambda z: np.take(z, [0, 2]) + z.take([1, 3]) + z[[2, 1]] + z[z > 1][:2],
    "along axis": lambda z: np.take_along_axis(z.reshape(2, 2), np.array([[0], [1]]), axis=1),
    "choose": lambda z: np.choose(np.array([0, 1, 0, 1]), [z, -z]),
    "inserts": lambda z: (
        np.insert(z, 1, 0.5) + np.append(z, 2.0) + np.append(np.delete(z, 0), [1, 2])
    ),
    "sorts": lambda z: np.sort(z) * z[np.argsort(z)] + np.partition(z, 2),
    "searchsorted": lambda z: np.searchsorted(np.sort(z), z) * z,
    "nonzero": lambda z: z[np.nonzero(z > 1)] + np.argwhere(z > 1).ravel() + z[np.where(z > 1)],
    "convolve": lambda z: np.convolve(z, z[:3], "same") + np.convolve(z[:2], [1.0, 2.0, 3.0]),
    "bincount": lambda z: np.bincount(np.array([0, 1, 1, 2]), weights=z),
    "differences": lambda z: np.diff(z) + np.pad(z, (1, 0))[1:4] + np.trapezoid(z),
    "reduce": lambda z: np.add.reduce(z) + np.multiply.reduce(z) + np.maximum.reduce(z),
    "minimum.accumulate": lambda z: np.minimum.accumulate(z) + np.logaddexp.reduce(z),
    "logic": lambda z: (
        np.logical_and(z > 1, z) * z + np.any(z > 2) + np.all(z > 0) + (~(z > 1)) * z
    ),
    "closeness": lambda z: z * np.isclose(z, z + 1e-9) + np.allclose(z, z) + np.array_equal(z, z),
    "along": lambda z: np.apply_along_axis(lambda r: r / r.sum(), 1, z.reshape(2, 2)),
    "astype": lambda z: (z > 1).astype(float) * z + z.astype(int) + z.astype(np.float64),
    "eye": lambda z: np.eye(4)[np.array([1, 2])] @ z + np.linspace(0, 1, 2) * np.arange(2.0),
    "like": lambda z: np.zeros_like(z) + np.ones_like(z) * z + np.full_like(z, 0.5) + np.full(4, z),
    "divmod": lambda z: divmod(z, 0.75)[1] + np.divmod(z, 0.75)[0],
    "masked division": lambda z: np.divide(1.0, z, out=np.zeros_like(z), where=z > 1),
    "masked sums": lambda z: (
        np.sum(z, where=z > 1) + np.mean(z, where=z > 1) + np.max(z, initial=1.5)
    ),
    "methods": lambda z: z.ravel().copy().flatten().squeeze().transpose() + z.T + z.real,
}


def plain(arrays: list[Any]) -> list[float]:
    """Return the numbers of outputs as floats."""
    found: list[float] = []
    for array in arrays:
        found += [approximate(n) if array.dtype == object else float(n) for n in array.ravel()]
    return found


def twin(program: Callable[..., Any], *values: Any) -> tuple[Any, list[FloatArgument]]:
    """Return the exact twin of a program, and its float arguments."""
    arguments = [argument(v) for v in values]
    return ADAPTOR.trace(program, arguments), [a for a in arguments if isinstance(a, FloatArgument)]


def difference(executable: Any, inputs: list[FloatArgument], place: int, weights: list[Any]) -> Any:
    """Return a central difference of exact values by one number of the only input."""
    ends = []
    with working_precision(512):
        for sign in (1, -1):
            moved = list(inputs[0].values)
            moved[place] += Fraction(sign, 2**60)
            arrays = evaluation.outputs(executable, [inputs[0].replaced(moved)], 512)
            ends.append(evaluation.weighted(arrays, weights).value)
        return approximate(Dual((ends[0] - ends[1]) * 2**59))


def check(program: Callable[..., Any], *values: Any) -> None:
    """Compare values with the run in floats, and derivatives with differences of exact values."""
    executable, inputs = twin(program, *values)
    exact = evaluation.outputs(executable, inputs, 128)
    floats = ADAPTOR.floats(program, [argument(v) for v in values])
    assert [a.shape for a in exact] == [a.shape for a in floats]
    np.testing.assert_allclose(plain(exact), plain(floats), rtol=1e-12, atol=1e-14)
    weights = [fmpq(k + 1, 3) for k in range(len(evaluation.numbers_of(exact)))]
    sides = evaluation.gradient(executable, inputs, [0], weights, 128)
    for place, side in enumerate(sides):
        slope = difference(executable, inputs, place, weights)
        assert approximate(Dual(side.above)) == pytest.approx(slope, rel=1e-12, abs=1e-12)
        assert side.ties == ()


POINT = np.array([1.25, 0.8125, 2.625, 1.75])


@pytest.mark.parametrize("name", SMOOTH)
def test_a_function_of_numpy_is_its_exact_self(name: str) -> None:
    """Values agree with NumPy's, derivatives with differences of exact values."""
    check(SMOOTH[name], POINT)

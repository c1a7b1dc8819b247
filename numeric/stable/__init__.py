"""Losses and their gradients in floats without cancellation: the cure for what an audit finds.

Guarantees: with u the unit roundoff of the dtype, each component of a gradient has an error of at
most ``2 u (|g_i| + sum_j |z_j dg_i/dz_j|)``, and each value one of at most
``6 u (|L| + sum_j |z_j g_j|)``, for all logits: close, tied, far apart, masked by -infinity, or
with a large common offset, and for targets up to 1; those and kernel values that are not 0 or 1
count in both sums as the logits do.
That is the accuracy of the true result at inputs rounded once; results below the smallest normal
float are off by less than that.
A gradient that is 0 because the classes are alike is exactly 0.

Arithmetic: cancellation that the inputs do not cause is removed by algebra, said in each docstring;
what they cause is computed with twice the digits of the dtype, by pairs of floats, never in a wider
dtype.
So the algorithms are the same in float32 and float64; float16 and bfloat16 are computed in float32
and rounded once.
Gradients use no exponential of a library, so they are the same, bit for bit, in NumPy, PyTorch and
JAX.

Shapes: logits (n,) for one sample, (..., n) for many; a value has the shape (...), a gradient that
of the logits, each sample's gradient that of its own loss.

Cannot see: a compiler that fuses or reorders operations (`jax.jit`, `torch.compile`); subnormal
numbers where a library takes them for 0, as JAX does on a CPU; differentiation of these functions,
which return numbers.
"""

from .clipped import (
    keras_cross_entropy,
    keras_cross_entropy_gradient,
    keras_cross_entropy_one_hot,
    keras_cross_entropy_one_hot_gradient,
)
from .cross_entropy import (
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
    softmax_cross_entropy_soft,
    softmax_cross_entropy_soft_gradient,
)
from .kernel_density import kde_cross_entropy, kde_cross_entropy_gradient
from .one_against_rest import (
    multiclass_bce,
    multiclass_bce_gradient,
    multiclass_bce_one_hot,
    multiclass_bce_one_hot_gradient,
)
from .sigmoids import sigmoid_bce, sigmoid_bce_gradient
from .squares import (
    quadratic,
    quadratic_gradient,
    quadratic_soft,
    quadratic_soft_gradient,
)
from .table import STABLE, Stable

__all__ = [
    "STABLE",
    "Stable",
    "kde_cross_entropy",
    "kde_cross_entropy_gradient",
    "keras_cross_entropy",
    "keras_cross_entropy_gradient",
    "keras_cross_entropy_one_hot",
    "keras_cross_entropy_one_hot_gradient",
    "multiclass_bce",
    "multiclass_bce_gradient",
    "multiclass_bce_one_hot",
    "multiclass_bce_one_hot_gradient",
    "quadratic",
    "quadratic_gradient",
    "quadratic_soft",
    "quadratic_soft_gradient",
    "sigmoid_bce",
    "sigmoid_bce_gradient",
    "softmax_cross_entropy",
    "softmax_cross_entropy_gradient",
    "softmax_cross_entropy_soft",
    "softmax_cross_entropy_soft_gradient",
]

"""Twins of PyTorch programs beside PyTorch itself, over losses, operations and tricky programs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.twins import ImpureProgramError, UnsupportedPrimitive, exact
from gradproof.symbolic.errors import UnsupportedError

torch = pytest.importorskip("torch")
functional = torch.nn.functional

Program = Callable[..., Any]

VECTOR = np.array([0.5625, -1.25, 2.125, 0.75])
MATRIX = np.array([[0.5, -1.25, 2.125], [0.75, 1.5, -0.5]])
SQUARE = np.arange(12.0).reshape(3, 4) / 4 - 1.1875
CUBE = np.arange(24.0).reshape(2, 3, 4) * 0.375 - np.arange(24.0).reshape(2, 3, 4) % 5
KERNEL = np.arange(18.0).reshape(2, 3, 3) / 8 - 1.0625


def real(*values: Any) -> Any:
    """Return a constant of double precision."""
    return torch.tensor(np.array(values, np.float64))


def whole(*values: Any) -> Any:
    """Return integers."""
    return torch.tensor(values)


SHARES = (0.25, 0.5, 0.125, 0.125)
SIDES = (1.0, -1.0, 1.0, -1.0)

LOSSES: dict[str, Program] = {
    "cross entropy": lambda z: functional.cross_entropy(z, whole(1, 0)),
    "weights": lambda z: functional.cross_entropy(z, whole(1, 0), weight=real(1, 2, 0.5)),
    "ignored": lambda z: functional.cross_entropy(z, whole(1, -100)),
    "soft": lambda z: functional.cross_entropy(z, real([0.25, 0.5, 0.25], [1, 0, 0])),
    "smoothing": lambda z: functional.cross_entropy(z, whole(1, 0), label_smoothing=0.125),
    "nll": lambda z: functional.nll_loss(functional.log_softmax(z, 1), whole(1, 0)),
    "multi margin": lambda z: functional.multi_margin_loss(z, whole(1, 0)),
    "multi margin 2": lambda z: functional.multi_margin_loss(
        z, whole(1, 0), p=2, margin=0.75, weight=real(1, 2, 0.5)
    ),
    "multilabel margin": lambda z: functional.multilabel_margin_loss(
        z, whole([1, 0, -1], [2, -1, 0])
    ),
    "multilabel margin none": lambda z: functional.multilabel_margin_loss(
        z, whole([1, 0, -1], [2, -1, -1]), reduction="none"
    ),
    "multilabel soft": lambda z: functional.multilabel_soft_margin_loss(
        z, real([1, 0, 1], [0, 0, 1])
    ),
    "triplet": lambda z: functional.triplet_margin_loss(z, z.detach() + 1, real(*MATRIX[::-1])),
    "triplet swap": lambda z: functional.triplet_margin_loss(
        z, real(*MATRIX) + 1, real(*MATRIX[::-1]), swap=True, p=1
    ),
    "cosine": lambda z: functional.cosine_embedding_loss(z, real(*MATRIX) + 1, whole(1, -1)),
    "distance": lambda z: functional.pairwise_distance(z, real(*MATRIX) + 1),
}

LOSSES_OF_VECTORS: dict[str, Program] = {
    "bce": lambda z: functional.binary_cross_entropy(z.sigmoid(), real(*SHARES)),
    "bce logits": lambda z: functional.binary_cross_entropy_with_logits(
        z, real(*SHARES), pos_weight=real(*SHARES) + 1, weight=real(*SHARES)
    ),
    "l1": lambda z: functional.l1_loss(z, real(*SHARES)),
    "mse": lambda z: functional.mse_loss(z, real(*SHARES)),
    "smooth l1": lambda z: functional.smooth_l1_loss(z, real(*SHARES), beta=0.75),
    "huber": lambda z: functional.huber_loss(z, real(*SHARES), delta=0.75),
    "kl": lambda z: functional.kl_div(z.log_softmax(0), real(*SHARES), reduction="batchmean"),
    "poisson": lambda z: functional.poisson_nll_loss(z, real(3, 4, 0, 7), full=True),
    "gaussian": lambda z: functional.gaussian_nll_loss(z, real(*SHARES), z.exp(), full=True),
    "hinge": lambda z: functional.hinge_embedding_loss(z, real(*SIDES)),
    "ranking": lambda z: functional.margin_ranking_loss(z, z * z, real(*SIDES), margin=0.5),
    "soft margin": lambda z: functional.soft_margin_loss(z, real(*SIDES)),
    "multilabel margin 1": lambda z: functional.multilabel_margin_loss(z, whole(3, 0, -1, 1)),
}

ACTIVATIONS = (
    "elu selu celu gelu silu mish softplus softsign tanhshrink hardshrink softshrink"
    " hardtanh hardswish logsigmoid leaky_relu relu6"
)

OF_VECTORS: dict[str, Program] = {
    **{f"norm {p}": (lambda z, p=p: z.norm(p=p)) for p in (1, 2, 3, 0.5, math.inf)},
    **{name: getattr(functional, name) for name in ACTIVATIONS.split()},
    **{
        f"scatter {how} {own}": lambda z, how=how, own=own: torch.ones(
            3, dtype=z.dtype
        ).scatter_reduce(0, whole(0, 1, 1, 2), z, how, include_self=own)
        for how in ("sum", "prod", "mean", "amax", "amin")
        for own in (True, False)
    },
    "cumulative": lambda z: z.cumsum(0) * z.cumprod(0),
    "running extremes": lambda z: z.cummax(0).values * z.cummin(0).values,
    "logcumsumexp": lambda z: z.logcumsumexp(0),
    "logaddexp": lambda z: torch.logaddexp(z, z.flip(0)),
    "median": lambda z: z.median() * z.median(0).values * z.kthvalue(2).values,
    "quantile": lambda z: z.quantile(0.3125),
    "moments": lambda z: z.var() * z.std(unbiased=False),
    "sorted": lambda z: z.sort().values * z.topk(4, largest=False).values,
    "put": lambda z: z.clone().put(whole(1, 3), z[:2]),
    "take": lambda z: z.take(whole(1, 1, 3)),
    "masked scatter": lambda z: z.masked_scatter(whole(True, False, True, False), z[2:]),
    "masked select": lambda z: z.masked_select(z > 0),
    "index put": lambda z: z.clone().index_put((whole(0, 0),), z[:2], accumulate=True),
    "index copy": lambda z: torch.zeros_like(z).index_copy(0, whole(3, 1, 0, 2), z),
    "index fill": lambda z: z.index_fill(0, whole(1), 2.0),
    "special": lambda z: torch.special.erfcx(z) + torch.special.log_ndtr(z),
    "quantile of the normal": lambda z: torch.special.ndtri(z.sigmoid()),
    "gamma": lambda z: torch.lgamma(z.exp()) + torch.special.entr(z.exp()),
    "hypot": lambda z: torch.hypot(z, z + 1) + torch.atan2(z, z.flip(0)),
    "xlogy": lambda z: torch.xlogy(z, z.exp()) + torch.special.xlog1py(z, z.exp()),
    "copysign": lambda z: torch.copysign(z, real(*SIDES)),
    "steps": lambda z: z.remainder(0.7) + z.fmod(0.7) + z.frac(),
    "powers": lambda z: z.exp() ** z + 2**z + torch.float_power(z.exp(), 0.25),
    "lerp": lambda z: torch.lerp(z, z * 2, z),
    "searched": lambda z: z * torch.searchsorted(real(-1, 0, 1), z),
    "softplus beyond": lambda z: functional.softplus(z, beta=2.0, threshold=3),
    "glu": lambda z: functional.glu(z),
    "diagonals": lambda z: torch.diag_embed(z) @ torch.outer(z, z).tril(),
    "decimals": lambda z: z * (z + 0.03125).round(decimals=1).detach(),
}

OF_MATRICES: dict[str, Program] = {
    "softmax": lambda z: functional.softmax(z, 1) * functional.log_softmax(z, 0),
    "logsumexp": lambda z: torch.logsumexp(z, (0, 1)),
    "vector norm": lambda z: torch.linalg.vector_norm(z, 3, dim=1),
    "normalised": lambda z: functional.normalize(z, dim=1),
    "einsum": lambda z: torch.einsum("ij,kj->ik", z, z),
    "gather": lambda z: z.gather(1, whole([0, 2], [1, 1])),
    "scatter": lambda z: torch.zeros_like(z).scatter(1, whole([0, 2], [1, 0]), z[:, :2]),
    "layer norm": lambda z: functional.layer_norm(z, (3,), z[0], z[1]),
    "rms norm": lambda z: functional.rms_norm(z, (3,)),
    "batch norm": lambda z: functional.batch_norm(z, None, None, training=True),
    "batch norm in use": lambda z: functional.batch_norm(
        z, real(0.125, 0.25, 0.5), real(0.5, 0.25, 1), z[0], z[1]
    ),
    "embedding": lambda z: functional.embedding(whole(0, 1, 1), z),
    "linear": lambda z: functional.linear(z, z, real(0.5, 0.25)),
    "bilinear": lambda z: functional.bilinear(z, z, real(*KERNEL.reshape(2, 3, 3).tolist())),
    "prelu": lambda z: functional.prelu(z, real(0.25, 0.5, 0.75)),
    "covariance": lambda z: z.cov(),
    "addmm": lambda z: torch.addmm(z[:, :2], z, z.T, beta=0.5, alpha=2),
    "slices": lambda z: z.slice_scatter(z[:, 1:] * 2, 1, 0, 2).select_scatter(z[:, 1], 1, 0),
    "reflected": lambda z: functional.pad(z[None], (1, 2), mode="reflect"),
    "repeated edges": lambda z: functional.pad(z[None], (1, 2), mode="replicate"),
    "cut": lambda z: functional.pad(z, (-1, 2), value=0.5),
    "renorm": lambda z: z.renorm(2, 0, 1.0),
    **{f"distances {p}": (lambda z, p=p: torch.cdist(z, z * 2 + 1, p=p)) for p in (1.0, 2.0, 3.0)},
    "pairs": lambda z: functional.pdist(z),
}

OF_CUBES: dict[str, Program] = {
    "convolution": lambda x: functional.conv1d(x, real(*KERNEL), padding=1),
    "strides": lambda x: functional.conv1d(x, real(*KERNEL), stride=2, bias=real(0.5, 0.25)),
    "dilation": lambda x: functional.conv1d(x, real(*KERNEL[:, :, :2]), dilation=2, padding=2),
    "by the weight": lambda x: functional.conv1d(real(*CUBE), x[:, :, :3], stride=2, padding=1),
    "groups": lambda x: functional.conv1d(x, real(*KERNEL[:1, :, :2]).transpose(0, 1), groups=3),
    "transposed": lambda x: functional.conv_transpose1d(
        x, real(*KERNEL).reshape(3, 2, 3), stride=2, padding=1, output_padding=1
    ),
    "planes": lambda x: functional.conv2d(x[None], real(*KERNEL[:, :2, :2])[:, :, :, None]),
    "group norm": lambda x: functional.group_norm(x.repeat(1, 2, 1), 2),
    "instance norm": lambda x: functional.instance_norm(x),
    "means of windows": lambda x: functional.avg_pool2d(x, 2, padding=1, count_include_pad=False),
    "maxima of windows": lambda x: functional.max_pool2d(x, 2, stride=1),
    "unfolded": lambda x: functional.unfold(x[None], (2, 2)),
    "attention": lambda x: functional.scaled_dot_product_attention(x, x, x),
    "products": lambda x: torch.baddbmm(x[:, :, :3], x, x.transpose(1, 2)),
}

CASES = [
    *[(f"loss {k}", f, MATRIX) for k, f in LOSSES.items()],
    *[(f"loss {k}", f, VECTOR) for k, f in LOSSES_OF_VECTORS.items()],
    *[(k, f, VECTOR) for k, f in OF_VECTORS.items()],
    *[(k, f, MATRIX) for k, f in OF_MATRICES.items()],
    *[(k, f, CUBE) for k, f in OF_CUBES.items()],
]


def middles(result: Any) -> Any:
    """Return enclosures as floats in one row."""
    return np.array([_middle(v) for a in _several(result) for v in np.asarray(a, object).ravel()])


def _several(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def _middle(value: Any) -> float:
    if not hasattr(value, "lower"):
        return float(value)
    return (float(value.lower) + float(value.upper)) / 2


def plain(result: Any) -> Any:
    """Return tensors as floats in one row."""
    parts = [r.detach().double().numpy().ravel() for r in _several(result)]
    return np.concatenate(parts)


def weights_for(result: Any) -> Any:
    """Return weights that floats hold, of the shape of a result."""
    row = torch.arange(result.numel(), dtype=torch.float64)
    return (((row * 7) % 13 - 6.5) / 8).reshape(result.shape)


@pytest.mark.parametrize(("program", "point"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_value_and_derivatives_are_those_of_pytorch(program: Program, point: Any) -> None:
    """The twin's value, its derivative of the forward and the twin of autograd's backward are
    what PyTorch computes in double precision, but for rounding.
    """
    tensor = torch.tensor(point, requires_grad=True)
    result = program(tensor)
    weights = weights_for(result)
    (meant,) = torch.autograd.grad((result * weights).sum(), tensor)

    twin = exact(program, framework="torch")
    assert middles(twin.value(point)) == pytest.approx(plain(result), rel=1e-12, abs=1e-13)
    weighted = exact(lambda z: (program(z) * weights).sum(), framework="torch")
    assert middles(weighted.gradient(point)) == pytest.approx(plain(meant), rel=1e-9, abs=1e-11)
    upstream = weights.numpy() if weights.ndim else float(weights)
    backward = twin.backward(0).value(upstream, point)
    assert middles(backward) == pytest.approx(plain(meant), rel=1e-9, abs=1e-11)


def changed_input(z: Any) -> Any:
    """Change the argument itself."""
    z.mul_(2)
    return z.exp().sum()


def changed_views(z: Any) -> Any:
    """Change views of a copy."""
    w = z.clone()
    square = w.view(2, 2)
    square.t()[0] = z[2]
    rest = w[1:]
    rest += 1
    return (w**3).sum() + (square * rest[0]).sum()


def changed_transpose(z: Any) -> Any:
    """Change a row of what was transposed and copied."""
    w = z.view(2, 2).t().contiguous()
    row = w.view(-1)
    row[1] = row[2] * 5
    return w[0] @ real(1, 2) + w[1] @ real(3, 4)


def view_before_change(z: Any) -> Any:
    """Read a view after its base was changed."""
    w = z.clone()
    first, wide = w[:2], w.unsqueeze(0).expand(3, 4)
    w.add_(1)
    w[0] = 9
    return (first * first).sum() + wide.sum()


def changed_shape(z: Any) -> Any:
    """Change the shape of a tensor in place."""
    w = z.clone().view(1, 4)
    w.squeeze_(0)
    w.unsqueeze_(1)
    w.t_()
    return (w * w).sum()


def changed_constant(z: Any) -> Any:
    """Change a constant in place before it is used."""
    c = torch.ones(4, dtype=torch.float64)
    c.add_(3.0)
    c.mul_(z)
    return c.sum()


def written_out(z: Any) -> Any:
    """Write results into memory that is there."""
    result = torch.empty_like(z)
    torch.mul(z, z + 1, out=result)
    return result.sum()


def filled_by_entry(z: Any) -> Any:
    """Fill memory entry by entry."""
    result = torch.empty(4, dtype=torch.float64)
    result.copy_(z)
    result[0] = z[1]
    result[1:3] = z[:2] * z[2]
    return (result * result).sum()


def exchanged(z: Any) -> Any:
    """Exchange two entries the wrong way, which loses one."""
    w = z.clone()
    w[0], w[1] = w[1], w[0]
    w[[2, 3]] = w[[3, 2]]
    return w @ real(1, 2, 3, 4)


def mask_by_entry(z: Any) -> Any:
    """Fill a mask entry by entry, by views made before."""
    mask = torch.zeros(4, dtype=torch.bool)
    last = mask[3]
    mask[0] = z[0] > z[1]
    mask.logical_or_(z > 1)
    last.copy_(z[2] < 0)
    return (z * mask).sum()


def places_by_entry(z: Any) -> Any:
    """Fill integers entry by entry."""
    places = torch.zeros(2, dtype=torch.long)
    places[0], places[1] = z.argmax(), z.argmin()
    return z[places] @ real(2, 3)


def branches(z: Any) -> Any:
    """Branch in Python, and cut by a number of entries."""
    return z.exp().sum() if z[0] > z[1] else z[: int((z > 0).sum())].sum()


def loop(z: Any) -> Any:
    """Loop over entries."""
    total = z[0]
    for entry in z:
        total = torch.maximum(total * 0.5, entry) + total
    return total


def with_grad(z: Any, gradient: Program) -> Any:
    """Differentiate inside a program."""
    own = z.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        return gradient(own)


def twice(z: Any) -> Any:
    """Return a derivative of a derivative."""
    (slope,) = torch.autograd.grad(torch.logsumexp(z, 0), z, create_graph=True)
    return torch.autograd.grad(slope @ real(1, 2, 3, 4), z)[0]


def retained(z: Any) -> Any:
    """Differentiate one graph twice."""
    loss = (z.sin() * z).sum()
    one = torch.autograd.grad(loss, z, retain_graph=True)[0]
    return one + 2 * torch.autograd.grad(loss, z)[0]


def accumulated(z: Any) -> Any:
    """Add up two gradients in the attribute of a leaf."""
    (z**3).sum().backward()
    z.exp().sum().backward()
    return z.grad


def diagonal(z: Any) -> Any:
    """Change the diagonal of a matrix."""
    w = torch.outer(z, z)
    w.fill_diagonal_(0.0)
    w.diagonal().add_(z)
    return (w @ w).sum()


def masked_rows(z: Any) -> Any:
    """Mask a triangle by -inf."""
    mask = torch.ones(4, 4).tril().bool()
    w = torch.outer(z, z).masked_fill(~mask, -math.inf)
    return torch.softmax(w, 1).pow(2).sum()


TRICKY: dict[str, Program] = {
    "the argument changed": changed_input,
    "views changed": changed_views,
    "transpose changed": changed_transpose,
    "view before a change": view_before_change,
    "shape changed": changed_shape,
    "constant changed": changed_constant,
    "out": written_out,
    "filled": filled_by_entry,
    "exchanged": exchanged,
    "mask filled": mask_by_entry,
    "places filled": places_by_entry,
    "branches": branches,
    "loop": loop,
    "diagonal": diagonal,
    "rows masked": masked_rows,
    "second derivative": lambda z: with_grad(z, twice),
    "retained graph": lambda z: with_grad(z, retained),
    "accumulated": lambda z: with_grad(z, accumulated),
    "torch.func.grad": lambda z: torch.func.grad(lambda v: torch.logsumexp(v * v, 0))(z),
    "vmap": lambda z: torch.func.vmap(lambda v: v.exp() * z.sum())(z),
    "jacrev": lambda z: torch.func.jacrev(lambda v: torch.softmax(v, 0))(z),
    "jvp": lambda z: torch.func.jvp(lambda v: torch.softmax(v, 0), (z,), (z * 2,))[1],
    "hessian": lambda z: torch.func.hessian(lambda v: torch.logsumexp(v, 0))(z),
    "quotients of integers": lambda z: z @ (whole(-7, 7, -3, 3) // 2).double(),
    "remainders of integers": lambda z: z @ (whole(-7, 7, -3, 3) % 4).double(),
    "integers cut": lambda z: (
        z * torch.fmod(whole(-7, 7, -3, 3), 4)
        + z * torch.div(whole(-7, 7, -3, 3), 2, rounding_mode="trunc")
    ),
    "truth values summed": lambda z: (z > 0).sum() * z.sum() + (z > 0).double().mean(),
    "cut to integers": lambda z: z * z.to(torch.int64) + (z > 0).to(torch.uint8),
    "masked by -inf": lambda z: torch.softmax(z.masked_fill(z < 0, -math.inf), 0),
    "nan in the branch not taken": lambda z: torch.where(z > 0, z.log(), z),
    "nan left out": lambda z: torch.nanmean(torch.where(z > 0, z, math.nan)),
    "nan replaced": lambda z: torch.nan_to_num(z.log(), nan=0.0, neginf=-5.0),
    "infinities compared": lambda z: torch.maximum(z, real(-math.inf)) + z.clamp(max=math.inf),
    "logaddexp with -inf": lambda z: torch.logaddexp(z, real(-math.inf)),
    "signs of zeros": lambda z: 1 / (torch.relu(-z.abs()) - 1) + torch.sign(z * 0),
    "powers of zeros": lambda z: (z * 0) ** 0 + z.abs() ** 0.5,
    "half to even": lambda z: torch.round(z * 2) * z + torch.floor(z) + torch.ceil(z),
    "chosen by the largest": lambda z: z[z.argmax()] * z[z.argmin()],
    "ties": lambda z: (z * 0 + 1).sort(descending=True).indices + (z * 0).argmax(),
    "broadcast": lambda z: (z.view(4, 1) - z.view(1, 4)).abs() + 1,
    "steps of slices": lambda z: z.flip(0)[::2] * z[1::2],
    "dots": lambda z: z.view(2, 1, 2)[..., 0] * z.view(2, 1, 2)[:, :, None, 1].squeeze(1),
    "several changes": lambda z: (
        z.clone().lerp_(z * z, 0.25).addcmul_(z, z, value=0.5).clamp_(-1, 1.5)
    ),
    "scattered in place": lambda z: (
        torch.zeros(3, dtype=z.dtype)
        .scatter_add_(0, whole(0, 2, 2, 1), z)
        .index_add_(0, whole(1, 1), z[:2], alpha=2)
    ),
    "two constants of one array": lambda z: (
        z * torch.as_tensor(VECTOR) * torch.tensor(VECTOR) + torch.from_numpy(VECTOR)
    ),
    "data": lambda z: z * z.detach() + z.data,
    "several results": lambda z: (z.exp(), z.sum(), z > 0),
    "filled memory": lambda z: torch.zeros(4, dtype=z.dtype).copy_(z).unsqueeze_(0),
    "checkpoint": lambda z: torch.utils.checkpoint.checkpoint(
        lambda v: v.exp() * v, z, use_reentrant=False
    ),
}


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # by torch.func
@pytest.mark.parametrize("name", TRICKY)
def test_a_replay_gives_what_pytorch_gives(name: str) -> None:
    """One twin, asked at several points, has the values of PyTorch at each of them."""
    twin = exact(TRICKY[name], framework="torch")
    for point in (VECTOR, VECTOR[::-1].copy(), -VECTOR / 2 + 0.25, VECTOR):
        meant = plain(TRICKY[name](torch.tensor(point)))
        assert middles(twin.value(point)) == pytest.approx(meant, rel=1e-12, abs=1e-13, nan_ok=True)


def test_functions_of_integers_are_exact() -> None:
    """What PyTorch computes of integers in single precision is not rounded in the twin."""
    twin = exact(lambda z: z * torch.log(whole(3)) + torch.arange(1, 2) / 3, framework="torch")
    assert middles(twin.value([1.0]))[0] == pytest.approx(math.log(3) + 1 / 3, rel=1e-15)


def test_labels_behind_the_end_do_not_count() -> None:
    """The multilabel margin loss stops at the first -1, unlike PyTorch's own decomposition."""
    point, labels = torch.tensor(MATRIX), whole([1, 0, -1], [2, -1, 0])
    meant = functional.multilabel_margin_loss(point, labels)
    twin = exact(lambda z: functional.multilabel_margin_loss(z, labels), framework="torch")
    assert middles(twin.value(MATRIX))[0] == pytest.approx(float(meant), rel=1e-13)


def test_a_number_that_leaves_pytorch_is_refused() -> None:
    """A value that comes back from NumPy is not taken for a constant."""
    twin = exact(lambda z: z * torch.from_numpy(np.exp(z.numpy())), framework="torch")
    with pytest.raises((UnsupportedError, ImpureProgramError)):
        twin.value(VECTOR)


def test_the_bits_of_a_float_are_refused() -> None:
    """A float read as an integer has no exact meaning."""
    twin = exact(lambda z: z * (z.view(torch.int64) > 0), framework="torch")
    with pytest.raises(UnsupportedError, match="no bits"):
        twin.value(VECTOR)


def test_what_has_no_rule_is_named() -> None:
    """An operation without a rule is an error that names it."""
    with pytest.raises(UnsupportedPrimitive, match="histc"):
        exact(lambda z: z.histc(4), framework="torch").value(VECTOR)


def test_a_random_program_is_refused() -> None:
    """Random numbers and running statistics are no functions of the inputs."""
    with pytest.raises(ImpureProgramError, match="random"):
        exact(lambda z: functional.dropout(z, 0.5), framework="torch").value(VECTOR)
    mean, spread = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    with pytest.raises(ImpureProgramError):
        exact(
            lambda z: functional.batch_norm(z, mean, spread, training=True) + mean,
            framework="torch",
        ).value(MATRIX)

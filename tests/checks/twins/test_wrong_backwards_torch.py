"""Backward passes in PyTorch that are wrong on purpose, and odd ones that are right.

Every wrong one is found with default settings, no right one is accused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gradproof.checks.twins import (
    Comparison,
    Input,
    TwinOutcome,
    check_backward,
    check_forward,
    label,
    logits,
    numbers,
    probabilities,
)
from gradproof.numeric.twins import ImpureProgramError
from gradproof.symbolic.errors import DeclarationError

torch = pytest.importorskip("torch")
functional = torch.nn.functional

Program = Callable[..., Any]
OF_CLASSES = (logits(), label())
OF_NUMBERS = (numbers("n"),)


def made(value: Program, gradient: Program) -> Program:
    """Return a program with a backward of its own.

    Parameters
    ----------
    value
        The forward, of the arguments.
    gradient
        The backward, of the upstream gradient and the arguments; a tuple if it is by more than the
        first argument.
    """

    class Custom(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *args: Any) -> Any:
            ctx.save_for_backward(*(a for a in args if isinstance(a, torch.Tensor)))
            ctx.args = tuple(None if isinstance(a, torch.Tensor) else a for a in args)
            return value(*args)

        @staticmethod
        def backward(ctx: Any, *upstream: Any) -> Any:
            saved = iter(ctx.saved_tensors)
            args = [next(saved) if a is None else a for a in ctx.args]
            found = gradient(upstream[0], *args)
            found = found if isinstance(found, tuple) else (found,)
            return (*found, *[None] * (len(args) - len(found)))

    def program(*args: Any) -> Any:
        return Custom.apply(*args)

    return program


def hot(z: Any, y: int) -> Any:
    """Return a 1 at the label and zeros."""
    return functional.one_hot(torch.tensor(y), len(z)).to(z.dtype)


def ce(z: Any, y: int) -> Any:
    """Return the cross entropy."""
    return torch.logsumexp(z, 0) - z[y]


def of_ce(upstream: Any, z: Any, y: int) -> Any:
    """Return its gradient."""
    return upstream * (torch.softmax(z, 0) - hot(z, y))


def instead(condition: Callable[[Any, int], Any], wrong: Callable[[Any], Any]) -> Program:
    """Return the gradient of the cross entropy with something else where a condition holds."""

    def gradient(upstream: Any, z: Any, y: int) -> Any:
        right = of_ce(upstream, z, y)
        return torch.where(condition(z, y), wrong(right), right)

    return gradient


def tied(z: Any) -> Any:
    """Return where a number has an equal one."""
    return (z[:, None] == z[None, :]).sum(1) > 1


def clamped_softmax(upstream: Any, z: Any, y: int) -> Any:
    """Return a gradient with probabilities kept away from 0 and 1, unlike the loss."""
    return upstream * (torch.softmax(z, 0).clamp(1e-7, 1 - 1e-7) - hot(z, y))


def missing_label(upstream: Any, z: Any, y: int) -> Any:  # noqa: ARG001 (that is the mistake)
    """Return a gradient without the -1 at the label."""
    return upstream * torch.softmax(z, 0)


def only_for(size: int) -> Program:
    """Return a gradient that is wrong for one number of classes."""

    def gradient(upstream: Any, z: Any, y: int) -> Any:
        return of_ce(upstream, z, y) + (1 if len(z) == size else 0)

    return gradient


def last_class(upstream: Any, z: Any, y: int) -> Any:
    """Return a gradient whose entry for the last class is not subtracted from."""
    return upstream * (torch.softmax(z, 0) - (hot(z, y) if y != len(z) - 1 or y == 0 else 0))


def in_window(z: Any, y: int) -> Any:
    """Return whether a logit lies 3 to 3.25 below that of the label."""
    gap = z[y] - z
    return ((gap >= 3.0) & (gap < 3.25)).any()


WRONG_CE: dict[str, Program] = {
    "factor 1 + 1e-7": lambda g, z, y: of_ce(g, z, y) * (1 + 1e-7),
    "offset 1e-9": lambda g, z, y: of_ce(g, z, y) + 1e-9,
    "softmax clamped at 1e-7": clamped_softmax,
    "logits clamped at 100": lambda g, z, y: of_ce(g, z.clamp(-100, 100), y),
    "gradient clamped at 1": lambda g, z, y: of_ce(g, z, y).clamp(-1, 1),
    "ties below the maximum": instead(lambda z, _y: tied(z) & (z < z.max()), lambda g: g / 2),
    "ties at the maximum": instead(lambda z, _y: tied(z) & (z == z.max()), lambda g: g / 2),
    "ties of all": instead(lambda z, _y: (z == z[0]).all() & (len(z) > 1), lambda g: 0 * g),
    "beyond 1000": instead(lambda z, _y: z.abs().max() > 1000, lambda g: 0 * g),
    "beyond 37.5": instead(lambda z, _y: z.abs() > 37.5, lambda g: g + 0.125),
    "beyond 88.7": instead(lambda z, _y: z.max() > 88.7, lambda g: 0 * g),
    "below -88.7": instead(lambda z, _y: z.min() < -88.7, lambda g: 0 * g),
    "beyond 2**10": instead(lambda z, _y: z.abs().max() > 2**10, lambda g: g + 1),
    "label behind by 30 and more": instead(lambda z, y: z.max() - z[y] > 30.5, lambda g: 0 * g),
    "gap in a window": instead(in_window, lambda g: 0 * g),
    "sum of logits in a window": instead(
        lambda z, _y: (z.sum() > 17.5) & (z.sum() < 17.75), lambda g: 0 * g
    ),
    "at 0": instead(lambda z, _y: z == 0, lambda g: g + 1),
    "at 5/8": instead(lambda z, _y: z == 0.625, lambda g: g + 1),
    "label of the next class": lambda g, z, y: of_ce(g, z, (y + 1) % len(z)),
    "label from the end": lambda g, z, y: of_ce(g, z, len(z) - 1 - y),
    "no upstream": lambda g, z, y: of_ce(torch.ones_like(g), z, y),
    "upstream twice": lambda g, z, y: g * of_ce(g, z, y),
    "sign": lambda g, z, y: -of_ce(g, z, y),
    "no -1 at the label": missing_label,
    "only n = 1": only_for(1),
    "only n = 5": only_for(5),
    "only the last class": last_class,
    "no shift": lambda g, z, y: g * (z.exp() / (z - z.max()).exp().sum() - hot(z, y)),
    "eps in the sum": lambda g, z, y: g * (z.exp() / (z.exp().sum() + 1e-12) - hot(z, y)),
    "mean over classes": lambda g, z, y: of_ce(g, z, y) / len(z),
    "small gradients cut": instead(lambda z, _y: torch.softmax(z, 0) < 1e-10, lambda g: 0 * g),
    "temperature 1 + 2**-20": lambda g, z, y: of_ce(g, z * (1 + 2**-20), y),
}


def of_softmax(upstream: Any, z: Any) -> Any:
    """Return the product of the upstream with a Jacobian of which only the diagonal is right."""
    s = torch.softmax(z, 0)
    return upstream * s * (1 - s)


def focal(z: Any, y: int) -> Any:
    """Return the focal loss with exponent 2."""
    logs = torch.log_softmax(z, 0)
    return -((1 - logs[y].exp()) ** 2) * logs[y]


def smoothed(z: Any, y: int) -> Any:
    """Return the cross entropy with 0.1 of the label spread over all classes."""
    return functional.cross_entropy(z[None], torch.tensor([y]), label_smoothing=0.1)


def of_smoothed(upstream: Any, z: Any, y: int) -> Any:
    """Return its gradient with one class too few to spread over."""
    spread = 0.1 / max(len(z) - 1, 1)
    return upstream * (torch.softmax(z, 0) - (0.9 - spread) * hot(z, y) - spread)


def clipped(z: Any, y: int) -> Any:
    """Return a cross entropy of clipped probabilities."""
    return -torch.log(torch.softmax(z, 0)[y].clamp_min(1e-7))


def layer(x: Any, w: Any) -> Any:
    """Return a linear layer."""
    return x @ w.T


def weighted(z: Any, w: Any) -> Any:
    """Return a weighted sum of softplus."""
    return (w * functional.softplus(z)).sum()


def of_constant(upstream: Any, x: Any) -> Any:
    """Return the gradient of 0.1 x, with a constant that was stored in single precision."""
    return upstream * torch.tensor(0.1, dtype=torch.float32).to(x.dtype).expand_as(x)


def margins(z: Any, y: int) -> Any:
    """Return the sum of hinges."""
    return torch.relu(1 + z - z[y]).sum() - 1


def of_margins(upstream: Any, z: Any, y: int) -> Any:
    """Return its gradient, with the label's part left at -1."""
    steps = (1 + z - z[y] > 0).to(z.dtype)
    return upstream * (steps - 2 * hot(z, y))


def normalised(z: Any) -> Any:
    """Return the vector over its length, with the usual small number below."""
    return z / (z.norm() + 1e-6)


def of_normalised(upstream: Any, z: Any) -> Any:
    """Return its gradient as if the length were constant."""
    return upstream / (z.norm() + 1e-6)


Case = tuple[Program, Sequence[Input], dict[str, Any]]

WRONG: dict[str, Case] = {
    "softmax by its diagonal": (made(lambda z: torch.softmax(z, 0), of_softmax), [logits()], {}),
    "focal with detached factor": (
        lambda z, y: -((1 - torch.softmax(z, 0)[y].detach()) ** 2) * torch.log_softmax(z, 0)[y],
        OF_CLASSES,
        {},
    ),
    "label smoothing off by one": (made(smoothed, of_smoothed), OF_CLASSES, {}),
    "clip ignored": (made(clipped, of_ce), OF_CLASSES, {}),
    "temperature forgotten": (
        made(lambda z, y: ce(z / 3, y), lambda g, z, y: of_ce(g, z / 3, y)),
        OF_CLASSES,
        {},
    ),
    "maximum at the minimum": (
        made(lambda z: z.max(), lambda g, z: g * hot(z, int(torch.argmin(z)))),
        OF_NUMBERS,
        {},
    ),
    "maximum at the largest size": (
        made(lambda z: z.max(), lambda g, z: g * hot(z, int(torch.argmax(z.abs())))),
        OF_NUMBERS,
        {},
    ),
    "maximum given to every tie": (
        made(lambda z: z.max(), lambda g, z: g * (z == z.max()).to(z.dtype)),
        OF_NUMBERS,
        {},
    ),
    "square root by an eps": (
        made(lambda x: x.sqrt(), lambda g, x: g * (0.5 + 2**-52) / x.sqrt()),
        [Input("positive", ())],
        {},
    ),
    "relu reversed": (
        made(lambda x: x.relu().sum(), lambda g, x: g * (x < 0).to(x.dtype)),
        OF_NUMBERS,
        {},
    ),
    "leaky relu with another slope": (
        made(
            lambda x: functional.leaky_relu(x, 0.01).sum(),
            lambda g, x: g * torch.where(x > 0, 1.0, 0.02),
        ),
        OF_NUMBERS,
        {},
    ),
    "nothing at 0 where branches cancel": (
        lambda x: (torch.relu(x) - torch.relu(-x)).sum(),
        OF_NUMBERS,
        {},
    ),
    "abs with 2 at 0": (
        made(lambda x: x.abs().sum(), lambda g, x: g * (x.sign() + 2 * (x == 0))),
        OF_NUMBERS,
        {},
    ),
    "straight through": (
        lambda x: (x + (x.round() - x).detach()).sum(),
        OF_NUMBERS,
        {"framework": "torch"},
    ),
    "weight decay dropped": (
        made(lambda x: (x.cos() + 0.01 * x * x).sum(), lambda g, x: -g * x.sin()),
        OF_NUMBERS,
        {},
    ),
    "negative weights": (
        made(weighted, lambda g, z, w: g * w.abs() * torch.sigmoid(z)),
        [logits(), numbers("n", name="w")],
        {},
    ),
    "constant of single precision": (
        made(lambda x: (0.1 * x).sum(), of_constant),
        OF_NUMBERS,
        {},
    ),
    "one row of a bias": (
        made(lambda x, b: (x + b) ** 2, lambda g, x, b: (None, (2 * g * (x + b))[0])),
        [numbers(3, "n"), numbers("n", name="b")],
        {"argnums": 1},
    ),
    "one entry of a bias": (
        made(lambda x, b: (x + b) ** 2, lambda g, x, b: (None, (2 * g * (x + b))[0, :1])),
        [numbers(3, "n"), numbers(1, name="b")],
        {"argnums": 1},
    ),
    "mean instead of sum": (
        made(lambda x: (x * x).sum(), lambda g, x: 2 * g * x / len(x)),
        [numbers(3, "n")],
        {},
    ),
    "no gradient by the second": (
        made(layer, lambda g, _x, w: g @ w),
        [numbers(2, 3), numbers(4, 3, name="w")],
        {"argnums": (0, 1), "sizes": (1,)},
    ),
    "transposed weight": (
        made(layer, lambda g, x, w: (g @ w.T, g.T @ x)),
        [numbers(2, 3), numbers(3, 3, name="w")],
        {"argnums": (0, 1), "sizes": (1,)},
    ),
    "hinges not counted": (made(margins, of_margins), OF_CLASSES, {}),
    "constant length": (made(normalised, of_normalised), OF_NUMBERS, {}),
    "huber by another edge": (
        made(
            lambda x: functional.huber_loss(x, torch.zeros_like(x), reduction="sum"),
            lambda g, x: g * x.clamp(-1.5, 1.5),
        ),
        OF_NUMBERS,
        {},
    ),
    "softplus beyond its threshold": (
        made(lambda x: functional.softplus(x).sum(), lambda g, x: g * torch.sigmoid(x)),
        OF_NUMBERS,
        {},
    ),
    "product over what is not 0": (
        made(lambda x: x.prod(), lambda g, x: g * x.prod() / (x + (x == 0))),
        OF_NUMBERS,
        {},
    ),
    "unsorted with the wrong order": (
        made(
            lambda x: x.sort().values * torch.arange(len(x)),
            lambda g, x: (g * torch.arange(len(x)))[x.argsort()],
        ),
        OF_NUMBERS,
        {"sizes": (1, 2, 3, 5)},
    ),
}
WRONG |= {name: (made(ce, gradient), OF_CLASSES, {}) for name, gradient in WRONG_CE.items()}


class Shares(torch.autograd.Function):  # type: ignore[misc]
    """A softmax whose backward is that of its diagonal alone."""

    @staticmethod
    def forward(ctx: Any, z: Any) -> Any:
        """Return the shares."""
        found = torch.softmax(z, 0)
        ctx.save_for_backward(found)
        return found

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        """Return the wrong gradient."""
        (s,) = ctx.saved_tensors
        return upstream[0] * s * (1 - s)


def of_ce_by(shares: Program) -> Program:
    """Return the gradient of the cross entropy with a softmax of one's own."""
    return lambda g, z, y: g * (shares(z) - hot(z, y))


def jacobian_beyond(upstream: Any, z: Any) -> Any:
    """Return a gradient of the softmax that is doubled where a logit is large."""
    right = by_outer_product(upstream, z)
    return torch.where(z.max() > 53.5, 2 * right, right)


def many_branches(upstream: Any, z: Any, y: int) -> Any:
    """Return a gradient of many branches, of which the last one is wrong."""
    right = of_ce(upstream, z, y)
    for bound in range(11, 19):
        right = torch.where(z.abs() > bound, right * 1, right)
    return torch.where((z > 201) & (z < 201.25), right + 1, right)


def window(of: Program, low: float, high: float, least: int = 1) -> Case:
    """Return a cross entropy whose backward is wrong where a quantity lies in a window."""

    def inside(z: Any, y: int) -> Any:
        if len(z) < least:
            return torch.tensor(False)
        quantity = of(z, y)
        return (quantity > low) & (quantity < high)

    return made(ce, instead(inside, lambda g: g + 1)), OF_CLASSES, {}


HIDDEN: dict[str, Case] = {
    "shares with a large logit": (
        made(lambda z: torch.softmax(z, 0), jacobian_beyond),
        [logits()],
        {},
    ),
    "the last of many branches": (made(ce, many_branches), OF_CLASSES, {}),
    "length": window(lambda z, _: z.norm(), 14.5, 14.75, 2),
    "product": window(lambda z, _: z.prod(), 777, 778, 2),
    "share of the label": window(lambda z, y: torch.softmax(z, 0)[y], 0.3, 0.3001),
    "the loss itself": window(ce, 3, 3.01),
    "mean of three": window(lambda z, _: z.mean(), 6.5, 6.6, 3),
    "sum of exponentials": window(lambda z, _: z.exp().sum(), 1e10, 1.01e10),
    "scaled logit": window(lambda z, _: (3 * z + 1).max(), 70, 70.1),
    "largest of five": window(lambda z, _: z.max(), 153.5, 154, 5),
    "two of the last three": window(lambda z, _: z[-3] - z[-1], 3, 3.25, 4),
    "above the label": (
        made(
            ce,
            instead(lambda z, y: (z.max() > z[y] + 6.5) & (z.max() < z[y] + 6.75), lambda g: g + 1),
        ),
        OF_CLASSES,
        {},
    ),
    "label 2 alone": (
        made(
            ce,
            instead(
                lambda z, y: (z[y] > 53) & (z[y] < 53.25) & torch.tensor(y == 2), lambda g: g + 1
            ),
        ),
        OF_CLASSES,
        {},
    ),
    "positive": (
        made(lambda x: x.log(), lambda g, x: torch.where((x > 5.1) & (x < 5.11), 2 * g / x, g / x)),
        [Input("positive", ())],
        {},
    ),
    "share between 0 and 1": (
        made(lambda q: -q.log(), lambda g, q: -g / torch.where((q > 0.7) & (q < 0.7001), 2 * q, q)),
        [Input("unit", ())],
        {},
    ),
    "probability kept from 0": (
        made(lambda q, y: -q[y].log(), lambda g, q, y: -g * hot(q, y) / q.clamp_min(1e-6)),
        [probabilities(), label()],
        {},
    ),
    "batch": (
        made(
            lambda z, y: functional.cross_entropy(z, y, reduction="sum"),
            lambda g, z, y: (
                torch.where((z > 53) & (z < 53.25), 0, 1)
                * g
                * (torch.softmax(z, 1) - functional.one_hot(y, z.shape[1]))
            ),
        ),
        [logits(3, "n"), label(3)],
        {},
    ),
    "difference of two arguments": (
        made(
            lambda a, b: ((a - b) ** 2).sum(),
            lambda g, a, b: torch.where((a - b > 7) & (a - b < 7.25), 0, 2 * g * (a - b)),
        ),
        [numbers("n", name="a"), numbers("n", name="b")],
        {},
    ),
}


def compared(case: Case) -> Comparison:
    """Return what `check_backward` says of a case."""
    program, inputs, options = case
    return check_backward(program, inputs, **options)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_backward_is_found(name: str) -> None:
    """A backward pass that is wrong on purpose differs, at an exact point that is shown."""
    found = compared(WRONG[name])
    assert found.outcome is TwinOutcome.DIFFERENT
    assert found.point is not None


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_wrong_in_a_window_is_found(name: str) -> None:
    """A backward pass that is wrong where some quantity lies in a narrow window differs."""
    found = compared(HIDDEN[name])
    assert found.outcome is TwinOutcome.DIFFERENT


def test_a_wrong_second_derivative_is_found() -> None:
    """A gradient that is right, of which the gradient is wrong, differs in the second order."""
    program = made(ce, of_ce_by(Shares.apply))
    assert check_backward(program).outcome is TwinOutcome.AGREES
    assert check_backward(program, order=2).outcome is TwinOutcome.DIFFERENT


@pytest.mark.parametrize("framework", [None, "torch"])
def test_an_intended_program_is_searched_as_well(framework: str | None) -> None:
    """Where only the intended program branches, the points are steered at its branches too."""

    def meant(z: Any, y: int) -> Any:
        return ce(z, y) + ((z.norm() > 14.5) & (z.norm() < 14.75) & (len(z) > 1))

    found = check_forward(ce, meant, framework=framework)
    assert found.outcome is TwinOutcome.DIFFERENT


def test_an_intended_program_has_the_framework_of_the_other() -> None:
    """A program whose code names no framework is taken for one of the framework it is held to."""
    found = check_forward(ce, lambda z, y: z.logsumexp(0) - z[y])
    assert found.outcome is TwinOutcome.AGREES


def test_a_right_second_derivative_is_not_accused() -> None:
    """The second derivative of a right backward agrees."""
    program = made(ce, of_ce_by(lambda z: torch.softmax(z, 0)))
    assert check_backward(program, order=2).outcome is TwinOutcome.AGREES


@pytest.mark.parametrize(("order", "argnums"), [(3, 0), (2, (0, 1))])
def test_only_second_derivatives_by_one_argument_are_known(order: int, argnums: Any) -> None:
    """Another order, or a second derivative by two arguments, is refused."""
    with pytest.raises(DeclarationError, match="the order is 1, or 2"):
        check_backward(
            lambda x, w: (x * w).sum(),
            [numbers("n"), numbers("n", name="w")],
            framework="torch",
            argnums=argnums,
            order=order,
        )


def by_hand(upstream: Any, z: Any, y: int) -> Any:
    """Return the gradient of the cross entropy, with a shift that the forward does not use."""
    powers = (z - z.mean()).exp()
    return upstream * (powers / powers.sum() - hot(z, y))


def recomputed(upstream: Any, z: Any, y: int) -> Any:
    """Return the gradient of the cross entropy by running it again."""
    with torch.enable_grad():
        again = z.detach().requires_grad_(True)
        (found,) = torch.autograd.grad(torch.log1p(_rest(again, y)), again)
    return upstream * found


def _rest(z: Any, y: int) -> Any:
    return ((z - z[y]).exp() * (1 - hot(z, y))).sum()


def by_others(upstream: Any, z: Any, y: int) -> Any:
    """Return the gradient with 1 - S_y as the sum of what lies before and behind."""
    s = torch.softmax(z, 0)
    before, behind = s[:y].sum(), s[y + 1 :].sum()
    found = s.clone()
    found[y] = -(before + behind)
    return upstream * found


def by_outer_product(upstream: Any, z: Any) -> Any:
    """Return the product of the upstream with the whole Jacobian of the softmax."""
    s = torch.softmax(z, 0)
    return (torch.diag(s) - torch.outer(s, s)) @ upstream


def detached_shift(z: Any, y: int) -> Any:
    """Return a cross entropy whose shift is held constant."""
    shift = z.max().detach()
    return (z - shift).exp().sum().log() - (z - shift)[y]


def mean_shift(z: Any, y: int) -> Any:
    """Return a cross entropy shifted by the mean."""
    return (z - z.mean()).exp().sum().log() + z.mean() - z[y]


def in_place(z: Any, y: int) -> Any:
    """Return a cross entropy computed in a copy that is changed again and again."""
    work = z.clone()
    work -= z.max()
    work[:1] *= 2
    work[0].div_(2)
    powers = work.exp()
    return powers.sum().log_() - work[y]


def double_where(x: Any) -> Any:
    """Return roots where there are any, without a nan in what is not taken."""
    inside = torch.where(x > 0, x, 1.0)
    return torch.where(x > 0, inside.sqrt(), 0.0).sum()


def sorted_and_back(z: Any, y: int) -> Any:
    """Return a cross entropy of sorted logits that are put back."""
    values, places = z.sort(descending=True)
    return ce(values[places.argsort()], y)


def huber(edge: bool) -> Program:
    """Return Huber's loss with either branch at its edge."""

    def loss(x: Any) -> Any:
        size = x.abs()
        inside = size <= 1 if edge else size < 1
        return torch.where(inside, x * x / 2, size - 0.5).sum()

    return loss


def relu_with(slope: float) -> Program:
    """Return a ReLU with a derivative of one's own at 0."""
    return made(
        lambda x: x.relu().sum(),
        lambda g, x: g * torch.where(x == 0, slope, (x > 0).to(x.dtype)),
    )


def split_ties(upstream: Any, x: Any) -> Any:
    """Return the gradient of the maximum, shared by those that reach it."""
    reached = (x == x.max()).to(x.dtype)
    return upstream * reached / reached.sum()


def tanh_sigmoid(x: Any) -> Any:
    """Return the binary cross entropy by the hyperbolic tangent."""
    return -(0.5 * (1 + torch.tanh(x / 2))).log().sum()


def masked(z: Any, y: int) -> Any:
    """Return a cross entropy in which a class is masked by -inf."""
    gone = torch.arange(len(z)) == (y + 1) % max(len(z), 2)
    return ce(z.masked_fill(gone, -torch.inf), y)


def of_masked(upstream: Any, z: Any, y: int) -> Any:
    """Return its gradient."""
    gone = torch.arange(len(z)) == (y + 1) % max(len(z), 2)
    return upstream * (torch.softmax(z.masked_fill(gone, -torch.inf), 0) - hot(z, y))


RIGHT: dict[str, Case] = {
    "shift by the mean in the backward": (made(ce, by_hand), OF_CLASSES, {}),
    "shift by the mean": (mean_shift, OF_CLASSES, {"framework": "torch"}),
    "detached maximum": (detached_shift, OF_CLASSES, {"framework": "torch"}),
    "recomputed by another formula": (made(ce, recomputed), OF_CLASSES, {}),
    "log1p of the others": (lambda z, y: torch.log1p(_rest(z, y)), OF_CLASSES, {}),
    "sums before and behind": (made(ce, by_others), OF_CLASSES, {}),
    "outer product": (made(lambda z: torch.softmax(z, 0), by_outer_product), [logits()], {}),
    "softplus by expm1": (
        made(
            lambda x: torch.log1p(x.exp()).sum(),
            lambda g, x: (
                g * torch.where(x > 0, 1 / (1 + (-x).exp()), -torch.expm1(-torch.log1p(x.exp())))
            ),
        ),
        OF_NUMBERS,
        {},
    ),
    "sigmoid by tanh": (
        made(tanh_sigmoid, lambda g, x: g * (torch.sigmoid(x) - 1)),
        OF_NUMBERS,
        {},
    ),
    "in place": (in_place, OF_CLASSES, {"framework": "torch"}),
    "double where": (double_where, OF_NUMBERS, {"framework": "torch"}),
    "sorted and back": (sorted_and_back, OF_CLASSES, {}),
    "huber, edge inside": (huber(True), OF_NUMBERS, {}),
    "huber, edge outside": (huber(False), OF_NUMBERS, {}),
    "relu with 0 at 0": (relu_with(0.0), OF_NUMBERS, {}),
    "relu with 1/2 at 0": (relu_with(0.5), OF_NUMBERS, {}),
    "relu with 1 at 0": (relu_with(1.0), OF_NUMBERS, {}),
    "maximum with shared ties": (made(lambda x: x.max(), split_ties), OF_NUMBERS, {}),
    "maximum at its first place": (
        made(lambda x: x.max(), lambda g, x: g * hot(x, int(x.argmax()))),
        OF_NUMBERS,
        {},
    ),
    "median": (lambda x: x.median(), OF_NUMBERS, {"framework": "torch"}),
    "kink that no axis shows": (
        lambda x: (x[0] + x[-1]).abs() - (x[0] - x[-1]).abs(),
        OF_NUMBERS,
        {"framework": "torch"},
    ),
    "masked class": (made(masked, of_masked), OF_CLASSES, {}),
    "focal": (focal, OF_CLASSES, {}),
    "clip": (clipped, OF_CLASSES, {}),
    "smoothing": (smoothed, OF_CLASSES, {}),
    "hinges": (margins, OF_CLASSES, {}),
    "length": (normalised, OF_NUMBERS, {"framework": "torch"}),
    "a third of double precision": (
        made(lambda x: (x / 3).sum(), lambda g, x: (g * (1 / 3)).expand_as(x)),
        OF_NUMBERS,
        {},
    ),
    "checkpoint": (
        lambda z, y: torch.utils.checkpoint.checkpoint(ce, z, y, use_reentrant=False),
        OF_CLASSES,
        {},
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_backward_is_not_accused(name: str) -> None:
    """A backward pass that looks odd but is right agrees, but for the rounding of constants."""
    found = compared(RIGHT[name])
    assert found.outcome in (TwinOutcome.AGREES, TwinOutcome.ROUNDED), str(found)
    assert found.points > 0


def test_only_a_constant_is_blamed_for_its_rounding() -> None:
    """A backward that multiplies by the float nearest to 1/3 is told from one that divides."""
    found = compared(RIGHT["a third of double precision"])
    assert found.outcome is TwinOutcome.ROUNDED


def test_a_stale_cache_is_refused() -> None:
    """A backward that uses the input of the run before is no function of its inputs."""
    seen: list[Any] = []

    def stale(upstream: Any, z: Any, y: int) -> Any:
        seen.append(z)
        return of_ce(upstream, seen[-2] if len(seen) > 1 and len(seen[-2]) == len(z) else z, y)

    with pytest.raises(ImpureProgramError, match=r"from run to run|second run"):
        check_backward(made(ce, stale))

"""PyTorch's losses as targets."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's custom)
from sympy import Rational

from . import formulas
from .inputs import Input, label, logits, numbers, one_hot, targets
from .target import Target

_Z, _Y, _P = logits(), label(), targets()
_BITS = Input("bits", ("n",), "p")
_Q = Input("unit", ("n",), "q")
_X, _T = numbers("n"), numbers("n", name="t")
_SIGNS = Input("signs", ("n",), "t")


def _index(y: int) -> Any:
    return torch.tensor([y])


def make_targets() -> list[Target]:
    """Return the targets."""
    rows: list[tuple[str, Any, tuple[Input, ...], Any, tuple[int, ...]]] = [
        (
            "cross_entropy",
            lambda z, y: F.cross_entropy(z[None], _index(y)),
            (_Z, _Y),
            formulas.cross_entropy,
            (1, 2, 3, 5),
        ),
        (
            "cross_entropy, soft targets",
            lambda z, p: F.cross_entropy(z[None], p[None]),
            (_Z, _P),
            formulas.cross_entropy_soft,
            (1, 2, 3, 5),
        ),
        (
            "cross_entropy, label_smoothing",
            lambda z, y: F.cross_entropy(z[None], _index(y), label_smoothing=0.125),
            (_Z, _Y),
            formulas.smoothed(Rational(1, 8)),
            (1, 2, 3, 5),
        ),
        (
            "nll_loss of log_softmax",
            lambda z, y: F.nll_loss(F.log_softmax(z[None], 1), _index(y)),
            (_Z, _Y),
            formulas.cross_entropy,
            (1, 2, 3, 5),
        ),
        (
            "nll_loss of log softmax",
            lambda z, y: F.nll_loss(torch.log(F.softmax(z[None], 1)), _index(y)),
            (_Z, _Y),
            formulas.cross_entropy,
            (1, 2, 3, 5),
        ),
        (
            "binary_cross_entropy of softmax",
            lambda z, y: F.binary_cross_entropy(
                F.softmax(z, 0), F.one_hot(torch.tensor(y), len(z)).to(z.dtype), reduction="sum"
            ),
            (_Z, _Y),
            formulas.bce_of_softmax,
            (2, 3, 5),
        ),
        (
            "binary_cross_entropy",
            lambda q, p: F.binary_cross_entropy(q, p, reduction="sum"),
            (_Q, _BITS),
            formulas.bce_of_outputs,
            (1, 2, 3),
        ),
        (
            "binary_cross_entropy_with_logits",
            lambda z, p: F.binary_cross_entropy_with_logits(z, p, reduction="sum"),
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            (1, 2, 3),
        ),
        (
            "kl_div of log_softmax",
            lambda z, p: F.kl_div(F.log_softmax(z, 0), p, reduction="sum"),
            (_Z, _P),
            formulas.kl_of_softmax,
            (1, 2, 3, 5),
        ),
        ("mse_loss", F.mse_loss, (_X, _T), formulas.mean_square, (1, 2, 3)),
        ("l1_loss", F.l1_loss, (_X, _T), formulas.mean_absolute, (1, 2, 3)),
        ("huber_loss", F.huber_loss, (_X, _T), formulas.huber, (1, 2, 3)),
        ("smooth_l1_loss", F.smooth_l1_loss, (_X, _T), formulas.huber, (1, 2, 3)),
        (
            "multi_margin_loss",
            lambda z, y: F.multi_margin_loss(z[None], _index(y)),
            (_Z, _Y),
            formulas.multi_margin(),
            (1, 2, 3, 5),
        ),
        ("soft_margin_loss", F.soft_margin_loss, (_X, _SIGNS), formulas.soft_margin, (1, 2, 3)),
        ("poisson_nll_loss", F.poisson_nll_loss, (_X, _T), formulas.poisson_log, (1, 2, 3)),
        (
            "multilabel_soft_margin_loss",
            lambda z, p: F.multilabel_soft_margin_loss(z[None], p[None]) * len(z),
            (_Z, _BITS),
            formulas.bce_of_sigmoids,
            (1, 2, 3),
        ),
        (
            "cosine_similarity",
            lambda x, t: F.cosine_similarity(x, t, dim=0),
            (_X, _T),
            formulas.cosine,
            (1, 2, 3),
        ),
        (
            "softmax, squared",
            lambda z, t: (F.softmax(z, 0) - t).square().sum() / 2,
            (_Z, one_hot(name="p")),
            formulas.quadratic_soft,
            (1, 2, 3, 5),
        ),
    ]
    return [
        Target(f"torch:{name}", program, inputs, intended, "torch", sizes=sizes)
        for name, program, inputs, intended, sizes in rows
    ]

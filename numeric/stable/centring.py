"""The common core of the gradients: ``S_i sum_j t_j - t_i`` without cancellation.

Guarantees: the error is some u² of the sizes of ``S_i t_j`` and ``S_j t_i`` over the classes j, and
less where the truth is small for a reason: it is some u² of ``|z_j - z_k|`` for classes that tie
nearly and have equal t, so that ties with equal t give an exact 0.
"""

from __future__ import annotations

from .pairs import Pair, choose
from .softmax import Weights


def centred(s: Weights, t: Pair, t_less_first: Pair, near_t: Pair | None = None) -> Pair:
    """Return ``S_i sum_j t_j - t_i`` for each class i.

    With weights w = 1 + f of near classes it is, times T,

    ``sum_{j near} (t_j - t_i) + (f_i sum_{j near} t_j - t_i sum_{j near} f_j)
    + (w_i sum_{j far} t_j - t_i sum_{j far} w_j)`` for i near, ``w_i sum_j t_j - t_i T`` for i far.

    The first sum is made of differences to the t of the first largest class.
    For a far class i the second term is the larger one unless t_i is small beside the sum.

    Parameters
    ----------
    s
        The softmax.
    t
        Numbers for the classes.
    t_less_first
        ``t_j - t_m``, m the first largest class, at least for near classes.
    near_t
        The sum of t over near classes, where it is known better than by addition.
    """
    near, far = s.near, ~s.near
    near_t, far_t = near_t or s.sum(t, near), s.sum(t, far)
    steps = s.sum(t_less_first, near) - t_less_first * s.count
    bends = near_t * s.f - t * s.sum(s.f)
    tails = far_t * s.w - t * s.sum(s.w, far)
    together = steps + bends + tails
    apart = (near_t + far_t) * s.w - t * s.total
    return choose(s.logits.xp, near, together, apart) / s.total

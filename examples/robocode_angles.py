"""A loss on angles, which wrap around, and what was said of it in a forum.

The need: a Robocode gun learns how much to trust each of n situations that it has seen before.
Situation j says that a shot at the angle x_j would have hit, and has a weight z_j; the kernel
density of the angles, weighted with the softmax of z, is to be high at the angle theta of a hit.
The loss was discussed on the RoboWiki, in the thread "Property of gradient of cross-entropy loss
with kernel density estimation".
Before a robot learns by it, this settles what was said there, and what angles add to it.

    gradproof prove examples/robocode_angles.py

Notation: S_i is the weight of situation i before the hit is known, the prior;
S_i K_i / sum_j S_j K_j is its weight thereafter, the posterior, with K_j = K(theta - x_j).
The von Mises kernel exp(kappa cos t) stands without its constant, since `factor` shows that a
constant makes no difference.
"""

from collections.abc import Callable

from sympy import Expr, pi

from gradproof import Claim, Loss, losses
from gradproof.symbolic import Eq, K, S, class_sum, i, kernels, log, n, scalar, x

THREAD = (
    "RoboWiki, thread 'Property of gradient of cross-entropy loss with kernel density estimation'"
)
FALSE = "REFUTED"

theta = scalar("theta")
c = scalar("c", positive=True)
turn = 2 * pi

on_circle = kernels.von_mises.unnormalised
on_line = kernels.gaussian.unnormalised

Kernel = Callable[[Expr], Expr]


def posterior(value: Kernel) -> Expr:
    """Return the weight of situation i after the hit, `value(j)` being K_j."""
    return S(i) * value(i) / class_sum(lambda j: S(j) * value(j))


def hit(name: str, kernel: Kernel, angle: Expr = theta) -> Loss:
    """Return the loss for one hit, at an angle in radians."""
    return Loss(name, -log(class_sum(lambda j: S(j) * kernel(angle - x[j]))))


def all_bins(name: str, kernel: Kernel, bins: int, rotation: Expr) -> Loss:
    """Return the mean loss for hits spread over bins that divide the circle, x_j being rotated."""
    angles = (turn * number / bins - rotation for number in range(bins))
    return Loss(name, sum(hit(name, kernel, angle).value for angle in angles) / bins)


def rotated(kernel: Kernel, bins: int) -> Eq:
    """Return that rotating every x_j by one bin leaves the gradient over all bins as it is."""
    here, there = (all_bins(f"L{r}", kernel, bins, r * turn / bins) for r in range(2))
    return Eq(there.gradient(i), here.gradient(i))


KDE = losses.kde_cross_entropy
times_c = KDE.substitute(K, lambda j: c * K[j], "KDE_c")
VM, VM_turned = hit("VM", on_circle), hit("VM_turned", on_circle, theta + turn)
GAUSS, GAUSS_turned = hit("GAUSS", on_line), hit("GAUSS_turned", on_line, theta + turn)

CLAIMS = [
    Claim(
        "posterior",
        Eq(KDE.gradient(i), S(i) - posterior(lambda j: K[j])),
        title="The gradient is prior minus posterior, for kernel values of any kind",
        given=KDE.given,
        source=f"{THREAD}, Xor, 5 February 2022, second formula",
        loss=KDE,
    ),
    Claim(
        "factor",
        Eq(times_c.gradient(i), KDE.gradient(i)),
        title="A kernel multiplied by a constant gives the same gradient",
        given=KDE.given,
        source=f"{THREAD}, Kev, 10 February 2022, 'The scale invariance of K'",
    ),
    Claim(
        "factor-multiplies",
        Eq(times_c.gradient(i), c * KDE.gradient(i)),
        title="Multiplying K by a constant multiplies the gradient by that constant",
        given=KDE.given,
        source=f"{THREAD}, Kev, 10 February 2022, the next sentence",
        expected=FALSE,
    ),
    Claim(
        "angles",
        Eq(VM.gradient(i), S(i) - posterior(lambda j: on_circle(theta - x[j]))),
        title="With a von Mises kernel it is prior minus posterior as well, for all angles",
    ),
    Claim(
        "whole-turn",
        Eq(VM_turned.gradient(i), VM.gradient(i)),
        title="With a von Mises kernel a hit one whole turn further on is the same hit",
    ),
    Claim(
        "whole-turn-gaussian",
        Eq(GAUSS_turned.gradient(i), GAUSS.gradient(i)),
        title="The same with a Gaussian of the difference of the angles",
        given=n >= 2,
        expected=FALSE,
    ),
    *(
        Claim(
            f"rotation-{bins}-bins",
            rotated(on_circle, bins),
            title=f"Rotating every x_j by one of {bins} bins leaves the gradient over all bins",
        )
        for bins in (4, 8)
    ),
    Claim(
        "rotation-gaussian",
        rotated(on_line, 4),
        title="The same with a Gaussian of the difference of the angles, in 4 bins",
        given=n >= 2,
        expected=FALSE,
    ),
]

"""A gradient printed in a paper, proved before it is coded.

The need: the focal loss of T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollár, "Focal Loss for
Dense Object Detection" (2017), is to be coded with a backward pass of its own, so the derivatives
that its appendix B prints have to be right, for every exponent and any number of anchors.

    gradproof prove examples/paper_gradient.py

decides them, beside two ways in which one might copy the second wrongly and a belief about it that
is false; ``--report DIR`` writes the pages to send along with the code.

Notation, as in the paper: x_j is the output for anchor j, y_j its label, 1 or -1, and p_t the
probability of the label; gamma is the focusing parameter, beta the shift of appendix A.
The statements need not know that y_j is 1 or -1: they hold for any real weight.
"""

from sympy import Expr

from gradproof import Claim, Loss
from gradproof.symbolic import Abs, Eq, Le, class_sum, every, family, i, log, scalar, sigmoid

PAPER = "Lin et al., Focal Loss for Dense Object Detection"

x, y = family("x"), family("y")
gamma = scalar("gamma", positive=True)
beta = scalar("beta")


def p_t(j: Expr) -> Expr:
    """Return the probability that anchor j gives to its label."""
    return sigmoid(y[j] * x[j])


def p_star(j: Expr) -> Expr:
    """Return the probability of the alternate form in appendix A."""
    return sigmoid(gamma * y[j] * x[j] + beta)


CE = Loss("CE", -class_sum(lambda j: log(p_t(j))), wrt=x)
FL = Loss("FL", -class_sum(lambda j: (1 - p_t(j)) ** gamma * log(p_t(j))), wrt=x)
FL_STAR = Loss("FL_star", -class_sum(lambda j: log(p_star(j))) / gamma, wrt=x)

labels = every(lambda j: Eq(y[j] ** 2, 1))
"""Each label is 1 or -1."""

CLAIMS = [
    Claim(
        "cross-entropy",
        Eq(CE.gradient(i), y[i] * (p_t(i) - 1)),
        title="The derivative of cross-entropy",
        source=f"{PAPER}, appendix B, dCE/dx",
    ),
    Claim(
        "focal",
        Eq(
            FL.gradient(i),
            y[i] * (1 - p_t(i)) ** gamma * (gamma * p_t(i) * log(p_t(i)) + p_t(i) - 1),
        ),
        title="The derivative of the focal loss",
        source=f"{PAPER}, appendix B, dFL/dx",
        loss=FL,
    ),
    Claim(
        "focal-star",
        Eq(FL_STAR.gradient(i), y[i] * (p_star(i) - 1)),
        title="The derivative of the alternate form of the focal loss",
        source=f"{PAPER}, appendix B, dFL*/dx",
    ),
    Claim(
        "focal-without-p",
        Eq(
            FL.gradient(i),
            y[i] * (1 - p_t(i)) ** gamma * (gamma * log(p_t(i)) + p_t(i) - 1),
        ),
        title="The derivative of the focal loss, with a factor p_t lost in copying",
        expected="REFUTED",
    ),
    Claim(
        "focal-power",
        Eq(
            FL.gradient(i),
            y[i] * (1 - p_t(i)) ** (gamma - 1) * (gamma * p_t(i) * log(p_t(i)) + p_t(i) - 1),
        ),
        title="The derivative of the focal loss, with the exponent of the loss lowered by 1",
        expected="REFUTED",
    ),
    Claim(
        "focal-pulls-less",
        Le(Abs(FL.gradient(i)), Abs(CE.gradient(i))),
        title="The focal loss never pulls harder than cross-entropy",
        given=labels,
        expected="REFUTED",
    ),
]

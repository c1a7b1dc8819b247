"""Formulas: class sums, losses, kernels, derivatives, normal form and derivations."""

from sympy import Abs, And, Equivalent, Implies, Max, Min, Not, Or, cos, exp, log, pi, sqrt

from . import kernels, losses
from .calculus import LossTerm, differentiate, evaluate_terms
from .class_sums import canonical_bound, collapse, expand_softmax, substitute_family
from .errors import (
    ClaimsFileError,
    DeclarationError,
    EngineConflict,
    GradproofError,
    PrecisionError,
    ReportError,
    UndefinedValueError,
    UnsupportedError,
)
from .kernel import Kernel
from .loss import Loss, outputs
from .relations import Eq, Ge, Gt, Le, Lt, Ne
from .vocabulary import (
    K,
    S,
    Softmax,
    class_sum,
    delta,
    family,
    i,
    index,
    j,
    k,
    l,
    m,
    n,
    p,
    scalar,
    sigmoid,
    softmax,
    x,
    y,
    z,
)

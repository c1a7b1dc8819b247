"""Exact twins: programs of NumPy, JAX, PyTorch and Keras, run in exact arithmetic."""

from .adaptor import Program
from .arguments import FixedArgument, FloatArgument, argument
from .registry import ImpureProgramError, UnsupportedPrimitive, rule
from .smooth_rules import smooth_rule
from .twin import Twin, exact

__all__ = [
    "FixedArgument",
    "FloatArgument",
    "ImpureProgramError",
    "Program",
    "Twin",
    "UnsupportedPrimitive",
    "argument",
    "exact",
    "rule",
    "smooth_rule",
]

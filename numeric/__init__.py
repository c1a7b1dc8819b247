"""Formulas to numbers: exact points, certified enclosures, references, oracles, float formats."""

from .decision import decide
from .differences import difference_quotient
from .elements import working_precision
from .enclosure import Enclosure, enclose, evaluate, evaluate_vector
from .floats import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    FloatFormat,
    from_bits,
    round_to,
    to_bits,
    to_float,
    to_fraction,
    ulp,
    unit_roundoff,
)
from .high_precision import reference
from .oracle import derivative, gradient
from .point import Point
from .run import KinkError

__all__ = [
    "BFLOAT16",
    "FLOAT16",
    "FLOAT32",
    "FLOAT64",
    "Enclosure",
    "FloatFormat",
    "KinkError",
    "Point",
    "decide",
    "derivative",
    "difference_quotient",
    "enclose",
    "evaluate",
    "evaluate_vector",
    "from_bits",
    "gradient",
    "reference",
    "round_to",
    "to_bits",
    "to_float",
    "to_fraction",
    "ulp",
    "unit_roundoff",
    "working_precision",
]

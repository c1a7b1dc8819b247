"""Implementations of losses, run as they are in floats: NumPy, PyTorch, JAX, Keras, autograd."""

from .call import Answer, Call, Form, Reduction, Returns
from .contact import first_contact
from .guarding import guarded
from .isolation import isolated
from .making import detect_framework, make_runner
from .runner import Runner

__all__ = [
    "Answer",
    "Call",
    "Form",
    "Reduction",
    "Returns",
    "Runner",
    "detect_framework",
    "first_contact",
    "guarded",
    "isolated",
    "make_runner",
]

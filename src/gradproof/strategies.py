"""Hypothesis strategies for exact inputs, as `gradproof.checks.strategies` defines them.

Guarantees: it adds nothing; it lets a public name be imported from where users look for it.
"""

from .checks.strategies import *

"""What the arguments of a program are, as `gradproof.checks.twins.inputs` defines it.

Guarantees: it adds nothing; it lets a public name be imported from where users look for it.
"""

from .checks.twins.inputs import *

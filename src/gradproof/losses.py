"""The losses of the library, as `gradproof.symbolic.losses` defines them.

Guarantees: it adds nothing; it lets a public name be imported from where users look for it.
"""

from .symbolic.losses import *

"""What is known beside a goal, as polynomials of the field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...symbolic.field import Poly as FieldPoly


@dataclass
class Fact:
    """A polynomial of the field with a known sign, and where it comes from."""

    poly: FieldPoly
    relation: str
    text: str
    lemma: str = "assumption"
    of: dict[str, Any] = field(default_factory=dict)

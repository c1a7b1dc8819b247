"""The catalogue: every claim of four public documents about losses, in formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..claim import Claim


def catalogue() -> tuple[Claim, ...]:
    """Return the claims of the catalogue, in the order of the documents."""
    from . import alt, ce, kde, kde_bins, kde_kernels, keras_kinks, networks, quad

    return (
        *ce.CLAIMS,
        *alt.CLAIMS,
        *keras_kinks.CLAIMS,
        *kde.CLAIMS,
        *kde_bins.CLAIMS,
        *kde_kernels.CLAIMS,
        *quad.CLAIMS,
        *networks.CLAIMS,
    )

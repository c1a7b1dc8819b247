"""The wrapped Gaussian's series in balls.

Guarantees: what is returned encloses ``sum_{k in Z} exp(-h^2 k^2 / 2) cos^(r)(k t)``, computed by
Arb's theta functions with their own bound of the truncated tail; where nothing can be said it is
not finite.
"""

from __future__ import annotations

from typing import Any

from flint import acb, acb_series, arb, arb_series, fmpq


def enclose(order: int, angle: Any, bandwidth: Any) -> Any:
    """Enclose the derivative of order `order` by the angle.

    Parameters
    ----------
    order
        How often the function is differentiated.
    angle
        The angle in radians: an `fmpq`, `arb`, `acb`, or a Taylor series of balls.
    bandwidth
        The bandwidth in radians: an `fmpq` or `arb`, or an `acb` without imaginary part.
    """
    if isinstance(angle, arb_series | acb_series):
        return _compose(order, angle, bandwidth)
    if isinstance(bandwidth, acb) and bandwidth.imag == 0:
        bandwidth = bandwidth.real
    real = isinstance(angle, arb | fmpq)
    if not isinstance(bandwidth, arb | fmpq) or not bandwidth > 0:
        return arb("nan") if real else acb("nan")
    turn = 2 * arb.pi()
    lattice = acb(0, 1) * acb(bandwidth) ** 2 / turn
    value = (acb(angle) / turn).modular_theta(lattice, order)[2] / turn**order
    return value.real if real else value


def _compose(order: int, angle: Any, bandwidth: Any) -> Any:
    """Return the Taylor series at a series: ``sum_k f^(k)(a_0) (angle - a_0)^k / k!``."""
    start = angle[0]
    step = angle - start
    total, power, factorial = angle * 0, angle * 0 + 1, 1
    for k in range(angle.prec):
        total += power * (enclose(order + k, start, bandwidth) / factorial)
        power *= step
        factorial *= k + 1
    return total

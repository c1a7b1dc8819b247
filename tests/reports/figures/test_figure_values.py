"""What figures tell and draw, against the losses written in mpmath alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from mpmath import besseli, cos, diff, exp, fsum, log, mp, mpf, pi, quad, sqrt

from gradproof.reports.figures import (
    bin_errors,
    degeneration,
    kernel_tails,
    plateau,
    scaling,
    true_logit,
    wrong_signs,
)
from gradproof.reports.figures.curves import Curve, draw_curve
from gradproof.reports.figures.figure import Figure
from gradproof.reports.figures.style import STYLES
from gradproof.symbolic.kernels import KERNELS

Vector = Sequence[Any]
Loss = Callable[..., Any]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """Compute with 40 digits."""
    with mp.workdps(40):
        yield


def holds(text: str, truth: Any) -> bool:
    """Tell whether a printed number is the truth, rounded to the digits that it has."""
    mantissa, _, power = text.replace("−", "-").partition("e")
    places = len(mantissa.partition(".")[2])
    unit = mpf(10) ** (int(power or 0) - places)
    return abs(mpf(mantissa) * mpf(10) ** int(power or 0) - truth) <= unit / 2 * (1 + mpf(10) ** -9)


def softmax(z: Vector) -> list[Any]:
    """Return the softmax."""
    total = fsum(map(exp, z))
    return [exp(a) / total for a in z]


def ce(*z: Any) -> Any:
    """Return cross-entropy with the label 1."""
    return -log(softmax(z)[0])


def alt(*z: Any) -> Any:
    """Return binary cross-entropy of every output, with the label 1."""
    first, *others = softmax(z)
    return -log(first) - fsum(log(1 - s) for s in others)


def quadratic(*z: Any) -> Any:
    """Return the quadratic loss with the label 1."""
    first, *others = softmax(z)
    return ((1 - first) ** 2 + fsum(s**2 for s in others)) / 2


LOSSES: dict[str, Loss] = {"CE": ce, "ALT": alt, "QUAD": quadratic}


def slope(loss: Loss, z: Vector, member: int) -> Any:
    """Return the derivative of a loss by a member, numbered from 0, by differences."""
    return diff(loss, tuple(z), tuple(int(k == member) for k in range(len(z))))


def kde(values: Vector) -> Loss:
    """Return the loss in one bin with these kernel values."""
    return lambda *z: -log(fsum(s * k for s, k in zip(softmax(z), values, strict=True)))


@cache
def figure(draw: Callable[[], Figure]) -> Figure:
    """Return a figure, drawn once."""
    return draw()


def at(header: str) -> Any:
    """Return the number in the header of a column, such as 0.1 in "S_y = 0.1"."""
    return mpf(header.rpartition(" ")[2].replace("−", "-"))


def test_the_gradient_by_the_true_logit() -> None:
    """Every value of the table is the derivative of its loss; that of another loss is not."""
    header, *rows = figure(true_logit.draw).table
    assert [row[:2] for row in rows] == [(a, b) for a in LOSSES for b in ("2", "3", "10")]
    for name, size, *cells in rows:
        for place, text in zip(map(at, header[2:]), cells, strict=True):
            z = [log(place), *(int(size) - 1) * [log((1 - place) / (int(size) - 1))]]
            assert holds(text, slope(LOSSES[name], z, 0)), (name, size, place)
            assert not holds(text, slope(LOSSES[name], z, 1))


LINE: dict[str, Callable[[Any], Any]] = {
    "gaussian": lambda d: exp(-(d**2) / 2) / sqrt(2 * pi),
    "laplace": lambda d: exp(-abs(d)) / 2,
    "cauchy": lambda d: 1 / (pi * (1 + d**2)),
    "logistic": lambda d: 1 / (exp(d / 2) + exp(-d / 2)) ** 2,
    "epanechnikov": lambda d: mpf(3) / 4 * (1 - d**2) * (abs(d) < 1),
    "triangular": lambda d: (1 - abs(d)) * (abs(d) < 1),
    "uniform": lambda d: mpf(1) / 2 * (abs(d) < 1),
    "cosine": lambda d: pi / 4 * cos(pi * d / 2) * (abs(d) < 1),
    "biweight": lambda d: mpf(15) / 16 * (1 - d**2) ** 2 * (abs(d) < 1),
    "triweight": lambda d: mpf(35) / 32 * (1 - d**2) ** 3 * (abs(d) < 1),
    "tricube": lambda d: mpf(70) / 81 * (1 - abs(d) ** 3) ** 3 * (abs(d) < 1),
    "von_mises": lambda d: exp(cos(d)) / (2 * pi * besseli(0, 1)),
    "wrapped_gaussian": lambda d: fsum(LINE["gaussian"](d + 2 * pi * k) for k in range(-5, 6)),
}


@pytest.mark.parametrize("name", KERNELS)
def test_the_tails_of_kernels(name: str) -> None:
    """For each kernel the tables hold both derivatives, by weight and by position."""
    title, kernel = KERNELS[name].title, LINE[name]

    def loss(z: Any, x: Any) -> Any:
        first, second = softmax((z, 0))
        return -log(first * kernel(x) + second * kernel(mpf(1) / 2))

    for draw, order in ((kernel_tails.by_weight, (1, 0)), (kernel_tails.by_position, (0, 1))):
        header, *rows = figure(draw).table
        (cells,) = (row[1:] for row in rows if row[0] == title)
        for place, text in zip(map(at, header[1:]), cells, strict=True):
            assert holds(text, diff(loss, (0, place), order)), (draw, place)
            assert not holds(text, 1 + diff(loss, (0, place), order))


def test_the_squared_error_beside_the_kernels() -> None:
    """The last row of the figure by position is the distance itself."""
    header, *_, last = figure(kernel_tails.by_position).table
    assert last[0] == "squared error"
    assert all(holds(text, at(place)) for place, text in zip(header[1:], last[1:], strict=True))


def test_the_degeneration_has_its_rate() -> None:
    """The errors are those of the two derivatives, and their slope is 1."""
    header, *rows = figure(degeneration.draw).table
    for member, (_, *cells, rate) in enumerate(rows):
        for place, text in zip(("1e-8", "0.0001", "1"), cells, strict=True):
            near = kde((1, mpf(place) / 2, 2 * mpf(place)))
            error = slope(near, (0, 1, -1), member) - slope(ce, (0, 1, -1), member)
            assert holds(text, abs(error))
        assert holds(rate, 1)
        assert not holds(rate, 2)
    assert [at(name) for name in header[1:-1]] == [mpf("1e-8"), mpf("1e-4"), 1]


def test_a_factor_of_the_kernel() -> None:
    """The derivatives stay, c times them do not, and the loss falls by log c."""
    header, *rows = figure(scaling.draw).table
    values, z = (1, mpf(1) / 4, 2), (0, 1, -1)
    for column, c in enumerate(map(at, header[1:]), start=1):
        scaled = kde([c * k for k in values])
        derivatives = [slope(scaled, z, k) for k in range(3)]
        plain = [slope(kde(values), z, k) for k in range(3)]
        expected = [*derivatives, *(c * d for d in plain), scaled(*z), kde(values)(*z) - log(c)]
        assert all(holds(row[column], e) for row, e in zip(rows, expected, strict=True))


def test_the_plateau() -> None:
    """Losses, lengths of gradients and their two bounds are those of the losses in mpmath."""
    header, *rows = figure(plateau.draw).table
    for column, place in enumerate(map(at, header[1:]), start=1):
        z = (mpf(0), place, mpf(-3))
        lengths = [sqrt(fsum(slope(loss, z, k) ** 2 for k in range(3))) for loss in (ce, quadratic)]
        least = min(softmax(z)) * lengths[0]
        expected = [ce(*z), quadratic(*z), *lengths, lengths[0] / 2, least]
        assert all(holds(row[column], e) for row, e in zip(rows, expected, strict=True))


def test_where_a_wrong_logit_is_pushed_up() -> None:
    """Values of the table, and the counts of the sentences, are those of the losses in mpmath."""
    shown = figure(wrong_signs.draw)
    grid = [(mpf(a) / 20, mpf(b) / 20) for a in range(1, 20) for b in range(1, 20 - a)]
    _, *rows = shown.table
    for name, *cells in rows:
        for (true, wrong), text in zip(((0.1, 0.1), (0.25, 0.25), (0.8, 0.1)), cells, strict=True):
            true, wrong = mpf(f"{true}"), mpf(f"{wrong}")
            z = list(map(log, (true, wrong, 1 - true - wrong)))
            assert holds(text, slope(LOSSES[name], z, 1))
        up = sum(slope(LOSSES[name], list(map(log, (t, w, 1 - t - w))), 1) < 0 for t, w in grid)
        assert f"{up} of {len(grid)} for {name}" in shown.alternative


@pytest.mark.parametrize(("kernel", "rows"), [("gaussian", (0, 2)), ("laplace", (1, 3))])
def test_bins_and_their_order(kernel: str, rows: tuple[int, int]) -> None:
    """The errors are those of the midpoint rule against a quadrature; the Gaussian has order 2."""
    shape, places = LINE[kernel], (mpf(-1) / 3, mpf(1) / 7, mpf(3) / 5)

    def inside(t: Any, z: Vector) -> Any:
        return kde([shape(t - x) for x in places])(*z)

    def derivative(t: Any, z: Vector) -> Any:
        share = [s * shape(t - x) for s, x in zip(softmax(z), places, strict=True)]
        return softmax(z)[0] - share[0] / fsum(share)

    header, *table = figure(bin_errors.draw).table
    for row, part in zip(rows, (inside, derivative), strict=True):
        whole = quad(lambda t, part=part: part(t, (0, 1, -1)), [-1, *places, 1]) / 2
        for count, text in zip(header[2:5], table[row][2:5], strict=True):
            size = int(at(count))
            middles = [-1 + (2 * b - 1) / mpf(size) for b in range(1, size + 1)]
            binned = fsum(part(t, (0, 1, -1)) for t in middles) / size
            assert holds(text, abs(binned - whole)), (kernel, count)
        last = table[row][5].rpartition(" ")[2]
        assert holds(last, -2) == (kernel == "gaussian")


def numbers(text: str) -> set[str]:
    """Return the numbers in a text that are no names of things, such as the 1 of z_1."""
    return set(re.findall(r"(?<![\w.])−?\d+(?:\.\d+)?(?:e-\d+)?(?![\w/]|\.\d)", text))


def untold(draw: Callable[[], Figure]) -> set[str]:
    """Return the numbers of the sentences of a figure that are not in its table."""
    shown = figure(draw)
    return numbers(shown.alternative) - numbers(" ; ".join(c for row in shown.table for c in row))


def test_sentences_tell_the_values_of_the_table() -> None:
    """A number that is said in words is in the table, or is one that a test here looks at."""
    for draw in (scaling.draw, degeneration.draw, bin_errors.draw, kernel_tails.by_position):
        assert not untold(draw), draw
    assert untold(kernel_tails.by_weight) <= {"0.500"}
    assert untold(true_logit.draw) == {"0.325", "−0.296", "0.025", "−0.048"}
    assert untold(plateau.draw) == {"1.0000", "12.00", "0.5", "0.405"}
    assert untold(wrong_signs.draw) == {"15", "30", "0", "171"}


def test_the_extremes_that_are_told() -> None:
    """Where a sentence names the lowest or the longest of the places drawn, it is that one."""
    found = {
        place: slope(quadratic, [log(place), log(1 - place)], 0)
        for place in (mpf(k) / 40 for k in range(1, 40))
    }
    lowest = min(found, key=lambda place: found[place])
    assert (lowest, holds("−0.296", found[lowest])) == (mpf("0.325"), True)
    assert holds("−0.048", found[mpf("0.025")])
    lengths = {
        place: sqrt(fsum(slope(quadratic, (0, place, -3), k) ** 2 for k in range(3)))
        for place in (mpf(k) / 2 for k in range(-6, 25))
    }
    longest = max(lengths, key=lambda place: lengths[place])
    assert (longest, holds("0.405", lengths[longest])) == (mpf("0.5"), True)
    assert holds("1.0000", quadratic(0, 12, -3))
    assert holds("12.00", ce(0, 12, -3))


class Recorder:
    """Stands for a panel, and keeps what is plotted."""

    def plot(self, xs: list[float], ys: list[float], **options: Any) -> None:
        """Keep the points."""
        self.xs, self.ys, self.options = xs, ys, options


def test_what_is_drawn_is_what_was_certified() -> None:
    """A curve is drawn through the floats nearest to its places and to the middles of its balls."""
    from flint import arb

    places = (Fraction(1, 3), Fraction(2))
    shown = Curve("third", places, tuple(arb(p.numerator) / p.denominator for p in places))
    panel = Recorder()
    draw_curve(panel, shown, STYLES[0], marker="none")
    assert panel.xs == [1 / 3, 2.0]
    assert panel.ys == [1 / 3, 2.0]
    assert panel.options["marker"] == "none"
    assert panel.options["label"] == "third"


def test_the_comparison_of_this_file_can_fail() -> None:
    """A text off by a unit of its last digit does not hold, in either form."""
    assert holds("−0.38", mpf("-0.3849"))
    assert not holds("−0.38", mpf("-0.3851"))
    assert holds("1.23e-7", mpf("1.2349e-7"))
    assert not holds("1.23e-7", mpf("1.2251e-7") - mpf("1e-10"))

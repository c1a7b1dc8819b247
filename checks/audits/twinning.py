"""The exact twin of an audited implementation: is the formula right, is the loss the intended one.

Guarantees: a difference is certified by balls that exclude equality at an exact point.
A difference that scores at most 1/2 counts as an approximation as good as the floats, no fault.
Cannot see: what the float code does otherwise than its operations say, such as kernels with
constants of their own; points at which nothing was tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb

from ...numeric.certified import certified_loss
from ...numeric.conditions import ROW
from ...numeric.elements import Element, is_finite, rational, working_precision
from ...numeric.floats import FORMATS, unit_roundoff
from ...numeric.implementations.limits import TimeUp, time_limited
from ...numeric.implementations.quietness import quiet
from ...numeric.run import Run as SymbolicRun
from ...numeric.twins import Twin, exact
from ...numeric.twins.run import Undecided
from ...symbolic.errors import EngineConflict, GradproofError
from ..twins.agreement import Outcome
from ..twins.comparing import check_backward, check_forward
from ..twins.comparison import Comparison
from ..twins.inputs import Input, TwinPoint
from ..twins.intended import Meant, expected_values
from ..twins.judging import judge_backward, judge_forward
from .intended import Intended
from .options import Options
from .point import AuditPoint
from .subgradients import sides_at
from .twin_arguments import logits_first, twin_inputs, with_upstream

DIGITS = 30
LARGEST = 300
"""More classes than that are not run in exact arithmetic."""

_SIZES = (1, 2, 3, 5)

_QUICK_SECONDS, _USUAL_SECONDS = 0.2, 2.0
"""How long new points are tried for a question."""

_SECONDS = 20.0
"""How long the twin may take for both questions, or at one point, where it can be interrupted."""


@dataclass
class TwinSide:
    """What the exact twin says about an implementation.

    Attributes
    ----------
    program
        The implementation as a program of logits and target.
    framework
        What it is written in.
    returns
        ``"loss"`` or ``"gradient"``.
    gradient
        A gradient by hand beside a loss.
    intended
        The loss it means to be.
    inputs
        What its two arguments are.
    sizes
        The numbers of classes that it may be asked about.
    problem
        Why there is no twin, once that is known.
    """

    program: Callable[..., Any]
    framework: str
    returns: str
    gradient: Callable[..., Any] | None
    intended: Intended
    inputs: tuple[Input, ...]
    sizes: tuple[int, ...] = _SIZES
    problem: str = ""
    _twins: dict[str, tuple[Twin, Twin | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Options, runner: Any, exclusive: bool) -> TwinSide | None:
        """Return the side of an implementation whose runner has been called."""
        manner = runner.manner
        if manner is None or options.isolate:
            return None  # what may crash is not run in this process
        batched = manner.batched
        program, gradient = options.implementation, options.gradient
        if runner.target_first:
            program = logits_first(program)
        return cls(
            program,
            runner.framework,
            runner.returns or "gradient",
            gradient,
            options.intended,
            twin_inputs(options.form, options.takes, exclusive, batched, manner.label != "number"),
            options.sizes or _SIZES,
        )

    def compare(self, dtype: str, seed: int, quick: bool) -> dict[str, Comparison]:
        """Hunt for points at which formula or loss are wrong; by question.

        A question that the twin cannot answer is left out; `problem` then says why.
        """
        small = [n for n in self.sizes if n <= LARGEST]
        sizes = tuple(n for n in small if self._suits(n))
        if not sizes:
            undefined = "the loss has no value for so many classes"
            self.problem = undefined if small else "there are too many classes"
            return {}
        options: dict[str, Any] = {
            "dtype": dtype,
            "sizes": sizes,
            "digits": DIGITS,
            "seed": seed,
            "regimes_only": quick,
            "seconds": _QUICK_SECONDS if quick else _USUAL_SECONDS,
        }
        of_gradient, of_result = self._slack(dtype, "gradient"), self._slack(dtype, self.returns)
        found: dict[str, Comparison] = {}
        try:
            with quiet(), time_limited(_SECONDS):
                forward, _ = self._twin(dtype)
                if self.returns == "loss":
                    found["backward"] = check_backward(
                        forward, self.inputs, slack=of_gradient, **options
                    )
                found["forward"] = check_forward(
                    forward, self._meant(), self.inputs, slack=of_result, **options
                )
        except EngineConflict:
            raise
        except TimeUp:
            self.problem = f"it does not end within {_SECONDS:g} s in exact arithmetic"
        except GradproofError as error:
            self.problem = f"{error.found}"
        return found

    def told(self, comparisons: dict[str, Comparison]) -> tuple[str, ...]:
        """Return what was found, in one sentence for each question."""
        of_gradient = self.returns == "gradient"
        names = {
            "backward": "the backward pass is the derivative of the forward",
            "forward": "the gradient is that of the loss"
            if of_gradient
            else "the loss is the intended",
        }
        said = tuple(f"{names[key]}: {c.headline}" for key, c in comparisons.items())
        if "forward" in comparisons:
            return said
        return (*said, f"{names['forward']}: not compared exactly ({self.problem})")

    def kinds_at(self, point: AuditPoint, dtype: str) -> dict[str, bool] | None:
        """Tell by question whether the twin differs at a point; None where it cannot say."""
        if self.problem or point.n > LARGEST or None in point.logits:
            return None
        at = self._twin_point(point)
        try:
            with quiet(), time_limited(_SECONDS):
                return self._asked(at, dtype)
        except EngineConflict:
            raise
        except (GradproofError, TimeUp):
            return None

    def _asked(self, at: TwinPoint, dtype: str) -> dict[str, bool] | None:
        forward, backward = self._twin(dtype)
        expected = expected_values(self._meant(), dtype, {})
        ahead = judge_forward(
            forward, expected, at, DIGITS, dtype, self._slack(dtype, self.returns)
        )
        if ahead.outcome in (Outcome.UNDECIDED, Outcome.UNDEFINED):
            return None
        found = {"forward": ahead.fails}
        if backward is not None:
            slack = self._slack(dtype, "gradient")
            # The floats at the point are those for an upstream gradient of 1.
            behind = judge_backward(forward, backward, at, (0,), DIGITS, dtype, slack, plain=True)
            if behind.outcome is Outcome.UNDECIDED:
                return None
            found["backward"] = behind.fails
        return found

    def _slack(self, dtype: str, of: str) -> Callable[[TwinPoint], list[Element] | None]:
        """Return how far loss or gradient may be off: by a score of 1/2.

        A program may approximate a function, such as an exponential, as well as its floats are.
        """
        share = arb(rational(unit_roundoff(FORMATS[dtype]))) / 2

        def slack(point: TwinPoint) -> list[Element] | None:
            try:
                found = self.intended.at(self.audit_point(point))
            except EngineConflict:
                raise
            except GradproofError:
                return None
            conditions = [found.value_condition] if of == "loss" else found.conditions
            return [share * c for c in conditions]

        return slack

    def _suits(self, n: int) -> bool:
        """Tell whether the loss is defined for n classes."""
        try:
            self.intended.at(self.sample(n))
        except EngineConflict:
            raise
        except GradproofError:
            return False
        return True

    def sample(self, n: int) -> AuditPoint:
        """Return a point of n classes."""
        logits = tuple(Fraction(3 * k % 5 - 2, 4) for k in range(n))
        if self.intended.has_label or self.intended.target is None:
            return AuditPoint(logits, 0)
        return AuditPoint(logits, tuple(Fraction(int(k == 0)) for k in range(n)))

    def _twin(self, dtype: str) -> tuple[Twin, Twin | None]:
        if dtype not in self._twins:
            hand = self.gradient and with_upstream(self.gradient)
            framework = "numpy" if self.framework == "autograd" else self.framework
            forward = exact(self.program, framework=framework, dtype=dtype, gradient=hand)
            backward = forward.backward(0) if self.returns == "loss" else None
            self._twins[dtype] = forward, backward
        return self._twins[dtype]

    def _meant(self) -> Meant:
        compiled = certified_loss(self.intended.loss)
        program = compiled.value if self.returns == "loss" else compiled.gradient

        def values(point: TwinPoint, bits: int) -> list[Element]:
            at = self.audit_point(point)
            branches = self.returns == "gradient" and self.intended.has_branches
            if branches and sides_at(self.intended, at) is not None:
                return [float("nan")] * point.n  # they meet: no one number is right
            run = SymbolicRun(self.intended.point(at))
            members = [1] if self.returns == "loss" else range(1, point.n + 1)
            found = []
            with working_precision(bits):
                for member in members:
                    run.classes[ROW] = member
                    found.append(program(run))
            if all(map(is_finite, found)):
                return found
            if run.undefined:
                return [float("nan")] * len(found)
            raise Undecided  # a logarithm of a ball around 0, say

        return Meant(values, self.intended.loss.title or self.intended.loss.name)

    def audit_point(self, point: TwinPoint) -> AuditPoint:
        """Return a point of the twin as one of the audit."""
        logits, target = point.values
        if self.inputs[-1].kind == "label":
            return AuditPoint(tuple(logits), int(target[0]))
        if self.intended.has_label:
            return AuditPoint(tuple(logits), [int(v) for v in target].index(1))
        return AuditPoint(tuple(logits), tuple(target))

    def _twin_point(self, point: AuditPoint) -> TwinPoint:
        logits = tuple(v for v in point.logits if v is not None)
        return TwinPoint(self.inputs, point.n, (logits, self._target(point)))

    def _target(self, point: AuditPoint) -> tuple[Any, ...]:
        if not isinstance(point.target, int):
            return point.target
        if self.inputs[-1].kind == "label":
            return (Fraction(point.target),)
        return tuple(Fraction(int(k == point.target)) for k in range(point.n))


def differing(comparisons: dict[str, Comparison]) -> Sequence[Comparison]:
    """Return the comparisons that found a difference."""
    return [c for c in comparisons.values() if c.outcome is Outcome.DIFFERENT]

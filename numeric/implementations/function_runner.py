"""A callable of logits and target, run as it is.

Guarantees: each call gets arrays of its own that hold the numbers exactly; what comes back is
checked, and told in one line if it is neither gradient nor loss; exceptions of the callable pass
through.
What the first call shows is kept: the manner of calling and whether gradients or losses come back.
It therefore makes one call more, and some more if the usual manner fails.
Cannot see: results of the right shape and the wrong meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...symbolic.errors import GradproofError
from .call import Answer, Array, Call, Form, Reduction, Returns
from .manners import Manner, arguments_of, is_worth_trying, manners_of
from .quietness import complaint_of, quiet
from .reading import BadResult, Meaning, Numbers, meaning_of
from .toolkit import Pull, Toolkit

Implementation = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Way:
    """How an implementation is called, and what it then returns."""

    manner: Manner
    returns: Returns


@dataclass(eq=False)
class _Stage:
    """A call between its forward and its backward."""

    call: Call
    logits: Any = None
    target: Any = None
    images: tuple[Any, ...] = ()
    value: Numbers | None = None
    gradient: Numbers | None = None
    pull: Pull | None = None
    result: Any = None
    printed: str = ""
    failure: str = ""


class FunctionRunner:
    """Runs one callable with the toolkit of its framework.

    Parameters
    ----------
    implementation
        The callable.
    toolkit
        Of its framework.
    framework
        Its name; that of Keras is not the toolkit's.
    form
        How the implementation is declared to take its target.
    returns
        What it returns, if that is told.
    reduction
        Of the losses of a batch, if that is told.
    gradient
        A function of the same arguments that returns the gradient of the loss.
    target_first
        Whether the arguments are target and logits, a batch of them, as in Keras.
    """

    def __init__(
        self,
        implementation: Implementation,
        toolkit: Toolkit,
        *,
        framework: str,
        form: Form = "index",
        returns: Returns | None = None,
        reduction: Reduction | None = None,
        gradient: Implementation | None = None,
        target_first: bool = False,
    ) -> None:
        self.framework = framework
        self.form: Form = form
        self.target_first = target_first
        self.returns: Returns | None = returns
        self._implementation = implementation
        self._gradient = gradient
        self._toolkit = toolkit
        self._reduction = reduction
        self._ways: dict[int, _Way] = {}

    @property
    def manner(self) -> Manner | None:
        """How the implementation is called with one sample, once that is found out."""
        way = self._ways.get(1)
        return None if way is None else way.manner

    def run(self, call: Call) -> Answer:
        """Call the implementation once, and differentiate what it returns if that is a loss.

        A gradient that a function gives is multiplied by the upstream here, in float64.
        The value of a batch whose losses are left apart is their sum, in float64.

        Raises
        ------
        UnsupportedError
            If the framework lacks the dtype.
        """
        with self._toolkit.session(call.dtype):
            return self._backward(self._forward(call))

    def interleaved(self, first: Call, second: Call) -> tuple[Answer, Answer]:
        """Return the answers to two calls that are both made before either is differentiated."""
        with self._toolkit.session(first.dtype), self._toolkit.session(second.dtype):
            stages = [self._forward(call) for call in (first, second)]
            for stage in stages:
                self._read_again(stage)
            one, other = (self._backward(stage) for stage in stages)
            return one, other

    def _read_again(self, stage: _Stage) -> None:
        """Read a gradient that was handed back before another call was made."""
        if stage.result is not None and stage.gradient is not None and not stage.failure:
            stage.gradient = self._toolkit.read(stage.result)

    def run_in_place(self, first: Call, second: Call) -> Answer:
        """Return the answer to the second call, made with the arrays of the first."""
        with self._toolkit.session(first.dtype), self._toolkit.session(second.dtype):
            stage = self._forward(first)
            self._backward(stage)
            return self._backward(self._forward(second, (stage.logits, stage.target)))

    def _forward(self, call: Call, reused: tuple[Any, Any] = (None, None)) -> _Stage:
        stage = _Stage(call)
        try:
            way = self._ways.get(call.logits.ndim) or self._find_way(call)
            differentiated = way.returns == "loss" and self._gradient is None
            tracked = differentiated or way.manner.tracked
            new = arguments_of(self._toolkit, call, way.manner, tracked=tracked)
            stage.logits, stage.target = map(self._overwritten, reused, new)
            stage.images = self._images(stage)
            with quiet() as text:
                try:
                    self._evaluate(stage, way, differentiated)
                finally:
                    stage.printed += text.getvalue()
        except BadResult as bad:
            stage.failure = str(bad)
        return stage

    def _evaluate(self, stage: _Stage, way: _Way, differentiated: bool) -> None:
        if differentiated:
            result, stage.pull = self._toolkit.differentiate(
                lambda z: self._called(self._implementation, z, stage.target), stage.logits
            )
        else:
            result = self._called(self._implementation, stage.logits, stage.target)
        numbers, meaning = self._understood(result, _shape_of(stage.call, way.manner), way.returns)
        if meaning.returns == "gradient":
            stage.gradient, stage.result = numbers, result
            return
        stage.value = numbers
        if self._gradient is not None:
            result = self._called(self._gradient, stage.logits, stage.target)
            stage.gradient = self._gradient_of(stage, self._toolkit.read(result))

    def _backward(self, stage: _Stage) -> Answer:
        if stage.pull is not None and not stage.failure:
            with quiet() as text:
                try:
                    result = stage.pull(stage.call.upstream)
                    if result is not None:
                        numbers = self._toolkit.read(result)
                        stage.gradient = self._gradient_of(stage, numbers)
                except BadResult as bad:
                    stage.failure = str(bad)
                finally:
                    stage.printed += text.getvalue()
        return self._answer(stage)

    def _gradient_of(self, stage: _Stage, numbers: Numbers) -> Numbers:
        """Return what must be the gradient of a loss."""
        shape = tuple(stage.logits.shape)
        if numbers.shape != shape:
            raise BadResult(
                f"shape {numbers.shape}",
                f"the shape {shape} of the logits",
                "mend the rule or function that makes the gradient",
                verb="has a gradient of",
            )
        return numbers

    def _answer(self, stage: _Stage) -> Answer:
        complaints = self._changes(stage) + complaint_of(stage.printed)
        if stage.failure:
            return Answer(complaints=complaints, failure=stage.failure, failure_kind="error")
        value, gradient = stage.value, stage.gradient
        return Answer(
            gradient=None if gradient is None else self._multiplied(stage, gradient.values),
            gradient_dtype="" if gradient is None else gradient.dtype,
            value=None if value is None else float(np.sum(value.values)),
            value_dtype="" if value is None else value.dtype,
            complaints=complaints,
        )

    def _multiplied(self, stage: _Stage, gradient: Array) -> Array:
        shaped = gradient.reshape(stage.call.logits.shape)
        return shaped if stage.pull is not None else shaped * stage.call.upstream

    def _find_way(self, call: Call) -> _Way:
        """Return the first manner of calling in which a result means something, and keep it."""
        errors: list[Exception] = []
        for manner in manners_of(self._toolkit, call, batch_first=self.target_first):
            if not is_worth_trying(manner, errors, self._reduction):
                continue
            arguments = arguments_of(self._toolkit, call, manner, tracked=manner.tracked)
            try:
                with quiet():
                    result = self._called(self._implementation, *arguments)
                    _, meaning = self._understood(result, _shape_of(call, manner), self.returns)
            except GradproofError:
                raise
            except Exception as error:
                errors.append(error)
                continue
            way = _Way(manner, meaning.returns)
            if meaning.certain:
                self._ways[call.logits.ndim] = way
                self.returns = meaning.returns
            return way
        raise errors[0]

    def _understood(
        self, result: Any, shape: tuple[int, ...], told: Returns | None
    ) -> tuple[Numbers, Meaning]:
        numbers = self._toolkit.read(result)
        return numbers, meaning_of(numbers.shape, shape, told, self._reduction)

    def _called(self, function: Implementation, logits: Any, target: Any) -> Any:
        return function(target, logits) if self.target_first else function(logits, target)

    def _overwritten(self, old: Any, new: Any) -> Any:
        return new if old is None or isinstance(new, int) else self._toolkit.overwritten(old, new)

    def _images(self, stage: _Stage) -> tuple[Any, ...]:
        own = (stage.logits, stage.target)
        return tuple(None if isinstance(a, int) else self._toolkit.image(a) for a in own)

    def _changes(self, stage: _Stage) -> tuple[str, ...]:
        if not stage.images:
            return ()
        names = ("logits", "target")
        pairs = zip(names, stage.images, self._images(stage), strict=True)
        return tuple(f"changes its {name}" for name, before, after in pairs if before != after)


def _shape_of(call: Call, manner: Manner) -> tuple[int, ...]:
    """Return the shape of the logits as the implementation gets them."""
    return (1, *call.logits.shape) if manner.batched else call.logits.shape

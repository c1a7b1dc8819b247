from __future__ import annotations

import ctypes
import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.implementations import Call, first_contact, isolated
from gradproof.numeric.implementations.child import INSIDE
from gradproof.symbolic.errors import DeclarationError, UnsupportedError
from tests.numeric.implementations.conftest import call, gradient_at, is_close, is_right, of_numpy


def moody(z: Any, y: Any) -> Any:
    """Do what the first logit says, and return the gradient if that is possible."""
    mood = int(z[0])
    if mood == 10:
        ctypes.string_at(0)
    if mood == 11:
        os._exit(3)
    if mood == 12:
        while True:
            pass
    if mood == 13:
        time.sleep(1000)
    if mood == 14:
        raise ValueError("of this mood")
    if mood == 15:
        sys.exit("tired")
    if mood == 16:
        os.write(1, b"raw bytes between the messages")
        sys.stdout.write("hello")
    if mood == 17:
        input()
    return of_numpy(z, y)


class Scaled:
    """A callable with state."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, z: Any, y: Any) -> Any:
        """Return a multiple of the gradient."""
        return self.factor * of_numpy(z, y)


nameless = lambda z, y: of_numpy(z, y)  # noqa: E731 - a lambda that has a name in its module


def _at(mood: float) -> Call:
    return Call(np.array([mood, 0.5]), 1, "float64")


def test_answers_come_from_another_process() -> None:
    """Calls go to one child and come back exactly; the runner knows what the child has found."""
    with isolated(moody) as runner:
        assert (runner.framework, runner.form, runner.returns) == ("numpy", "index", None)
        first_contact(runner, call("float64"))
        for point in (_at(0.5), _at(2.0)):
            answer = runner.run(point)
            assert is_close(answer.gradient, gradient_at(point.logits, 1), "float64")
        one, other = runner.interleaved(call(), call("float64"))
        assert is_right(one, "float32")
        assert is_right(other, "float64")
        assert is_right(runner.run_in_place(call("float64"), call("float64")), "float64")
        assert (runner.returns, runner.target_first) == ("gradient", False)
        assert runner.manner is not None
        assert runner.manner.label == "number"


def test_a_crash_is_an_answer_and_the_next_call_is_answered() -> None:
    """A child that dies gives a failure; a fresh one takes its place."""
    with isolated(moody) as runner:
        answer = runner.run(_at(11))
        text = "the process ended itself with exit code 3"
        assert (answer.failure, answer.failure_kind) == (text, "crash")
        for answer in runner.interleaved(_at(10), _at(0)):
            text = "the process died of SIGSEGV"
            assert (answer.failure, answer.failure_kind) == (text, "crash")
        assert is_right(runner.run(call("float64")), "float64")


@pytest.mark.parametrize("mood", [12, 13])
def test_a_hang_is_an_answer_and_the_next_call_is_answered(mood: int) -> None:
    """A child that does not answer in time is killed; a fresh one takes its place."""
    with isolated(moody, time_limit=0.5) as runner:
        answer = runner.run(_at(mood))
        assert (answer.failure, answer.failure_kind) == ("no answer within 0.5 s", "time")
        assert runner.run(_at(0)).failure == ""


def test_errors_and_output_in_the_child_are_told() -> None:
    """Exceptions are failures with the user's line; output does not reach the messages."""
    with isolated(moody) as runner:
        raised = runner.run(_at(14))
        assert raised.failure.startswith("ValueError: of this mood (test_calls_isolated.py:")
        assert runner.run(_at(15)).failure.startswith("SystemExit: tired (test_calls_isolated.py:")
        printed = runner.run(_at(16))
        assert (printed.failure, printed.complaints) == ("", ("prints 'hello'",))
        assert runner.run(_at(17)).failure.startswith("EOFError: ")
        assert runner.run(_at(0)).failure == ""


@pytest.mark.parametrize("thing", [Scaled(1.0), Scaled(1.0).__call__, nameless, partial(moody)])
def test_callables_reach_the_child_pickled_or_by_name(thing: Any) -> None:
    """Objects with state, methods, partial functions and lambdas with a name reach the child."""
    with isolated(thing, framework="numpy") as runner:
        assert is_right(runner.run(call()), "float32")


def test_a_file_and_a_name_reach_the_child(tmp_path: Path) -> None:
    """FILE.py:NAME is loaded from the file, beside which its neighbours are found."""
    (tmp_path / "neighbour_of_loss.py").write_text("from numpy import exp\n")
    file = tmp_path / "some_loss.py"
    file.write_text(
        "from neighbour_of_loss import exp\n"
        "def loss(z, y):\n    return (z * z).sum() / 2\n"
        "class Of:\n    gradient = staticmethod(lambda z, y: z + 0 * exp(z))\n"
    )
    with isolated(f"{file}:loss", gradient=f"{file}:Of.gradient") as runner:
        answer = runner.run(call("float64"))
        assert answer.value is not None
        assert answer.gradient is not None
        assert (answer.value, answer.gradient[2]) == (2.90625, -2.0)


def test_what_cannot_reach_the_child_is_refused() -> None:
    """A callable that has neither a name nor a pickle is an error that says what to do."""

    def local(z: Any, y: Any) -> Any:
        return moody(z, y)

    for thing in (local, lambda z, y: moody(z, y), Scaled(local)):  # type: ignore[arg-type]
        with pytest.raises(UnsupportedError, match="define it by def at the top level of a file"):
            isolated(thing)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("loss", "is named FILE.py:NAME or module:NAME; found 'loss'"),
        ("/no/such/file.py:loss", "the file of an implementation exists; found /no/such/file.py"),
        ("numpy:no_such_loss", "found AttributeError: module 'numpy' has no attribute 'no_such"),
        ("no_such_module:loss", "found ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_names_that_lead_nowhere_are_told(name: str, text: str) -> None:
    """A name without meaning is an error, found here or in the child."""
    with pytest.raises(DeclarationError) as caught:
        isolated(name)
    assert text in str(caught.value)


def test_options_without_meaning_are_told_by_the_child() -> None:
    """What the child refuses is the error that it would be here, and no child is left."""
    with pytest.raises(DeclarationError, match="form is one of"):
        isolated(moody, form="label")  # type: ignore[arg-type]


def test_a_program_that_isolates_while_it_is_loaded_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child starts no child; the error says where such code belongs."""
    file = tmp_path / "isolating.py"
    file.write_text(
        "from gradproof.numeric.implementations import isolated\n"
        "def loss(z, y):\n    return z\n"
        "isolated(loss)\n"
    )
    with pytest.raises(UnsupportedError, match="under if __name__ == '__main__'"):
        isolated(f"{file}:loss")
    monkeypatch.setenv(INSIDE, "1")
    with pytest.raises(UnsupportedError, match="isolates no other"):
        isolated(moody)


def test_a_program_isolates_its_own_functions(tmp_path: Path) -> None:
    """Functions and objects of the program that is run reach the child, which runs no main part."""
    file = tmp_path / "program.py"
    file.write_text(
        textwrap.dedent(
            """
            import numpy as np
            from gradproof.numeric.implementations import Call, isolated

            class Twice:
                def __call__(self, z, y):
                    return 2 * z

            def once(z, y):
                return z

            if __name__ == "__main__":
                for thing in (once, Twice()):
                    with isolated(thing, framework="numpy") as runner:
                        print(runner.run(Call(np.array([1.0, 2.0]), 0, "float32")).gradient)
            """
        )
    )
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[1. 2.]\n[2. 4.]\n", 0), done.stderr


def test_no_process_is_left() -> None:
    """A child ends with its runner: when that is closed, forgotten, or its call interrupted."""
    runner = isolated(moody)
    closed = runner._child
    assert closed is not None
    runner.close()
    assert closed._process.returncode is not None
    assert runner.run(_at(0)).failure == ""
    forgotten = runner._child
    assert forgotten is not None
    process = forgotten._process
    del runner, forgotten
    gc.collect()
    assert process.returncode is not None


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers of POSIX")
def test_an_interrupt_ends_the_child() -> None:
    """An interrupt during a call passes, and the child that owes an answer is gone."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with isolated(moody) as runner:
        assert runner._child is not None
        process = runner._child._process
        former = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            with pytest.raises(KeyboardInterrupt):
                runner.run(_at(13))
        finally:
            signal.signal(signal.SIGALRM, former)
        assert process.returncode is not None
        assert runner.run(_at(0)).failure == ""


@pytest.mark.parametrize("framework", ["torch", "jax", "autograd"])
def test_frameworks_run_in_a_child(framework: str, tmp_path: Path) -> None:
    """A loss that a framework differentiates is isolated like any other function."""
    pytest.importorskip(framework)
    file = tmp_path / f"loss_of_{framework}.py"
    body = {
        "torch": "import torch\ndef loss(z, y):\n    return torch.logsumexp(z, 0) - z[y]\n",
        "jax": "import jax\n@jax.custom_jvp\ndef loss(z, y):\n    return jax.nn.logsumexp(z) - z[y]"
        "\nloss.defjvp(lambda p, t: (loss(*p), (jax.nn.softmax(p[0]).at[p[1]].add(-1) * t[0])"
        ".sum()))\n",
        "autograd": "import autograd.numpy as np\ndef loss(z, y):\n"
        "    return np.log(np.sum(np.exp(z))) - z[y]\n",
    }
    file.write_text(body[framework])
    with isolated(f"{file}:loss", time_limit=120.0) as runner:
        assert runner.framework == framework
        assert is_right(runner.run(call("float64", 2.0)), "float64", 2.0)
        assert runner.returns == "loss"

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.twins import exact
from gradproof.numeric.twins.mistakes import place_of, reported
from gradproof.numeric.twins.run import Undecided, is_user_file
from gradproof.symbolic.errors import DeclarationError, PrecisionError


def wrong_shapes(z: Any) -> Any:
    """Return what cannot be added."""
    return z + np.ones(7)


def test_an_exception_is_told_with_the_line_of_the_user() -> None:
    """The type, the innermost line of the user's code and the first line of the message."""
    with (
        pytest.raises(DeclarationError, match=r"KeyError at test_mistakes\.py:\d+: 'a'"),
        reported(),
    ):
        _ = {}["a"]
    with pytest.raises(DeclarationError) as raised, reported():
        raise ValueError("one line\nand more")
    assert "one line" in str(raised.value)
    assert "and more" not in str(raised.value)
    assert isinstance(raised.value.__cause__, ValueError)


def test_an_exception_without_a_message_is_told_too() -> None:
    """Its type says what there is to say."""
    with pytest.raises(DeclarationError, match="ZeroDivisionError"), reported():
        raise ZeroDivisionError


def test_errors_of_gradproof_and_of_a_run_pass() -> None:
    """They are meant for another place."""
    with pytest.raises(PrecisionError), reported():
        raise PrecisionError("a", found="b", remedy="c")
    with pytest.raises(Undecided), reported():
        raise Undecided


def test_a_program_cannot_swallow_an_open_comparison() -> None:
    """A clause for exceptions does not hide that a branch is open."""

    def program(x: Any) -> Any:
        try:
            return np.where(np.exp(x) * np.exp(-x) > 1, 1.0, 2.0)
        except Exception:
            return x

    with pytest.raises(PrecisionError):
        exact(program).value(0.3)


def test_mistakes_of_a_program_come_out_as_one_error() -> None:
    """With the file and the line in it."""
    with pytest.raises(DeclarationError, match=r"test_mistakes\.py:\d+"):
        exact(wrong_shapes).value([1.0, 2.0])


def test_a_library_has_no_line_of_the_user() -> None:
    """An exception raised without any frame of the user's is told as that of a library."""
    assert place_of(ValueError()) == "a library"


@pytest.mark.parametrize(
    ("name", "own"),
    [
        (__file__, True),
        (f"{sys.prefix}/programs/loss.py", True),
        (f"{sys.base_prefix}/src/app/loss.py", True),
        ("/home/me/loss.py", True),
        (f"{sysconfig.get_path('stdlib')}/random.py", False),
        ("/x/lib/python3/site-packages/torch/nn.py", False),
        ("/usr/lib/python3/dist-packages/numpy/core.py", False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_files_of_the_user_are_told_from_libraries(name: str, own: bool) -> None:
    """Neither gradproof's layer, nor the standard library, nor what is installed."""
    assert is_user_file(name) is own


def test_the_layer_itself_is_not_the_users() -> None:
    """But a folder beside it whose name begins alike is."""
    import gradproof.numeric.twins.run as module

    layer = Path(str(module.__file__)).resolve().parents[1]
    assert not is_user_file(str(layer / "twins" / "dual.py"))
    if "site-packages" not in str(layer):
        assert is_user_file(f"{layer}_of_mine/loss.py")

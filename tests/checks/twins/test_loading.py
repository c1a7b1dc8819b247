from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from gradproof.checks.twins import Input
from gradproof.checks.twins.inputs import KINDS
from gradproof.checks.twins.loading import load_targets, parse_inputs
from gradproof.symbolic import losses
from gradproof.symbolic.errors import DeclarationError, GradproofError

SOURCE = """
import numpy as np
from gradproof.symbolic import Loss, S, log, y, z

def softmax_loss(z, y):
    return np.log(np.sum(np.exp(z))) - z[y]

def softmax_gradient(g, z, y):
    shares = np.exp(z) / np.sum(np.exp(z))
    shares[y] -= 1
    return g * shares

class Losses:
    @staticmethod
    def hinge(z, y):
        return np.maximum(0, 1 - z[y])

meant = Loss("meant", log(S(1)) - z[y])
number = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of a user with a program, its gradient and what it means."""
    path = tmp_path / "mine.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


sizes = st.lists(st.one_of(st.integers(0, 99), st.just("n")), max_size=3).map(tuple)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
specs = st.builds(Input, st.sampled_from(list(KINDS)), sizes, names)


@given(st.lists(specs, min_size=1, max_size=4), st.sampled_from(["", " ", "  "]))
def test_what_is_written_is_read(inputs: list[Input], space: str) -> None:
    """NAME=KIND(SHAPE), with any spaces, is read back as it was meant."""
    comma = f"{space},{space}"
    text = comma.join(
        f"{s.name}{space}={space}{s.kind}{space}({space}{comma.join(map(str, s.shape))})"
        for s in inputs
    )
    assert parse_inputs(text) == tuple(inputs)


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("logits, label", [("z", "logits", ("n",)), ("y", "label", ())]),
        ("logits,targets", [("z", "logits", ("n",)), ("p", "targets", ("n",))]),
        ("w=numbers(3,n), bits", [("w", "numbers", (3, "n")), ("p", "bits", ("n",))]),
        ("numbers()", [("x", "numbers", ())]),
        ("label(n)", [("y", "label", ("n",))]),
        ("unit(2,)", [("x", "unit", (2,))]),
    ],
)
def test_names_and_shapes_have_defaults(text: str, inputs: Any) -> None:
    """Each kind has its usual name, and n numbers; a label is a single class."""
    assert [(i.name, i.kind, i.shape) for i in parse_inputs(text)] == inputs


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("logit", "'logit'"),
        ("", "''"),
        ("logits,", "''"),
        ("logits label", "'logits label'"),
        ("logits(n", "logits"),
        ("z=", "'z='"),
        ("=logits", "'=logits'"),
        ("z=logits=3", "z=logits=3"),
        ("logits(m)", "'m'"),
        ("numbers(3 n)", "'3 n'"),
        ("numbers(-1)", "numbers"),
    ],
)
def test_a_mistake_in_the_inputs_is_one_error(text: str, found: str) -> None:
    """It tells what was found; an unknown length is not taken for n."""
    with pytest.raises(DeclarationError) as raised:
        parse_inputs(text)
    assert found in str(raised.value)


def test_a_program_of_a_file_is_a_target(file: Path) -> None:
    """With its gradient and what it means, from the same file or the library."""
    name = f"{file}:softmax_loss"
    (target,) = load_targets(name, gradient="softmax_gradient", intended="meant")
    assert (target.name, target.framework) == (name, "numpy")
    assert target.program.__name__ == "softmax_loss"
    assert target.gradient is not None
    assert target.gradient.__name__ == "softmax_gradient"
    assert target.meaning == "meant"
    assert [s.kind for s in target.inputs] == ["logits", "label"]
    (known,) = load_targets(name, intended=losses.softmax_cross_entropy.name, framework="torch")
    assert known.intended is losses.softmax_cross_entropy
    assert known.framework == "torch"
    (elsewhere,) = load_targets("statistics:fmean", intended=f"{file}:meant")
    assert elsewhere.meaning == "meant"
    (inside,) = load_targets(f"{file}:Losses.hinge", inputs="logits(4), label")
    assert inside.inputs[0].shape == (4,)
    assert inside.meaning == ""
    (other,) = load_targets(name, intended="Losses.hinge")
    assert other.meaning == "hinge"


def test_a_program_of_a_module_is_a_target() -> None:
    """What can be imported is called module:NAME."""
    (target,) = load_targets("statistics:fmean", inputs="numbers(n)")
    assert target.program.__name__ == "fmean"


def test_a_library_is_the_list_of_its_targets() -> None:
    """Its name, or library:function for one of them."""
    everything = load_targets("numpy")
    assert len(everything) > 1
    assert load_targets(everything[0].name)[0].name == everything[0].name


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("nonsense", {}, "nonsense; the libraries are torch"),
        ("FILE:", {}, "library:function"),
        (":softmax_loss", {}, "library:function"),
        ("numpy:nonsense", {}, "numpy:nonsense; take one of numpy:"),
        ("FILE:softmax_lost", {}, "no callable 'softmax_lost'.*take one of softmax_loss"),
        ("FILE:number", {}, "no callable 'number'"),
        ("FILE:Losses.hinges", {}, "no callable 'Losses.hinges'"),
        ("FILE:softmax_loss", {"gradient": "nothing"}, "no callable 'nothing'"),
        ("FILE:softmax_loss", {"intended": "nothing"}, "no callable 'nothing'"),
        ("FILE:softmax_loss", {"intended": "statistics:CE"}, "no callable 'CE'"),
        ("FILE:softmax_loss", {"inputs": "logit"}, "'logit'"),
        ("no_such_module:f", {}, "no_such_module.*FILE.py:NAME"),
        (".relative:f", {}, "can be imported"),
        ("missing.py:f", {}, "missing.py"),
    ],
)
def test_a_name_that_means_nothing_is_one_error(
    file: Path, name: str, options: Any, text: str
) -> None:
    """It tells what was found, and what there is."""
    with pytest.raises(GradproofError, match=text):
        load_targets(name.replace("FILE", str(file)), **options)


def test_a_module_that_fails_is_one_error(tmp_path: Path, monkeypatch: Any) -> None:
    """Whatever its code raises while it is imported."""
    (tmp_path / "broken_losses.py").write_text("raise RuntimeError('no')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(DeclarationError, match="broken_losses: RuntimeError: no"):
        load_targets("broken_losses:f")

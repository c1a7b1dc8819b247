"""Programs that show a finding by themselves."""

from __future__ import annotations

import ast
import functools
import json
import math
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays

from gradproof.checks.audits.extraction import Extractor
from gradproof.checks.audits.implementation_list import Implementation, find_implementations
from gradproof.checks.audits.reproducer import Shown, _numbers, make_reproducer
from gradproof.checks.audits.source_text import free_names, without_annotations
from gradproof.checks.user_file import run_file
from gradproof.numeric.implementations.call import Call
from gradproof.numeric.implementations.making import make_runner
from gradproof.numeric.implementations.manners import Manner

LOGITS = np.array([2.0, 0.0, -3.0])
ONE_HOT = np.array([0.0, 1.0, 0.0])


def ran(text: str, folder: Path, *, alone: bool = True, **environment: str) -> str:
    """Return what a program prints in a Python of its own, in another folder.

    It must not import gradproof if it is to run `alone`.
    """
    file = folder / "reproducer.py"
    check = "import sys\nassert 'gradproof' not in sys.modules\n" if alone else ""
    file.write_text(text + check, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"{text}\n{done.stderr}"
    return done.stdout.strip()


def printed(text: str, folder: Path) -> list[float]:
    """Return the numbers that a program prints."""
    shown = ran(text, folder).replace("nan", "NaN").replace("inf", "Infinity")
    return list(np.ravel(json.loads(shown)))


def of_file(source: str, folder: Path, name: str = "loss") -> Any:
    """Return a callable of a user's file, loaded as the command line does."""
    folder.mkdir(exist_ok=True)
    file = folder / "mine.py"
    file.write_text(source, encoding="utf-8")
    return getattr(run_file(file), name)


def gradient_program(function: Any, **more: Any) -> str:
    """Return the program of a NumPy function that returns a gradient."""
    call = more.pop("call", Call(LOGITS, 1, "float64"))
    settings = {"framework": "numpy", "returns": "gradient", **more}
    return make_reproducer(function, call, Shown(), **settings)


FILES = {
    "helpers": """
import numpy as np
from math import exp as power

HALF = 0.5
TABLE = np.array([1.0, 2.0, 4.0])

def unused(z): return power(z)

def weights(z: "np.ndarray") -> float:
    return scaled(np.exp(z)) * TABLE

def scaled(x):
    return x * HALF * power(0.25)

def loss(z, y, *, shift=HALF):
    return weights(z) - shift
""",
    "decorated": """
import functools
import numpy as np

def doubled(f):
    @functools.wraps(f)
    def twice(*arguments):
        return 2 * f(*arguments)
    return twice

@doubled
def loss(z, y):
    return np.exp(z)
""",
    "closure": """
import numpy as np

def make(scale, f):
    def loss(z, y):
        return f(z) * scale + y
    return loss

loss = make(0.25, lambda x: np.exp(x))
""",
    "lambda": """
import numpy as np
pair = (lambda z, y: np.exp(z)), (lambda z, y: np.exp(z) - (
    y))
loss = pair[1]
""",
    "class": """
import numpy as np

class Softmax:
    floor = 0.125
    def __call__(self, z):
        e = np.exp(z)
        return e / e.sum() + self.floor

softmax = Softmax()

def loss(z, y):
    return softmax(z)
""",
    "names": """
import math as np
import numpy

def z(target):
    return numpy.exp(target)

def loss(target, y):
    return z(target) * np.pi
""",
    "infinite": """
from __future__ import annotations
import numpy as np
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from nowhere import Nothing
LARGEST = float("inf")
if LARGEST > 1:
    def least(x): return np.minimum(x, LARGEST)
else:
    def least(x): return x

def loss(z: Nothing, y: Nothing) -> Nothing:
    return least(z)
""",
    "recursive": """
def even(z, k): return z if k == 0 else odd(z, k - 1)
def odd(z, k): return 2 * z if k == 0 else even(z, k - 1)
def loss(z, y): return even(z, 3)
""",
    "partial": """
import functools
def scaled(factor, z, y, *, shift): return factor * z + shift
loss = functools.partial(scaled, 0.5, shift=0.25)
""",
}


@pytest.mark.parametrize("kind", FILES)
def test_functions_of_a_file_are_copied_with_what_they_need(kind: str, tmp_path: Path) -> None:
    """The program holds helpers, constants and imports, needs not the file, and gives the same."""
    function = of_file(FILES[kind], tmp_path / "home")
    expected = np.ravel(function(LOGITS.copy(), 1))
    text = gradient_program(function)
    (tmp_path / "home" / "mine.py").unlink()
    assert "runpy" not in text
    assert "unused" not in text
    assert printed(text, tmp_path) == expected.tolist()


def test_short_statements_stand_together(tmp_path: Path) -> None:
    """Constants and helpers come before what uses them, with the blank lines that Python has."""
    source = (
        "import numpy as np\nONE = 1\nTWO = 2 * ONE\nUNUSED = 3\n"
        "def loss(z, y) -> float:\n    return z * (ONE + TWO + THREE[0])\nTHREE = np.array([3])\n"
    )
    assert gradient_program(of_file(source, tmp_path)) == (
        "import numpy as np\n\n\n"
        "ONE = 1\nTHREE = np.array([3])\nTWO = 2\n\n\n"
        "def loss(z, y):\n    return z * (ONE + TWO + THREE[0])\n\n\n"
        'z = np.array([2.0, 0.0, -3.0], dtype="float64")\ntarget = 1\n'
        "print(np.asarray(loss(z, target), dtype=float).tolist())\n"
    )


def test_a_neighbour_of_the_file_is_imported_from_its_folder(tmp_path: Path) -> None:
    """What lies beside the file is not installed, so that the program looks for it there."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "helper_of_mine.py").write_text("def double(z): return 2 * z\n", encoding="utf-8")
    source = "from helper_of_mine import double as twice\ndef loss(z, y): return twice(z)\n"
    text = gradient_program(of_file(source, home))
    assert f"sys.path.insert(0, {str(home)!r})" in text
    assert "from helper_of_mine import double as twice" in text
    assert printed(text, tmp_path) == (2 * LOGITS).tolist()


UNCOPIED = {
    "an object": (
        "class Loss:\n    def __call__(self, z, y): return 3 * z\nloss = Loss()\n",
        "loss",
        "# implementation is not copied: it is an object of the class Loss.",
    ),
    "a method": (
        "class Loss:\n    def of(self, z, y): return 3 * z\nhome = Loss()\n",
        "home.of",
        "# of is not copied: it is an object of the class method.",
    ),
    "a closure over an object": (
        """
def make():
    box = {1: object()}
    def loss(z, y): return 3 * z if box else z
    return loss
loss = make()
""",
        "loss",
        "# loss is not copied: box is an object that no statement binds alone.",
    ),
    "a wrapper without a trace": (
        """
def tripled(f):
    def inner(z, y): return 3 * f(z, y)
    return inner

@tripled
def loss(z, y): return z
""",
        "loss",
        "# inner is not copied: loss is wrapped by a decorator.",
    ),
}


@pytest.mark.parametrize("kind", UNCOPIED)
def test_what_cannot_be_copied_is_run_from_its_file(kind: str, tmp_path: Path) -> None:
    """The program runs the file by its path, and a comment says why."""
    source, name, comment = UNCOPIED[kind]
    file = tmp_path / "home" / "mine.py"
    found = of_file(source, tmp_path / "home", name.split(".")[0])
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    text = gradient_program(found, origin=f"{file}:{name}")
    assert comment in text
    assert printed(text, tmp_path) == (3 * LOGITS).tolist()


def test_a_function_without_a_file_leaves_a_gap() -> None:
    """The program is complete but for the implementation, and says so."""
    space: dict[str, Any] = {}
    exec("def loss(z, y): return z", space)  # noqa: S102 (there is no other way to have no source)
    text = gradient_program(space["loss"])
    assert "loss = ...  # put it here, it cannot be copied: there is no source of <string>" in text
    ast.parse(text)


def test_partial_needs_plain_arguments(tmp_path: Path) -> None:
    """A partial of an array is no statement; one of numbers is."""
    function = functools.partial(of_file(FILES["recursive"], tmp_path), y=3)
    assert "implementation = partial(loss, y=3)" in gradient_program(function)
    held = functools.partial(of_file(FILES["recursive"], tmp_path), y=np.ones(3))
    assert "it is bound to an argument that is no plain value" in gradient_program(held)


def test_two_things_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    """A closure's name that stands for another thing elsewhere in the file is no global."""
    source = (
        "scale = 2\ndef helper(z): return scale * z\n"
        "def make(scale):\n    def loss(z, y): return helper(z) + scale\n    return loss\n"
        "loss = make(5)\n"
    )
    text = gradient_program(of_file(source, tmp_path / "home"))
    assert "loss is not copied: two things are called scale" in text
    assert printed(text, tmp_path) == (2 * LOGITS + 5).tolist()


def numbers_of(answer: Any) -> list[float]:
    """Return the gradient of an answer."""
    assert answer.gradient is not None, answer.failure
    return list(np.ravel(answer.gradient))


def programs_of(known: list[Implementation]) -> dict[str, tuple[str, list[float]]]:
    """Return the program of each implementation at a point, and what it should print."""
    made = {}
    for one in known:
        target: Any = {"index": 1, "kernel": np.array([0.5, 0.25, 1.0])}.get(one.target, ONE_HOT)
        call = Call(LOGITS, target, one.dtypes[0])
        text = make_reproducer(
            one.function,
            call,
            Shown(expected="(0.1, 0.2, 0.3)"),
            framework=one.framework,
            form=one.target,
            returns=one.returns,
        )
        runner = make_runner(
            one.function, framework=one.framework, form=one.target, returns=one.returns
        )
        made[one.name] = text, numbers_of(runner.run(call))
    return made


EVERY = """
import contextlib, io, json, runpy, sys
found = {}
for file in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        runpy.run_path(file)
    found[file] = json.loads(text.getvalue())
assert "gradproof" not in sys.modules
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    "library", ["torch", "jax", "optax", "scipy", "sklearn", "numpy", "autograd"]
)
def test_programs_of_the_built_in_implementations_give_the_same(
    library: str, tmp_path: Path
) -> None:
    """Each program runs without gradproof and prints the gradient of the float run, bit for bit."""
    for module in {"optax": ("jax", "optax")}.get(library, (library,)):
        pytest.importorskip(module)
    made = programs_of(find_implementations(library))
    files = {}
    for name, (text, _) in made.items():
        files[name] = tmp_path / f"{name.replace(':', '_')}.py"
        files[name].write_text(text, encoding="utf-8")
        assert "# expected (0.1, 0.2, 0.3)\n" in text
        assert "gradproof" not in text
    done = subprocess.run(
        [sys.executable, "-c", EVERY, *map(str, files.values())],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, (text, expected) in made.items():
        assert np.array_equal(np.ravel(found[str(files[name])]), expected, equal_nan=True), text


KERAS = """
import sys
import numpy as np
from gradproof.checks.audits.implementation_list import find_implementations
from gradproof.checks.audits.reproducer import Shown, make_reproducer
from gradproof.numeric.implementations.call import Call
from gradproof.numeric.implementations.making import make_runner
one = find_implementations("keras:categorical_crossentropy")[0]
call = Call(np.array([2.0, 0.0, -3.0]), np.array([0.0, 1.0, 0.0]), "float64")
how = {"framework": "keras", "form": "soft", "returns": "loss"}
print(make_runner(one.function, **how).run(call).gradient.tolist())
print(make_reproducer(one.function, call, Shown(), **how))
"""


@pytest.mark.parametrize("backend", ["jax", pytest.param("torch", marks=pytest.mark.slow)])
def test_a_program_of_keras_sets_its_backend(backend: str, tmp_path: Path) -> None:
    """The backend is set before Keras is imported, and the numbers are those of the float run."""
    if find_spec("keras") is None or find_spec(backend) is None:
        pytest.skip("keras or its backend is not installed")
    own = {"KERAS_BACKEND": backend, "KERAS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", KERAS],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=True,
    )
    expected, _, text = done.stdout.partition("\n")
    assert text.startswith(f'import os\n\nos.environ["KERAS_BACKEND"] = "{backend}"\n\nimport ')
    found = ran(text, tmp_path, KERAS_BACKEND="numpy", KERAS_HOME=str(tmp_path))
    assert found == expected


def test_a_library_function_is_imported() -> None:
    """By its public module, and without a comment."""
    functional = pytest.importorskip("torch.nn.functional")
    text = make_reproducer(
        functional.cross_entropy,
        Call(np.array([17.0, 0.0, -3.0]), 1, "float32"),
        Shown(expected="-0.047", where="g[2]"),
        framework="torch",
    )
    assert text == (
        "import torch\n"
        "from torch.nn.functional import cross_entropy\n"
        "\n"
        "z = torch.tensor([17.0, 0.0, -3.0], dtype=torch.float32, requires_grad=True)\n"
        "target = torch.tensor(1)\n"
        "cross_entropy(z, target).backward()\n"
        "print(z.grad.tolist())  # g[2]: expected -0.047\n"
    )


def test_functions_of_gradproof_are_imported(tmp_path: Path) -> None:
    """They are a library too, whether or not it is installed in place."""
    (one,) = find_implementations("stable:softmax_cross_entropy")
    call = Call(np.array([0.0, 15.0]), 1, "float64")
    common: Any = {"framework": "numpy", "returns": "loss", "gradient": one.gradient}
    text = make_reproducer(one.function, call, Shown(), **common)
    assert text.count("\n") == 6
    assert "from gradproof.numeric.stable import softmax_cross_entropy_gradient\n" in text
    share = 1 / (1 + math.exp(15))
    assert json.loads(ran(text, tmp_path, alone=False)) == pytest.approx([share, -share], rel=1e-15)


def test_public_modules_are_preferred() -> None:
    """Functions that a library keeps in private modules are imported from where it offers them."""
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    lines = [
        Extractor().add(function, name="f").imports
        for function in (jax.nn.log_softmax, jax.numpy.exp, optax.softmax_cross_entropy)
    ]
    assert lines == [
        ["from jax.nn import log_softmax"],
        ["from jax.numpy import exp"],
        ["from optax import softmax_cross_entropy"],
    ]


def test_a_jitted_function_stays_jitted(tmp_path: Path) -> None:
    """The decorator or the assignment that wraps it is part of the program."""
    pytest.importorskip("jax")
    source = (
        "import jax\nimport jax.numpy as jnp\n"
        "@jax.jit\ndef decorated(z, y): return jnp.sum(jnp.exp(z)) - z[y]\n"
        "def plain(z, y): return jnp.sum(jnp.exp(z)) - z[y]\n"
        "assigned = jax.jit(plain)\n"
    )
    for name, held in (("decorated", "@jax.jit\n"), ("assigned", "assigned = jax.jit(plain)")):
        function = of_file(source, tmp_path, name)
        call = Call(np.array([0.0, 0.5]), 0, "float64")
        text = make_reproducer(function, call, Shown(), framework="jax")
        assert held in text
        assert printed(text, tmp_path) == pytest.approx([0.0, math.exp(0.5)], rel=1e-15, abs=0)
    value = make_reproducer(function, call, Shown("value"), framework="jax")
    assert printed(value, tmp_path) == pytest.approx([1 + math.exp(0.5)], rel=1e-15, abs=0)


def test_the_manner_of_the_call_is_kept(tmp_path: Path) -> None:
    """Batches of one, the target first, the upstream gradient, and the value instead."""
    functional = pytest.importorskip("torch.nn.functional")
    call = Call(np.array([0.0, 0.0]), np.array([1.0, 0.0]), "float64", upstream=3.0)

    def shown(function: Any, shown: Shown, **more: Any) -> list[float]:
        text = make_reproducer(function, call, shown, framework="torch", form="one-hot", **more)
        return printed(text, tmp_path)

    source = (
        "import torch.nn.functional as F\n"
        "def rows(y_true, y_pred):\n"
        "    assert y_pred.ndim == 2\n"
        "    return F.cross_entropy(y_pred, y_true, reduction='none')\n"
    )
    rows = of_file(source, tmp_path / "home", "rows")
    manner = Manner("array", batched=True)
    assert shown(functional.cross_entropy, Shown()) == [-1.5, 1.5]
    assert shown(rows, Shown(), manner=manner, target_first=True) == [-1.5, 1.5]
    value = shown(rows, Shown("value"), manner=manner, target_first=True)
    assert value == pytest.approx([math.log(2)], rel=1e-15)


def test_a_gradient_beside_a_loss_is_what_is_shown(tmp_path: Path) -> None:
    """Where the gradient is a function of its own the program holds that alone."""
    source = "def loss(z, y): return z[y]\ndef slope(z, y): return 4 * z\n"
    loss = of_file(source, tmp_path)
    slope = of_file(source, tmp_path, "slope")
    call = Call(LOGITS, 1, "float32")
    common = {"framework": "numpy", "returns": "loss", "gradient": slope}
    text = make_reproducer(loss, call, Shown(), **common)
    assert "def loss" not in text
    assert printed(text, tmp_path) == (4 * LOGITS).tolist()
    value = make_reproducer(loss, call, Shown("value", expected="0"), **common)
    assert "def slope" not in value
    assert printed(value, tmp_path) == [0.0]


def test_masked_and_many_logits_are_written_exactly(tmp_path: Path) -> None:
    """Minus infinity, runs of equal numbers and numbers of bfloat16 survive."""
    pytest.importorskip("ml_dtypes")
    logits = np.array([-math.inf, *[0.5] * 900, 3.0, 2.0**-130])
    function = of_file("def loss(z, y): return z\n", tmp_path / "home")
    text = gradient_program(function, call=Call(logits, 0, "bfloat16"))
    assert '[float("-inf"), *[0.5] * 900, 3.0, ' in text
    assert printed(text, tmp_path) == logits.tolist()


@given(arrays.arrays(np.float64, arrays.array_shapes(max_dims=2, max_side=9), elements=st.floats()))
def test_numbers_are_read_back_as_they_were(values: Any) -> None:
    """Every array of floats is the value of its text."""
    text = _numbers(values)
    back = np.array(eval(text, {}))  # noqa: S307 (the text is Python)
    assert np.array_equal(back, values, equal_nan=True)


def test_only_annotations_are_taken_out() -> None:
    """The rest of a function is the same program, and characters beyond ASCII do no harm."""
    plain = 'def f(z, *a, k="→ é", **b):\n    """É -> é."""\n    return (lambda: z)()\n'
    typed = (
        'def f(z: "é -> É", *a: int, k: str="→ é", **b: dict[str, int]) -> "list[é]":\n'
        '    """É -> é."""\n    return (lambda: z)()\n'
    )
    assert without_annotations(typed) == plain
    assert without_annotations(plain) == plain


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x = a + [b for b in c]", ["a", "c", "x"]),
        ("def f(u, v=w):\n    def g(): return u + h\n    return g", ["f", "h", "w"]),
        ("class A(B):\n    c = 1\n    def m(self): return c, self.d", ["A", "B", "c"]),
        ("@d\ndef f(x: T): return x", ["T", "d", "f"]),
    ],
)
def test_the_names_of_a_text_are_those_of_its_scopes(text: str, names: list[str]) -> None:
    """Local names and attributes are none; defaults, decorators and annotations count."""
    assert free_names(text) == names

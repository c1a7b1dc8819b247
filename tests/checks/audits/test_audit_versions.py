from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np

from gradproof.checks.audits.versions import versions_of


def test_gradproof_and_the_framework_have_versions() -> None:
    """They are those of the distributions that are installed."""
    found = versions_of("numpy", lambda z, y: z[y])
    assert found == {"gradproof": version("gradproof"), "numpy": version("numpy")}


def test_the_package_of_the_implementation_has_one() -> None:
    """A function of a library is told with the version of that library."""
    function: Any = np.linalg.norm
    assert versions_of("torch", function)["numpy"] == version("numpy")


def test_what_is_not_installed_is_left_out() -> None:
    """A framework or a module without a distribution has no version, and makes no error."""
    assert set(versions_of("no such framework", lambda z, y: z[y])) == {"gradproof"}
    assert set(versions_of("numpy", object())) == {"gradproof", "numpy"}

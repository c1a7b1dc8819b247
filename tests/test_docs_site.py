"""The documentation site as it is built: no warning, no dead link, nothing public left out."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit
from zlib import decompress

import click
import pytest

pytestmark = pytest.mark.slow

PUBLIC = (
    "gradproof",
    "gradproof.checks.checker",
    "gradproof.checks.strategies",
    "gradproof.checks.twins.inputs",
    "gradproof.numeric",
    "gradproof.numeric.stable",
    "gradproof.reports",
    "gradproof.symbolic",
    "gradproof.symbolic.errors",
    "gradproof.symbolic.kernels",
    "gradproof.symbolic.losses",
)
"""The modules whose public names the reference describes."""


def build(checkout: Path, target: Path, seed: str) -> subprocess.CompletedProcess[str]:
    """Build the site, with warnings as errors, in a process with a hash seed of its own.

    What it is made of is copied first, so that builds side by side do not meet in ``docs/``.
    """
    for name in ("docs", "examples", "reports/proofs"):
        made = shutil.ignore_patterns("proof-report", "__pycache__")
        shutil.copytree(checkout / name, target / name, ignore=made)
    for name in ("CHANGELOG.md", "README.md"):
        shutil.copy(checkout / name, target)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-n",
            "-q",
            "-d",
            "trees",
            "docs",
            "html",
        ],
        cwd=target,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site."""
    for name in ("sphinx", "myst_parser", "furo"):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed: pip install '.[docs]'")
    target = tmp_path_factory.mktemp("site")
    built = build(checkout, target, "1")
    assert (built.returncode, built.stderr) == (0, "")
    return target / "html"


class Anchors(HTMLParser):
    """The links of a page and the places in it that links may name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a tag links to, and its name."""
        for name, value in attrs:
            if name in ("href", "src") and value and tag != "link":
                self.links.append(value)
            if name == "id" and value:
                self.places.add(value)


def dead_links(folder: Path) -> Iterator[str]:
    """Yield the links between pages of a folder that lead nowhere."""
    pages = {file: Anchors(file.read_text(encoding="utf-8")) for file in folder.rglob("*.html")}
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if parts.scheme or parts.netloc:
                continue
            known = pages[target].places if target in pages else set()
            if not target.is_file() or (
                parts.fragment and target in pages and unquote(parts.fragment) not in known
            ):
                yield f"{file.relative_to(folder)}: {link}"


def test_the_site_builds_without_a_warning(site: Path) -> None:
    """All pages are there, each in Markdown as a page of HTML."""
    assert (site / "index.html").is_file()
    assert (site / "proof-report" / "ce-gradient.html").is_file()


def test_links_within_the_site_lead_somewhere(site: Path) -> None:
    """Every link to a page, a file or a place in a page has a target, except to the top."""
    assert [one for one in dead_links(site) if not one.endswith(": #")] == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    """The check above can fail: a page, a file and a place that are not there are told."""
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">1</a><a href="b.html#there">2</a><a href="c.html">3</a>'
        '<img src="d.svg"><a href="#e">4</a><a href="https://example.org">5</a>'
    )
    (tmp_path / "b.html").write_text('<p id="here">b</p>')
    found = {one.removeprefix("a.html: ") for one in dead_links(tmp_path)}
    assert found == {"b.html#there", "c.html", "d.svg", "#e"}


def test_two_builds_are_alike(checkout: Path, site: Path, tmp_path: Path) -> None:
    """The site is the same, byte for byte, whatever the order of hashes."""
    assert build(checkout, tmp_path, "2").returncode == 0
    files = {
        folder: {
            file.relative_to(folder): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }
        for folder in (site, tmp_path / "html")
    }
    first, second = files.values()
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()


def test_the_site_asks_nothing_of_the_network(site: Path) -> None:
    """No script, style, font or picture of a page comes from elsewhere."""
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//[^"]*"', text)
        assert not re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="(?:https?:)?//[^"]*"', text)


def described(site: Path) -> dict[str, set[str]]:
    """Return the names that the reference describes, by the domain and kind of each."""
    data = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    found: dict[str, set[str]] = {}
    for line in decompress(data).decode().splitlines():
        name, kind = re.fullmatch(r"(.+?) (\S+:\S+) -?\d+ .*", line).groups()  # type: ignore[union-attr]
        found.setdefault(kind.partition(":")[0], set()).add(name)
    return found


def public_names(module: ModuleType) -> list[str]:
    """Return the names that a module says are public, or what it defines without an underscore."""
    own = [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
    ]
    return list(getattr(module, "__all__", own))


@pytest.mark.parametrize("module_path", PUBLIC)
def test_every_public_name_is_described(site: Path, module_path: str) -> None:
    """The reference has each public name of a module, under the name or where it is defined.

    Names that the module hands on from SymPy are listed on its page.
    """
    module = importlib.import_module(module_path)
    known = {name.rpartition(".")[2] for name in described(site)["py"]}
    text = (site / "reference" / "formulas.html").read_text(encoding="utf-8")
    of_modules = {"kernels", "losses", "stable", "strategies", "inputs", "__version__"}
    missing = [
        name
        for name in public_names(module)
        if name not in known | of_modules and f'<span class="pre">{name}</span>' not in text
    ]
    assert missing == []


def test_every_option_is_described(site: Path) -> None:
    """The reference has each option of each command, and those of the pytest plugin."""
    app = importlib.import_module("gradproof.cli").app
    known = described(site)["std"]
    for name, command in app.commands.items():
        for option in command.params:
            if isinstance(option, click.Option):
                assert f"gradproof-{name}.{option.opts[0]}" in known
    assert "pytest.--gradproof-summary" in known


def test_every_loss_and_every_kernel_is_described(site: Path) -> None:
    """The reference has each loss and each kernel of the library by its name."""
    known = {name.rpartition(".")[2] for name in described(site)["py"]}
    losses = importlib.import_module("gradproof.symbolic.losses").LOSSES
    kernels = importlib.import_module("gradproof.symbolic.kernels").KERNELS
    assert {*losses, *kernels} - known == set()

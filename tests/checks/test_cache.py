"""Laws of the cache: only what would be found again is found, and it is found whole."""

from __future__ import annotations

import ast
import json
import os
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sympy import Function, Symbol

from gradproof.checks import cache as module, runner, versions
from gradproof.checks.cache import Cache, default_folder, is_repeatable
from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.checks.engine import Settings, decide_claim
from gradproof.checks.runner import Failure, run_claims
from gradproof.checks.stored import read_verdict, written_verdict
from gradproof.checks.verdict import Counterexample, Evidence, Finding, Outcome, Verdict
from gradproof.numeric.point import Point
from gradproof.symbolic import Eq, Ge, Le, S, class_sum, exp, i, scalar, z
from gradproof.symbolic.errors import EngineConflict

TOTAL = class_sum(lambda j: S(j))
CLAIMS = [Claim("one", Eq(TOTAL, 1)), Claim("two", Eq(TOTAL, 2)), Claim("sign", Ge(S(i), 0))]
DEFAULT = Settings()
FOUND = Evidence("m", Finding.NOTHING, "s", "d")


def deciding(patch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every claim that is decided from now on adds its id."""
    decided: list[str] = []

    def noted(claim: Claim, settings: Settings) -> Verdict:
        decided.append(claim.id)
        return decide_claim(claim, settings)

    patch.setattr(runner, "decide_claim", noted)
    return decided


def run(folder: Path, claims: list[Claim] = CLAIMS, effort: Settings = DEFAULT) -> list[Any]:
    """Return the results of the claims with a cache in `folder`."""
    return list(run_claims(claims, effort, 1, Cache(folder)))


def entries(folder: Path) -> list[Path]:
    """Return the files in the folder of a cache."""
    return sorted(folder.iterdir())


def test_what_is_known_is_not_decided_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run decides nothing and yields the same results, times included."""
    first = run(tmp_path / "new" / "folder")
    decided = deciding(monkeypatch)
    second = run(tmp_path / "new" / "folder")
    assert second == first == [(c, decide_claim(c, DEFAULT)) for c in CLAIMS]
    assert not decided
    assert [v.seconds for _, v in second] == [v.seconds for _, v in first]


def test_a_claim_between_known_ones_is_decided_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known and new claims come in the order they were given; a new id is no new claim."""
    run(tmp_path, [CLAIMS[0], CLAIMS[2]])
    decided = deciding(monkeypatch)
    store = Cache(tmp_path)
    again = Claim("another", Ge(S(i), 0), expected="REFUTED")
    results = list(run_claims([*CLAIMS, again], DEFAULT, 1, store))
    assert [claim.id for claim, _ in results] == ["one", "two", "sign", "another"]
    assert decided == ["two"]
    assert store.hits == 3


@pytest.mark.parametrize(
    "effort",
    [Settings(seed=1), Settings(tries=61), Settings(points=31), Settings(digits=13)],
    ids=str,
)
def test_another_effort_is_another_question(effort: Settings) -> None:
    """Seed, tries, points and digits are part of the key."""
    store = Cache(Path("unused"))
    keys = {store.verdict_key(CLAIMS[0], one) for one in (effort, DEFAULT, Settings())}
    assert len(keys) == 2
    assert None not in keys


def test_another_version_is_another_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """The source, the versions of Python and of each library, and the format are in the key."""
    keys = [Cache(Path("unused")).verdict_key(CLAIMS[0], DEFAULT)]

    def key_with(target: object, name: str, value: object) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(target, name, value)
            keys.append(Cache(Path("unused")).verdict_key(CLAIMS[0], DEFAULT))

    code = versions.read_code()
    key_with(module, "read_code", lambda: replace(code, digest="0"))
    key_with(module, "FORMAT", module.FORMAT + 1)
    key_with(versions.platform, "python_version", lambda: "3.11.99")
    for changed in versions.DISTRIBUTIONS:
        known = versions.version

        def one_newer(name: str, changed: str = changed, known: Any = known) -> str:
            return "99" if name == changed else str(known(name))

        key_with(versions, "version", one_newer)
    assert len(set(keys)) == len(keys) == 4 + len(versions.DISTRIBUTIONS)


def test_any_edit_of_the_source_is_another_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed, added, renamed or moved file gives another digest; reading again the same one."""
    homes = tuple(tmp_path / name for name in ("a", "b"))
    for home in homes:
        (home / "inner").mkdir(parents=True)
        (home / "inner" / "f.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(versions, "_homes", lambda: homes)
    first = versions.read_code()
    assert versions.read_code() == first
    assert versions.is_current(first)
    file = homes[0] / "inner" / "f.py"
    file.write_text("x = 2\n", encoding="utf-8")
    digests = {first.digest, versions.read_code().digest}
    assert not versions.is_current(first)
    file.rename(homes[0] / "inner" / "g.py")
    digests.add(versions.read_code().digest)
    (homes[0] / "inner" / "g.py").rename(homes[0] / "g.py")
    digests.add(versions.read_code().digest)
    (homes[1] / "h.py").touch()
    digests.add(versions.read_code().digest)
    assert len(digests) == 5


def test_every_library_that_decides_is_in_the_key(modules: dict[str, Path]) -> None:
    """What decides claims imports from Python, from gradproof, or from one of the libraries.

    Exact twins and audits, which need frameworks, decide no claims: nothing that does imports them;
    the plugin does for its fixture, and the summary for what it tells of them.
    """
    telling = {"gradproof.checks.plugin", "gradproof.checks.summary"}
    aside = {"twins", "audits", "implementations", "stable"}
    of_interfaces = {"pytest"}
    names = {"python-flint": "flint", "z3-solver": "z3"}
    known = {names.get(name, name) for name in versions.DISTRIBUTIONS} | of_interfaces
    imported: set[str] = set()
    for name, file in modules.items():
        parts = name.split(".")
        if parts[1:2] not in (["symbolic"], ["numeric"], ["checks"]) or aside & set(parts):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).partition(".")[0])
            elif isinstance(node, ast.ImportFrom):
                reached = aside & set(str(node.module).split("."))
                assert not reached or name in telling, (name, reached)
    assert not imported - known - set(sys.stdlib_module_names)
    assert {"sympy", "mpmath", "flint", "hypothesis"} <= imported


def test_code_that_changes_meanwhile_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict of code that was edited while it ran is not kept."""
    monkeypatch.setattr(module, "is_current", lambda _: False)
    run(tmp_path)
    assert not entries(tmp_path)


def damaged(damage: str, whole: bytes, place: int, other: bytes) -> bytes:
    """Return what a damage makes of a file, `other` being the content of another one."""
    return {
        "cut": whole[:place],
        "flipped": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        "longer": whole + b" ",
        "no text": b"\xff" + whole,
        "exchanged": other,
        "headless": whole.partition(b"\n")[2],
    }[damage]


DAMAGES = ("cut", "flipped", "longer", "no text", "exchanged", "headless")


@pytest.mark.parametrize("place", [0.0, 0.3, 0.999])
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_a_damaged_file_counts_as_absent(
    tmp_path: Path, damage: str, number: int, place: float
) -> None:
    """Whatever is cut off, added, changed or exchanged: the claim is decided and kept anew."""
    expected = run(tmp_path)
    files = entries(tmp_path)
    whole, other = (file.read_bytes() for file in (files[number], files[number - 1]))
    files[number].write_bytes(damaged(damage, whole, int(place * len(whole)), other))
    for known in (len(CLAIMS) - 1, len(CLAIMS)):
        store = Cache(tmp_path)
        assert list(run_claims(CLAIMS, DEFAULT, 1, store)) == expected
        assert store.hits == known


def test_a_folder_in_place_of_a_file_is_no_error(tmp_path: Path) -> None:
    """What cannot be read or replaced is left alone, and the claim is decided each time."""
    expected = run(tmp_path)
    for file in entries(tmp_path):
        file.unlink()
        file.mkdir()
    assert run(tmp_path) == expected
    assert all(file.is_dir() for file in entries(tmp_path))


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path, place: str) -> None:
    """Where there can be no folder the claims are decided without a word."""
    (tmp_path / "file").touch()
    assert run(tmp_path / place) == list(run_claims(CLAIMS, DEFAULT))


def test_an_error_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk there is no entry and no draft, and the results are there."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    assert len(run(tmp_path)) == len(CLAIMS)
    assert not entries(tmp_path)


class Own(Function):  # type: ignore[misc]
    """A function of a user's own."""


def test_claims_that_cannot_be_read_whole_are_decided_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim about a function of the user's own is not kept."""
    claims = [Claim("own", Eq(Own(S(i)), Own(S(i))))]
    decided = deciding(monkeypatch)
    assert run(tmp_path, claims) == run(tmp_path, claims)
    assert decided == ["own", "own"]
    assert not entries(tmp_path)


def test_failures_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine failed, it is asked again the next time."""

    def conflict(*_: object) -> Verdict:
        raise EngineConflict("two paths agree", found="1 and 2", remedy="report this")

    monkeypatch.setattr(runner, "decide_claim", conflict)
    assert all(isinstance(result, Failure) for _, result in run(tmp_path))
    assert not entries(tmp_path)


@pytest.mark.parametrize("outcome", Outcome)
def test_what_hangs_on_time_is_not_kept(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict that leaves the claim open because time ran out is not kept; a settled one is."""
    verdict = Verdict(outcome, "s", "m", (FOUND, replace(FOUND, repeatable=False)))
    monkeypatch.setattr(runner, "decide_claim", lambda *_: verdict)
    settled = outcome in (Outcome.PROVED, Outcome.REFUTED, Outcome.UNDEFINED)
    assert is_repeatable(verdict) == settled
    run(tmp_path, CLAIMS[:1])
    assert bool(entries(tmp_path)) == settled


texts = st.text(st.characters(codec="utf-8"), max_size=8)
json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
pieces = st.builds(
    Evidence,
    texts,
    st.sampled_from(Finding),
    texts,
    texts,
    st.none() | st.dictionaries(texts, json_data, max_size=3),
    st.floats(0, 1e6),
    st.booleans(),
)
points = st.builds(
    lambda values, size: Point({z: values, i: size}),
    st.lists(st.fractions(), min_size=3, max_size=4),
    st.integers(1, 3),
)
examples = st.builds(
    Counterexample, points, texts, st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
)
verdicts = st.builds(
    Verdict,
    st.sampled_from(Outcome),
    texts,
    texts,
    st.lists(pieces, max_size=3).map(tuple),
    st.none() | examples,
    texts,
    st.floats(0, 1e6),
)


@given(verdicts)
def test_a_verdict_comes_back_as_it_was(verdict: Verdict) -> None:
    """Outcome, evidence, certificates, exact points and times are those that were written."""
    text = written_verdict(verdict, CLAIMS[2])
    if text is None:  # infinite floats are no JSON
        assert "inf" in repr(verdict)
        return
    back = read_verdict(text, CLAIMS[2])
    assert back == verdict
    assert repr(back) == repr(verdict)


@pytest.mark.parametrize(
    "certificate",
    [{"a": (1, 2)}, {1: "a"}, {"a": Fraction(1, 2)}, {"a": float("nan")}, {"a": 10**5000}],
    ids=["tuple", "key", "fraction", "nan", "long"],
)
def test_what_would_come_back_changed_has_no_data(certificate: Any) -> None:
    """A certificate that JSON would change, or cannot hold, keeps its verdict out of the cache."""
    verdict = Verdict(Outcome.PROVED, "s", "m", (replace(FOUND, certificate=certificate),))
    assert written_verdict(verdict, CLAIMS[0]) is None


def test_symbols_of_one_name_stay_apart() -> None:
    """A counterexample gives its values to the symbols themselves, not to names."""
    real, positive = scalar("c"), scalar("c", positive=True)
    claim = Claim("c", Le(exp(real), positive))
    point = Point({real: "-1/3", positive: 2})
    verdict = Verdict(Outcome.REFUTED, "s", "m", (), Counterexample(point, "f", ()))
    text = written_verdict(verdict, claim)
    assert text is not None
    back = read_verdict(text, claim)
    assert back is not None
    assert back.counterexample is not None
    assert (back.counterexample.point[real], back.counterexample.point[positive]) == (
        Fraction(-1, 3),
        Fraction(2),
    )


def test_a_point_of_other_symbols_is_not_kept() -> None:
    """A counterexample about symbols that the claim does not have has no data."""
    point = Point({Symbol("elsewhere", real=True): 1})
    verdict = Verdict(Outcome.REFUTED, "s", "m", (), Counterexample(point, "f", ()))
    assert written_verdict(verdict, CLAIMS[0]) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"outcome": "PROVED"}'])
def test_what_is_no_verdict_is_read_as_none(text: str) -> None:
    """Text that holds no verdict is no error."""
    assert read_verdict(text, CLAIMS[0]) is None


def test_data_of_another_shape_is_read_as_none() -> None:
    """A missing, an unknown or a wrong part makes the whole unusable."""
    text = written_verdict(decide_claim(CLAIMS[1], DEFAULT), CLAIMS[1])
    assert text is not None
    data = json.loads(text)
    broken = [{k: v for k, v in data.items() if k != name} for name in ("outcome", "evidence")]
    broken += [data | {"more": 1}, data | {"outcome": "TRUE"}, data | {"evidence": [1]}]
    broken += [data | {"counterexample": data["counterexample"] | {"point": [["0", "1"]]}}]
    for one in broken:
        assert read_verdict(json.dumps(one), CLAIMS[1]) is None


@pytest.mark.slow
def test_the_catalogue_comes_back_as_it_was(tmp_path: Path) -> None:
    """A verdict of the catalogue is kept, and equals what is decided without a cache.

    One claim in five, of every module of the catalogue; all of them take too long here.
    """
    claims = catalogue()[::5]
    store = Cache(tmp_path)
    cold = list(run_claims(claims, DEFAULT, 2, store))
    assert not store.hits
    open_by_time = [c.id for c, v in cold if isinstance(v, Verdict) and not is_repeatable(v)]
    store = Cache(tmp_path)
    warm = list(run_claims(claims, DEFAULT, 2, store))
    assert warm == cold
    assert store.hits == len(cold) - len(open_by_time)


def test_the_folder_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit what was not used for the longest time goes; files of others never do."""
    run(tmp_path)
    first, second, third = entries(tmp_path)
    other = tmp_path / "other.json"
    other.write_text("x" * 10000, encoding="utf-8")
    now = time.time()
    for age, file in enumerate((second, first, third)):
        os.utime(file, (now - 10 * age - 9, now - 10 * age - 9))
    new = Claim("new", Le(S(i), 1))
    size = sum(file.stat().st_size for file in (first, second, third))
    monkeypatch.setattr(module, "LIMIT", size)
    store = Cache(tmp_path)
    list(run_claims([*CLAIMS, new], DEFAULT, 1, store))
    assert other.exists()
    assert not third.exists()
    assert second.exists()


def test_using_a_verdict_keeps_it_young(tmp_path: Path) -> None:
    """A file that is read is marked as used."""
    run(tmp_path)
    for file in entries(tmp_path):
        os.utime(file, (0, 0))
    run(tmp_path)
    assert all(file.stat().st_mtime > time.time() - 3600 for file in entries(tmp_path))


def test_drafts_of_killed_processes_go(tmp_path: Path) -> None:
    """An old draft is removed by the next run that keeps something; a fresh one may be in use."""
    for name, used in ((".draft-old", 0.0), (".draft-new", time.time())):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (used, used))
    run(tmp_path)
    assert [file.name for file in entries(tmp_path) if file.suffix != ".json"] == [".draft-new"]


def test_the_folder_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME counts if it is absolute; each system has a place of its own."""
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_folder() == tmp_path / "xdg" / "gradproof"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder() == tmp_path / ".cache" / "gradproof"
    monkeypatch.setattr(module.sys, "platform", "darwin")
    assert default_folder() == tmp_path / "Library" / "Caches" / "gradproof"
    monkeypatch.setattr(module.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert default_folder() == tmp_path / "gradproof" / "Cache"
    monkeypatch.delenv("LOCALAPPDATA")
    assert default_folder() is None


def test_without_a_home_there_is_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system knows no home there is no cache, and no error."""

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert default_folder() is None

"""``dfsrt doctor`` tells what is there, what is missing, and how to mend it."""

from __future__ import annotations

import json
import shutil
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from dfsrt.base import extras
from dfsrt.base.errors import InputError
from dfsrt.base.extras import EXTRAS, need
from dfsrt.base.keep import Keep
from dfsrt.base.shelf import find_entry
from dfsrt.base.version import __version__
from dfsrt.report.installation import kept, look_over
from dfsrt.report.installation.packages import packages
from tests.base.test_imports import HEAVY, loaded_after

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FOR_DEVELOPERS = {"dev", "test", "sd2-oracle"}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder of the cache, that doctor looks at."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "dfsrt"


def test_it_tells_versions_parts_cache_and_code_as_a_table_and_as_json(dfsrt):
    done = dfsrt("doctor", "--json", "out.json")
    assert (done.returncode, done.stderr) == (0, "")
    for text in (
        f"dfsrt {__version__}",
        "Python 3.",
        "numpy",
        metadata.version("numpy"),
        "tune",
        "no problems",
    ):
        assert text in done.stdout
    report = json.loads(dfsrt("doctor", "--json", "-").stdout)
    assert {part["name"] for part in report["parts"]} == set(EXTRAS)
    assert report["problems"] == []


def test_it_loads_nothing_heavy():
    assert not loaded_after("import dfsrt.cli.doctor as d; d.doctor()") & {
        *HEAVY,
        *extras_packages(),
    }


def extras_packages():
    return {package for extra in EXTRAS.values() for package in extra.packages.values()}


def test_every_extra_that_is_not_for_developers_says_what_it_is_for():
    optional = set(PROJECT["optional-dependencies"]) - FOR_DEVELOPERS
    assert optional <= set(EXTRAS)
    for name in optional:
        assert EXTRAS[name].what_for
        assert EXTRAS[name].install == f"pip install 'dfsrt[{name}]'"


def test_a_part_that_is_missing_is_named_with_the_command_that_brings_it(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "cmaes" else object())
    (tune,) = [part for part in look_over().parts if part.name == "tune"]
    assert (tune.missing, tune.install) == (["cmaes"], "pip install 'dfsrt[tune]'")
    with pytest.raises(
        InputError, match=r"^cmaes not installed; run: pip install 'dfsrt\[tune\]'$"
    ):
        need("tune")


def test_a_package_that_is_missing_is_a_problem(monkeypatch):
    known = metadata.version

    def version(name):
        if name == "scipy":
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)
    assert look_over().problems == ["scipy not installed; run: pip install scipy"]


@pytest.mark.parametrize(
    ("system", "machine", "needed"),
    [
        ("linux", "x86_64", False),
        ("linux", "aarch64", True),
        ("darwin", "x86_64", True),
        ("darwin", "arm64", True),
    ],
)
def test_a_package_that_another_machine_needs_is_none_of_this_ones(
    monkeypatch, system, machine, needed
):
    (numba,) = [line for line in PROJECT["dependencies"] if line.startswith("numba")]
    lines = [numba, "numba<0.70; extra == 'compile'", "numpy<3,>=2.0"]
    monkeypatch.setattr(metadata, "requires", lambda _name: lines)
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    names = [package.name for package in packages()]
    assert names == (["numba", "numpy"] if needed else ["numpy"])


def test_a_cache_that_is_not_there_is_not_made(cache):
    state = look_over().cache
    assert (state.exists, state.unusable, state.files) == (False, "", 0)
    assert not cache.exists()


def test_a_cache_is_measured_and_its_damaged_files_are_named_and_left(cache):
    Keep("fits", 10_000).put("a", value=b"x" * 100)
    (file,) = (cache / "fits").iterdir()
    report = look_over()
    assert report.problems == []
    assert report.cache.size_bytes == sum(p.stat().st_size for p in cache.rglob("*") if p.is_file())
    file.write_bytes(file.read_bytes()[:-1] + b"y")
    report = look_over()
    assert report.cache.damaged == [f"fits/{file.name}"]
    assert "1 damaged files" in report.problems[0]
    assert file.exists()


def test_a_cache_that_others_may_write_to_is_a_problem_with_a_way_out(cache, dfsrt):
    cache.mkdir(mode=0o700)
    cache.chmod(0o777)
    (problem,) = look_over().problems
    assert "other users may write to it" in problem
    assert "XDG_CACHE_HOME" in problem
    done = dfsrt("doctor")
    assert done.returncode == 1
    assert problem in " ".join(done.stdout.split())


def test_shipped_code_that_was_changed_is_a_problem(tmp_path, monkeypatch):
    folder = find_entry("machinecode", "linux-x86_64")
    shutil.copytree(folder, tmp_path / "code")
    monkeypatch.setattr(kept, "find_entry", lambda _shelf, _name: tmp_path / "code")
    assert kept.machine_code().damaged == []
    with (tmp_path / "code" / "advance.so").open("ab") as file:
        file.write(b"more")
    assert kept.machine_code().damaged == ["dfsrt.run.advance.advance"]
    monkeypatch.setattr(kept, "find_entry", lambda _shelf, _name: None)
    assert kept.machine_code().functions == 0

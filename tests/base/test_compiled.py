"""Compiled functions give what the plain ones give, with and without a place to cache in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dfsrt
from dfsrt.base.compiled import FOLDERS

PROBE = """
from dfsrt.base.compiled import compiled
from dfsrt.device import rules

def total(n):
    s = 0.0
    for i in range(n):
        s += rules.ramp_ns(i, 2 * i, 3.0)
    return s
"""
RUN = (
    "import probe; print(probe.compiled(probe.total, (probe.rules.ramp_ns,))(10), probe.total(10))"
)


def run(folder: Path, probe: str = PROBE, **env: str) -> str:
    (folder / "probe.py").write_text(probe)
    return subprocess.run(
        [sys.executable, "-c", RUN],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "NUMBA_CACHE_DIR": "", **env},
    ).stdout


def test_a_compiled_function_gives_what_the_plain_one_gives_and_is_cached(tmp_path):
    cache = tmp_path / "cache"
    assert len(set(run(tmp_path, XDG_CACHE_HOME=str(cache)).split())) == 1
    assert len(list(cache.rglob("*.nbc"))) == 1


def test_a_change_in_the_source_is_not_served_from_the_cache(tmp_path):
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    run(tmp_path, **cache)
    changed = PROBE.replace("2 * i", "3 * i")
    assert len(set(run(tmp_path, changed, **cache).split())) == 1


def test_without_a_folder_to_cache_in_it_still_runs_and_caches_nowhere_else(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    env = {"XDG_CACHE_HOME": str(nowhere), "HOME": str(nowhere)}
    assert len(set(run(tmp_path, **env).split())) == 1
    # numba would cache beside the source, blind to changes in helpers of other files.
    assert list(tmp_path.rglob("*.nb[ci]")) == []


KERNEL = """
from dfsrt.base.constants import STEP

def total(n):
    s = 0.0
    for i in range(n):
        s += STEP
    return s
"""
TOTAL = "from dfsrt.base.compiled import compiled; from dfsrt.base.kernel import total; "


@pytest.fixture
def package(tmp_path):
    """A copy of the package with a kernel that takes a constant from a third module."""
    copy = tmp_path / "package" / "dfsrt"
    shutil.copytree(Path(dfsrt.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "base" / "kernel.py").write_text(KERNEL)
    (copy / "base" / "constants.py").write_text("STEP = 2.0")
    return copy


def total_of(package: Path, before: str = "pass") -> float:
    """What the kernel of the copied package gives for ten, after the statement ``before``."""
    python = [sys.executable, "-c", f"{TOTAL}{before}; print(compiled(total)(10))"]
    place = {"PYTHONPATH": str(package.parent), "XDG_CACHE_HOME": str(package.parents[1])}
    env = {**os.environ, "NUMBA_CACHE_DIR": "", **place}
    out = subprocess.run(python, capture_output=True, text=True, check=True, env=env, cwd="/")
    return float(out.stdout)


def machine_code(package: Path) -> set[Path]:
    return set((package.parents[1] / "dfsrt").rglob("*.nbc"))


def test_a_constant_that_changes_in_a_third_module_leaves_no_stale_machine_code(package):
    assert total_of(package) == 20
    assert len(machine_code(package)) == 1
    (package / "base" / "constants.py").write_text("STEP = 3.25")
    assert total_of(package) == 32.5
    assert len(machine_code(package)) == 2


def test_machine_code_is_found_again_and_a_file_that_says_the_same_does_not_change_it(package):
    total_of(package)
    before = machine_code(package)
    assert total_of(package) == 20
    (package / "base" / "constants.py").touch()
    assert total_of(package) == 20
    assert machine_code(package) == before


@pytest.mark.deep
def test_a_process_whose_sources_changed_under_it_leaves_no_machine_code_behind(package):
    constants = package / "base" / "constants.py"
    change = f"import pathlib; pathlib.Path({str(constants)!r}).write_text('STEP = 3.25')"
    assert total_of(package, before=change) == 20
    assert machine_code(package) == set()
    assert total_of(package) == 32.5


def test_folders_of_machine_code_used_longest_ago_are_removed_and_nothing_else(package):
    root = package.parents[1] / "dfsrt"
    for age in range(2 * FOLDERS):
        (root / f"{age:016x}").mkdir(parents=True)
        os.utime(root / f"{age:016x}", (1e9 - age, 1e9 - age))
    (root / "notes").mkdir()
    total_of(package)
    left = {folder.name for folder in root.iterdir() if folder.is_dir()}
    assert left >= {"notes", *(f"{age:016x}" for age in range(FOLDERS - 1))}
    assert len(left) == FOLDERS + 1


def damage_nothing_left(path):
    path.write_bytes(b"")


def damage_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage_one_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 4
    path.write_bytes(bytes(content))


def damage_other_content(path):
    path.write_bytes(b"dfsrt\n" * 100)


def damage_pipe(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.deep
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize(
    "damage",
    [damage_nothing_left, damage_half, damage_one_bit, damage_other_content, damage_pipe],
)
def test_damaged_machine_code_is_made_anew_and_heals(package, suffix, damage):
    assert total_of(package) == 20
    (path,) = (package.parents[1] / "dfsrt").rglob(f"*.{suffix}")
    whole = path.read_bytes()
    damage(path)
    assert total_of(package) == 20
    assert path.is_file() and len(path.read_bytes()) >= len(whole) // 2
    before = path.stat().st_mtime_ns
    assert total_of(package) == 20
    assert path.stat().st_mtime_ns == before  # read, not written


def test_machine_code_in_a_folder_of_another_user_is_not_run(package):
    assert total_of(package) == 20
    root = package.parents[1] / "dfsrt"
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    assert total_of(package, before="import os; os.geteuid = lambda: 12345") == 20
    assert before == {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


HAS = (
    "from dfsrt.base.compiled import compiled, has_machine_code; "
    "from dfsrt.base.kernel import total"
)


def ask(package: Path, *statements: str) -> str:
    """What statements print in a process of their own, with its standard error after it."""
    place = {"PYTHONPATH": str(package.parent), "XDG_CACHE_HOME": str(package.parents[1])}
    env = {**os.environ, "NUMBA_CACHE_DIR": "", **place}
    python = [sys.executable, "-c", "; ".join(statements)]
    done = subprocess.run(python, capture_output=True, text=True, check=True, env=env, cwd="/")
    return done.stdout + done.stderr


def test_whether_there_is_machine_code_is_told_without_numba(package):
    asked = (HAS, "import sys", "print(has_machine_code(total), 'numba' in sys.modules)")
    assert ask(package, *asked) == "False False\n"
    ask(package, HAS, "compiled(total)(10)")
    assert ask(package, *asked) == "True False\n"
    (package / "base" / "constants.py").write_text("STEP = 3.25")
    assert ask(package, *asked) == "False False\n"


def test_what_takes_long_to_compile_is_said_once(package):
    run = (HAS, "compiled(total, what='a sum, about 1 s')(10)")
    root = package.parents[1] / "dfsrt"
    said = f"dfsrt: compiling a sum, about 1 s; once, the machine code is kept in {root}\n"
    assert ask(package, *run) == said
    assert ask(package, *run) == ""


def test_where_nothing_can_be_kept_that_is_said(package):
    found = ask(
        package, "import os", "os.environ['XDG_CACHE_HOME'] = '/dev/null'", HAS,
        "compiled(total, what='a sum, about 1 s')(10)",
    )  # fmt: skip
    assert found == (
        "dfsrt: compiling a sum, about 1 s; again in each process, for /dev/null/dfsrt cannot be "
        "used: Not a directory\n"
    )


FAILING = """
def part(n):
    if n > 5:
        raise ValueError("too many")
    return 10 // n

def total(n):
    return part(n) + 1
"""


TELL = """
for n in (2, 0, 9):
    try:
        print(made(n))
    except (ValueError, ZeroDivisionError) as error:
        print(type(error).__name__)
"""


def test_errors_in_a_helper_come_through_fresh_and_from_disk(package):
    (package / "base" / "kernel.py").write_text(FAILING)
    for _ in range(2):  # compiled, then read from disk
        found = ask(package, HAS, "made = compiled(total)", f"exec({TELL!r})")
        assert found == "6\nZeroDivisionError\nValueError\n"

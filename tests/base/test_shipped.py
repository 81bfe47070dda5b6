"""Machine code that is shipped: of these sources, or not taken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base import shipped as shelf
from dfsrt.base.compiled import compiled, made_here
from dfsrt.base.reading import file_digest
from dfsrt.base.shipped import Library, Shipped, name_of, shipped, sources_digest, this_platform
from dfsrt.run.advance import advance
from dfsrt.run.energy import fill_moments
from dfsrt.run.lanes import advance_lanes
from dfsrt.run.ticking import advance_in_world
from tests.helpers.unshipped import without_machine_code

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "machinecode" / this_platform()
FUNCTIONS = (advance, advance_in_world, advance_lanes, fill_moments)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="nothing is shipped for this platform")


def card():
    return tomllib.loads((FOLDER / "card.toml").read_text())


@pytest.mark.parametrize("function", FUNCTIONS, ids=name_of)
def test_what_is_shipped_is_of_these_sources(function):
    made_of = card()["function"][name_of(function)]["sources"]
    assert made_of == sources_digest(function), "make it anew: make machinecode"


def test_all_that_is_shipped_is_a_function_that_is_compiled():
    assert set(card()["function"]) == {name_of(function) for function in FUNCTIONS}
    files = {entry["file"] for entry in card()["function"].values()}
    assert files == {path.name for path in FOLDER.glob("*.so")}


times_ns = st.integers(0, 10**9)


@given(st.lists(st.tuples(*[times_ns] * 3, *[times_ns] * 2, *[st.integers(1, 10**6)] * 2)))
def test_shipped_code_gives_what_plain_python_gives_to_the_last_bit(rows):
    table = np.array(rows, dtype=np.int64).reshape(-1, 7)
    times = np.sort(table[:, :3], axis=1)
    ramps = np.concatenate([np.sort(table[:, 3:5], axis=1), table[:, 5:]], axis=1)
    exponents = np.array([2.0, 1.0, 3.3])
    results = []
    for function in (fill_moments, compiled(fill_moments, allocates=False)):
        means, uv = np.zeros((2, len(table), 3)), np.zeros(len(table))
        function(means, uv, exponents, times, ramps)
        results.append(means.tobytes() + uv.tobytes())
    assert results[0] == results[1]


def test_other_arguments_than_it_was_made_for_go_to_code_that_is_made_here():
    library = Library("f.so", lambda words: pytest.fail("called"), ("int", "float"))
    function = Shipped(library, lambda: lambda *given: ("made here", *given))
    assert function(1, 2) == ("made here", 1, 2)
    assert function(1) == ("made here", 1)


def test_arguments_are_laid_out_anew_where_they_change():
    seen = []
    library = Library("f.so", lambda words: seen.append(list(words)) or 0, ("int", "dense1 <i8"))
    function = Shipped(library, lambda: pytest.fail)
    one, other = np.zeros(2, dtype=np.int64), np.zeros(3, dtype=np.int64)
    for argument in (one, one, other):
        function(5, argument)
    assert seen[0] == seen[1] == [0, 5, 0, 0, 2, 8, one.ctypes.data, 2, 8]
    assert seen[2] == [0, 5, 0, 0, 3, 8, other.ctypes.data, 3, 8]


def test_a_status_that_says_that_something_was_raised_is_an_error():
    function = Shipped(Library("f.so", lambda words: 1, ("int",)), lambda: pytest.fail)
    with pytest.raises(ArithmeticError, match="ended with status 1"):
        function(1)


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of what is shipped, which is looked at instead."""
    folder = tmp_path / FOLDER.name
    shutil.copytree(FOLDER, folder)
    monkeypatch.setattr(shelf, "find_entry", lambda shelf, name: folder)
    shipped.cache_clear()
    yield folder
    shipped.cache_clear()


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(bytes(content))


def cut(path):
    path.write_bytes(path.read_bytes()[:100])


def no_library(path):
    path.write_bytes(b"dfsrt\n" * 100)


@pytest.mark.parametrize("damage", [flip, cut, no_library, Path.unlink])
def test_a_damaged_library_is_not_loaded_and_its_function_is_made_here(copy, damage):
    assert shipped(fill_moments) is not None
    shipped.cache_clear()
    damage(copy / "fill_moments.so")
    assert shipped(fill_moments) is None
    assert compiled(fill_moments, allocates=False) is made_here(fill_moments, (), (), False, "")
    assert shipped(advance) is not None


@pytest.mark.parametrize("damage", [flip, cut, no_library, Path.unlink])
def test_without_a_card_that_can_be_read_nothing_is_taken(copy, damage):
    damage(copy / "card.toml")
    if damage is not flip:
        assert shipped(fill_moments) is None
    assert shipped(flip) is None


def test_a_library_that_cannot_be_loaded_is_none(copy):
    (copy / "fill_moments.so").write_bytes(b"no library")
    card = (copy / "card.toml").read_text()
    digest = tomllib.loads(card)["function"][name_of(fill_moments)]["library"]
    other = file_digest(copy / "fill_moments.so")
    (copy / "card.toml").write_text(card.replace(digest, other))
    assert shipped(fill_moments) is None


@pytest.fixture
def house(tmp_path):
    """A copy of the package with its shelves, to change sources in."""
    copy = without_machine_code(tmp_path)
    (copy / "machinecode").symlink_to(ROOT / "machinecode")
    return copy


TAKEN = (
    "from dfsrt.base.shipped import shipped; from dfsrt.run.ticking import advance_in_world as f; "
    "print(shipped(f) is not None)"
)


def python(house, code):
    env = {**os.environ, "PYTHONPATH": str(house)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env, cwd="/"
    )
    return done.stdout.strip()


def test_a_changed_source_or_constant_leaves_what_was_made_of_another_on_the_shelf(house):
    assert python(house, TAKEN) == "True"
    for file, before, after in (
        ("world/limits.py", "Let a cool zone forget", "Let a zone that is cool forget"),
        ("power/components.py", "Component(\"clock\", Domain.NPU, on_die=True)",
         "Component(\"clock\", Domain.NPU, on_die=False)"),
    ):  # fmt: skip
        path = house / "dfsrt" / file
        source = path.read_text()
        assert before in source
        path.write_text(source.replace(before, after))
        assert python(house, TAKEN) == "False"
        path.write_text(source)
    assert python(house, TAKEN) == "True"


def test_a_life_in_shipped_machine_code_needs_no_numba():
    code = (
        "import sys, dfsrt; dfsrt.run('voice-glasses', until='5 s', step='kernel'); "
        "print('numba' in sys.modules, 'llvmlite' in sys.modules)"
    )
    assert python(ROOT, code) == "False False"


def same_compiler():
    import llvmlite
    import numba

    made = card()
    versions = (made["numba"], made["llvmlite"]) == (numba.__version__, llvmlite.__version__)
    return versions and shutil.which("cc") is not None


@pytest.mark.deep
@pytest.mark.slow
def test_made_again_it_has_the_same_bytes(tmp_path):
    if not same_compiler():
        pytest.skip("made by another version, or there is nothing to link with")
    some = "m.RUNS = m.RUNS[::2]; m.make_all(sys.argv[1])"
    again = f"import sys; from machinecode import __main__ as m; {some}"
    subprocess.run([sys.executable, "-c", again, str(tmp_path)], check=True, cwd=ROOT)
    paths = list(tmp_path.glob("*.so"))
    assert len(paths) == 2  # the loop in a world holds the functions of the one without
    for path in paths:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()

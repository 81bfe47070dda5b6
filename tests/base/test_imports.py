"""What is imported when: the command line must start fast."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature

import pytest

from dfsrt.cli.commands import make_app

HEAVY = (
    "numpy",
    "onnx",
    "onnxruntime",
    "sklearn",
    "scipy",
    "matplotlib",
    "pyarrow",
    "simpy",
    "numba",
)


def loaded_after(code: str) -> set[str]:
    probe = f"{code}\nimport sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("name", ["dfsrt", "dfsrt.cli.program", "dfsrt.network"])
def test_nothing_heavy_is_imported_before_it_is_needed(name):
    assert not loaded_after(f"import {name}") & set(HEAVY)


def test_the_entry_point_listens_for_ctrl_c_before_it_imports_the_command_line():
    loaded = {name for name in loaded_after("import dfsrt.cli.main") if name.startswith("dfsrt")}
    assert "typer" not in loaded_after("import dfsrt.cli.main")
    assert loaded - set(loaded_after("import dfsrt")) == {
        *("dfsrt.cli", "dfsrt.cli.main", "dfsrt.cli.stopping")
    }


def test_a_command_imports_itself_and_no_other_command():
    loaded = loaded_after("from dfsrt.cli.commands import make_app; make_app(['run', 'x'])")
    assert "dfsrt.cli.verbs" in loaded
    assert not loaded & {"dfsrt.cli.tune", "dfsrt.cli.device", "dfsrt.network"}


@pytest.mark.parametrize("word", ["run", "device"])
def test_what_is_said_of_a_command_is_the_same_alone_and_among_all(word):
    from typer.main import get_command

    def told(words):
        whole = get_command(make_app(words))
        with whole.make_context("dfsrt", [word], resilient_parsing=True) as context:
            return whole.get_command(context, word).get_help(context)

    assert told([word, "x"]) == told(None)


def test_a_run_on_a_preset_needs_neither_scikit_learn_nor_matplotlib():
    loaded = loaded_after("import dfsrt; dfsrt.run('alexnet', frames=1)")
    assert not loaded & {"sklearn", "skl2onnx", "matplotlib", "pyarrow"}


def test_every_public_name_is_there():
    import dfsrt

    for name in dfsrt.__all__:
        assert getattr(dfsrt, name) is not None
    with pytest.raises(AttributeError):
        dfsrt.no_such_name  # noqa: B018


def test_a_notebook_completes_every_public_name_and_the_keywords_of_calls():
    import dfsrt

    assert set(dfsrt.__all__) <= set(dir(dfsrt))
    assert "governor" in signature(dfsrt.run).parameters
    assert "steps" in signature(dfsrt.optimize).parameters
    assert "help(dfsrt.report.api.run)" in dfsrt.run.__doc__


def test_the_help_of_all_commands_imports_none_of_them():
    loaded = loaded_after("from dfsrt.cli.commands import make_app; make_app(['--help'])")
    assert not loaded & {"dfsrt.cli.verbs", "dfsrt.cli.device", "dfsrt.network"}

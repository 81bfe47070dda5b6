"""The first run on a machine says what the second one says, and what plain Python says."""

from __future__ import annotations

import os

import pytest

from tests.helpers.unshipped import without_machine_code

COMMANDS = [
    ("run", "squeezenet", "--json", "-"),
    ("run", "infinite-zoom:steps=2:image=64", "-n", "2", "--json", "-"),
    ("replay", "voice-assistant", "--json", "-"),
    ("battery", "voice-glasses", "--until", "20 s", "--json", "-"),
]


@pytest.mark.deep
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_cold_and_warm_runs_give_the_same_bytes(dfsrt, tmp_path, command):
    env = {**os.environ, "NUMBA_CACHE_DIR": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    cold, warm = dfsrt(*command, env=env), dfsrt(*command, env=env)
    assert cold.returncode == 0, cold.stderr
    assert warm.stdout == cold.stdout
    assert warm.stderr == ""
    assert all(line.startswith("dfsrt: ") for line in cold.stderr.splitlines())
    env["XDG_CACHE_HOME"] = "/dev/null"
    assert dfsrt(*command, env=env).stdout == cold.stdout


@pytest.mark.deep
@pytest.mark.slow
def test_machine_code_and_plain_python_give_the_same_bytes(dfsrt, tmp_path):
    """Shipped, made here, made before, and none: of a replay; a recipe makes the one in a world."""
    command = COMMANDS[-2]
    env = {**os.environ, "NUMBA_CACHE_DIR": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    alone = {**env, "PYTHONPATH": str(without_machine_code(tmp_path / "alone"))}
    shipped = dfsrt(*command, "--step", "kernel", env=env)
    steps = ("kernel", "kernel", "layer")
    runs = [shipped, *(dfsrt(*command, "--step", step, env=alone) for step in steps)]
    assert [run.returncode for run in runs] == [0] * 4, runs[1].stderr
    assert len({run.stdout for run in runs}) == 1
    assert "compiling the loop" in runs[1].stderr
    assert [run.stderr for run in (runs[0], *runs[2:])] == ["", "", ""]

"""What a shell completes, asked as a shell asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dfsrt.cli.names import NAMES, completed, names_of
from dfsrt.device.load import device_names
from dfsrt.governor.registry import governor_names
from tests.helpers.cli import DFSRT

IN_BASH = """
eval "$(dfsrt completion bash)"
while read -r line; do
    read -ra COMP_WORDS <<< "$line"
    [[ "$line" == *_ ]] && COMP_WORDS[-1]=""
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _dfsrt_completion dfsrt
    echo "${COMPREPLY[*]}"
done
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_commands_options_and_names():
    lines = {
        "dfsrt comple": "completion",
        "dfsrt run squeezenet --governo": "--governor --governors",
        "dfsrt --quiet battery camera": "camera-detection-phone",
        "dfsrt compare squeezenet -g dfs,dv": "dfs,dvfs",
        "dfsrt list _": "",
    }
    environment = {**os.environ, "PATH": f"{Path(DFSRT).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", IN_BASH],
        input="\n".join([*lines, ""]),
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.stderr == ""
    answers = done.stdout.splitlines()
    assert answers[:-1] == list(lines.values())[:-1]
    assert answers[-1].split()[:3] == ["networks", "pipelines", "traces"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_every_shell_has_a_script_that_asks_dfsrt(dfsrt, shell):
    done = dfsrt("completion", shell)
    assert done.returncode == 0
    assert f"complete_{shell}" in done.stdout


def test_without_a_word_it_is_the_users_shell(dfsrt, monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "complete_fish" in dfsrt("completion").stdout
    monkeypatch.setenv("SHELL", "/bin/csh")
    done = dfsrt("completion")
    assert done.returncode == 2
    assert "name one: bash, zsh, fish" in done.stderr


def test_an_unknown_shell_is_told_the_nearest(dfsrt):
    assert "did you mean 'bash'?" in dfsrt("completion", "bsh").stderr


def test_names_are_those_there_are_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert names_of("device") == list(device_names())
    monkeypatch.setattr("dfsrt.device.load.device_names", lambda: ["other"])
    assert "other" not in names_of("device")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])  # a package was installed
    assert names_of("device") == ["other"]


@pytest.mark.parametrize("kind", NAMES)
def test_there_are_names_of_every_kind(kind):
    assert names_of(kind)


def test_the_last_of_several_names_is_completed():
    assert completed("governor")("dfs,pow") == ["dfs,powersave"]
    assert set(completed("device", "governor")("")) == {*device_names(), *governor_names()}

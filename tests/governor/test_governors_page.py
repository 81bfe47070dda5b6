"""The example of a governor of one's own in docs/governors.md is real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dfsrt.base.plugin import parameters
from dfsrt.governor import make_governor
from docs.governors import own_commands, own_files, own_output

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "governors.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    for name, text in own_files(PAGE).items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_page_has_a_governor_a_study_and_a_test():
    assert list(own_files(PAGE)) == ["blocks.py", "blocks.toml", "test_blocks.py"]
    assert own_commands(PAGE)


@pytest.mark.deep
@pytest.mark.parametrize(("command", "shown"), own_commands(PAGE).items())
def test_the_output_shown_is_the_output_you_get(command, shown, tmp_path):
    assert own_output(PAGE, command, tmp_path) == shown
    assert shown.strip()


def test_its_study_leaves_a_governor_that_is_taken(dfsrt, folder):
    done = dfsrt("tune", "blocks.toml", "-w", 1)
    assert done.returncode == 0, done.stderr
    assert (folder / "blocks" / "blocks.py").read_text() == own_files(PAGE)["blocks.py"]
    run = dfsrt("run", "squeezenet", "-n", 1, "-g", "blocks/governor.toml")
    assert "governor blocks/blocks.py:Blocks" in run.stdout, run.stderr


def test_its_test_passes(folder):
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_blocks.py"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


def test_its_parameter_says_what_it_is_for(folder):
    governor = type(make_governor(f"{folder}/blocks.py:Blocks"))
    assert parameters(governor) == {"length": "layers in a block"}

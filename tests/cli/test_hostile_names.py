"""Names that no system looks for: too long, or links to themselves; in this process, so cheap."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import DfsrtError
from dfsrt.base.plugin.module import module_in_file
from dfsrt.cli.program import run_program


class Undisturbed:
    number = None


def refused(capsys, *words):
    """What the command line says of ``words``, in its one line."""
    assert run_program([str(word) for word in words], Undisturbed()) == 2
    said = capsys.readouterr()
    assert not said.out and said.err.count("\n") == 1 and said.err.startswith("dfsrt: ")
    return said.err


@pytest.mark.parametrize("name", ["x" * 300, "a/" * 3000 + "b.toml"])
@pytest.mark.parametrize(
    "words",
    [
        ["run", "@"],
        ["layers", "@"],
        ["predict", "digits", "--power-model", "@"],
        ["run", "digits", "--device", "@"],
        ["trace", "show", "@"],
        ["import", "@"],
        ["network", "check", "@"],
        ["tune", "@"],
        ["train", "@", "-o", "model"],
        ["device", "show", "@"],
        ["models", "show", "@"],
        ["battery", "run", "@"],
        ["activity", "digits", "--inputs", "@", "-o", "-"],
        ["optimize", "model", "digits", "--steps", "int8", "-o", "@"],
        ["device", "new", "-o", "@"],
        ["device", "check", "@"],
        ["run", "digits", "--cycles", "scalesim:@"],
        ["optimize", "model", "digits", "--steps", "int8", "--data", "@"],
    ],
)
def test_a_name_that_is_too_long_is_told_in_one_line(words, name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = refused(capsys, *(word.replace("@", name) for word in words))
    assert len(said) < 3200
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["run", "@.toml"],
        ["run", "digits", "--governor", "@.py:Own"],
        ["device", "new", "-o", "@.toml"],
        ["trace", "generate", "periodic", "-w", "digits", "-o", "@.toml"],
        ["trace", "import", "@.csv", "-w", "llm:llama-3.2-1b", "-o", "@.toml"],
        ["capture", "digits", "-o", "@.toml"],
        ["tune", "@.toml"],
        ["sweep", "@.toml"],
        ["import", "@.json"],
        ["train", "@.csv", "-o", "@-model"],
    ],
)
def test_a_link_to_itself_is_told_in_one_line(words, capsys, tmp_path):
    for end in ("toml", "py", "csv", "json"):
        (tmp_path / f"loop.{end}").symlink_to(f"loop.{end}")
    refused(capsys, *(word.replace("@", str(tmp_path / "loop")) for word in words))


def test_code_behind_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "own.py").symlink_to("own.py")
    with pytest.raises(DfsrtError, match="symbolic links"):
        module_in_file(str(tmp_path / "own.py"), "governor file")

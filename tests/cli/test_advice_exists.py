"""What a message advises is there, in the command that says it: read from the source."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

import dfsrt
from dfsrt.cli.commands import make_app
from dfsrt.cli.listing import _LISTS
from dfsrt.cli.table import COMMANDS, GROUPS

PACKAGE = Path(dfsrt.__file__).parent
PROJECT = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]

SAID_BY = {
    "capture/": ["capture"],
    "report/bound/": ["run", "compare"],
    "report/cap_notes": ["run", "compare", "replay", "battery run"],
    "report/device_check": ["device check"],
    "report/idle_notes": ["run", "compare", "replay"],
    "report/memory/": ["memory network"],
    "report/network_check": ["network check", "run"],
    "report/network_read": ["run"],
    "report/optimize/": ["optimize model"],
    "power/measure/": ["measure"],
    "run/": ["run"],
    "study/budget/": ["budget"],
    "study/calibration/": ["device calibrate"],
    "study/forecast": ["predict"],
    "study/frontier": ["frontier"],
    "study/journal": ["tune", "sweep"],
    "study/layers/": ["optimize search"],
    "study/levers/": ["levers"],
    "study/period": ["frontier"],
    "study/pool": ["tune", "sweep", "levers", "budget", "optimize search", "run"],
    "study/sampling": ["run", "battery run"],
    "study/sweep/": ["sweep"],
    "trace/requests/": ["trace import"],
}
"""The commands that give the messages of modules which are not of the command line."""
NOT_OURS = {
    "--force-reinstall": "pip's",
    "--no-deps": "pip's",
    "--verbose-performance": "Vela's",
}
ELSEWHERE = {
    ("capture/report.py", "--layer-times"): "of run, which takes what this command writes",
    ("cli/activity.py", "--activity"): "of run, which takes what this command writes",
    ("cli/live_govern.py", "--yes"): "of govern, which is named beside it",
    ("cli/models.py", "--one-in"): "of check, in a file with show and list, which have it not",
    ("cli/network.py", "--dim"): "of run: sizes of a file are set where it runs",
    ("cli/optimize_search.py", "--steps"): "of run and optimize, which make the chosen point",
    ("cli/train.py", "--whole"): "of measure, which is named beside it",
    ("cli/tune.py", "--governor"): "of run, which takes what this command writes",
    ("study/layers/page.py", "--steps"): "of run and optimize, which make the chosen point",
}
"""Options that a message says of another command than the one that gives it."""
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+\b(?!\{)")
COMMAND = re.compile(r"\bdfsrt ([a-z]+)(?: ([a-z-]+))?\b")


@cache
def texts() -> list[tuple[str, int, str]]:
    """Every text of the source but docstrings, with its file and line; what is put in is ``{}``."""
    return [text for file in sorted(PACKAGE.rglob("*.py")) for text in texts_of(file)]


def texts_of(file: Path) -> Iterator[tuple[str, int, str]]:
    tree = ast.parse(file.read_text("utf-8"))
    parts = [
        part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    ]
    bare = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    inside = {id(node) for node in (*parts, *bare)}
    name = file.relative_to(PACKAGE).as_posix()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield name, node.lineno, "".join(map(str, pieces))
        elif isinstance(getattr(node, "value", None), str) and id(node) not in inside:
            yield name, node.lineno, node.value


@cache
def commands() -> dict[str, set[str]]:
    """Every command, as it is typed, with its options."""
    found = {}

    def look(name, command):
        found[name] = {word for option in command.params for word in option.opts} | {"--help"}
        for inner, below in getattr(command, "commands", {}).items():
            look(f"{name} {inner}".strip(), below)

    look("", get_command(make_app()))
    return found


@cache
def of_module() -> dict[str, list[str]]:
    """The commands that a module of the command line holds."""
    import inspect

    held: dict[str, list[str]] = {}

    def look(name, command):
        if command.callback is not None and name:
            file = inspect.getsourcefile(inspect.unwrap(command.callback))
            held.setdefault(Path(file).relative_to(PACKAGE).as_posix(), []).append(name)
        for inner, below in getattr(command, "commands", {}).items():
            look(f"{name} {inner}".strip(), below)

    look("", get_command(make_app()))
    return held


def said_by(file: str) -> list[str]:
    named = [names for prefix, names in SAID_BY.items() if file.startswith(prefix)]
    return named[0] if named else of_module().get(file, [])


ADVICE = [
    (file, line, option)
    for file, line, text in texts()
    if " " in text and "\n" not in text
    for option in OPTION.findall(text)
    if option not in NOT_OURS
]
NAMED = [
    (file, line, *match.groups())
    for file, line, text in texts()
    for match in COMMAND.finditer(text)
    if match[1] in {*COMMANDS, *GROUPS} or "'dfsrt " in text
]


def test_every_option_that_a_text_names_is_one():
    every = set().union(*commands().values())
    wrong = [f"{file}:{line}: {option}" for file, line, option in ADVICE if option not in every]
    assert not wrong
    assert len(ADVICE) > 100


def test_every_option_that_a_message_names_is_one_of_the_command_that_says_it():
    wrong = [
        f"{file}:{line}: {option} is none of 'dfsrt {name}'"
        for file, line, option in ADVICE
        for name in said_by(file)
        if option not in commands()[name] and (file, option) not in ELSEWHERE
    ]
    assert not wrong, "\n".join(wrong)


def test_every_command_that_a_text_names_is_one():
    wrong = []
    for file, line, command, inner in NAMED:
        known = f"{command} {inner}" in commands() or not command_needs_one(command, inner)
        if command not in commands() or not known:
            wrong.append(f"{file}:{line}: dfsrt {command} {inner}")
    assert not wrong
    assert len(NAMED) > 20


def command_needs_one(command: str, inner: str | None) -> bool:
    """Whether a word behind a group must be one of its commands: it has no default one."""
    if inner is None or command not in GROUPS:
        return False
    group = get_command(make_app()).commands[command]
    return not hasattr(group, "default") and bool(re.fullmatch(r"[a-z-]+", inner))


def test_every_list_that_a_text_names_is_one():
    named = [m for _, _, text in texts() for m in re.findall(r"'dfsrt list (\w+)'", text)]
    assert set(named) <= set(_LISTS)
    assert named


def test_every_part_that_a_message_says_to_install_is_one():
    named = [m for _, _, text in texts() for m in re.findall(r"dfsrt\[([\w-]+)\]", text)]
    assert set(named) <= set(PROJECT["optional-dependencies"])
    assert named


@pytest.mark.parametrize("name", ["XDG_CACHE_HOME", "DFSRT_MAX_FILE_BYTES", "DFSRT_QUIET"])
def test_every_variable_that_a_message_names_is_read(name):
    assert any(text == name for _, _, text in texts()), "no text that is the name alone is read"

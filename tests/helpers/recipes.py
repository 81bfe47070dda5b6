"""The recipes of CONTRIBUTING.md, and a copy of the house in which one has been followed.

A recipe names the files that it touches. A new one stands there with its whole text, its path and
the word "new" above a block of code; an old one with what goes and what comes, in a ``diff`` block.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"

_NEW = re.compile(r"^`([^`\s]+)`, new[^\n]*:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
_DIFF = re.compile(r"^```diff\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMANDS = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)

Edits = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Recipe:
    """``new`` files by path, ``edits`` of old ones as pairs of texts, ``commands`` to try it."""

    new: dict[str, str] = field(default_factory=dict)
    edits: Edits = field(default_factory=dict)
    commands: tuple[str, ...] = ()

    @property
    def files(self) -> set[str]:
        return {*self.new, *self.edits}


def recipe(heading: str) -> Recipe:
    """Return what stands under ``heading`` in CONTRIBUTING.md."""
    text = CONTRIBUTING.read_text("utf-8")
    section = text.split(f"\n### {heading}\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    edits: Edits = {}
    for block in _DIFF.findall(section):
        edits |= _edits(block)
    lines = [line for block in _COMMANDS.findall(section) for line in block.splitlines()]
    commands = tuple(line[2:] for line in lines if line.startswith("$ "))
    return Recipe(dict(_NEW.findall(section)), edits, commands)


def _edits(diff: str) -> Edits:
    """Files of a diff with the old and the new text of each hunk; hunks need no line numbers."""
    edits: Edits = {}
    for part in re.split(r"^--- a/", diff, flags=re.MULTILINE)[1:]:
        path, _, rest = part.partition("\n")
        hunks = re.split(r"^@@.*\n", rest, flags=re.MULTILINE)[1:]
        edits[path] = [(_side(hunk, "-"), _side(hunk, "+")) for hunk in hunks]
    return edits


def _side(hunk: str, sign: str) -> str:
    lines = [line or " " for line in hunk.splitlines()]
    return "".join(f"{line[1:]}\n" for line in lines if line[0] in (" ", sign))


class House:
    """A copy of the package with a recipe followed in it, beside the folder that is worked in.

    New files of the package go into the copy, others into the folder.
    """

    def __init__(self, folder: Path, followed: Recipe) -> None:
        self.folder, self._root = folder / "work", folder / "house"
        self.folder.mkdir()
        shutil.copytree(ROOT / "dfsrt", self._root / "dfsrt")  # with what is byte-compiled
        for shelf in ("powermodels", "traces"):
            (self._root / shelf).symlink_to(ROOT / shelf)
        for path, text in followed.new.items():
            root = self._root if path.startswith("dfsrt/") else self.folder
            (root / path).write_text(text, "utf-8")
        for path, pairs in followed.edits.items():
            self._edit(self._root / path, pairs)

    @staticmethod
    def _edit(path: Path, pairs: list[tuple[str, str]]) -> None:
        text = path.read_text("utf-8")
        for old, new in pairs:
            assert text.count(old) == 1, f"{path.name} has not once:\n{old}"
            text = text.replace(old, new)
        path.write_text(text, "utf-8")

    def call(self, *arguments: str) -> str:
        """Run Python in the house; return what it prints."""
        surroundings = {**os.environ, "PYTHONPATH": str(self._root)}
        surroundings["XDG_CACHE_HOME"] = str(self._root / "cache")  # no machine code but its own
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=surroundings,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def dfsrt(self, *arguments: object) -> str:
        """Run the command line of the house; return what it prints."""
        return self.call("-m", "dfsrt", *map(str, arguments))

    def shell(self, command: str) -> str:
        """Run a command as a recipe shows it, ``dfsrt ...``."""
        name, *arguments = command.split()
        assert name == "dfsrt", command
        return self.dfsrt(*arguments)

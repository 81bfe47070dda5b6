"""Examples of README and the tour: run each command and snippet, put its real output under it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.helpers.cli import Done, dfsrt

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
TOUR = DOCS / "tour.md"
PAGES = (README, TOUR)
"""Pages whose commands and snippets stand alone, each in an empty folder."""
_CONSOLE = re.compile(r"```console\n\$ (dfsrt [^\n]*)\n(.*?)```", re.DOTALL)
_SNIPPET = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def output_of(command: str) -> str:
    """Return what ``dfsrt ...`` prints when piped, run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        done = called(command, folder)
    done.check_returncode()
    return trimmed(done.stdout)


def called(command: str, folder: str | Path) -> Done:
    """Run ``dfsrt ...`` in a folder, in a process of its own."""
    return dfsrt(folder, *shlex.split(command)[1:])


def output_of_snippet(code: str) -> str:
    """Return what a Python snippet prints, run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-c", code]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    return trimmed(done.stdout)


def trimmed(text: str) -> str:
    """Return ``text`` without spaces at the ends of its lines."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def examples(text: str) -> list[tuple[str, str, str]]:
    """Return (kind, what to run, the output shown) of every example in a page's ``text``."""
    commands = [("command", m[1], m[2]) for m in _CONSOLE.finditer(text)]
    return commands + [("snippet", m[1], m[2]) for m in _SNIPPET.finditer(text)]


def refreshed(text: str) -> str:
    """Return a page's ``text`` with every output as it is now."""
    text = _CONSOLE.sub(lambda m: f"```console\n$ {m[1]}\n{output_of(m[1])}```", text)
    return _SNIPPET.sub(
        lambda m: f"```python\n{m[1]}```\n\n```text\n{output_of_snippet(m[1])}```", text
    )


def main() -> None:
    for page in PAGES:
        page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

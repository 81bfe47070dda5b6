"""Pages that are walked: their files are written and their commands run, in order, in one folder.

A file that the reader writes is a block with a title, ```` ```toml title="mine.toml" ````. A
``console`` block has a command and what it prints; where what is shown ends in ``...`` more comes.
Times of the reader's own machine stand under ``<!-- measured -->``: they differ, words do not.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.readme import called, trimmed

DOCS = Path(__file__).parent
WALKS = ("start.md", "walk_architect.md", "walk_researcher.md", "walk_edge.md")
"""Pages that people enter by."""
_BLOCK = re.compile(
    r"^(?P<measured><!-- measured -->\n)?```(?P<kind>\w+)(?: title=\"(?P<file>[\w./-]+)\")?\n"
    r"(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_MORE = "...\n"


def walked(page: str) -> str:
    """Return ``page`` with every output as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        return _BLOCK.sub(lambda block: _step(block, Path(folder)), page)


def steady(page: str) -> str:
    """Return ``page`` without numbers that are another machine's: words alone, a blank apart."""
    return _BLOCK.sub(lambda block: _words(block[0]) if block["measured"] else block[0], page)


def files(page: str) -> dict[str, str]:
    """Return the files that the reader writes, by name."""
    return {block["file"]: block["text"] for block in _BLOCK.finditer(page) if block["file"]}


def commands(page: str) -> list[str]:
    """Return the commands of a page, in order."""
    consoles = [b["text"] for b in _BLOCK.finditer(page) if b["kind"] == "console"]
    return [text.partition("\n")[0].removeprefix("$ ") for text in consoles]


def _step(block: re.Match[str], folder: Path) -> str:
    """Do what a block asks of the reader; return it with the output of now."""
    text = block["text"]
    if block["file"]:
        path = folder / block["file"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if block["kind"] != "console":
        return block[0]
    command, _, shown = text.partition("\n")
    output = _output(command.removeprefix("$ "), folder)
    if shown.endswith(_MORE):
        output = "".join(output.splitlines(keepends=True)[: shown.count("\n") - 1]) + _MORE
    return block[0].replace(text, f"{command}\n{output}")


def _output(command: str, folder: Path) -> str:
    """What a command prints, without how far it is; it may end in 1, as checks do."""
    if command.startswith("python "):
        words = [sys.executable, *shlex.split(command)[1:]]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    else:
        done = called(command, folder)
    if done.returncode > 1:
        raise RuntimeError(f"'{command}' of the page fails: {done.stderr}")
    return trimmed(done.stdout)


def _words(block: str) -> str:
    """A block without its numbers, their units of time, and the name of the processor."""
    block = re.sub(r"thread of [^,]*", "thread of #", block)
    return " ".join(re.sub(r"[\d.,]+( ?[mµ]?s\b|%)?", "#", block).split())


def main() -> None:
    for name in WALKS:
        page = DOCS / name
        page.write_text(walked(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

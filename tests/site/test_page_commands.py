"""Every command that a page of the site shows is one that dfsrt takes: its words are parsed."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from dfsrt.cli.commands import make_app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"```(?:console|sh|bash)?[ \w=\".-]*\n(.*?)```", re.DOTALL)
LINE = re.compile(r"^(?:\$ )?(?:\w+=\S+ )*dfsrt (.*(?:\\\n.*)*)", re.MULTILINE)
INLINE = re.compile(r"`dfsrt ([a-z][^`\n]*)`")
ENDS = {"|", "||", "&&", ";", ">", "2>", "&"}
"""Words of the shell, which end a command's own."""
PLACE = re.compile(r"\b[A-Z][A-Z0-9_]+\b|\.\.\.|…|[{}\[\]]")
"""What stands for something that the reader puts in."""


def shown(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    blocks = "\n".join(BLOCK.findall(text))
    whole = [line.replace("\\\n", " ") for line in LINE.findall(blocks)]
    return [*whole, *(said for said in INLINE.findall(text) if not PLACE.search(said))]


UNFINISHED = ("NoArgsIsHelpError", "MissingParameter")
"""What is said of a command that text mentions without all that it takes."""


def words_of(line: str) -> list[str]:
    words = shlex.split(line, comments=True)
    ends = [number for number, word in enumerate(words) if word in ENDS]
    return words[: ends[0]] if ends else words


@cache
def app():
    return get_command(make_app())


def parse(words: list[str], command, name: str = "dfsrt") -> None:
    """Parse words as the command line does before anything runs; of groups, down to the command."""
    context = command.make_context(name, list(words), resilient_parsing=False)
    if hasattr(command, "commands"):
        inner, below, rest = command.resolve_command(
            context, context._protected_args + context.args
        )
        parse(rest, below, inner)


SHOWN = sorted({(page.name, line) for page in PAGES for line in shown(page)})


def test_pages_show_commands():
    assert len(SHOWN) > 150
    assert {"README.md", "tour.md", "sweep.md", "live.md"} <= {page for page, _ in SHOWN}


@pytest.mark.parametrize("page", sorted({page for page, _ in SHOWN}))
def test_every_command_of_a_page_is_taken(page):
    refused = []
    for line in (line for on, line in SHOWN if on == page):
        try:
            parse(words_of(line), app())
        except SystemExit:
            continue  # of --help and --version
        except Exception as error:
            if type(error).__name__ in UNFINISHED:
                continue
            refused.append(f"dfsrt {line}: {getattr(error, 'message', error)}")
    assert not refused, "\n".join(refused)


def test_an_option_that_is_none_is_refused_here_too():
    with pytest.raises(Exception, match="--nope"):
        parse(["run", "squeezenet", "--nope"], app())

"""Reference of commands: arguments and options of each, as its own ``--help`` has them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import typer

from dfsrt.cli.commands import make_app
from docs.site.markdown import plain

if TYPE_CHECKING:
    from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

_TYPES = {"<str>": "TEXT", "<list[str]>": "TEXT", "<int>": "N", "<list[int]>": "N",
          "<float>": "NUMBER", "<path>": "FILE", "<list[path]>": "FILE"}  # fmt: skip
_BRACES = str.maketrans("", "", "{}")
_EXTRA = re.compile(r"\s*\[((?:default: |required|env var: |env: )[^\n]*)\]$")


@cache
def root() -> TyperGroup:
    """Return the command line as the library sees it."""
    return typer.main.get_command(make_app())  # type: ignore[return-value]


def command_names() -> tuple[str, ...]:
    """Return the commands in the order of the help."""
    return tuple(root().commands)


def command_text(name: str) -> str:
    """Return the page of a command, with those that it has of its own."""
    command = root().commands[name]
    parts = [f"# dfsrt {name}\n\n{_about(command)}"]
    own = getattr(command, "commands", None)
    if own is None:
        parts.append(_body(command, f"dfsrt {name}"))
    else:
        parts += [f"## dfsrt {name} {word}\n\n{_about(c)}\n\n{_body(c, f'dfsrt {name} {word}')}"
                  for word, c in own.items() if not c.hidden]  # fmt: skip
        if command.params and command.invoke_without_command:
            parts.append(f"## Without a command\n\n{_body(command, f'dfsrt {name}')}")
    return "\n\n".join(parts) + "\n"


def index_text() -> str:
    """Return the page that lists all commands."""
    lines = "".join(_line(name, command) for name, command in root().commands.items())
    options = "\n".join(_entries(root(), typer.Context(root(), info_name="dfsrt")))
    return f"# Commands\n\n{plain(root().help or '')}\n\n{lines}\n## Options of dfsrt\n\n{options}"


def _line(name: str, command: TyperCommand) -> str:
    first = inspect.cleandoc(command.help or "").split("\n")[0]
    own = ", ".join(f"`{word}`" for word in getattr(command, "commands", {}))
    return (
        f"[`dfsrt {name}`](commands/{name}.md)\n:   {plain(first)}{f' With {own}.' * bool(own)}\n\n"
    )


def _about(command: TyperCommand) -> str:
    text = inspect.cleandoc((command.help or "").split("\f")[0])
    return "\n\n".join(plain(" ".join(part.split())) for part in text.split("\n\n"))


def _body(command: TyperCommand, path: str) -> str:
    context = typer.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context)).translate(_BRACES)
    entries = "\n".join(_entries(command, context))
    return f"```console\n$ {path} {usage}\n```\n\n{entries}"


def _entries(command: TyperCommand, context: typer.Context) -> Iterator[str]:
    """Each argument and option as a term with its meaning; those that the help hides are left."""
    for param in sorted(command.params, key=lambda p: p.param_type_name != "argument"):
        record = _record(param, context)
        if record is None:
            continue
        names, text = record
        extra = _EXTRA.search(text)
        about = plain(_EXTRA.sub("", text).strip()) or "No more is said of it."
        tail = f" *{plain(extra[1])}*" if extra else ""
        yield f"`{names}`\n:   {about}{tail}\n"


def _record(param: TyperArgument | TyperOption, context: typer.Context) -> tuple[str, str] | None:
    """What the help says of a parameter: its names and its text."""
    if getattr(param, "hidden", False):
        return None
    record = param.get_help_record(context)
    if record is None:
        return None
    return " ".join(_TYPES.get(word, word) for word in record[0].split(" ")), record[1]

"""``dfsrt completion``: what lets a shell complete what is typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.cli.completing import VARIABLE
from dfsrt.cli.names import beginning

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
PROGRAM = "dfsrt"

Shell = Annotated[
    str | None,
    typer.Argument(
        metavar="[bash|zsh|fish|powershell]",
        show_default="that of SHELL",
        help="The shell.",
        autocompletion=lambda incomplete: beginning(SHELLS, incomplete),
    ),
]


def completion(shell: Shell = None) -> None:
    """Print what lets a shell complete commands, options and names.

    Make the folder first where there is none (mkdir -p); a new shell then completes.

    bash: dfsrt completion bash > ~/.local/share/bash-completion/completions/dfsrt

    zsh: dfsrt completion zsh > ~/.zfunc/_dfsrt, where ~/.zfunc is in fpath

    fish: dfsrt completion fish > ~/.config/fish/completions/dfsrt.fish

    PowerShell: dfsrt completion powershell >> $PROFILE
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    shell = shell or _usual_shell()
    if shell not in SHELLS:
        raise InputError(unknown_name("shell", shell, SHELLS))
    typer.echo(get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell))


def _usual_shell() -> str:
    """The user's shell.

    Raises:
        InputError: nobody says it.
    """
    name = Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise InputError(f"which shell is not known; name one: {', '.join(SHELLS)}")
    return name

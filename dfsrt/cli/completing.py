"""What a shell asks when somebody presses TAB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dfsrt.base.notice import hush

VARIABLE = "_DFSRT_COMPLETE"
"""Environment variable by which a shell's script asks what can follow."""


def words_asked_for(environment: Mapping[str, str]) -> Sequence[str] | None:
    """Return the words behind the program's name that a shell asks to complete.

    None where it asks nothing: a command is to be run.
    """
    if not environment.get(VARIABLE, "").startswith("complete"):
        return None
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()
    hush()  # a notice would stand in the midst of what is typed
    typed = environment.get("COMP_WORDS") or environment.get("_TYPER_COMPLETE_ARGS", "")
    return typed.split()[1:]

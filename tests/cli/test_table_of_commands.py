"""What the help of all commands says is what the commands say of themselves."""

from __future__ import annotations

import pytest
from typer.main import get_command

from dfsrt.cli.commands import make_app
from dfsrt.cli.table import COMMANDS, GROUPS

EVERY = get_command(make_app()).commands
ALONE = get_command(make_app(["--help"])).commands


def test_every_command_is_in_both():
    assert list(EVERY) == list(ALONE) == [*COMMANDS, *GROUPS]


@pytest.mark.parametrize("name", [*COMMANDS, *GROUPS])
def test_the_first_sentence_is_that_of_the_command(name):
    assert ALONE[name].help.split("\n\n")[0] == " ".join(EVERY[name].help.split("\n\n")[0].split())

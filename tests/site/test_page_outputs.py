"""What pages show of an output is in it, in that order: pages that no other test runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.readme import output_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"```(?:console)?\n(\$ dfsrt .*?)```", re.DOTALL)
LONG = ("dfsrt frontier resnet50",)
"""Commands that take half a minute."""


def examples(page: str) -> list[tuple[str, str]]:
    """Commands of a page that stand alone and show what they print, with what is shown."""
    text = (DOCS / page).read_text("utf-8")
    steps = [step for block in BLOCK.findall(text) for step in re.split(r"^\$ ", block, flags=re.M)]
    parted = [step.partition("\n") for step in steps if step]
    return [(command, shown) for command, _, shown in parted if shown and ".py:" not in command]


def example(command: str, shown: str):
    marks = [pytest.mark.deep] if command.startswith(LONG) else []
    return pytest.param(command, shown, id=command[:60], marks=marks)


PAGES = ("memory_clock.md", "parallel.md", "language_models.md", "governors.md")
EXAMPLES = [example(*shown) for page in PAGES for shown in examples(page)]


def test_each_of_these_pages_shows_an_output():
    assert len(EXAMPLES) >= 9


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_all_that_is_shown_is_printed_in_this_order(command, shown):
    printed = iter(output_of(command).splitlines())
    missing = [line for line in shown.splitlines() if line.strip() and line not in printed]
    assert not missing

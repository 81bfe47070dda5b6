"""CONTRIBUTING.md tells of this house: its rooms in their order, and files that are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_rooms_stand_in_the_order_in_which_they_may_import():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = [set(layer.split(" | ")) for layer in settings["contracts"][0]["layers"]]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", TEXT, re.MULTILINE)
    assert [set(re.findall(r"\w+", row)) for row in rows] == layers


def test_the_files_that_it_names_are_there():
    named = set(re.findall(r"`((?:\w+/)+[\w.-]+\.(?:py|toml|md))`(?!, new)", TEXT))
    named |= set(re.findall(r"\]\(([\w/.]+)\)", TEXT))
    assert len(named) > 20
    missing = {
        path
        for path in named
        if not (ROOT / path).exists() and not (ROOT / "dfsrt" / path).exists()
    }
    assert missing == set()

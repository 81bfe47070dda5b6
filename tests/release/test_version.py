"""One version, in every place that says it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import dfsrt

ROOT = Path(__file__).resolve().parents[2]


def test_the_citation_and_the_changelog_are_of_this_version():
    citation = (ROOT / "CITATION.cff").read_text()
    assert re.findall("^version: (.*)$", citation, re.MULTILINE) == [dfsrt.__version__]
    newest = re.search("^## ([0-9.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == dfsrt.__version__


def test_the_package_takes_its_version_from_the_code():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "dfsrt/base/version.py"

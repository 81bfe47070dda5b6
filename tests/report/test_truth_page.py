"""Every number of docs/truth.md is what the presets predict now, beside their truth files."""

from __future__ import annotations

import re
import tomllib

from dfsrt.device import device_names
from dfsrt.device.truth_file import SHELF
from dfsrt.report.device_checks import check_presets
from docs.generate import DOCS
from docs.truth import truth_text

PAGE = DOCS / "truth.md"


def test_the_page_shows_what_the_presets_predict():
    assert PAGE.read_text(encoding="utf-8") == truth_text(check_presets())


def test_every_measurement_of_every_truth_file_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    for path in SHELF.glob("*.toml"):
        truth = tomllib.loads(path.read_text(encoding="utf-8"))
        part = text.partition(f"\n## {truth['device']}\n")[2].partition("\n## ")[0]
        for measured in (*truth.get("measurement", []), *truth.get("profile", [])):
            assert measured["conditions"] in part
            assert measured["source"] in part
        for use in ("fitted", "held out"):
            count = sum(m["used"] == use for m in truth.get("measurement", []))
            assert not count or f"- {count} measurement" in part
    for name in device_names():
        assert f"## {name}\n" in text or f"`{name}`" in text


def test_its_figures_are_there():
    figures = re.findall(r"\]\((figures/truth_[^)]*)\)", PAGE.read_text(encoding="utf-8"))
    assert len(figures) == len(list(SHELF.glob("*.toml")))
    for figure in figures:
        assert (DOCS / figure).read_bytes().startswith(b"<?xml")

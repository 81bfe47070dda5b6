"""The order of the site. A page that is not there is left out; one that is not named comes last."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatch
from typing import TypeAlias

Entry: TypeAlias = "str | dict[str, str | list[Entry]]"
"""A page, a page with a title of its own, or a titled list of them, as MkDocs reads it."""

ORDER: list[Entry] = [
    {"Start": [
        {"dfsrt": "index.md"},
        {"Start in five minutes": "start.md"},
        {"Three walks": [
            {"An architect with a chip": "walk_architect.md"},
            {"A researcher with a governor": "walk_researcher.md"},
            {"A developer with a network": "walk_edge.md"},
        ]},
        "tour.md",
        {"Notebooks and examples": "examples.md"},
        {"How it works": "how_it_works.md"},
    ]},
    {"Guides": [
        {"Governors": ["governors.md", "when_dfs_pays.md", "tuning.md", "idle.md",
                       "memory_clock.md", "parallel.md"]},
        {"Networks": ["networks.md", "real_networks.md", "sd2.md", "language_models.md",
                      "capture.md"]},
        {"Smaller networks": ["optimize.md", "smaller_networks.md", "deep_compression.md"]},
        {"Devices": ["devices.md", "calibration.md", "accelerators.md", "power_models.md"]},
        {"Memory": ["memory.md", "dram.md", "memory_papers.md"]},
        {"Traces and batteries": ["replay.md", "language_model_traces.md", "battery.md",
                                  "battery_ranges.md", "budget.md"]},
        {"Many runs": ["levers.md", "sweep.md"]},
        {"In and out": ["recordings.md", "html_report.md", "live.md"]},
        {"How it is tested": ["golden_run.md", "faults.md", "fuzzing.md"]},
    ]},
    {"Reference": [
        {"Commands": ["reference/commands.md", "reference/commands/*"]},
        {"Files": ["reference/files.md", "reference/keys/*"]},
        {"Reports and metrics": ["reference/reports.md", "reference/reports/*"]},
        {"Plug-ins": ["reference/plugins/*"]},
        {"Python": ["reference/api/dfsrt.md", "reference/api/*"]},
        {"Exit codes": "exit_codes.md"},
    ]},
    {"Truth": ["truth.md"]},
    {"Decisions": ["decisions/index.md", "decisions/*"]},
    {"Project": ["contributing.md", "versions.md", "changelog.md", "security.md"]},
]  # fmt: skip
REST = "More"
"""The section of pages that ``ORDER`` does not name."""


def nav_of(pages: Collection[str], order: list[Entry] = ORDER) -> list[Entry]:
    """Return the navigation of these pages; each page stands in it once."""
    left = dict.fromkeys(sorted(pages))
    tree = _kept(order, left)
    return [*tree, {REST: list(left)}] if left else tree


def _kept(entries: list[Entry], left: dict[str, None]) -> list[Entry]:
    """Entries with the pages that are there, which are taken out of ``left``."""
    kept: list[Entry] = []
    for entry in entries:
        if isinstance(entry, str):
            names = [page for page in left if fnmatch(page, entry)]
            kept += [page for page in names if left.pop(page, "") is None]
            continue
        ((title, held),) = entry.items()
        inside = _kept([held] if isinstance(held, str) else held, left)
        if inside:
            kept.append({title: held if isinstance(held, str) else inside})
    return kept

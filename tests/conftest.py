"""Fixtures and settings that all tests share."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.helpers import cli

HALF = os.environ.get("DFSRT_EXAMPLES") != "full"
"""Whether each property is tried on half of its examples."""
SHARE = os.environ.get("DFSRT_EXAMPLES") == "some"
"""Whether a test of many cases is tried on a share of them, and deep ones are left out."""
WHOLE = (
    "tests/cli/test_readme.py",
    "tests/cli/test_walks.py",
    "tests/fuzz/test_readers.py",
    "tests/site/test_reference.py",
    "tests/test_contributing.py",
    "tests/test_house.py",
)
"""Files whose cases are all tried: README, walks, readers, the reference, the house's rules."""
settings.register_profile(
    "dfsrt",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=50 if HALF else 100,
)
settings.register_profile(
    "no-shrink", settings.get_profile("dfsrt"), phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("dfsrt")

STEPS = ((2, 1), (5, 2), (10, 3), (40, 5))
"""Of at most so many cases one in so many is tried."""
LONGEST_STEP = 8
"""One in so many is tried of more cases than that."""
FEWEST = 20
"""Examples below which nothing is left out."""
SETTINGS = "_hypothesis_internal_use_settings"
"""Where hypothesis keeps a test's own settings."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take half of each property's examples, and of many cases a share, as ``DFSRT_EXAMPLES`` asks.

    ``some`` is what ``make test`` takes, ``full`` takes all; else all cases, and half the examples.
    """
    if HALF:
        _halve_examples(items)
    if SHARE:
        left_out = _beside_the_share(items)
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
        items[:] = [item for item in items if item.nodeid not in left_out]


def _halve_examples(items: list[pytest.Item]) -> None:
    functions = {getattr(item.obj, "__func__", item.obj) for item in items if hasattr(item, "obj")}
    for function in functions:
        own = getattr(function, SETTINGS, None)
        if own is not None and own.max_examples > FEWEST:
            half = max(own.max_examples // 2, FEWEST)
            setattr(function, SETTINGS, settings(own, max_examples=half))


def _beside_the_share(items: list[pytest.Item]) -> set[str]:
    """Deep tests, and of each test's cases all but the first of every few; always the same ones."""
    left_out = {item.nodeid for item in items if item.get_closest_marker("deep")}
    cases: dict[str, list[str]] = {}
    for item in items:
        if not item.nodeid.startswith(WHOLE):
            cases.setdefault(item.nodeid.split("[")[0], []).append(item.nodeid)
    for of_one in cases.values():
        left_out.update(set(of_one) - set(of_one[:: every(len(of_one))]))
    return left_out


def every(cases: int) -> int:
    """Return one in how many of a test's ``cases`` is tried: the more there are, the fewer."""
    return next((step for most, step in STEPS if cases <= most), LONGEST_STEP)


def pytest_collection_finish() -> None:
    """Leave modules and thousands of tests, which stay to the end, out of the collector's walks."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def dfsrt(tmp_path):
    """Run the command line as a user does, in an empty folder; returns the finished process."""

    def call(*arguments: object, **options: object) -> cli.Done:
        return cli.dfsrt(tmp_path, *arguments, **options)

    return call

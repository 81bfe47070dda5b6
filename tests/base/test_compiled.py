"""Compiled functions give what the plain ones give, with and without a place to cache in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROBE = """
from dfsrt.base.compiled import compiled
from dfsrt.device import rules

def total(n):
    s = 0.0
    for i in range(n):
        s += rules.ramp_ns(i, 2 * i, 3.0)
    return s
"""
RUN = (
    "import probe; print(probe.compiled(probe.total, (probe.rules.ramp_ns,))(10), probe.total(10))"
)


def run(folder: Path, probe: str = PROBE, **env: str) -> str:
    (folder / "probe.py").write_text(probe)
    return subprocess.run(
        [sys.executable, "-c", RUN],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "NUMBA_CACHE_DIR": "", **env},
    ).stdout


def test_a_compiled_function_gives_what_the_plain_one_gives_and_is_cached(tmp_path):
    cache = tmp_path / "cache"
    assert len(set(run(tmp_path, XDG_CACHE_HOME=str(cache)).split())) == 1
    assert len(list(cache.rglob("*.nbc"))) == 1


def test_a_change_in_the_source_is_not_served_from_the_cache(tmp_path):
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    run(tmp_path, **cache)
    changed = PROBE.replace("2 * i", "3 * i")
    assert len(set(run(tmp_path, changed, **cache).split())) == 1


def test_without_a_folder_to_cache_in_it_still_runs_and_caches_nowhere_else(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    env = {"XDG_CACHE_HOME": str(nowhere), "HOME": str(nowhere)}
    assert len(set(run(tmp_path, **env).split())) == 1
    # numba would cache beside the source, blind to changes in helpers of other files.
    assert list(tmp_path.rglob("*.nb[ci]")) == []

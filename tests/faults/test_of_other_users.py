"""Folders that are really read-only, and a cache that is really another user's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.helpers.cli import DFSRT

UNPRIVILEGED = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--")
"""Root as any other user: modes of files count."""
NOBODY = 65534
ROOT = sys.platform == "linux" and os.geteuid() == 0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.deep,
    pytest.mark.skipif(not ROOT or not shutil.which("setpriv"), reason="needs root and setpriv"),
]


def unprivileged(folder, words, **environment):
    return subprocess.run(
        [*UNPRIVILEGED, DFSRT, *words.split()], cwd=folder, capture_output=True, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "run digits -n 1 --json out/r.json --html out/r.html",
        "measure -o out/r.json.parquet --network digits",
        "trace generate poisson --duration 1s -o out/new",
        "sweep s.toml -o out",
    ],
)
def test_a_read_only_folder_is_said_in_one_line_and_stays_as_it_was(tmp_path, words):
    (tmp_path / "s.toml").write_text('format = 1\nname = "s"\n[vary]\nnetwork = ["digits"]\n')
    (tmp_path / "out").mkdir()
    (tmp_path / "out/r.json").write_text("old")
    (tmp_path / "out").chmod(0o555)
    done = unprivileged(tmp_path, words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "read-only" in done.stderr
    assert [(path.name, path.read_text()) for path in (tmp_path / "out").iterdir()] == [
        ("r.json", "old")
    ]


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o777])
def test_a_cache_of_another_user_is_not_used_which_is_said_once(tmp_path, mode):
    cache = tmp_path / "cache/dfsrt"
    cache.mkdir(parents=True)
    os.chown(cache, NOBODY, NOBODY)
    cache.chmod(mode)
    done = unprivileged(tmp_path, "run digits -n 1", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "is not used: it belongs to another user" in done.stderr
    assert list(cache.iterdir()) == []

"""A digest of a package's sources changes with what they say and where, and with nothing else."""

from __future__ import annotations

import os
import time

import pytest

from dfsrt.base import sources
from dfsrt.base.sources import package_digest


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two files that nobody changes while the process runs."""
    monkeypatch.setattr(sources, "_STARTED_NS", time.time_ns() + 10**15)
    (tmp_path / "package" / "room").mkdir(parents=True)
    (tmp_path / "package" / "a.py").write_text("x = 1\n")
    (tmp_path / "package" / "room" / "b.py").write_text("y = 2\n")
    return tmp_path / "package"


@pytest.fixture
def digest(package, tmp_path):
    return lambda: package_digest(tmp_path / "memory", package)


def test_any_change_of_a_source_file_changes_the_digest(package, digest):
    seen = {digest()}
    changes = (
        lambda: (package / "room" / "b.py").write_text("y = 3\n"),
        lambda: (package / "room" / "b.py").rename(package / "room" / "c.py"),
        lambda: (package / "room" / "c.py").rename(package / "c.py"),
        lambda: (package / "new.py").write_text(""),
        lambda: (package / "new.py").unlink() or (package / "a.py").write_text("x = 1\n\n"),
    )
    for number, change in enumerate(changes, start=2):
        change()
        seen.add(digest())
        assert len(seen) == number


def test_times_and_other_files_do_not_change_it(package, digest):
    before = digest()
    os.utime(package / "a.py", (1e9, 1e9))
    (package / "data.toml").write_text("")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.py").write_text("")
    assert digest() == before


def test_files_are_read_again_only_where_one_has_changed(package, digest, monkeypatch):
    before, reads = digest(), []
    read = sources._content_digest
    monkeypatch.setattr(sources, "_content_digest", lambda *a: reads.append(1) or read(*a))
    assert digest() == before
    assert reads == []
    (package / "a.py").write_text("x = 2\n")  # of the same size
    assert digest() != before
    assert reads == [1]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"one two three", b"stale 0123"])
def test_a_memory_that_is_broken_or_stale_is_not_believed(digest, tmp_path, content):
    before = digest()
    (tmp_path / "memory").write_bytes(content)
    assert digest() == before


def test_a_memory_that_cannot_be_written_costs_only_time(package, tmp_path):
    (tmp_path / "file").write_text("")
    assert package_digest(tmp_path / "file" / "memory", package)


def test_there_is_no_digest_of_files_that_changed_under_the_process(package, digest, monkeypatch):
    monkeypatch.setattr(sources, "_STARTED_NS", 0)
    assert digest() is None
    assert package_digest(package / "memory", package / "nowhere") is None

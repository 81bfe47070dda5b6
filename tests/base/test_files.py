"""Nothing is ever half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfsrt.base.errors import OutputError
from dfsrt.base.files import write_atomically


def test_a_new_file_appears_whole(tmp_path):
    write_atomically(tmp_path / "a.txt", lambda p: p.write_text("all"))
    assert (tmp_path / "a.txt").read_text() == "all"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path, failure):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def write(path):
        path.write_text("half")
        raise failure

    with pytest.raises(failure):
        write_atomically(target, write)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(OutputError, match="no-such/x"):
        write_atomically(tmp_path / "no-such" / "x", lambda p: p.write_text(""))


def test_a_target_that_is_a_folder_is_refused(tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        write_atomically(tmp_path, lambda p: p.write_text(""))


def test_a_device_is_written_to_and_not_replaced():
    null = Path("/dev/null")
    write_atomically(null, lambda p: p.write_text("gone"))
    assert null.is_char_device()

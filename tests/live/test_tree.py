"""Files of a tree: read anew each time, whole, with the kernel's own word where they are not."""

from __future__ import annotations

import os

import pytest

from dfsrt.live import Sysfs


def test_a_file_is_read_anew_each_time(tmp_path):
    tree = Sysfs(tmp_path)
    for text in ("300000000\n", "1000000000\n", ""):
        (tmp_path / "cur_freq").write_text(text)
        assert tree.read("cur_freq") == text.strip()


def test_a_file_that_has_grown_is_read_to_its_end(tmp_path):
    tree = Sysfs(tmp_path)
    for size in (3, 1 << 16, 100_000):
        (tmp_path / "trans_stat").write_text("7" * size)
        assert tree.read("trans_stat") == "7" * size


def test_what_has_gone_or_may_not_be_read_is_said_as_by_the_kernel(tmp_path):
    tree = Sysfs(tmp_path)
    (tmp_path / "load").write_text("83")
    assert tree.read("load") == "83"
    (tmp_path / "load").unlink()
    with pytest.raises(FileNotFoundError):
        tree.read("load")
    (tmp_path / "load").mkdir()
    with pytest.raises(IsADirectoryError):
        tree.read("load")


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path):
    tree = Sysfs(tmp_path)
    (tmp_path / "load").write_text("83")
    assert tree.read("load") == "83"
    (tmp_path / "load").unlink()
    os.mkfifo(tmp_path / "load")
    assert tree.read("load") == ""

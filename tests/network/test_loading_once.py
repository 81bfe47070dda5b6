"""A network is read once as long as its file stays as it is."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest

import dfsrt
from dfsrt.base.errors import NetworkError
from dfsrt.network import load, load_network
from dfsrt.network.file import reader
from tests.network.builders import Builder, linear


@pytest.fixture
def reads(monkeypatch, tmp_path):
    """Paths that have been read, in order, from an empty cache on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")  # nothing is kept on disk
    load._load_once.cache_clear()
    found: list[Path] = []
    read = reader.read_model

    def counted(path):
        found.append(path)
        return read(path)

    monkeypatch.setattr(reader, "read_model", counted)
    yield found
    load._load_once.cache_clear()


def write(path, width, age_s=10, open_size=False):
    b = Builder()
    x = b.input("x", ["n" if open_size else 2, 8])
    onnx.save(b.model(linear(b, x, 8, width)), path)
    when = path.stat().st_mtime_ns - age_s * 10**9
    os.utime(path, ns=(when, when))
    return path


def test_runs_in_a_loop_read_a_network_once(reads):
    for cap in ("0.2 W", "0.16 W", "0.13 W"):
        dfsrt.run("squeezenet", cap=cap, frames=1)
    assert len(reads) == 1


def test_the_same_network_is_returned_for_a_name_and_a_path(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    for source in ("squeezenet", path, str(path), "sd2-scheduler", "sd2-scheduler:image=768"):
        assert load_network(source) is load_network(source)
    assert len(reads) == 3


def test_other_sizes_fusion_or_rules_are_other_networks(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4, open_size=True)
    found = [
        load_network(path, dims={"n": 2}),
        load_network(path, dims={"n": 3}),
        load_network(path, dims={"n": 2}, fuse=False),
        load_network(path, dims={"n": 2}, fuse=False, unknown_ops="memory"),
    ]
    assert len({id(network) for network in found}) == len(reads) == 4
    assert [n.layers[0].gemms[0].m for n in found] == [2, 3, 2, 2]


def test_a_file_that_has_changed_is_read_again(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    before = load_network(path)
    write(path, 5, age_s=5)
    assert (before.params, load_network(path).params) == (8 * 4 + 4, 8 * 5 + 5)


def test_a_file_that_was_written_just_now_is_not_kept(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4, age_s=0)
    os.utime(path, (2**33, 2**33))  # in the future: as new as can be
    load_network(path)
    load_network(path)
    assert len(reads) == 2


def test_one_relative_name_in_two_folders_is_two_networks(reads, tmp_path, monkeypatch):
    found = []
    for folder, width in (("one", 4), ("two", 5)):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "a.onnx", width)
        monkeypatch.chdir(tmp_path / folder)
        found.append(load_network("a.onnx").params)
    assert found == [36, 45]


def test_links_to_one_file_keep_their_own_names(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    (tmp_path / "b.onnx").symlink_to(path)
    assert [load_network(tmp_path / f"{name}.onnx").name for name in "ab"] == ["a", "b"]


def test_only_the_last_networks_stay(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4, open_size=True)
    for n in range(1, load.CACHED + 2):
        load_network(path, dims={"n": n})
    load_network(path, dims={"n": load.CACHED + 1})
    assert len(reads) == load.CACHED + 1
    load_network(path, dims={"n": 1})
    assert len(reads) == load.CACHED + 2


def test_an_error_is_told_again_and_is_not_kept(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4, open_size=True)
    for _ in range(2):
        with pytest.raises(NetworkError):
            load_network(path, dims={"no such": 1})
    path.unlink()
    with pytest.raises(NetworkError, match="does not exist"):
        load_network(path)


def test_a_size_that_is_no_int_is_never_taken_for_one(reads, tmp_path):
    path = write(tmp_path / "a.onnx", 4, open_size=True)
    load_network(path, dims={"n": 1})
    with pytest.raises(NetworkError):
        load_network(path, dims={"n": 1.0})

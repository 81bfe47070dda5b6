"""Lowered networks are found on disk by other processes, and never where anything has changed."""

from __future__ import annotations

import os
import subprocess
import sys

import onnx
import pytest

from dfsrt.base import keep as keeping
from dfsrt.base.errors import NetworkError
from dfsrt.network import kept, load, load_network, zoo
from tests.network.builders import Builder, linear


@pytest.fixture
def loads(tmp_path, monkeypatch):
    """Sources that were lowered, in order, from an empty cache on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(keeping, "package_digest", lambda _memory: "this version")
    load._load_once.cache_clear()
    found = []
    plain = load._load
    monkeypatch.setattr(load, "_load", lambda *a: found.append(a[0]) or plain(*a))
    yield found
    load._load_once.cache_clear()


def anew(source, **options):
    """Load as a new process does."""
    load._load_once.cache_clear()
    return load_network(source, **options)


def write(path, width, when_s=1_000_000_000):
    b = Builder()
    x = b.input("x", ["n", 8])
    onnx.save(b.model(linear(b, x, 8, width)), path)
    os.utime(path, (when_s, when_s))
    return path


def kept_files():
    return list(kept._KEEP.folder.iterdir())


@pytest.mark.parametrize("source", ["resnet50", "densenet121", "sd2-unet:image=768"])
def test_a_network_comes_back_from_disk_as_it_was(loads, source):
    assert anew(source) == anew(source)
    assert loads == [source]


def test_another_process_loads_no_onnx_for_it(tmp_path):
    code = (
        "import sys, dfsrt.network as n; n.load_network('squeezenet'); print('onnx' in sys.modules)"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
        for _ in range(2)
    ]
    assert [run.stdout.strip() for run in runs] == ["True", "False"]


def test_sizes_fusion_and_rules_are_kept_apart(loads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    variants = [
        {"dims": {"n": 2}},
        {"dims": {"n": 3}},
        {"dims": {"n": 2}, "fuse": False},
        {"dims": {"n": 2}, "unknown_ops": "memory"},
    ]
    first = [anew(path, **v) for v in variants]
    assert [anew(path, **v) for v in variants] == first
    assert len(loads) == 4


def test_a_file_that_changed_is_read_again_even_where_its_time_was_set_back(loads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    size = path.stat().st_size
    before = anew(path, dims={"n": 2}).params
    write(path, 5)
    assert path.stat().st_size - size < 100
    assert (before, anew(path, dims={"n": 2}).params) == (36, 45)


def test_a_file_that_changes_while_it_is_read_is_not_kept(loads, tmp_path, monkeypatch):
    path = write(tmp_path / "a.onnx", 4)
    counted = load._load

    def changing(*arguments):
        network = counted(*arguments)
        write(path, 5)
        return network

    monkeypatch.setattr(load, "_load", changing)
    anew(path, dims={"n": 2})
    assert not kept._KEEP.folder.exists() or kept_files() == []


def test_a_moved_file_a_link_and_another_folder_keep_their_own_names(loads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    (tmp_path / "b.onnx").symlink_to(path)
    for _ in range(2):
        names = [anew(tmp_path / f"{n}.onnx", dims={"n": 2}).name for n in "ab"]
        assert names == ["a", "b"]


@pytest.mark.parametrize("what", ["sources", "onnx", "python"])
def test_another_version_lowers_anew(loads, monkeypatch, what):
    anew("squeezenet")
    if what == "sources":
        monkeypatch.setattr(keeping, "package_digest", lambda _memory: "changed rules")
    elif what == "onnx":
        monkeypatch.setattr(kept, "installed", lambda _package: "newer")
    else:
        monkeypatch.setattr("sys.version", "newer")
    anew("squeezenet")
    assert len(loads) == 2


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:-1], lambda b: b[:-9] + b"x" * 9])
def test_a_damaged_file_is_lowered_anew_and_heals(loads, damage):
    first = anew("squeezenet")
    (path,) = kept_files()
    path.write_bytes(damage(path.read_bytes()))
    assert anew("squeezenet") == first
    assert anew("squeezenet") == first
    assert len(loads) == 2


def test_errors_are_not_kept(loads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    for _ in range(2):
        with pytest.raises(NetworkError, match="no such"):
            anew(path, dims={"no such": 2})
    assert len(loads) == 2


def test_a_network_of_numbers_too_large_for_the_file_is_lowered_each_time(loads, tmp_path):
    path = write(tmp_path / "a.onnx", 4)
    try:
        first = anew(path, dims={"n": 2**62})
    except NetworkError:
        return  # refused: nothing to keep either
    assert anew(path, dims={"n": 2**62}) == first


def test_nothing_is_missed_where_nothing_can_be_kept(loads, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert anew("squeezenet") == anew("squeezenet")
    assert len(loads) == 2


def test_without_onnx_its_absence_is_said(monkeypatch):
    monkeypatch.setattr(zoo, "find_spec", lambda _name: None)
    load._load_once.cache_clear()
    with pytest.raises(NetworkError, match="onnx package is not installed"):
        load_network("squeezenet")

"""Files come in one way: regular ones, of a size that is read, that never make dfsrt wait."""

from __future__ import annotations

import os
import re
import sys

import pytest

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.base.places import placed_in
from dfsrt.base.reading import RAISED_BY, file_digest, open_file, open_raw, read_bytes
from dfsrt.base.tomlfile import parse_table, read_text

OPENERS = (open_file, open_raw, read_bytes, file_digest)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A folder whose files name others, one outside of it, and a third to work in."""
    for name in ("inside/deep", "outside", "work"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("inside/a.toml", "inside/deep/b.toml", "outside/c.toml", "work/d.toml"):
        (tmp_path / name).write_text("x = 1")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "argv", ["dfsrt"])
    return tmp_path


@pytest.mark.parametrize("opener", OPENERS)
def test_a_pipe_and_a_device_are_refused_without_waiting(opener, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(InputError, match="is not a regular file; save it"):
            opener(path)


@pytest.mark.parametrize("opener", OPENERS)
def test_what_the_system_says_is_left_to_the_reader(opener, tmp_path):
    for path, kind in ((tmp_path, IsADirectoryError), (tmp_path / "none", FileNotFoundError)):
        with pytest.raises(kind):
            opener(path)
    with pytest.raises(OSError, match="zero byte"):
        opener(tmp_path / "a\0b")


def test_a_file_is_as_large_as_its_kind_and_the_environment_allow(tmp_path, monkeypatch):
    path = tmp_path / "big"
    path.write_bytes(b"x" * 2000)
    assert read_bytes(path, 2000) == b"x" * 2000
    with pytest.raises(DeviceError, match=f"has 2,000 bytes, of which up to 1,999.*{RAISED_BY}"):
        read_bytes(path, 1999, DeviceError)
    monkeypatch.setenv(RAISED_BY, "2 KiB")
    assert len(read_bytes(path, 1999)) == 2000
    monkeypatch.setenv(RAISED_BY, "1 kB")
    with pytest.raises(InputError, match="up to 1,000 are read"):
        read_text(path, "thing", "a thing")
    monkeypatch.setenv(RAISED_BY, "much")
    with pytest.raises(InputError, match=f"{RAISED_BY} 'much' is not a quantity in B"):
        read_bytes(path)


def test_a_sparse_file_without_end_is_refused_by_its_size(tmp_path):
    path = tmp_path / "sparse.toml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match=r"thing '.*' has 1,099,511,627,776 bytes"):
        read_text(path, "thing", "a thing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = " + "9" * 5000, "a whole number has thousands of digits"),
        ("x = " + "9" * 30, "x = 99999999999999999999... is beyond 64 bits"),
        ("x = [{ y = -9223372036854775809 }]", "y = -9223372036854775809... is beyond 64 bits"),
        ("a." * 70 + "b = 1", "has a key of more than 64 parts"),
        ("a." * 100_000 + "b = 1", "has a key of more than 64 parts"),
        ("x = { " + '"a" . ' * 64 + "b = 1 }", "has a key of more than 64 parts"),
        ("x = " + "[" * 65 + "]" * 65, "nests too deeply; write it flatter"),
        ("x = " + "{ a = " * 3000, "nests too deeply; write it flatter"),
        ("[" + ".".join("abcdefghij" * 3) + "]\n" + "x." * 40 + "y = 1", "nests too deeply"),
    ],
)
def test_toml_is_as_deep_and_its_numbers_as_long_as_can_be_read(text, said):
    with pytest.raises(InputError) as caught:
        parse_table(text, "thing")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_toml_within_the_limits_is_read():
    text = 'x = 9223372036854775807\ny = "' + "a." * 1000 + '"\nz = ' + "[" * 60 + "]" * 60
    assert parse_table(text, "thing")["x"] == 2**63 - 1


def test_a_file_names_others_beside_it_and_where_the_user_works(folders):
    inside = folders / "inside"
    assert placed_in(inside, "a.toml") == str(inside / "a.toml")
    assert placed_in(inside, "deep/b.toml") == str(inside / "deep/b.toml")
    assert placed_in(inside / "deep", "../../work/d.toml").endswith("work/d.toml")
    assert placed_in(inside, str(folders / "work/d.toml")) == str(folders / "work/d.toml")
    assert placed_in(inside, "none.toml") == str(inside / "none.toml")


@pytest.mark.parametrize(
    "name", ["../outside/c.toml", "{}/outside/c.toml", "link.toml", "l/c.toml"]
)
def test_a_file_elsewhere_is_refused_unless_the_command_line_names_it(name, folders, monkeypatch):
    inside = folders / "inside"
    (inside / "link.toml").symlink_to(folders / "outside/c.toml")
    (inside / "l").symlink_to(folders / "outside")
    name = name.format(folders)
    with pytest.raises(InputError, match="lies outside of it; copy it into that folder, run"):
        placed_in(inside, name)
    for typed in ("../outside/c.toml", f"device={folders}/outside/c.toml:bin=L1", "../outside"):
        monkeypatch.setattr(sys, "argv", ["dfsrt", "run", typed])
        assert placed_in(inside, name) == str(inside / name)
    monkeypatch.setattr(sys, "argv", ["dfsrt"])
    monkeypatch.chdir(folders)
    assert placed_in(inside, name) == str(inside / name)


def test_a_device_tree_includes_no_file_from_elsewhere(folders, monkeypatch):
    from dfsrt.device.devicetree.files import read_device_tree

    (folders / "outside/c.dtsi").write_text("/ { a = <1>; };\n")
    path = folders / "inside/board.dts"
    path.write_text('/dts-v1/;\n/include/ "../outside/c.dtsi"\n')
    with pytest.raises(InputError, match=r"c\.dtsi' is named by a file in .* lies outside of it"):
        read_device_tree(path)
    monkeypatch.setattr(sys, "argv", ["dfsrt", "device", "import-dt", "-I", f"{folders}/outside"])
    assert read_device_tree(path).missing == []


@pytest.mark.parametrize("workload", ["../outside/c.onnx:batch=2", "llm:../outside/c.toml"])
def test_a_scenario_serves_no_file_from_elsewhere(workload, folders):
    from dfsrt.run.scenario_load import SHELF, load_scenario

    text = (SHELF / "infinite-zoom-phone.toml").read_text()
    (folders / "outside/c.onnx").write_bytes(b"")
    path = folders / "inside/s.toml"
    path.write_text(re.sub(r'(?m)^workload = ".*"', f'workload = "{workload}"', text))
    with pytest.raises(InputError, match="lies outside of it"):
        load_scenario(str(path))


def test_the_environment_raises_the_limits_of_recordings_and_device_trees(tmp_path, monkeypatch):
    from dfsrt.device.devicetree import files, text
    from dfsrt.recording.source import check_size, read_all

    path = tmp_path / "a.dts"
    path.write_text("/ { a; };\n" * 10)
    monkeypatch.setattr(text, "MOST_BYTES", 50)
    for read in (lambda: files.read_device_tree(path), lambda: read_all(path, 50, "cut it")):
        with pytest.raises(InputError, match=f"set {RAISED_BY} to a size"):
            read()
    with pytest.raises(InputError, match=f"set {RAISED_BY} to a size"):
        check_size(path, 50)
    monkeypatch.setenv(RAISED_BY, "1 KiB")
    check_size(path, 50)
    assert files.read_device_tree(path).root and read_all(path, 50, "cut it")[0]

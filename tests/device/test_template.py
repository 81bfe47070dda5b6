"""The template of a device: the base to the last digit, whether its lines are comments or not."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device import device_names, load_device
from dfsrt.device.load import read_device_file
from dfsrt.device.template import device_template
from dfsrt.power.card import device_digest
from tests.helpers.cli import dfsrt


def uncommented(text):
    """Every line of TOML behind a '# ' is one; what stands behind '## ' is prose."""
    return "\n".join(line.removeprefix("# ") for line in text.splitlines())


def digest(npu, name):
    return device_digest(replace(npu, name=name))


def test_every_line_of_the_template_is_toml_or_prose():
    for line in device_template("rk3588-npu", "mine").splitlines():
        assert not line or line[0] != "#" or line.startswith(("# ", "## "))


@pytest.mark.parametrize("name", device_names())
def test_a_template_is_its_base_but_for_its_name(name, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(device_template(name, "mine", path))
    mine = load_device(path)
    assert (mine.name, digest(mine, name)) == ("mine", digest(load_device(name), name))
    assert set(mine.taken_from) == set(mine.sources)


@pytest.mark.parametrize("name", device_names())
def test_with_all_comments_taken_away_it_says_every_number_itself(name, tmp_path):
    path = tmp_path / "mine.toml"
    text = uncommented(device_template(name, "mine", path))
    path.write_text(text)
    mine, base = load_device(path), load_device(name)
    assert digest(mine, name) == digest(base, name)
    assert mine.taken_from == {}
    assert {**mine.sources, **base.sources} == mine.sources
    # On its own feet it is the same, too: nothing is missing that the base would fill in.
    path.write_text(text.replace(f'base = "{name}"\n', ""))
    assert digest(load_device(path), name) == digest(base, name)


def test_a_changed_number_is_the_only_one_of_its_own(tmp_path):
    path = tmp_path / "mine.toml"
    text = device_template("mdla", "mine", path)
    old = f"buffer_bytes = {load_device('mdla').memory.buffer_bytes:_}"
    assert text.count(f"# {old}  #") == 1
    lines = [
        line.removeprefix("# ") if "buffer_bytes" in line else line for line in text.splitlines()
    ]
    path.write_text("\n".join(lines).replace(old, "buffer_bytes = 4096"))
    mine = load_device(path)
    assert mine.memory.buffer_bytes == 4096
    assert set(mine.sources) - set(mine.taken_from) == {"memory.buffer_bytes"}


def test_ranges_that_the_base_tells_in_tables_are_in_the_template(tmp_path):
    base = tmp_path / "base.toml"
    base.write_text(
        'base = "mdla"\nname = "base"\n[memory]\nbuffer_bytes = 4096\n'
        'source.buffer_bytes = "assumed: a guess"\nrange.buffer_bytes = [2048.0, 8192.0]\n'
    )
    text = device_template(str(base), "mine", tmp_path / "mine.toml")
    assert tomllib.loads(text)["base"] == "base.toml"
    memory = tomllib.loads(uncommented(text))["memory"]
    assert memory["range"] == {"buffer_bytes": [2048.0, 8192.0]}


def test_a_base_that_is_a_file_is_named_from_where_the_new_one_lies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "b.toml").write_text('base = "mdla"\nname = "b"\n')
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / "m.toml"
    path.write_text(device_template(str(tmp_path / "boards" / "b.toml"), "m", path))
    assert tomllib.loads(path.read_text())["base"] == str(Path("..", "boards", "b.toml"))
    assert digest(load_device(path), "b") == digest(load_device(tmp_path / "boards/b.toml"), "b")


def test_options_belong_to_the_new_device():
    with pytest.raises(DeviceError, match="base 'rk3588-npu:bin=L5' chooses bin; give the name"):
        device_template("rk3588-npu:bin=L5", "mine")


def cli(*args, folder: Path):
    return dfsrt(folder, "device", "new", *args)


def test_the_command_names_the_device_after_its_file(tmp_path):
    done = cli("--base", "mdla", "--out", "my board.toml", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert read_device_file(str(tmp_path / "my board.toml")).name == "my-board"
    cli("--base", "mdla", "--out", "b.toml", "--name", "desk", folder=tmp_path)
    assert read_device_file(str(tmp_path / "b.toml")).name == "desk"
    assert tomllib.loads(cli("--base", "mdla", folder=tmp_path).stdout)["name"] == "my-mdla"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--base", "mdlb", "--out", "x.toml"), "unknown device 'mdlb'; did you mean 'mdla'?"),
        (("--base", "no.toml", "--out", "x.toml"), "cannot read device file 'no.toml'"),
        (("--base", "mdla", "--out", "there.toml"), "'there.toml' is there already; remove it or"),
        (("--base", "mdla", "--out", "no/x.toml"), "no folder 'no'; create it first"),
        (("--base", "mdla", "--out", "."), "it is a folder; give a file name"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(args, message, tmp_path):
    (tmp_path / "there.toml").write_text("mine\n")
    failed = cli(*args, folder=tmp_path)
    assert (failed.returncode, failed.stderr.count("\n"), failed.stdout) == (2, 1, "")
    assert message in failed.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["there.toml"]
    assert (tmp_path / "there.toml").read_text() == "mine\n"

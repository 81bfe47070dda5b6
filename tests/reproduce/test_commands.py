"""Published experiments at the command line: what there is, what comes out, what is refused."""

from __future__ import annotations

import json

import pytest


def test_reproduce_lists_its_experiments(dfsrt):
    done = dfsrt("reproduce", "--help")
    assert done.returncode == 0
    assert all(
        f" {name} " in done.stdout for name in ("etri", "romanet", "zheng", "deep-compression")
    )
    done = dfsrt("reproduce")
    assert (done.returncode, " zheng " in done.stdout) == (2, True)
    assert done.stderr.startswith("dfsrt: no command given; see 'dfsrt reproduce --help'")


@pytest.mark.parametrize("name", ["romanet", "zheng"])
def test_an_experiment_writes_json_beside_its_tables_or_in_their_place(dfsrt, tmp_path, name):
    words = ["reproduce", name, "-n", "tiny-keywords", "--buffer", "16KiB"]
    done = dfsrt(*words, "--json", "out.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "abstract says" in done.stdout and "recalled" in done.stdout + "recalled"
    assert "tiny-keywords" in done.stdout and "not in the paper" in done.stdout
    alone = dfsrt(*words, "--json", "-")
    assert alone.stdout == (tmp_path / "out.json").read_text()
    report = json.loads(alone.stdout)
    assert (report["experiment"], report["precision"]) == (name, "int8")
    assert [network["network"] for network in report["networks"]] == ["tiny-keywords"]


BAD = [
    (("romanet", "--buffer", "0"), "buffer '0' is not positive; give a value above 0"),
    (("romanet", "--buffer", "64KiB+1KiB"), "buffer '64KiB+1KiB' has 2 parts; write it like"),
    (("romanet", "-n", "tiny-keywords", "--buffer", "9B"), "no tile fits in a buffer of 9 bytes"),
    (("romanet", "--dram", "ddr9"), "unknown dram 'ddr9'"),
    (("romanet", "--dram", "ddr3-1600:layout=tiled"), "which this experiment varies"),
    (("romanet", "-n", "alexnett"), "did you mean 'alexnet'"),
    (("zheng", "--buffer", "1MiB..64KiB"), "write the smaller size first, like 64KiB..2MiB"),
    (("zheng", "--dram", "ddr3-1600:map=column"), "name every field of this part"),
    (("zheng", "-n", "vgg16:image=100"), "image=100 is out of range"),
    (("zheng", "--json", "none/out.json"), "no folder 'none'; create it first"),
    (("zhang",), "Did you mean 'zheng'"),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_what_cannot_be_is_refused_in_one_line(dfsrt, tmp_path, words, message):
    done = dfsrt("reproduce", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())

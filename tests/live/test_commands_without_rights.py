"""Live commands where something may not be written, or nothing is there: one line, exit code 2."""

from __future__ import annotations

import errno
import os

import pytest

from dfsrt.live import Sysfs
from tests.cli.test_inputs_kept import typed
from tests.helpers.fake_devfreq import FOLDER, FakeDevfreq, Mirror

__all__ = ["typed"]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A board's files, of which the ``denied`` may not be written, whoever runs the test."""
    Mirror(FakeDevfreq(), tmp_path / "tree")
    denied, write = set(), Sysfs.write

    def write_with_rights(self, path, text):
        if path in denied:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        write(self, path, text)

    monkeypatch.setattr(Sysfs, "write", write_with_rights)
    return denied


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("hold 800MHz --method limits", "max_freq"),
        ("hold 800MHz", "governor"),
        ("govern -g performance", "governor"),
    ],
)
def test_without_rights_the_file_and_the_way_are_named_and_nothing_is_left(
    typed, tree, tmp_path, words, file
):
    if file == "max_freq":
        words = words.replace("800MHz", "300MHz")
    tree.add(f"{FOLDER}/{file}")
    code, said = typed("live", *words.split(), "--yes", "--root", "tree")
    assert code == 2
    last = said.splitlines()[-1]
    assert f"'{FOLDER}/{file}' may not be written" in last
    assert "run as root" in last
    assert (tmp_path / "tree" / FOLDER / "governor").read_text() == "simple_ondemand\n"
    assert list((tmp_path / "tree/run/dfsrt/live").glob("*.json")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("hold 800MHz --root nowhere", "is no folder"),
        ("hold 810MHz --root tree --yes", "does not offer 810 MHz"),
        ("hold 800MHz --root tree --method sideways", "unknown method 'sideways'"),
        ("hold 800MHz --root tree -b dmc", "unknown devfreq board 'dmc'"),
        ("-g dvfs --root tree", "name the network that runs"),
        ("-g performance --cap 1W --root tree", "name the network that runs"),
        ("-g performance --export plan.csv --root tree", "needs a network"),
        ("digits --export plan.txt --root tree", "neither .csv nor .json"),
        ("digits -g pid --root tree", "name a meter with --meter"),
        ("govern -g performance --period 1ms --root tree", "below 10 ms"),
        ("watch --root tree --out x.txt", "neither .csv nor .parquet"),
        ("watch --root tree --domain soc", "unknown domain 'soc'"),
        ("watch --root tree --meter hwmon:x/power1", "unknown board 'hwmon:x/power1'"),
        ("--root tree --load 300%", "not from 0% to 100%"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(typed, tree, words, said):
    code, told = typed("live", *words.split())
    assert said in told
    assert (code, told.count("\n")) == (2, 1)

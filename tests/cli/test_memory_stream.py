"""``dfsrt memory stream`` at the terminal."""

from __future__ import annotations

import json
import tomllib

import pytest

from dfsrt.cli import main as entry
from dfsrt.device.dram.tables import PARTS


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """Type a command in an empty folder; returns its exit code, and what it said."""

    def call(*words):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["dfsrt", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            entry.main()
        return stop.value.code, *capsys.readouterr()

    return call


WORDS = ("memory", "stream", "--dram", "ddr3-1600", "--run-bytes", 256, "--visit", "same-bank")


def test_json_has_the_four_figures(typed):
    code, out, err = typed(*WORDS, "--offered", "1.0", "--reads", "1.0", "--json", "-")
    report = json.loads(out)
    assert (code, err) == (0, "")
    assert report["bandwidth_bytes_per_s"] == pytest.approx(0.411 * 12.8e9, rel=0.01)
    assert report["energy_per_byte_j"] == pytest.approx(233e-12, rel=0.01)
    assert (report["activates_per_burst"], report["row_hit_rate"]) == (0.25, 0.75)


def test_the_map_counts_and_may_stand_in_either_place(typed):
    words = ("memory", "stream", "--run-bytes", "1 MB", "--json", "-", "--dram")
    told = [
        json.loads(typed(*words, *said)[1])
        for said in (
            ("lpddr5-6400", "--map", "next-row"),
            ("lpddr5-6400:map=next-row",),
            ("lpddr5-6400", "--map", "bankgroup-column-bank-row"),
        )
    ]
    assert told[0] == told[1]
    assert told[2]["bandwidth_bytes_per_s"] > 2 * told[0]["bandwidth_bytes_per_s"]


def test_the_table_says_what_the_json_does(typed):
    out = typed(*WORDS, "--json", "r.json")[1]
    for word in ("41.1% of the peak", "234", "75.0%", "0.25 activates", "standby"):
        assert word in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dram", "ddr3"), "unknown dram 'ddr3'"),
        (("--map", "column-row"), "misses bank"),
        (("--visit", "no-bank"), "unknown visit 'no-bank'"),
        (("--offered", "0"), "offered 0"),
        (("--offered", "2"), "offered 2"),
        (("--reads", "-1"), "reads -1"),
        (("--reads", "many"), "reads 'many' is not a quantity"),
        (("--run-bytes", "0"), "run-bytes '0' is not positive"),
        (("--run-bytes", "1e30"), "give 1 to 2^40"),
        (("--dram", "ddr3-1600:map=drmap", "--map", "romanet"), "given twice"),
        (("--json", "no/where.json"), "no folder 'no'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(typed, words, said):
    code, out, err = typed(*WORDS, *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_broken_part_is_refused_in_one_line(typed, tmp_path):
    text = (PARTS / "ddr3-1600.toml").read_text()
    assert tomllib.loads(text)["timing"]["trp"] == 10
    (tmp_path / "mine.toml").write_text(text.replace("trp = 10\n", ""))
    code, out, err = typed("memory", "stream", "--dram", "mine.toml")
    assert (code, out) == (2, "")
    assert err == "dfsrt: dram 'mine.toml': key 'trp' of timing is missing; add it\n"


def test_parts_are_listed(typed):
    out = typed("list", "drams")[1]
    assert "lpddr5-6400" in out
    assert "12.8 GB/s" in out

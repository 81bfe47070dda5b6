"""``dfsrt memory`` and ``dfsrt memory compare`` as users type them."""

from __future__ import annotations

import csv
import json

import pytest

from tests.helpers.golden_layer import write_conv, write_device, write_product

CONVS = {
    "four": (4, 8, 4, 3, 1, 1),
    "six": (6, 9, 8, 3, 2, 0),
    "deep": (512, 28, 512, 3, 1, 1),
    "late": (1024, 14, 256, 1),
}


def layer_of(dfsrt, tmp_path, name, buffer, lines=False, *more):
    write_device(tmp_path, lines)
    if name == "product":
        write_product(tmp_path / "one.onnx", 10, 64, 48)
    else:
        write_conv(tmp_path / "one.onnx", *CONVS[name])
    words = ("memory", "one.onnx", "-d", "plain.toml", "--buffer", buffer, "--no-policies", *more)
    done = dfsrt(*words, "--precision", "int8", "--json", "-")
    assert done.returncode == 0, done.stderr
    (layer,) = json.loads(done.stdout)["layers"]
    return layer


@pytest.mark.parametrize(
    ("name", "buffer", "least", "sliding"),
    [
        ("four", "150", 1_600, 1_040),
        ("four", "300", 864, 656),
        ("six", "200", 2_556, 2_502),
        ("product", "300", 8_032, 8_032),
        ("deep", "64KiB+64KiB+64KiB", 10_711_040, 10_711_040),
        ("deep", "256KiB", 5_550_080, 5_521_408),
        ("late", "64KiB", 975_872, 975_872),
    ],
)
def test_golden_layers_come_out_to_the_byte_from_a_file(
    dfsrt, tmp_path, name, buffer, least, sliding
):
    for lines, bytes_ in ((False, least), (True, sliding)):
        layer = layer_of(dfsrt, tmp_path, name, buffer, lines)
        moved = layer["dram_read_bytes"] + layer["dram_write_bytes"]
        assert moved == layer["dram_bytes"] == sum(layer["bytes"].values()) == bytes_
        assert layer["bound_bytes"] <= bytes_


def test_partial_sums_count_among_results_and_hold_the_layer(dfsrt, tmp_path):
    layer = layer_of(dfsrt, tmp_path, "six", "200")
    results, spilled = 8 * 16, 8 * 16 * 4
    assert layer["held_by"] == "partial sums"
    passes = -(-6 // layer["tile"]["c"])
    assert layer["bytes"]["output"] == results + 2 * spilled * (passes - 1)
    assert layer["dram_write_bytes"] == results + spilled * (passes - 1)
    assert sorted(layer["order"]) == list("ckpq")


def test_a_layer_that_fits_says_so_and_all_of_it_stays(dfsrt, tmp_path):
    layer = layer_of(dfsrt, tmp_path, "four", "2KiB")
    assert (layer["held_by"], layer["stays"], layer["place"]) == ("fits", "all", "dram")
    assert (layer["times_bound"], layer["row_hit_rate"]) == (1, None)


def test_a_first_word_that_is_no_command_is_a_network(dfsrt, tmp_path):
    write_conv(tmp_path / "compare", *CONVS["four"])
    by_path = dfsrt("memory", "./compare", "--no-policies", "--json", "-")
    assert json.loads(by_path.stdout)["layers"][0]["name"] == "conv"
    named = dfsrt("memory", "--no-policies", "tiny-keywords")
    assert named.stdout.startswith("tiny-keywords on rk3588-npu in int8")
    shown = dfsrt("memory", "--help").stdout
    assert all(f" {name} " in shown for name in ("network", "compare", "stream"))


def test_lines_of_the_table_fit_in_100_characters(dfsrt):
    for more in ((), ("--dram", "lpddr4-3200:channels=2")):
        lines = dfsrt("memory", "tiny-wakewords", "--buffer", "8KiB", *more).stdout.splitlines()
        assert max(map(len, lines)) <= 100
        assert any(line.startswith("total") for line in lines)


def test_every_file_is_written_beside_the_table(dfsrt, tmp_path):
    files = ("--json", "a.json", "--csv", "a.csv", "--html", "a.html", "--figure", "a.svg")
    done = dfsrt("memory", "tiny-keywords", *files)
    assert done.stdout.startswith("tiny-keywords on")
    report = json.loads((tmp_path / "a.json").read_text())
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == [layer["name"] for layer in report["layers"]]
    assert [int(row["dram_bytes"]) for row in rows] == [a["dram_bytes"] for a in report["layers"]]
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()
    assert "memory-lives" in (tmp_path / "a.html").read_text()


def test_compare_writes_a_point_for_each_policy_in_each_buffer(dfsrt, tmp_path):
    files = ("--json", "a.json", "--csv", "a.csv", "--html", "a.html", "--figure", "a.png")
    sizes = ("--buffer", "4KiB..16KiB,8KiB+8KiB+8KiB")
    done = dfsrt("memory", "compare", "tiny-keywords", *sizes, *files)
    assert "8 KiB+8 KiB+8 KiB" in done.stdout
    points = json.loads((tmp_path / "a.json").read_text())["points"]
    assert list(dict.fromkeys(p["buffer_bytes"] for p in points)) == [4096, 8192, 16384, 24576]
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert [int(row["dram_bytes"]) for row in rows] == [p["dram_bytes"] for p in points]
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("tiny-keywords", "--buffer", "0"), "not positive"),
        (("tiny-keywords", "--buffer", "1KiB+1KiB"), "2 parts"),
        (("tiny-keywords", "--buffer", "4"), "least"),
        (("tiny-keywords", "--buffer", "108K"), "write it like 108KiB"),
        (("tiny-keywords", "--buffer", "64KiB..2MiB"), "for 'dfsrt memory compare'"),
        (("tiny-keywords", "--mapper", "exhaustve"), "did you mean 'exhaustive'"),
        (("tiny-keywords", "--schedule", "residnet"), "did you mean 'resident'"),
        (("tiny-keywords", "--dram", "lpddr9"), "unknown dram"),
        (("tiny-keywords", "--dram", "lpddr4"), "did you mean 'lpddr4-3200'"),
        (("tiny-keywords", "--csv", "no/a.csv"), "no folder"),
        (("tiny-keywords", "--figure", "a.pdf"), ".svg"),
        (("tiny-keywords", "--html", "a.txt"), ".html"),
        (("sd15-text-to-image-nowhere",), "unknown"),
        (("infinite-zoom",), "pipeline"),
        (("compare", "tiny-keywords", "--buffer", "2MiB..64KiB"), "smaller size first"),
        (("compare", "tiny-keywords", "--buffer", "64KiB...2MiB"), "two dots"),
        (("compare", "tiny-keywords", "--buffer", "4"), "least"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(dfsrt, tmp_path, words, says):
    done = dfsrt("memory", *words, "--json", "a.json")
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())

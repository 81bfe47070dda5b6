"""Parts of DRAM, their address maps, and how a device says which one it has."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.base.tomltext import toml_text
from dfsrt.device import load_device
from dfsrt.device.dram import dram_names, load_dram
from dfsrt.device.dram.tables import PARTS
from dfsrt.device.facts import key_facts
from dfsrt.device.template import device_template
from dfsrt.report.device_sheet import device_sheet

SHELF = ("ddr3-1600", "ddr3l-1600", "ddr4-2400", "lpddr3-1600", "lpddr4-3200", "lpddr5-6400")
PEAKS = (12.8, 1.6, 19.3, 6.4, 6.4, 12.8)
MINE = 'format = 1\nbase = "rk3588-npu"\nname = "mine"\ndescription = "mine"\n'


def part(name="lpddr4-3200"):
    return tomllib.loads((PARTS / f"{name}.toml").read_text())


def written(folder, table, name="part.toml"):
    (folder / name).write_text(toml_text(table))
    return str(folder / name)


def put(table, path, value):
    *tables, key = path.split(".")
    for name in tables:
        table = table[name]
    if value is None:
        del table[key]
        table.get("source", {}).pop(key, None)
    else:
        table[key] = value


def test_the_shelf_has_parts_of_every_peak():
    assert dram_names() == SHELF
    peaks = [load_dram(name).peak_bytes_per_s * 1e-9 for name in SHELF]
    assert peaks == pytest.approx(PEAKS, rel=2e-3)


@pytest.mark.parametrize("name", SHELF)
def test_every_number_of_a_part_has_a_source(name, tmp_path):
    table = part(name)
    sources = [(t, k) for t in ("organisation", "timing") for k in table[t]["source"]]
    assert len(sources) > 15
    for where, key in sources[::7]:
        spoiled = part(name)
        del spoiled[where]["source"][key]
        with pytest.raises(DeviceError, match=rf"{where}\.{key} has no source; add source"):
            load_dram(written(tmp_path, spoiled))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (
            "organisation.row_bytes",
            3000,
            r"row_bytes is 3000; give a power of two, like 2048 or 40",
        ),
        ("organisation.row_bytes", 16, "shorter than a burst of 32"),
        ("organisation.banks", 0, r"banks is 0; allowed is 1 to"),
        ("organisation.row_bytes", None, "key 'row_bytes' of organisation is missing; add it"),
        ("timing.trcd", None, "key 'trcd' of timing is missing; add it"),
        ("timing.trp", -29, "timing.trp is -29; allowed is above 0"),
        ("timing.tck_ns", 0, "timing.tck_ns is 0; allowed is above 0"),
        ("timing.trefi", 400, "nothing would be left between refreshes"),
        ("timing.tccd_l", 4, "below tccd_s = 8"),
        ("timing.unit", "ms", "timing.unit"),
        ("supply.VDD2.idd4r_ma", -1, "supply.VDD2.idd4r_ma is -1; allowed is 0 to"),
        ("supply.VDD2.idd5_ma", 0, "refreshing.* draws less than standing by"),
        ("supply.VDD2.idd0_ma", 20, "activating.* draws less than standing by"),
        ("supply.VDD1.voltage_uv", 0, "voltage_uv is 0; give a voltage above 0"),
        ("supply", None, "neither currents in"),
        ("timing.trass", 3, "did you mean 'tras'"),
        ("format", 2, "has format 2; this dfsrt reads format 1"),
    ],
)
def test_a_part_that_cannot_be_is_refused_in_one_line(path, value, said, tmp_path):
    table = part()
    put(table, path, value)
    if "tccd_l" in table["timing"]:
        table["timing"]["source"]["tccd_l"] = "assumed: a test"
    with pytest.raises(InputError, match=said) as error:
        load_dram(written(tmp_path, table))
    assert "\n" not in str(error.value)


def test_trc_holds_tras_and_trp(tmp_path):
    table = part()
    table["timing"] |= {"trc": 96, "source": {**table["timing"]["source"], "trc": "assumed: mine"}}
    with pytest.raises(DeviceError, match=r"trc is 96, below tras \+ trp = 97; give at least that"):
        load_dram(written(tmp_path, table))
    table["timing"]["trc"] = 100
    assert load_dram(written(tmp_path, table)).timing.trc == 100
    assert load_dram("lpddr4-3200").timing.trc == 97


def test_times_may_be_in_nanoseconds_which_clocks_cover(tmp_path):
    table, clocks = part(), load_dram("lpddr4-3200").timing
    for key, value in table["timing"].items():
        if key not in ("source", "tck_ns"):
            table["timing"][key] = value * 0.625 - (0.1 if key == "trcd" else 0)
    table["timing"]["unit"] = "ns"
    assert load_dram(written(tmp_path, table)).timing == clocks


def test_a_part_may_be_based_on_another(tmp_path):
    head = 'format = 1\nname = "mine"\ndescription = "mine"\n'
    own = '[timing]\ntrcd = 30\nsource.trcd = "measured: by me"\n'
    (tmp_path / "a.toml").write_text(f'{head}base = "lpddr5-6400"\n{own}')
    (tmp_path / "b.toml").write_text(f'{head}base = "a.toml"\n[energy]\nrefresh_w = 0.5\n')
    mine = load_dram(str(tmp_path / "a.toml"))
    assert mine.timing == replace(load_dram("lpddr5-6400").timing, trcd=30)
    assert mine.energies == load_dram("lpddr5-6400").energies
    with pytest.raises(DeviceError, match=r"energy\.refresh_w has no source"):
        load_dram(str(tmp_path / "b.toml"))
    (tmp_path / "c.toml").write_text(f'{head}base = "c.toml"\n')
    with pytest.raises(DeviceError, match="is its own base"):
        load_dram(str(tmp_path / "c.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lpddr4", "unknown dram 'lpddr4'; did you mean"),
        ("ddr3-1600:channel=2", "unknown dram option 'channel'; did you mean 'channels'"),
        ("ddr3-1600:channels=3", "channels is 3; give a power of two"),
        ("ddr3-1600:channels=-2", "channels '-2' is no whole number"),
        ("ddr3-1600:layout=nchw", "unknown layout 'nchw'"),
        ("ddr3-1600:powers_down=maybe", "powers_down 'maybe' is unknown; give yes or no"),
        ("ddr3-1600:map=column-row", "misses bank; name every field.*'column-bank-row'"),
        ("ddr4-2400:map=column-bank-row", "misses bankgroup"),
        ("ddr3-1600:channels=2:map=column-bank-row", "misses channel"),
        ("ddr3-1600:map=column-bank-rwo", "unknown field 'rwo'; did you mean 'row'"),
        ("ddr3-1600:map=column-bank-row-bank", "has bank twice"),
        ("ddr3-1600:map=column2-bank-row", "misses column"),
        ("ddr3-1600:map=column9-bank-column-row", "takes 9 bits of column, which has 7 left"),
        ("nowhere.toml", "cannot read dram 'nowhere.toml'"),
    ],
)
def test_a_choice_that_cannot_be_made_says_what_can(text, said):
    with pytest.raises(InputError, match=said) as error:
        load_dram(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("order", "bits"),
    [
        ("column-bank-row", "cccccccbbbr"),
        ("Columns, Banks, Rows", "cccccccbbbr"),
        ("column2-bank-column-row", "ccbbbcccccr"),
        ("drmap", "cccccccbbbr"),
        ("romanet", "cccccccbbbr"),
        ("co-ba-ro", "cccccccbbbr"),
        ("col,bank,row", "cccccccbbbr"),
        ("next-row", "cccccccrbbb"),
        ("column-row1-bank-row", "cccccccrbbbr"),
    ],
)
def test_a_map_is_an_order_of_bits_from_the_lowest_up(order, bits):
    dram = load_dram(f"ddr3-1600:map={order}")
    found = dram.map.bits(dram.organisation, dram.channels)
    assert "".join(name[0] for name in found) == bits


def test_a_device_names_a_part_and_may_change_its_numbers(tmp_path):
    text = '[dram]\npart = "lpddr4-3200"\nchannels = 2\nmap = "drmap"\nlayout = "tiled"\n'
    own = '[dram.timing]\ntrcd = 30\nsource.trcd = "measured: by me"\n'
    (tmp_path / "mine.toml").write_text(MINE + text + own)
    npu = load_device(tmp_path / "mine.toml")
    assert (npu.dram.name, npu.dram.channels, str(npu.dram.layout)) == ("lpddr4-3200", 2, "tiled")
    assert (npu.dram.timing.trcd, npu.dram.timing.trp) == (30, 29)
    assert npu.sources["dram.timing.trcd"] == "measured: by me"
    assert npu.taken_from["dram.timing.trp"] == "lpddr4-3200"
    assert "lpddr4" not in repr(replace(npu, sources={}))  # models' digests stay as they are
    facts = {
        fact.number: fact for key in key_facts(str(tmp_path / "mine.toml")) for fact in key.facts
    }
    assert facts["dram.supply.VDD2.idd4r_ma"].unit == "mA"
    assert facts["dram.supply.VDD2.idd4r_ma"].taken_from == "lpddr4-3200"
    assert facts["dram.timing.trcd"].taken_from is None
    assert device_sheet(str(tmp_path / "mine.toml"))[0].taken["lpddr4-3200"] > 30


def test_the_pages_example_loads(tmp_path):
    page = Path(__file__).resolve().parents[2] / "docs" / "dram.md"
    (example,) = re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
    (tmp_path / "mine.toml").write_text(f"{MINE}{example}")
    dram = load_device(tmp_path / "mine.toml").dram
    assert (dram.channels, dram.timing.trcd, dram.powers_down) == (2, 30, False)


def test_a_device_may_hold_a_whole_part_or_one_that_lies_beside_it(tmp_path):
    inline = {k: v for k, v in part().items() if k not in ("format", "name", "description")}
    (tmp_path / "whole.toml").write_text(MINE + toml_text({"dram": inline}))
    whole = load_device(tmp_path / "whole.toml").dram
    written(tmp_path, part(), "mine-4.toml")
    (tmp_path / "beside.toml").write_text(MINE + '[dram]\npart = "mine-4.toml"\n')
    beside = load_device(tmp_path / "beside.toml").dram
    assert whole.timing == beside.timing == load_dram("lpddr4-3200").timing
    (tmp_path / "again.toml").write_text(
        MINE.replace("rk3588-npu", "beside.toml") + '[dram]\npart = "ddr3-1600"\n'
    )
    assert load_device(tmp_path / "again.toml").dram.timing == load_dram("ddr3-1600").timing


def test_a_new_device_on_one_with_a_part_is_that_device(tmp_path):
    (tmp_path / "mine.toml").write_text(f'{MINE}[dram]\npart = "lpddr5-6400"\nchannels = 2\n')
    text = device_template(str(tmp_path / "mine.toml"), "new", tmp_path / "new.toml")
    (tmp_path / "new.toml").write_text(text)
    for uncommented in (text, text.replace("\n# ", "\n")):
        (tmp_path / "new.toml").write_text(uncommented)
        assert load_device(tmp_path / "new.toml").dram == load_device(tmp_path / "mine.toml").dram


def test_presets_say_no_part():
    assert load_device("rk3588-npu").dram is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('part = "lpddr"\n', "unknown dram 'lpddr'"),
        (
            'part = "ddr4-2400"\nmap = "column-bank-row"\n',
            "dram: map 'column-bank-row' misses bankgr",
        ),
        ('part = "ddr4-2400"\nchannels = 3\n', "device 'mine': dram: channels is 3"),
        (
            'part = "ddr4-2400"\nchannel = 2\n',
            "unknown key of dram 'channel'; did you mean 'channels'",
        ),
        ("channels = 2\n", 'dram names no part; add one, like part = "lpddr4-3200"'),
        ('part = "ddr4-2400"\n[dram.timing]\ntrp = 17\n', "dram.timing.trp has no source"),
        (
            'part = "ddr4-2400"\n[dram.timing]\ntrc = 3\nsource.trc = "mine"\n',
            "trc is 3, below tras",
        ),
    ],
)
def test_a_device_with_a_bad_dram_is_refused_in_one_line(text, said, tmp_path):
    (tmp_path / "mine.toml").write_text(f"{MINE}[dram]\n{text}")
    with pytest.raises(InputError, match=said) as error:
        load_device(tmp_path / "mine.toml")
    assert "\n" not in str(error.value)

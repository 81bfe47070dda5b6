"""The shelf of calibrations: what its files and its page say is what the calibration gives now."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from dfsrt.cost.memory import memory_work
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.device import load_device
from dfsrt.device.load import device_names
from dfsrt.device.truth_file import SHELF, read_truth
from dfsrt.network import load_network
from dfsrt.report.device_check import check_device
from docs import calibration
from docs.calibration import CALIBRATED, PAGE, PRESETS, calibrated, preset_text, shelf_text

NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def words_of(text: str) -> list[str]:
    """A text without its numbers."""
    return NUMBER.sub("#", text).split()


def numbers_of(text: str) -> list[float]:
    return [float(word) for word in NUMBER.findall(text)]


@pytest.mark.parametrize("name", CALIBRATED)
def test_a_calibrated_preset_is_what_the_calibration_writes_now(name):
    """Word for word; numbers to a part in a hundred, as other versions of a solver end there."""
    shipped, now = (PRESETS / f"{name}.toml").read_text(), preset_text(name)
    assert words_of(shipped) == words_of(now)
    assert numbers_of(shipped) == pytest.approx(numbers_of(now), rel=0.01, abs=0.2)


@pytest.mark.parametrize("name", CALIBRATED)
def test_it_takes_all_but_what_was_fitted_from_published_facts(name):
    npu = load_device(name)
    own = {path: text for path, text in npu.sources.items() if path not in npu.taken_from}
    fitted = {
        n.number for n in calibrated(name).report.numbers if n.status in ("fitted", "one side")
    }
    assert own.keys() == fitted
    assert all(text.startswith("calibrated on 5 networks") for text in own.values())
    assert set(npu.taken_from.values()) == {CALIBRATED[name][0]}
    assert CALIBRATED[name][0] in device_names()


@pytest.mark.parametrize("name", CALIBRATED)
def test_what_it_was_calibrated_on_is_its_truth_and_is_called_fitted(name):
    rows = rows_of(SHELF / CALIBRATED[name][1])
    truth = read_truth(SHELF / f"{name}.toml")
    fitted = [m for m in truth.measurement if m.used == "fitted"]
    assert [m.value * 1e-3 for m in fitted] == pytest.approx([float(r["latency_s"]) for r in rows])
    assert [m.network for m in fitted] == [r["network"].partition(":")[0] for r in rows]
    assert [m.source for m in fitted] == [r["source"] for r in rows]


@pytest.mark.parametrize("name", CALIBRATED)
def test_errors_of_the_calibration_are_those_of_the_check(name):
    """Two ways to the same: arrays of a fit, and the product layer by layer."""
    (errors,) = calibrated(name).report.errors
    use = check_device(name).by_use["fitted"]
    assert (use.count, use.mean_error) == (errors.rows, pytest.approx(errors.fitted_mean, abs=1e-3))
    assert use.worst_error == pytest.approx(errors.fitted_worst, abs=1e-3)


def test_left_out_networks_are_predicted_as_well_as_the_page_says():
    """A bound for people: what is on the shelf stays useful, or is taken off it."""
    orin, hexagon = (calibrated(name).report.errors[0] for name in ("orin-dla", "hexagon-8gen2"))
    assert orin.left_out_mean < orin.scaled_mean < orin.base_mean
    assert hexagon.left_out_mean > hexagon.base_mean  # the page says so


def test_rows_that_no_fit_has_seen_are_held_out():
    rows = rows_of(SHELF / "orin_dla_networks_15w.csv")
    held = [m for m in read_truth(SHELF / "orin-dla.toml").measurement if m.used == "held out"]
    assert [m.value * 1e-3 for m in held] == pytest.approx([float(r["latency_s"]) for r in rows])
    assert {m.freq_hz for m in held} == {614_400_000}


@pytest.mark.parametrize("path", sorted(SHELF.glob("*_networks*.csv")), ids=lambda p: p.stem)
def test_tables_of_networks_say_where_they_are_from(path):
    rows = rows_of(path)
    assert len(rows) >= 5
    assert all("@" in row["source"] for row in rows)


@pytest.mark.parametrize("stem", ["orin_dla_networks", "orin_dla_networks_15w"])
def test_a_batch_takes_one_dla_twice_its_share_of_what_both_do(stem):
    for row in rows_of(SHELF / f"{stem}.csv"):
        expected = 2 * int(row["batch"]) / float(row["images_per_s"])
        assert float(row["latency_s"]) == pytest.approx(expected, rel=1e-5)


def test_with_the_memorys_clock_said_the_held_out_mode_is_met_as_the_page_says(tmp_path):
    slow = tmp_path / "slow.toml"
    slow.write_text(
        'format = 1\nbase = "orin-dla"\nname = "slow"\ndescription = "15W"\n\n[memory]\n'
        f"bandwidth_bytes_per_s = {load_device('orin-dla').memory.bandwidth_bytes_per_s * 2 / 3}\n"
        'source.bandwidth_bytes_per_s = "two thirds"\n'
    )
    truth = tmp_path / "truth.toml"
    truth.write_text((SHELF / "orin-dla.toml").read_text().replace('"orin-dla"', '"slow"', 1))
    use = check_device(str(slow), truth).by_use["held out"]
    assert (use.mean_error, use.worst_error) == (
        pytest.approx(0.097, abs=0.002), pytest.approx(0.251, abs=0.002),
    )  # fmt: skip
    assert "9.7 % on average, +25.1 % at worst" in " ".join(PAGE.read_text().split())


def test_the_other_hexagon_takes_the_share_of_the_times_that_the_page_says():
    before, after = (
        {row["network"]: float(row["latency_s"]) for row in rows_of(SHELF / f"hexagon_{chip}.csv")}
        for chip in ("8gen2_networks", "8gen3_networks")
    )
    shares = [after[network] / before[network] for network in before]
    assert (min(shares), max(shares)) == (
        pytest.approx(0.70, abs=0.005),
        pytest.approx(0.76, abs=0.005),
    )


def test_a_densenet_keeps_its_weights_and_so_no_tensor():
    npu = load_device("hexagon-8gen2")
    network = load_network("densenet121").as_precision("int8")
    weights = {tensor.name for layer in network.layers for tensor in layer.weights}
    assert set(resident_places(memory_work(network, npu))) == weights


def test_the_pages_table_is_recomputed():
    shown = re.search(r"<!-- shelf -->\n(.*)<!-- /shelf -->", PAGE.read_text(), re.DOTALL)
    assert shown is not None
    assert words_of(shown[1]) == words_of(shelf_text())
    assert numbers_of(shown[1]) == pytest.approx(numbers_of(shelf_text()), abs=0.2)


@pytest.mark.deep
def test_every_command_of_the_page_prints_what_it_shows():
    text = PAGE.read_text()
    assert len(re.findall(r"^\$ dfsrt ", text, re.MULTILINE)) >= 6
    now = calibration.refreshed(text)
    assert words_of(now) == words_of(text)
    assert numbers_of(now) == pytest.approx(numbers_of(text), rel=0.01, abs=0.2)

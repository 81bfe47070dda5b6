"""ethos-u55-256 against its compiler's estimates: what was fitted, what was held out, what it is.

Source: Arm Vela 5.2.0 on files that ``tests/helpers/vela.py`` builds; a cost model, no silicon.
"""

from __future__ import annotations

import csv
import tomllib

import pytest

from dfsrt.cost import cost_network
from dfsrt.device import load_device
from dfsrt.device.profile import profile_network, read_profile
from dfsrt.device.truth_file import SHELF
from dfsrt.network import load_network
from dfsrt.report.device_check import check_device
from tests.helpers import ublock_fit, vela

NPU = load_device("ethos-u55-256")
TRUTH = tomllib.loads((SHELF / "ethos-u55-256.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def checked():
    return check_device("ethos-u55-256")


def test_the_truth_says_everywhere_that_it_is_an_estimate_and_no_meter():
    assert "no meter and no silicon" in TRUTH["what"]
    for entry in (*TRUTH["measurement"], *TRUTH["profile"]):
        assert "Vela 5.2.0" in entry["source"]
        assert "not silicon" in entry["source"]
        assert "estimated cycles" in entry["conditions"]
    assert "never measured" in NPU.description


def test_half_of_the_networks_were_fitted_on_and_the_others_held_out():
    used = {}
    for m in TRUTH["measurement"]:
        sizes = "".join(f":{dim}={n}" for dim, n in m.get("dims", {}).items())
        used.setdefault(m["used"], []).append(m["network"] + sizes)
    assert used == {"fitted": [*vela.FITTED], "held out": [*vela.HELD_OUT]}


def test_three_numbers_were_fitted():
    fitted = [k for k, text in NPU.sources.items() if "fitted on Vela" in text]
    assert fitted == [
        "engine.ublock.operator_per_cycle",
        "engine.ublock.start_cycles",
        "engine.ublock.weight_share",
    ]


@pytest.mark.parametrize(
    ("use", "mean", "worst"), [("fitted", 0.03, 0.05), ("held out", 0.05, 0.15)]
)
def test_whole_networks_are_near_the_estimates(checked, use, mean, worst):
    errors = [abs(m.error) for m in checked.measurements if m.used == use]
    assert sum(errors) / len(errors) <= mean
    assert max(errors) <= worst


def test_layers_are_near_the_estimates(checked):
    for profile in checked.profiles:
        assert profile.mean_error <= 0.08
        assert profile.rank_correlation >= 0.99
        assert profile.predicted_s == pytest.approx(profile.measured_s, rel=0.05)


@pytest.mark.parametrize("use", ["fitted", "held_out"])
def test_measured_times_are_the_longest_of_velas_cycles_at_500_mhz(use):
    with (SHELF / f"ethos_u55_256_{use}.csv").open() as file:
        for row in csv.DictReader(file):
            cycles = (row["npu_cycles"], row["sram_cycles"], row["flash_cycles"])
            assert float(row["measured_us"]) * 500 == pytest.approx(max(map(int, cycles)))


def ratios(select):
    """Vela's cycles over those of all multipliers at work, of layers of the held-out table."""
    rows = read_profile(SHELF / "ethos_u55_256_held_out.csv")
    for row, layer in zip(rows, profile_network(rows, "t").layers, strict=True):
        if layer.gemms and select(row):
            yield row.measured_us * 500 * 256 / layer.macs


def test_habits_of_small_engines_show_in_the_estimates():
    """First layers, narrow ones of one pixel and depthwise ones take many times their products."""
    assert min(ratios(lambda r: r.in_channels == 3)) > 2
    assert min(ratios(lambda r: r.groups > 1)) > 9
    assert min(ratios(lambda r: r.kernel == 1 and r.in_channels <= 64 and r.in_h > 1)) > 1.4


def test_products_of_twins_are_those_of_dfsrt():
    from tests.helpers.twins import twin_of

    for spec in ("tiny-images", "tiny-keywords", "tiny-anomaly", "mobilenetv2:image=96"):
        assert twin_of(vela.model_of(spec), "twin").macs == load_network(spec).macs


def test_flash_holds_a_network_of_matrices():
    """Packed weights and a scale a channel at a byte a cycle: by hand within a thousandth."""
    network = load_network("tiny-anomaly").as_precision("int8")
    cycles = sum(max(c.compute_cycles, c.dram_bytes) for c in cost_network(network, NPU))
    by_hand = 0.93 * 264_192 + 10 * 1_672
    assert cycles == pytest.approx(by_hand, rel=0.01)


@pytest.mark.deep
@pytest.mark.slow
def test_numbers_fitted_without_a_network_predict_it():
    """Every second of thirteen, the worst among them; the mean of all is 3.1 % (decision 39)."""
    left_out = ublock_fit.leave_one_out(ublock_fit.estimates(), every=2)
    errors = [abs(error) for _, error in left_out.values()]
    assert sum(errors) / len(errors) < 0.045
    assert max(errors) < 0.15
    assert all(0.9 < numbers[0] < 1.0 for numbers, _ in left_out.values())

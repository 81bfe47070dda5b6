"""The truth of ethos-u55-256 against Arm's Vela run anew: an oracle of another hand."""

from __future__ import annotations

import csv
import tomllib

import pytest

from dfsrt.device.truth_file import SHELF
from tests.helpers import vela

pytest.importorskip("ethosu.vela", reason="dependency group 'oracles' is not installed")
pytestmark = pytest.mark.slow

SMALL = ("tiny-images", "tiny-wakewords", "tiny-keywords", "tiny-anomaly")


@pytest.mark.parametrize("spec", SMALL)
def test_the_truth_is_what_vela_says_of_the_twin(spec, tmp_path):
    twin, rows = vela.estimate(spec, tmp_path)
    truth = tomllib.loads((SHELF / "ethos-u55-256.toml").read_text("utf-8"))
    (measured,) = [m for m in truth["measurement"] if m["network"] == spec]
    assert measured["value"] * 1e3 * vela.CLOCK_MHZ == pytest.approx(vela.cycles(rows), rel=1e-5)
    use = measured["used"].replace(" ", "_")
    with (SHELF / f"ethos_u55_256_{use}.csv").open() as file:
        kept = [list(row.values()) for row in csv.DictReader(file) if row["network"] == spec]
    assert [[str(cell) for cell in line] for line in vela.layers(spec, twin, rows)] == kept

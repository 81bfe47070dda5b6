"""Published energies of an inference at two operating points of one chip.

Source: MLPerf Tiny, ``results.txt`` of energy, median of five windows: energy in µJ and inferences
a second while it was measured; core voltage and clock from the systems' descriptions. Repositories
mlcommons/tiny_results_v1.0 @ c7761cf and tiny_results_v0.7 @ 64623f4.

Both chips keep networks on chip, so that nothing waits for DRAM. What is measured is the supply of
1.8 V, so a DC-DC converter, I/O and what never sleeps are in it.
"""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """One operating point: core voltage, clock in MHz, energy and speed of an inference."""

    volts: float
    mhz: float
    energy_uj: float
    per_s: float


class Pair(NamedTuple):
    """A network on a chip at its lower and its higher point."""

    chip: str
    network: str
    low: Point
    high: Point
    source: str

    @property
    def above_v2(self) -> float:
        """By how much the energy at the lower point lies above the V² ratio, as a share."""
        v2 = (self.low.volts / self.high.volts) ** 2
        return self.low.energy_uj / self.high.energy_uj / v2 - 1.0

    @property
    def slower(self) -> float:
        """Time of an inference at the lower point over that at the higher."""
        return self.high.per_s / self.low.per_s


GAP9 = "v1.0, closed/greenwaves-technologies/results/gap9_650_240 and gap9_800_370"
NDP120 = "closed/syntiant/results/syntiant_9120_0v9_30mhz and syntiant_9120_1v1_98mhz"


def gap9(network: str, low_uj: float, low_s: float, high_uj: float, high_s: float) -> Pair:
    """GAP9: 22 nm, accelerator NE16."""
    low, high = Point(0.65, 240, low_uj, low_s), Point(0.80, 370, high_uj, high_s)
    return Pair("GAP9", network, low, high, GAP9)


def ndp120(
    network: str, low_uj: float, low_s: float, high_uj: float, high_s: float, round: str = "v1.0"
) -> Pair:
    """Syntiant NDP120; rounds 1.1 to 1.3 repeat the numbers of 1.0."""
    low, high = Point(0.9, 30, low_uj, low_s), Point(1.1, 98.7, high_uj, high_s)
    return Pair("NDP120", network, low, high, f"{round}, {NDP120}")


PAIRS = (
    gap9("anomaly detection", 5.252, 3682.970, 7.294, 5681.280),
    gap9("image classification", 27.711, 1043.769, 40.356, 1607.976),
    gap9("keyword spotting", 18.561, 1368.176, 26.659, 2107.926),
    gap9("visual wake words", 40.801, 577.979, 58.356, 890.551),
    ndp120("image classification", 101.833, 62.267, 139.367, 195.027),
    ndp120("keyword spotting", 31.537, 227.204, 43.802, 664.507),
    ndp120("visual wake words", 71.711, 78.088, 97.164, 241.080),
    ndp120("keyword spotting", 35.286, 227.149, 49.587, 665.602, "v0.7"),
)
LEAST, MOST = 0.040, 0.103
"""Shares above V² between which all of them lie."""

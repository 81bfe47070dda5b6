"""What a run of all networks comes to: speed, energy, and how the cap was kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dfsrt.reproduce.etri.setting import Setting

PAPER_FPS, PAPER_ENERGY = 0.33, -0.14
"""Source: the abstract of Chung et al., ETRI Journal 44(5):849-858, 2022."""

READINGS = {
    "app-dvfs": "one voltage and clock per network, set by its hungriest layer",
    "shared": "one voltage and clock for all networks, set by the hungriest layer of all",
    "dvfs": "voltage and clock per layer on the slow rail",
}
"""What "DVFS" may mean in the paper."""


@dataclass(frozen=True, slots=True)
class Point:
    """One network under one governor: speed, energy, and how the cap was kept."""

    fps: float
    energy_j: float
    static_share: float
    over_cap: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """All networks under ``dfs`` and under each reading of the baseline, by name."""

    setting: Setting
    dfs: Mapping[str, Point]
    baselines: Mapping[str, Mapping[str, Point]]

    def fps_gain(self, reading: str, network: str) -> float:
        """FPS of ``dfs`` over the baseline's, less 1."""
        return self.dfs[network].fps / self.baselines[reading][network].fps - 1

    def energy_change(self, reading: str, network: str) -> float:
        """Energy per inference of ``dfs`` over the baseline's, less 1."""
        return self.dfs[network].energy_j / self.baselines[reading][network].energy_j - 1

    def average(self, change: Callable[[str, str], float], reading: str) -> float:
        """Mean of ``change`` over the networks, as the paper averages its applications."""
        return sum(change(reading, name) for name in self.dfs) / len(self.dfs)

    def over_cap(self, reading: str) -> float:
        """Mean share of layer executions above the cap; ``dfs`` is a reading here too."""
        points = self.dfs if reading == "dfs" else self.baselines[reading]
        return sum(p.over_cap for p in points.values()) / len(points)

    def static_share(self) -> float:
        """Mean share of leakage in the energy of ``app-dvfs``."""
        points = self.baselines["app-dvfs"].values()
        return sum(p.static_share for p in points) / len(points)

"""Chung et al., ETRI Journal 44(5), 2022: per-layer frequency scaling against DVFS.

The abstract reports +33 % FPS and -14 % energy on average over eight networks. It does not say
what the DVFS baseline does, so three readings stand side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dfsrt.cost import at_device_precision
from dfsrt.device import Npu
from dfsrt.device.rules import leakage_w
from dfsrt.network import Network, load_network
from dfsrt.power.choose import choose_model
from dfsrt.power.components import COMPONENTS
from dfsrt.power.plant import true_leakage
from dfsrt.report import schema
from dfsrt.run.book import Book
from dfsrt.run.job import Job, make_job
from dfsrt.run.run import Run, execute

NETWORKS = (
    "alexnet",
    "densenet121",
    "inception_v1",
    "inception_v2",
    "resnet50",
    "shufflenet",
    "squeezenet",
    "vgg19",
)
"""Eight of the nine shipped networks; which eight the paper ran, its abstract does not say."""

PAPER_FPS, PAPER_ENERGY = 0.33, -0.14

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
class Setting:
    """One choice of what the paper leaves open."""

    name: str
    npu: Npu
    cap_w: float
    dfs: str = "dfs"
    model: str = "fitted"


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


def load_networks(npu: Npu) -> tuple[Network, ...]:
    """Return the eight networks in the device's precision."""
    return tuple(at_device_precision(load_network(name), npu) for name in NETWORKS)


def reproduce(
    setting: Setting, networks: Sequence[Network], frames: int = 3, seed: int = 0
) -> Outcome:
    """Run every network under ``dfs`` and the three baselines."""
    jobs = [_job(setting, n, frames, seed + i) for i, n in enumerate(networks)]
    app = [execute(job, "app-dvfs") for job in jobs]
    lowest_hz = min(int(run.log.freq_hz[0]) for run in app)
    return Outcome(
        setting,
        dfs=_points(execute(job, setting.dfs) for job in jobs),
        baselines={
            "app-dvfs": _points(app),
            "shared": _points(execute(job, f"userspace:freq={lowest_hz}") for job in jobs),
            "dvfs": _points(execute(job, "dvfs") for job in jobs),
        },
    )


def _job(setting: Setting, network: Network, frames: int, seed: int) -> Job:
    model = choose_model(setting.model, setting.npu)
    return make_job(
        network,
        device=setting.npu,
        cap=setting.cap_w,
        power_model=model,
        frames=frames,
        seed=seed,
    )


def _points(runs: Iterable[Run]) -> dict[str, Point]:
    return {run.job.table.network: _point(run.book) for run in runs}


def _point(book: Book) -> Point:
    component_j, frames = book.component_j, book.frames
    energy_j = float(component_j[: book.inside].sum())
    leakage_j = float(component_j[COMPONENTS.index("leakage")])
    return Point(
        fps=frames / (book.span_ns * 1e-9),
        energy_j=energy_j / frames,
        static_share=leakage_j / book.table.plant.rates.efficiency / energy_j,
        over_cap=book.layers_over / book.layer_runs,
    )


def sensitivity(npu: Npu, cap_w: float) -> dict[str, list[Setting]]:
    """Return, for each thing the paper leaves open, the settings that span its stated range."""
    base = Setting("", npu, cap_w)
    return {
        "leakage at the top voltage, share of the cap": [
            replace(base, name=f"{share:.0%}", npu=with_static_share(npu, cap_w, share))
            for share in (0.1, 0.3, 0.5, 0.7)
        ],
        "cap": [replace(base, name=f"{w:g} W", cap_w=w) for w in (8.0, 10.0, 12.0, 15.0)],
        "memory bandwidth": [
            replace(base, name=name, npu=_with_bandwidth(npu, rate))
            for name, rate in (
                ("20 GB/s", 20e9),
                ("40 GB/s", 40e9),
                ("100 GB/s", 100e9),
                ("ideal", float("inf")),
            )
        ],
        "voltage that dfs holds": [
            replace(base, name=f"{uv / 1000:g} mV", dfs=f"dfs:rail={uv}uV")
            for uv in npu.opps.set_points_uv
        ],
        "launch cycles": [
            replace(base, name=str(cycles), npu=replace(npu, launch_cycles=cycles))
            for cycles in (0, 200, 2_000)
        ],
        "bytes copied on chip a clock": [
            replace(base, name=str(count), npu=_with_copies(npu, count))
            for count in (512, 1_024, 4_096)
        ],
        "margin on the power model": [
            replace(base, name=guard, model=f"fitted:guard={guard}")
            for guard in ("0%", "30%", "60%")
        ],
        "spread of layers' activity": [
            replace(base, name=f"sigma {s:g}", npu=_with_spread(npu, s))
            for s in (0.0, 0.1, 0.3, 0.4)
        ],
    }


def with_static_share(npu: Npu, cap_w: float, share: float) -> Npu:
    """Return ``npu`` with leakage scaled to ``share`` of the cap at the top voltage and hot."""
    top_v = npu.opps.set_points_uv[-1] * 1e-6
    at_top_w = sum(leakage_w(scale, top_v**n) for scale, n in true_leakage(npu))
    factor = share * cap_w * npu.rail.efficiency / at_top_w
    leakage = tuple(replace(t, power_w=t.power_w * factor) for t in npu.silicon.leakage)
    return replace(npu, silicon=replace(npu.silicon, leakage=leakage))


def _with_bandwidth(npu: Npu, bytes_per_s: float) -> Npu:
    return replace(npu, memory=replace(npu.memory, bandwidth_bytes_per_s=bytes_per_s))


def _with_copies(npu: Npu, bytes_per_cycle: int) -> Npu:
    return replace(npu, vector=replace(npu.vector, bytes_per_cycle=bytes_per_cycle))


def _with_spread(npu: Npu, sigma: float) -> Npu:
    return replace(npu, hidden=replace(npu.hidden, activity_sigma=sigma))


def to_json(main: Outcome, groups: Mapping[str, Sequence[Outcome]]) -> bytes:
    """Return the outcome and the averages of every setting as JSON."""
    document = {
        "schema_version": schema.SCHEMA_VERSION,
        "device": main.setting.npu.name,
        "cap_w": main.setting.cap_w,
        "paper": {"fps": PAPER_FPS, "energy": PAPER_ENERGY},
        "readings": READINGS,
        "networks": [_network_entry(main, name) for name in main.dfs],
        "average": _average_entry(main),
        "sensitivity": {
            name: [{"value": o.setting.name, **_average_entry(o)} for o in outcomes]
            for name, outcomes in groups.items()
        },
    }
    return schema.to_json(document)


def _network_entry(main: Outcome, name: str) -> dict[str, object]:
    return {
        "network": name,
        "dfs": main.dfs[name],
        "baselines": {reading: points[name] for reading, points in main.baselines.items()},
    }


def _average_entry(outcome: Outcome) -> dict[str, object]:
    return {
        "static_share": outcome.static_share(),
        "fps": {r: outcome.average(outcome.fps_gain, r) for r in READINGS},
        "energy": {r: outcome.average(outcome.energy_change, r) for r in READINGS},
        "over_cap": {r: outcome.over_cap(r) for r in ("dfs", *READINGS)},
    }

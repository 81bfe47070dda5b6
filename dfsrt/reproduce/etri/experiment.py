"""The experiment: every network under ``dfs`` and under each reading of DVFS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dfsrt.cost import at_device_precision
from dfsrt.device import Npu
from dfsrt.network import Network, load_network
from dfsrt.power.choose import choose_model
from dfsrt.power.components import COMPONENTS
from dfsrt.reproduce.etri.outcome import Outcome, Point
from dfsrt.reproduce.etri.setting import Setting
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

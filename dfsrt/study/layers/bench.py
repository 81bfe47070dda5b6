"""The bench: a network, its data and its device, on which points of a search are tried."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from dfsrt.base.errors import DfsrtError, InputError
from dfsrt.network import Network
from dfsrt.network.load import from_onnx_model
from dfsrt.network.packed import write_packings
from dfsrt.network.reading import ReadingFields, reading_of
from dfsrt.optimize import Calibration, survey
from dfsrt.optimize.layers import Chooser, Layers, ready_for_layers
from dfsrt.report.api import Job
from dfsrt.report.schema import Report
from dfsrt.run.fields import RunFields
from dfsrt.study.cell import Outcome
from dfsrt.study.layers.search import LayerSearch

if TYPE_CHECKING:
    import onnx

MOST_DB = 200.0
"""SQNR of outputs that are equal, or lost: a sampler takes no infinity."""


class Bench:
    """Tries points of one search; model and data are opened once.

    Raises, on use:
        InputError: a network without values, data that do not fit, or a value that cannot be used.
    """

    def __init__(self, search: LayerSearch) -> None:
        self.search = search
        names = ReadingFields.__annotations__
        parts = [
            {n: v for n, v in search.run.items() if (n in names) is own} for own in (True, False)
        ]
        self._said, self._run = cast("ReadingFields", parts[0]), cast("RunFields", parts[1])

    @cached_property
    def model(self) -> onnx.ModelProto:
        """The network as it is given, with values."""
        return self._given[0]

    @cached_property
    def data(self) -> Calibration:
        """What is calibrated and judged on."""
        return self._given[1]

    @cached_property
    def ready(self) -> onnx.ModelProto:
        """The network as its layers are counted."""
        return ready_for_layers(self.model)

    @cached_property
    def chooser(self) -> Chooser:
        """What makes its smaller models."""
        return Chooser(self.ready, self.data)

    @cached_property
    def _given(self) -> tuple[onnx.ModelProto, Calibration]:
        from dfsrt.report.optimize.data import calibration_of
        from dfsrt.report.optimize.source import open_given

        given = open_given(self.search.source, reading_of(**self._said))
        data = calibration_of(given, self.search.data, self.search.samples, self.search.seed)
        if given.model is None or data is None:
            raise InputError(
                f"'{self.search.source}' has sizes alone, and a search judges answers; give an "
                ".onnx file with trained weights"
            )
        return given.model, data

    def smaller(self, how: Layers) -> onnx.ModelProto:
        """Return the model that a point makes, which says what its weights allow."""
        model = self.chooser.chosen(how)
        write_packings(model, survey(model))
        return model

    def report(self, model: onnx.ModelProto) -> Report:
        """Return a run of a model on the device."""
        return self.job(model).run().report

    def job(self, model: onnx.ModelProto) -> Job:
        """Return a model on the device."""
        return Job(self.network(model), **self._run)

    def network(self, model: onnx.ModelProto) -> Network:
        """Return a model's layers."""
        said = self._said.copy()
        said["dims"] = {}  # they were set when it was opened
        return from_onnx_model(model, self.search.name, **said)

    def energy_j(self, how: Layers) -> float:
        """Return a point's joules a frame, of all domains; its answers are not looked at."""
        return _energy_j(self.report(self.smaller(how)))

    def figures(self, how: Layers) -> dict[str, float]:
        """Return what a point costs and what it leaves of the answers."""
        from dfsrt.optimize.fidelity import fidelity

        model = self.smaller(how)
        report, left = self.report(model), fidelity(self.model, model, self.data)
        values = {
            "energy_j": _energy_j(report),
            "latency_s": report.latency_s.mean if report.latency_s else 0.0,
            "weight_bytes": float(self.network(model).weight_bytes),
            "sqnr_db": min(max(left.sqnr_db, -MOST_DB), MOST_DB),
            "cosine": left.cosine,
        }
        shares = {"accuracy": left.accuracy, "same": left.same}
        return values | {name: share for name, share in shares.items() if share is not None}


def _energy_j(report: Report) -> float:
    return report.energy_by_domain_j.total / report.frames


@dataclass(frozen=True, slots=True)
class LayerTask:
    """Work for one worker: a trial of a search."""

    trial: int
    search: LayerSearch
    how: Layers


_OPEN: dict[str, Bench] = {}
"""The bench of this process, by its search; one at a time."""


def bench_of(search: LayerSearch) -> Bench:
    """Return the bench of ``search``, opened once in a process."""
    key = repr(search)
    if key not in _OPEN:
        _OPEN.clear()
        _OPEN[key] = Bench(search)
    return _OPEN[key]


def evaluate_layers(task: LayerTask) -> Outcome:
    """Try a point; one that cannot run says why."""
    begin = time.perf_counter()
    try:
        figures = (bench_of(task.search).figures(task.how),)
    except DfsrtError as error:
        return Outcome(task.trial, (), str(error), time.perf_counter() - begin)
    return Outcome(task.trial, figures, "", time.perf_counter() - begin)

"""The network as given in half precision: what its answers were worked out in, or nearly."""

from __future__ import annotations

from dfsrt.cost import multiplies_in_training_format
from dfsrt.report.api import Job
from dfsrt.report.optimize.reasons import main_precision
from dfsrt.report.optimize.row import AUTO, Measured, frame_energy, watts
from dfsrt.report.optimize.schema import FloatRun
from dfsrt.run.fields import RunFields

FLOATS = ("fp16", "fp32")
"""Precisions of training that devices run, the narrowest first."""


def runs_narrow(first: Measured, fields: RunFields) -> bool:
    """Whether a network in fp32 runs in narrow numbers though nobody asked for them."""
    asked, network = fields.get("precision") or AUTO, first.point.network
    is_narrow = main_precision(first) not in FLOATS
    return asked == AUTO and is_narrow and multiplies_in_training_format(network)


def as_float(first: Measured, fields: RunFields) -> FloatRun | None:
    """Run the network as given in the narrowest float of the device, and return what that takes.

    None where that is what it runs in, where a precision was asked for, where the file has narrow
    numbers itself, and where the device computes in no float.

    Raises:
        InputError: a value of ``fields`` that cannot be used.
    """
    floats = [name for name in FLOATS if name in first.job.npu.array.cycles_per_step]
    if not floats or not runs_narrow(first, fields):
        return None
    own: RunFields = {**fields, "precision": floats[0]}
    report = Job(first.point.network, **own).run().report
    return FloatRun(
        precision=floats[0],
        dram_bytes=report.memory.dram_bytes // report.frames,
        latency_s=report.latency_s.mean if report.latency_s else 0.0,
        fps=report.fps,
        energy_j=frame_energy(report),
        power_w=watts(report),
    )

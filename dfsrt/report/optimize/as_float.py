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


def as_float(first: Measured, fields: RunFields) -> FloatRun | None:
    """Run the network as given in the narrowest float of the device, and return what that takes.

    None where that is what it runs in, where a precision was asked for, where the file has narrow
    numbers itself, and where the device computes in no float.

    Raises:
        InputError: a value of ``fields`` that cannot be used.
    """
    rates, asked = first.job.npu.array.cycles_per_step, fields.get("precision") or AUTO
    floats = [name for name in FLOATS if name in rates]
    is_float = main_precision(first) in FLOATS or not multiplies_in_training_format(
        first.point.network
    )
    if asked != AUTO or is_float or not floats:
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

"""What is said of a calibration: its numbers, its rows, its errors, and the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.unit import unit_of
from dfsrt.study.calibration.changes import WITH_ACTIONS
from dfsrt.study.calibration.energies import FACTORS
from dfsrt.study.calibration.observed import Observation
from dfsrt.study.calibration.parameter import Parameter
from dfsrt.study.calibration.result import (
    CalibratedNumber,
    CalibratedRow,
    CalibrationErrors,
)
from dfsrt.study.calibration.search import Interval
from dfsrt.study.calibration.stage import HARDLY, NOT_SEEN, TOO_MANY, WIDE, Done, Stage, most_of
from dfsrt.study.calibration.stages import TIED

_UNSEEN = {
    "run.launch_ns": "no measurement has a launch in it",
    "run.launch_cycles": "no measurement waits for cycles of a launch",
    "cores.bandwidth_bytes_per_s": "no network waits for memory",
    "memory.bandwidth_bytes_per_s": "no network waits for memory, or none for what all cores share",
    "memory.read_bandwidth_bytes_per_s": "no network waits for what all cores read",
    "memory.write_bandwidth_bytes_per_s": "no network waits for what all cores write",
    "memory.cache_row_ns": "no network reads a cache of keys and values",
    "weights.decoded_per_cycle": "no layer waits for decoded weights",
    "run.operator_launch_ns": "no measurement has a {entry} in it",
    "engine.channel.operator_mac_efficiency": "no layer waits for the products of a {entry}",
    "engine.channel.mac_efficiency": "no network waits for the array",
    "array.efficiency": "no network waits for the array",
    "engine.channel.activation_per_cycle": "no layer waits for {entry} on its way out",
    "engine.channel.operator_per_cycle": "no layer waits for a {entry}",
    "vector.lanes": "no layer waits for the vector unit in {entry}",
    "array.cycles_per_step": "no layer waits for the array in {entry}",
    "memory.overflow_slowdown": "no measurement in {entry} has results that outgrow the buffer",
}


def numbers_said(stage: Stage, done: Done, held: Sequence[str]) -> Iterator[CalibratedNumber]:
    """Yield each number of a stage that was fitted, or looked at, or held."""
    fit = done.fit
    for parameter, at, of in zip(fit.problem.free, fit.at, fit.intervals, strict=True):
        yield _fitted(parameter, parameter.value(float(at)), of)
    by_name = {p.name: p for p in stage.parameters}
    for name, reason in done.reasons.items():
        why = _why(name, reason, len(stage.measured))
        yield _kept(by_name[name], "undecided", why)
    for name in held:
        yield _kept(by_name[name], "held", "by --hold")


def rows_said(
    observed: Sequence[Observation],
    stage: Stage,
    done: Done,
    fitted: Floats,
    groups: Sequence[str],
) -> Iterator[CalibratedRow]:
    """Yield each measurement with what is said of it; arrays are ``(n_rows,)``."""
    base, measured = np.exp(stage.predict(stage.base)), np.exp(stage.measured)
    for n, o in enumerate(observed):
        yield CalibratedRow(
            network=o.label,
            quantity=stage.quantity,
            precision=o.precision,
            cores=o.npu.used_cores,
            freq_hz=o.freq_hz,
            measured=float(measured[n]),
            base=float(base[n]),
            scaled=float(np.exp(done.scaled[n])),
            fitted=float(fitted[n]),
            left_out=float(np.exp(done.left_out[n])),
            group=groups[n],
        )


def errors_said(rows: Sequence[CalibratedRow], quantity: str, done: Done) -> CalibrationErrors:
    """Return mean and worst errors of the rows of a quantity."""
    own = [row for row in rows if row.quantity == quantity]

    def of(name: str) -> tuple[float, float]:
        errors = [getattr(row, name) / row.measured - 1 for row in own]
        return sum(map(abs, errors)) / len(errors), max(errors, key=abs)

    (base, base_worst), (scaled, scaled_worst) = of("base"), of("scaled")
    (fitted, fitted_worst), (left_out, left_out_worst) = of("fitted"), of("left_out")
    return CalibrationErrors(
        quantity=quantity,
        rows=len(own),
        spread=done.fit.problem.spread(done.fit.at),
        base_mean=base,
        base_worst=base_worst,
        scaled_mean=scaled,
        scaled_worst=scaled_worst,
        fitted_mean=fitted,
        fitted_worst=fitted_worst,
        left_out_mean=left_out,
        left_out_worst=left_out_worst,
    )


def notes_said(errors: Sequence[CalibrationErrors]) -> Iterator[str]:
    """Yield what is to be known of a fit that predicts left-out rows no better than less would."""
    for e in errors:
        if e.left_out_mean >= e.base_mean:
            yield f"{e.quantity} of what is left out is predicted no better than by the base"
        elif e.left_out_mean >= e.scaled_mean:
            yield f"{e.quantity} of what is left out is predicted no better than by one factor"


def _fitted(parameter: Parameter, value: float, of: Interval) -> CalibratedNumber:
    low, high = parameter.value(of.low), parameter.value(of.high)
    is_whole = of.low_known and of.high_known
    why = "" if is_whole else f"the data say {low:.3g} or more" if of.low_known else (
        f"the data say {high:.3g} or less")  # fmt: skip
    return CalibratedNumber(
        number=parameter.name,
        base=parameter.base,
        value=value,
        low=low if of.low_known else None,
        high=high if of.high_known else None,
        status="fitted" if is_whole else "one side",
        why=why,
        factor=_is_factor(parameter),
        unit=_unit(parameter),
    )


def _kept(parameter: Parameter, status: str, why: str) -> CalibratedNumber:
    return CalibratedNumber(
        number=parameter.name,
        base=parameter.base,
        value=parameter.base,
        low=None,
        high=None,
        status=status,
        why=why,
        factor=_is_factor(parameter),
        unit=_unit(parameter),
    )


def _is_factor(parameter: Parameter) -> bool:
    table, _, word = parameter.name.partition(".")
    return table == "silicon" and word in FACTORS


def _unit(parameter: Parameter) -> str:
    if _is_factor(parameter):
        return ""
    units = (unit_of(word) for word in reversed(parameter.name.split(".")))
    return next((unit.symbol for unit in units if unit), "")


def _why(name: str, reason: str, rows: int) -> str:
    if reason == NOT_SEEN:
        key, _, entry = name.rpartition(".")
        return _UNSEEN.get(name, _UNSEEN.get(key, "nothing measured depends on it")).format(
            entry=entry
        )
    if name in TIED:
        return WITH_ACTIONS
    return {
        HARDLY: "hardly anything measured depends on it",
        TOO_MANY: f"{rows} rows carry no more than {most_of(rows)} numbers",
        WIDE: "its interval is as wide as its range",
    }.get(reason, reason)

"""Stages: which numbers of a device times can tell, and which energies can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.facts import KeyFacts
from dfsrt.study.calibration.choose import PredictOf
from dfsrt.study.calibration.energies import Joules
from dfsrt.study.calibration.parameter import Parameter, parameters_of
from dfsrt.study.calibration.stage import Stage
from dfsrt.study.calibration.times import CHANNEL, Timer, numbers_of
from dfsrt.study.calibration.work import PRECISION_NAMES

TIED = ("silicon.sram_pj_per_byte", "silicon.vector_pj_per_op")
"""Factors that are ``silicon.energies``' where the measurements do not tell them apart from it."""

_SHARED = "bandwidth_bytes_per_s"
"""Of what all cores share, where a device tells of cores: the other is first of all numbers."""
_RATES = (
    *(f"{CHANNEL}.activation_per_cycle", f"{CHANNEL}.operator_per_cycle", "vector.lanes"),
    *(f"{CHANNEL}.operator_mac_efficiency", "weights."),
)


def time_stage(timer: Timer, measured_s: Floats, keys: Mapping[str, KeyFacts]) -> Stage:
    """Return the stage of times, ``(n_rows,)``.

    First come overhead, the bandwidth that one core gets, and the array's efficiency.
    """
    numbers = numbers_of(timer.npu)
    known = {p.name: p for p in parameters_of(keys, numbers)}
    core = [known.pop(name) for name in _core(known)]
    usual = [known.pop(name) for name in list(known) if name in set(_usual(known, timer))]

    def predict(of: Mapping[str, float]) -> Floats:
        return np.log(timer.seconds({**numbers, **of}))

    def kept(rows: Sequence[int]) -> PredictOf:
        part = timer.kept(list(rows))
        return lambda of: np.log(part.seconds({**numbers, **of}))

    measured = np.log(measured_s)
    free = (tuple(core), tuple(usual), tuple(known.values()))
    return Stage("time", predict, measured, kept, *free, numbers)


def energy_stage(joules: Joules, measured_j: Floats, keys: Mapping[str, KeyFacts]) -> Stage:
    """Return the stage of energies, ``(n_rows,)``; first come a factor on all actions, and leakage.

    What the domain does not hold is no number of it.
    """
    numbers = {f"silicon.{name}": value for name, value in joules.base.items()}
    held = {f"silicon.{name}" for name in joules.parts} | {"silicon.energies"}
    known = {p.name: p for p in parameters_of(keys, numbers) if p.name in held}
    core = [known.pop(n) for n in ("silicon.energies", "silicon.leakage") if n in known]
    base = {name: value for name, value in numbers.items() if name not in TIED}

    def predict(of: Mapping[str, float]) -> Floats:
        return np.log(joules.joules(of))

    def kept(rows: Sequence[int]) -> PredictOf:
        part = joules.kept(rows)
        return lambda of: np.log(part.joules(of))

    free = (tuple(core), tuple(known.values()), ())
    return Stage("energy", predict, np.log(measured_j), kept, *free, base)


def _core(known: Mapping[str, Parameter]) -> Iterator[str]:
    for choices in (
        ("run.launch_ns",),
        ("cores.bandwidth_bytes_per_s", "memory.bandwidth_bytes_per_s"),
        (f"{CHANNEL}.mac_efficiency", "array.efficiency"),
    ):
        yield from [name for name in choices if name in known][:1]


def _usual(known: Mapping[str, Parameter], timer: Timer) -> Iterator[str]:
    """Numbers that boards differ in; sides and structure of an array are asked for by name."""
    work, own = timer.work, timer.npu.precision
    ran = {PRECISION_NAMES[place] for place in work.places("precision")}
    shared = bool((work.column("cores") > 1).any())
    for name in known:
        of = name.rpartition(".")[2]
        if (of in PRECISION_NAMES and of not in ran) or (of == _SHARED and not shared):
            continue
        rate = name.startswith((*_RATES, "memory.", "run."))
        steps = name.startswith("array.cycles_per_step.") and of != own
        if rate or steps:
            yield name

"""Smaller networks in one call: a chain of steps, and what each does to bytes, watts, answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack, cast

from dfsrt.base.errors import InputError
from dfsrt.network.reading import ReadingFields, reading_of
from dfsrt.optimize import Transform, make_transform, parse_steps, steps_text
from dfsrt.optimize.weights import products_inside
from dfsrt.report.optimize.as_float import as_float
from dfsrt.report.optimize.chain import OnStep, measured_chain
from dfsrt.report.optimize.data import Data, calibration_of
from dfsrt.report.optimize.layers import layer_changes
from dfsrt.report.optimize.report import Done, optimize_report
from dfsrt.report.optimize.result import Optimized, check_out
from dfsrt.report.optimize.source import Source, open_given
from dfsrt.run.fields import AsGivenRunFields, RunFields

OURS = ("period", "until", "deadline")
"""Fields of a run that are the report's own to say."""


def optimize(
    source: Source,
    steps: str | Sequence[str | Transform],
    data: Data = None,
    *,
    samples: int | None = None,
    per_layer: bool = False,
    out: str | Path | None = None,
    on_step: OnStep | None = None,
    **fields: Unpack[AsGivenRunFields],
) -> Optimized:
    """Make ``source`` smaller by ``steps``, and return what each does on the device.

    ``steps`` are like ``"int8,prune:nm=2of4:refit"``. ``data`` are a folder, an ``.npz`` file,
    ``"random"`` or a ``Calibration``; where nobody says, those that belong to the network, else
    random. ``per_layer`` adds layers before and after. The model is written to ``out``, in one
    piece when all is well. Other keywords are the fields of ``RunSpec``.

    Raises:
        InputError: a value that cannot be used, data or a step that do not fit.
        NetworkError: a network that cannot be read, sized or run, or a file without weights.
        OutputError: ``out`` is the network's own file, or cannot be written.
    """
    chosen, reading, run = _steps(steps), *_parted(fields)
    given = open_given(source, reading_of(**reading))
    check_out(given, out)
    calibration = calibration_of(given, data, samples, run.get("seed") or 0)
    chain = measured_chain(given, chosen, calibration, run, on_step)
    layers = (
        layer_changes(chain.measured[0], chain.measured[-1], chain.fidelity) if per_layer else []
    )
    report = optimize_report(
        Done(
            network=given.name,
            steps=steps_text(chosen),
            fields=run,
            measured=chain.measured,
            rows=chain.rows,
            data=calibration,
            as_float=as_float(chain.measured[0], run),
            layers=layers,
            left_out=() if chain.fidelity is None else chain.fidelity.notes,
            inside={} if given.model is None else products_inside(given.model),
        )
    )
    done = Optimized(report, chain.last.model, [each.result for each in chain.measured])
    if out is not None:
        done.save(out)
    return done


def _steps(steps: str | Sequence[str | Transform]) -> tuple[Transform, ...]:
    if isinstance(steps, str):
        return parse_steps(steps)
    if not steps:
        raise InputError("no step given; name at least one, like 'int8'")
    named = (parse_steps(s) if isinstance(s, str) else (make_transform(s),) for s in steps)
    return tuple(step for each in named for step in each)


def _parted(fields: AsGivenRunFields) -> tuple[ReadingFields, RunFields]:
    """Return how the network is read, and how it is run."""
    for name in OURS:
        if fields.get(name) is not None:
            raise InputError(
                f"'{name}' is not for optimize: every row runs back to back, and at the rate of "
                "the network as given; leave it out"
            )
    names = ReadingFields.__annotations__
    reading = {name: value for name, value in fields.items() if name in names}
    run = {name: value for name, value in fields.items() if name not in names}
    return cast("ReadingFields", reading), cast("RunFields", run)

"""From a sweep's study to its points: what each varies, and the specification that it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import cast

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.base.whole import check_seed
from dfsrt.run.fields import RunFields
from dfsrt.run.job import make_spec
from dfsrt.run.spec import RunSpec
from dfsrt.study.sweep.alike import Value, text_of
from dfsrt.study.sweep.axis import Dimension, dimension
from dfsrt.study.sweep.files import beside
from dfsrt.study.sweep.study import Shared, SweepStudy

MOST_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class SweepPoints:
    """The points of a sweep in order: ``varied`` by name, ``said`` fields, and ``specs`` to run.

    ``alike`` counts points that were drawn twice and stand once.
    """

    dimensions: tuple[Dimension, ...]
    varied: tuple[Mapping[str, str], ...]
    said: tuple[Mapping[str, Shared], ...]
    specs: tuple[RunSpec, ...]
    alike: int = 0


def points_of(study: SweepStudy, folder: Path | None = None) -> SweepPoints:
    """Return the points of ``study``; files that it names are sought in ``folder``.

    Raises:
        InputError: no points, too many, two alike, or a range or value that is none.
    """
    grid = study.sampler == "grid"
    device = str(beside(folder, "device", _a_device(study)))
    of_device = dict.fromkeys(study.device_numbers, device)
    dimensions = tuple(dimension(name, axis, grid, of_device) for name, axis in study.axes.items())
    drawn = _grid(study, dimensions) if grid else _sobol(study, dimensions)
    kept: dict[str, tuple[dict[str, Shared], dict[str, str]]] = {}
    count = 0
    for values in drawn:
        count += 1
        varied = {d.name: text_of(value) for d, value in zip(dimensions, values, strict=True)}
        said = _said(study, dict(zip(varied, values, strict=True)))
        key = repr(sorted(said.items()))
        if grid and key in kept:
            raise InputError(f"two points are alike: {_named(varied)}; leave one out of the grid")
        kept.setdefault(key, (said, varied))
    all_said = tuple(said for said, _ in kept.values())
    return SweepPoints(
        dimensions,
        tuple(varied for _, varied in kept.values()),
        all_said,
        tuple(_spec(said, folder) for said in all_said),
        count - len(kept),
    )


def _a_device(study: SweepStudy) -> str:
    """The text of one device that the study runs."""
    devices = study.axes.get("device", study.shared.get("device", defaults.DEVICE))
    return str(devices[0] if isinstance(devices, list) and devices else devices)


def _named(varied: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {text}" for name, text in varied.items())


def _grid(study: SweepStudy, dimensions: Sequence[Dimension]) -> Iterator[tuple[Value, ...]]:
    if study.points is not None:
        raise InputError("points is for sampler = 'sobol'; a grid has every combination")
    count = prod(len(d.values) for d in dimensions)
    _check_count(count, " x ".join(f"{len(d.values)} {d.name}" for d in dimensions))
    return product(*(d.values for d in dimensions))


def _check_count(count: int, how: str) -> None:
    if count > MOST_POINTS:
        raise InputError(
            f"{count:,} points ({how}) are too many; allowed is {MOST_POINTS:,}: vary less, or "
            "draw some of them with sampler = 'sobol' (--sampler sobol) and points (--points)"
        )


def _sobol(study: SweepStudy, dimensions: Sequence[Dimension]) -> Iterator[tuple[Value, ...]]:
    """Points of a scrambled Sobol sequence: the first 2**k fill all ranges evenly."""
    count = study.points
    if count is None or count < 1:
        raise InputError("sampler = 'sobol' needs points, 1 or more; a power of two fills evenly")
    _check_count(count, "as points says")
    check_seed(study.seed)
    return _drawn(dimensions, count, study.seed)


def _drawn(dimensions: Sequence[Dimension], count: int, seed: int) -> Iterator[tuple[Value, ...]]:
    from scipy.stats import qmc

    # Powers of two are drawn and cut: any other number alone makes scipy warn.
    whole = qmc.Sobol(len(dimensions), seed=seed).random_base2((count - 1).bit_length())
    for shares in whole[:count].tolist():
        yield tuple(d.at(share) for d, share in zip(dimensions, shares, strict=True))


def _said(study: SweepStudy, values: Mapping[str, Value]) -> dict[str, Shared]:
    """What is said of a point by field, numbers of the device in the device's text."""
    numbers = {name: values[name] for name in study.device_numbers}
    said: dict[str, Shared] = dict(study.shared)
    said |= {name: value for name, value in values.items() if name not in numbers}
    if numbers:
        device = said.get("device", defaults.DEVICE)
        said["device"] = ":".join(
            [str(device), *(f"{name}={text_of(value)}" for name, value in numbers.items())]
        )
    return said


def _spec(said: Mapping[str, Shared], folder: Path | None) -> RunSpec:
    fields = {name: beside(folder, name, value) for name, value in said.items()}
    load = fields.pop("load")
    return make_spec(load, **cast("RunFields", fields))

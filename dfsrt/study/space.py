"""The search space: each dimension's range or choices, and how a value is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, with_options
from dfsrt.base.plugin import AUTO, Parameter, declared
from dfsrt.base.plugin.params import show_time
from dfsrt.device import load_device
from dfsrt.governor.guarded import parse_guard, parse_set_points, set_points_text
from dfsrt.governor.idle.delays import parse_delay_ns
from dfsrt.governor.idle.registry import idle_label
from dfsrt.governor.memory import memory_label
from dfsrt.governor.registry import GOVERNORS, governor_spec
from dfsrt.power.choose import parse_confidence
from dfsrt.study.cell import Point
from dfsrt.study.device_dimensions import device_dimensions
from dfsrt.study.dimension import MAX_CHOICES, Dimension, Drawn, choices, ranged
from dfsrt.study.study import Count, Range, Study, devices_of

Given = Range | list[str | float | bool] | str
"""What a study says of a parameter."""

_NAMED = {"whole": "whole number"}
DECLARED = "declared"
WHOLE = ("freq", "voltage", "time", "whole")
"""Kinds of parameter that are searched in whole numbers of their unit."""
NO_BOUND = "none"


@dataclass(frozen=True, slots=True)
class Space:
    """All dimensions of a study by name, and how a draw becomes a point."""

    dimensions: Mapping[str, Dimension]
    governor: NameSpec
    device: str
    confidence: str | float | None
    idle: str | None = None
    starts: tuple[Mapping[str, str], ...] = ()
    memory: str | None = None
    numbers: tuple[str, ...] = ()

    def typed(self, drawn: Mapping[str, Drawn]) -> dict[str, str]:
        """Return what was drawn as text, in the space's order."""
        return {name: d.typed(drawn[name]) for name, d in self.dimensions.items()}

    def point(self, typed: Mapping[str, str]) -> Point:
        """Return the point of a draw."""
        told = dict(typed)
        numbers = {key: told.pop(key) for key in self.numbers}
        device = with_options(told.pop("device", self.device), numbers)
        bound = told.pop("confidence", None)
        confidence = self.confidence if bound is None else (None if bound == NO_BOUND else bound)
        idle, memory = told.pop("idle", self.idle), told.pop("memory", self.memory)
        governor = NameSpec(self.governor.name, {**self.governor.options, **told})
        return Point(str(governor), device, confidence, idle, memory)


def space_of(study: Study) -> Space:
    """Return the space of ``study``.

    Raises:
        InputError: nothing to search, an unknown parameter, or values that do not fit it.
    """
    spec = governor_spec(study.governor)
    search = study.search
    dimensions = {
        name: _parameter(name, given, spec.name, study)
        for name, given in _wanted(study, spec).items()
    }
    common = {
        "guard": search.guard and _share_dimension(search.guard),
        "set_points": search.set_points and _set_points(search.set_points, study),
        "confidence": search.confidence and _confidences(search.confidence),
        "device": search.device and choices("device", search.device),
        "idle": search.idle and _idle(search.idle),
        "memory": search.memory and _memory(search.memory, study),
        **device_dimensions(search.device_numbers, devices_of(study)),
    }
    for name, dimension in common.items():
        if dimension and name in dimensions:
            raise InputError(
                f"search.{name}: governor {spec.name} has a parameter of that name; search it in "
                "search.parameters"
            )
        if dimension:
            dimensions[name] = dimension
    _check(dimensions, spec, study)
    over = study.over
    return Space(
        dimensions,
        spec,
        over.device,
        over.confidence,
        over.idle,
        memory=over.memory,
        numbers=tuple(search.device_numbers),
    )


def _check(dimensions: Mapping[str, Dimension], spec: NameSpec, study: Study) -> None:
    if not dimensions:
        raise InputError(
            f"nothing to search: governor {spec.name} declares no range that is not fixed; give "
            "a range in search.parameters or search.device_numbers, or search.guard, "
            "search.set_points, search.confidence, search.device, search.idle or search.memory"
        )
    for name in dimensions:
        if name in spec.options:
            raise InputError(f"'{name}' is searched and fixed by governor = '{spec}'; do one")
    ranges = sum(not d.choices for d in dimensions.values())
    if study.sampler == "cmaes" and ranges < 2:
        raise InputError(
            f"sampler = 'cmaes' needs two ranges of numbers or more, and there are {ranges}; "
            "use 'tpe'"
        )


def _wanted(study: Study, spec: NameSpec) -> Mapping[str, Given]:
    """What is searched of the governor's parameters: as given, else all that it declares."""
    search = study.search
    if search.says_anything:
        return search.parameters
    return {
        name: DECLARED
        for name, parameter in declared(GOVERNORS.class_of(spec.name)).items()
        if name not in spec.options and parameter.values.searchable
    }


def _parameter(name: str, given: Given, governor: str, study: Study) -> Dimension:
    """Return the dimension of a governor's parameter, checked by its own parser."""
    known = declared(GOVERNORS.class_of(governor))
    if name not in known:
        message = GOVERNORS.unknown_parameter(governor, name)
        raise InputError(f"search.parameters: {message}")
    parameter, where = known[name], f"search.parameters.{name}"
    if given == DECLARED:
        return _declared(where, parameter, study)
    if isinstance(given, str):
        raise InputError(f"{where} = '{given}'; give \"{DECLARED}\", a list, or low and high")
    try:
        if isinstance(given, Range):
            return _range_of(where, given, parameter)
        typed = [_as_typed(value) for value in given]
        return choices(where, [parameter.show(parameter.parse(text)) for text in typed])
    except InputError as error:
        raise error if str(error).startswith(where) else InputError(f"{where}: {error}") from error


def _as_typed(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _range_of(where: str, given: Range, parameter: Parameter) -> Dimension:
    kind = parameter.values.kind
    if kind in ("choice", "text"):
        raise InputError(f"{where}: a {kind} has no range between low and high; give a list")
    return ranged(where, given, parameter.parse, parameter.show, kind in WHOLE)


def _declared(where: str, parameter: Parameter, study: Study) -> Dimension:
    """Return all that a parameter may be, by its own words or by the device's."""
    values, show = parameter.values, parameter.show
    auto = [AUTO] if values.optional else []
    if values.kind == "choice":
        return choices(where, [*(show(None) for _ in auto), *values.choices])
    if values.low is not None and values.high is not None:
        return Dimension(low=float(values.low), high=float(values.high), show=show)
    opps = load_device(devices_of(study)[0]).opps
    points = {"voltage": opps.set_points_uv, "freq": opps.freqs_hz}.get(values.kind)
    if points is None:
        how = "give a list" if values.kind == "text" else "give a list, or low and high"
        raise InputError(
            f"{where}: a {_NAMED.get(values.kind, values.kind)} has no declared range; {how}"
        )
    return choices(where, [*auto, *(show(value) for value in points)])


def _share_dimension(given: Range | list[str | float]) -> Dimension:
    if isinstance(given, Range):
        return ranged("search.guard", given, parse_guard, repr, whole=False)
    return choices("search.guard", [repr(parse_guard(value)) for value in given])


def _confidences(given: list[str | float]) -> Dimension:
    for value in given:
        if value != NO_BOUND:
            parse_confidence(value)
    return choices("search.confidence", given)


def _idle(given: Range | list[str]) -> Dimension:
    """Idle governors by name, or how long a timeout waits."""
    if isinstance(given, Range):
        return ranged("search.idle", given, parse_delay_ns, _timeout, whole=True)
    return choices("search.idle", [idle_label(text) for text in given])


def _memory(given: list[str] | str, study: Study) -> Dimension:
    """Memory clocks and who sets them by name; declared are all clocks of the device."""
    where = "search.memory"
    if isinstance(given, list):
        return choices(where, [memory_label(text) for text in given])
    if given != DECLARED:
        raise InputError(f"{where} = '{given}'; give \"{DECLARED}\" or a list")
    name = devices_of(study)[0]
    clocks = [memory_label(f"{point.freq_hz}Hz") for point in load_device(name).memory.points]
    if not clocks:
        raise InputError(f"{where}: device '{name}' says no memory points; leave it out")
    return choices(where, clocks)


def _timeout(after_ns: float) -> str:
    return f"timeout={show_time(int(after_ns))}"


def _set_points(given: list[list[str] | str] | Count, study: Study) -> Dimension:
    where = "search.set_points"
    known = load_device(devices_of(study)[0]).opps.set_points_uv
    if isinstance(given, Count):
        if not 1 <= given.count <= len(known) or comb(len(known), given.count) > MAX_CHOICES:
            raise InputError(f"{where}.count = {given.count}; the device has {len(known)}")
        return choices(where, [set_points_text(c) for c in combinations(known, given.count)])
    texts = ["+".join(one) if isinstance(one, list) else one for one in given]
    return choices(where, [set_points_text(parse_set_points(text)) for text in texts])

"""Mappers by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

from dfsrt.base.plugin import PluginKind
from dfsrt.cost.mapper.mapper import Mapper

MAPPERS: PluginKind[Mapper] = PluginKind(
    noun="mapper",
    method="map",
    arguments="nests, buffer",
    returns="a tuple of dfsrt.cost.traffic.Mapping",
    group="dfsrt.mappers",
    own={
        "exhaustive": "dfsrt.cost.mapper.exhaustive:Exhaustive",
        "half-buffer": "dfsrt.cost.mapper.half_buffer:HalfBuffer",
        "weight": "dfsrt.cost.mapper.weight:Weight",
        "input": "dfsrt.cost.mapper.input:Input",
        "output": "dfsrt.cost.mapper.output:Output",
        "smartshuttle": "dfsrt.cost.mapper.smartshuttle:SmartShuttle",
        "romanet": "dfsrt.cost.mapper.romanet:RomaNet",
        "engine": "dfsrt.cost.mapper.engine:Engine",
    },
)


def mapper_names() -> tuple[str, ...]:
    """Return the names of all mappers, sorted."""
    return MAPPERS.names()


def make_mapper(source: object) -> Mapper:
    """Return the mapper that ``source`` names, or is.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, a parameter that does not fit, or
            an object that is no mapper.
    """
    return MAPPERS.make(source)


def mapper_label(source: object) -> str:
    """Return what reports call a mapper: ``make_mapper`` reads it back.

    Raises:
        InputError: an object that is no mapper.
    """
    return MAPPERS.label(make_mapper(source))

"""Mappers: how the products of a layer are tiled."""

from dfsrt.cost.mapper.mapper import EachNest, Mapper
from dfsrt.cost.mapper.registry import ENGINE, make_mapper, mapper_label, mapper_names

__all__ = ["ENGINE", "EachNest", "Mapper", "make_mapper", "mapper_label", "mapper_names"]

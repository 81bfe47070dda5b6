"""Mappers: how the products of a layer are tiled."""

from dfsrt.cost.mapper.mapper import EachNest, Mapper
from dfsrt.cost.mapper.registry import make_mapper, mapper_label, mapper_names

__all__ = ["EachNest", "Mapper", "make_mapper", "mapper_label", "mapper_names"]

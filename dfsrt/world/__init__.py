"""The world around an NPU while it runs: components, heat, battery and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.lazy import lazy_names

if TYPE_CHECKING:
    from dfsrt.world.battery import battery_names, load_battery
    from dfsrt.world.build import build_world
    from dfsrt.world.components import component_names, load_component
    from dfsrt.world.heat import heat_names, load_heat
    from dfsrt.world.parse import beside, in_order, parse_limit_w
    from dfsrt.world.read import read_setting
    from dfsrt.world.schema import CapBelow, SettingTables, Table
    from dfsrt.world.setting import Setting
    from dfsrt.world.state import FASTEST, End, NpuBook, Part
    from dfsrt.world.tick import close_tick, tell_meter
    from dfsrt.world.use import Use
    from dfsrt.world.world import World, for_compiled

__all__ = [
    "FASTEST",
    "CapBelow",
    "End",
    "NpuBook",
    "Part",
    "Setting",
    "SettingTables",
    "Table",
    "Use",
    "World",
    "battery_names",
    "beside",
    "build_world",
    "close_tick",
    "component_names",
    "for_compiled",
    "heat_names",
    "in_order",
    "load_battery",
    "load_component",
    "load_heat",
    "parse_limit_w",
    "read_setting",
    "tell_meter",
]

__getattr__ = lazy_names(
    __name__,
    {
        "FASTEST": "state",
        "CapBelow": "schema",
        "End": "state",
        "NpuBook": "state",
        "Part": "state",
        "Setting": "setting",
        "SettingTables": "schema",
        "Table": "schema",
        "Use": "use",
        "World": "world",
        "battery_names": "battery",
        "beside": "parse",
        "build_world": "build",
        "close_tick": "tick",
        "component_names": "components",
        "for_compiled": "world",
        "heat_names": "heat",
        "in_order": "parse",
        "load_battery": "battery",
        "load_component": "components",
        "load_heat": "heat",
        "parse_limit_w": "parse",
        "read_setting": "read",
        "tell_meter": "tick",
    },
)

"""The world around an NPU while it runs: components, heat, battery and limits."""

from dfsrt.world.build import build_world
from dfsrt.world.read import read_setting
from dfsrt.world.setting import Setting
from dfsrt.world.state import End
from dfsrt.world.tick import close_tick
from dfsrt.world.world import World, for_compiled

__all__ = [
    "End",
    "Setting",
    "World",
    "build_world",
    "close_tick",
    "for_compiled",
    "read_setting",
]

"""The boards and meters of a tree, by their ids."""

from __future__ import annotations

from collections.abc import Callable

from dfsrt.base.errors import InputError
from dfsrt.base.installed import installed
from dfsrt.base.names import unknown_name
from dfsrt.live.backend import Backend
from dfsrt.live.devfreq import Devfreq, devfreq_names
from dfsrt.live.hwmon import Hwmon, hwmon_meters
from dfsrt.live.powercap import Powercap, powercap_zones
from dfsrt.live.tree import Tree

PRESETS = {"fdab0000.npu": "rk3588-npu", "27700000.npu": "rk3576-npu", "fde40000.npu": "rk3566-npu"}
"""Devices of dfsrt behind names that device trees give NPUs."""
METERS = ("powercap", "hwmon", "nvml")


def ids(tree: Tree) -> tuple[str, ...]:
    """Return the ids of all boards and meters of a tree; cards of NVML are not looked for."""
    return (
        *(f"devfreq:{name}" for name in devfreq_names(tree)),
        *(f"powercap:{zone}" for zone in powercap_zones(tree)),
        *(f"hwmon:{meter}" for meter in hwmon_meters(tree)),
    )


def cards() -> tuple[Backend, ...]:
    """Return the cards that NVML shows; none where there is no NVML or no driver."""
    if not installed("pynvml"):
        return ()
    from dfsrt.live.nvml import Nvml
    from dfsrt.power.measure.nvml import card_count

    return tuple(Nvml(index) for index in range(card_count()))


def open_any(tree: Tree, board: str, method: str = "auto") -> Backend:
    """Return the board or meter of this id.

    Raises:
        InputError: there is none, or no NVML.
    """
    kind, _, name = board.partition(":")
    if kind == "nvml":
        from dfsrt.live.nvml import Nvml

        if not name.isdecimal():
            raise InputError(f"'{board}' names no card; write it like nvml:0")
        return Nvml(int(name))
    if board not in ids(tree):
        raise InputError(unknown_name("board", board, (*ids(tree), "nvml:0")))
    makers: dict[str, Callable[[], Backend]] = {
        "devfreq": lambda: Devfreq(tree, name, method),
        "powercap": lambda: Powercap(tree, name),
        "hwmon": lambda: Hwmon(tree, name),
    }
    return makers[kind]()


def open_board(tree: Tree, board: str | None, method: str = "auto") -> Devfreq:
    """Return the board that can be set: the named one, the only one, or the only NPU.

    Raises:
        InputError: there is none, several, or the named one is only read.
    """
    names = devfreq_names(tree)
    npus = [name for name in names if name.endswith(".npu")]
    if board is None:
        name = _only(names, npus)
    else:
        kind, colon, rest = board.partition(":")
        name = rest if colon and kind == "devfreq" else board
        if kind in METERS:
            raise InputError(f"'{board}' is only read; boards that are set: {_listed(names)}")
    if name not in names:
        raise InputError(unknown_name("devfreq board", name, names))
    return Devfreq(tree, name, method)


def _only(names: tuple[str, ...], npus: list[str]) -> str:
    if not names:
        raise InputError(
            "there is no devfreq device; give the --root of a recorded tree, or run this on a "
            "board whose kernel has them"
        )
    if len(npus) == 1:
        return npus[0]
    if len(names) > 1:
        raise InputError(f"there are several boards; name one with --board: {_listed(names)}")
    return names[0]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"devfreq:{name}" for name in names) or "none here"
